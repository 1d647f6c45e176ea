# Compiles the published models for Intel's NPUs on any PC. OpenVINO's package for Linux lacks the
# compiler; the one for Windows has it and runs under Wine, which takes 700 MB of packages.
NPU_PACKAGES = wine wine64 gcc-mingw-w64-x86-64
NPU = $(VENV)/npu
OPENVINO = $(shell sed -n 's/^openvino==\([0-9.]*\).*/\1/p' $(LOCKS)/dev.txt)

NPU_COMPILER = $(NPU)/openvino/libs/compile.exe

.PHONY: npu-check ablation-npu
npu-check: $(VENV)/.dev $(VENV)/.models $(NPU_COMPILER)  ## Compile every published model for Intel's NPUs; estimated latencies.
	WINEPREFIX=$(abspath $(NPU)/wine) $(BIN)/python tests/npu/check.py $(NPU_COMPILER)

ablation-npu: $(VENV)/.train $(NPU_COMPILER)  ## The paper's Table 1 with estimates for Intel's NPUs, without times; if interrupted, it continues.
	WINEPREFIX=$(abspath $(NPU)/wine) $(BIN)/python -m segcam_models.ablation --no-time --npu $(NPU_COMPILER) $(ARGS)

$(NPU_COMPILER): tests/npu/compile.c $(NPU)/.openvino
	-$(call apt_if_missing,$(NPU_PACKAGES))
	x86_64-w64-mingw32-gcc -I$(NPU)/openvino/include $< $(NPU)/openvino/libs/openvino_c.dll -o $@

$(NPU)/.openvino: $(LOCKS)/dev.txt | $(BIN)/pip
	rm -rf $(NPU)/openvino
	$(BIN)/pip download --quiet --no-deps --only-binary :all: --platform win_amd64 \
		--python-version 311 -d $(NPU) openvino==$(OPENVINO)
	$(BIN)/python -m zipfile -e $(NPU)/openvino-$(OPENVINO)-*.whl $(NPU)
	rm $(NPU)/openvino-$(OPENVINO)-*.whl
	@touch $@
