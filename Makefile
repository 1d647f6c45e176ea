# Two commands matter: make run, make test. Each makes its own environment first.
PYTHON ?= python3
VENV = .venv
BIN = $(VENV)/bin
ARGS ?=
LOCKS = packaging/requirements

.PHONY: run test check bench bench-peers lock backgrounds docs clean screenshots translations

run: $(VENV)/.runtime  ## The window and the tray icon; without a screen, or with ARGS, in the terminal.
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ] && [ -z "$(ARGS)" ]; then $(BIN)/segcam; \
	else $(BIN)/segcam run --camera auto $(ARGS); fi

# strace shows what commands do to networks and files; dbus-daemon gives tests their own bus.
TEST_PACKAGES = strace dbus

test: $(VENV)/.dev $(VENV)/.models $(VENV)/swiftshader  ## All tests that need no special device.
	-$(call apt_if_missing,$(TEST_PACKAGES))
	$(BIN)/pytest -n 2 --dist loadgroup $(ARGS)

# Each system has its own cache, so that only changed modules are checked again.
ELSEWHERE = --config-file packaging/mypy-elsewhere.ini --cache-dir .mypy_cache

check: lint $(VENV)/swiftshader  ## Before every commit: lint, and the tests that take less than 5 s each.
	$(BIN)/pytest -q -n 4 -m "not models and not slow" tests/unit tests/contract tests/architecture

.PHONY: lint
lint: $(VENV)/.dev  ## Format, lint, types on three systems, import contracts.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/mypy --platform win32 $(ELSEWHERE)/win32
	$(BIN)/mypy --platform darwin $(ELSEWHERE)/darwin
	$(BIN)/lint-imports
	PYTHONPATH=ui $(BIN)/lint-imports --config ui/importlinter.toml

bench: $(VENV)/.dev $(VENV)/.models  ## Figures for this machine: make bench CLIPS=folder.
	OPENBLAS_NUM_THREADS=1 $(BIN)/segcam bench $(if $(CLIPS),--clips $(CLIPS)) $(ARGS)

bench-peers: $(VENV)/.models .venv-peers/.done  ## Compare SegCam with the loops that people write: make bench-peers CLIPS=folder.
	OPENBLAS_NUM_THREADS=1 $(BIN)/python tests/bench/peers .venv-peers/bin/python $(if $(CLIPS),--clips $(CLIPS)) $(ARGS)

.venv-peers/.done: tests/bench/peers/requirements.txt
	$(PYTHON) -m venv .venv-peers
	.venv-peers/bin/pip install --quiet -r $<
	@touch $@

screenshots: $(VENV)/.dev $(VENV)/.models  ## The window's pictures in docs/images.
	$(BIN)/python tests/ui/screenshots.py docs/images

translations: $(VENV)/.dev  ## Find the window's new texts, and compile the translated ones.
	$(BIN)/python ui/translate.py

COMPILE = $(BIN)/uv pip compile --universal --python-version 3.11 --quiet --generate-hashes \
	--no-emit-index-url --no-header

lock: $(BIN)/pip  ## Pin the newest allowed version of everything.
	$(BIN)/pip install -q "uv>=0.9,<1"
	$(COMPILE) pyproject.toml --extra ui --extra npu --upgrade -o $(LOCKS)/runtime.txt
	$(COMPILE) pyproject.toml --extra ui --extra npu --extra gpu --upgrade -c $(LOCKS)/runtime.txt -o $(LOCKS)/gpu.txt
	$(COMPILE) pyproject.toml --extra ui --extra npu --extra gpu --extra webgpu --extra virtualcam --extra dev --upgrade \
		-c $(LOCKS)/gpu.txt -o $(LOCKS)/dev.txt
	$(COMPILE) $(LOCKS)/build.in --upgrade -c $(LOCKS)/dev.txt -o $(LOCKS)/build.txt
	$(COMPILE) $(LOCKS)/release.in --upgrade -c $(LOCKS)/dev.txt -c $(LOCKS)/build.txt -o $(LOCKS)/release.txt

backgrounds: $(VENV)/.runtime  ## Draw SegCam's own backgrounds again.
	$(BIN)/python packaging/backgrounds/draw.py $(ARGS)

docs: $(VENV)/.dev  ## Write the pages that come from the code: commands, settings, THIRD_PARTY.md.
	$(BIN)/python packaging/settings_table.py
	$(BIN)/python packaging/commands_page.py
	$(BIN)/python packaging/third_party.py

.PHONY: site
site: $(VENV)/.dev  ## Build the documentation's site in build/site, and check its links.
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict -f packaging/site/mkdocs.yml

clean:
	rm -rf $(VENV) build dist

# As root on Debian, this installs what the system lacks; others are told the command.
INSTALL = [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq && \
	apt-get install -qq -y --no-install-recommends

$(BIN)/pip:
	@command -v $(PYTHON) >/dev/null || { $(INSTALL) python3 python3-venv ca-certificates; } || \
		{ echo "Missing: $(PYTHON). Debian, Ubuntu: sudo apt-get install python3 python3-venv" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "SegCam needs Python 3.11 or newer: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ $(INSTALL) python3-venv ca-certificates; } || \
		{ echo "Missing: python3-venv. Debian, Ubuntu: sudo apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

# ONNX Runtime for NVIDIA is larger than everything else, so only machines with its driver get it.
RUNTIME = $(LOCKS)/$(if $(wildcard /proc/driver/nvidia/version),gpu,runtime).txt

$(VENV)/.runtime: $(BIN)/pip pyproject.toml packaging/segcam.sh $(RUNTIME) $(LOCKS)/build.txt
	$(BIN)/pip install --quiet --require-hashes -r $(LOCKS)/build.txt
	$(BIN)/pip install --quiet --require-hashes -r $(RUNTIME)
	$(BIN)/pip install --quiet --no-build-isolation --no-deps -e .
	@$(BIN)/python -m compileall -q segcam ui/segcam_ui  # the first start is as quick as the others
	install -m 755 packaging/segcam.sh $(BIN)/segcam
	@$(BIN)/python -c 'import sys, segcam.libyuv as l; sys.exit(sys.platform == "linux" and not l.LIBYUV)' || \
		{ $(INSTALL) libyuv0; } || \
		echo "Faster with libyuv. Debian, Ubuntu: sudo apt-get install libyuv0" >&2
	@$(BIN)/python -c 'import sys, segcam.source.turbojpeg as t; sys.exit(sys.platform == "linux" and not t.find_turbojpeg())' || \
		{ $(INSTALL) libturbojpeg0; } || { $(INSTALL) libturbojpeg; } || \
		echo "Faster with libjpeg-turbo. Debian: sudo apt-get install libturbojpeg0; Ubuntu: libturbojpeg" >&2
	@lacking=$$($(BIN)/python ui/segcam_ui/system.py); [ -z "$$lacking" ] || { $(INSTALL) $$lacking; } || \
		echo "The window needs more. Debian, Ubuntu: sudo apt-get install $$lacking" >&2
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime $(LOCKS)/dev.txt
	$(BIN)/pip install --quiet --require-hashes -r $(LOCKS)/dev.txt
	@(for program in Xvfb xdotool dbus-daemon pipewire; do command -v $$program >/dev/null || exit 1; done) || \
		{ $(INSTALL) xvfb xdotool dbus pipewire fonts-dejavu-core; } || \
		echo "Tests of the window need more. Debian, Ubuntu: sudo apt-get install xvfb xdotool dbus pipewire" >&2
	@touch $@

# SwiftShader, a Vulkan driver that needs no GPU, comes with Debian's Chromium. Without it, tests of
# GPU backends are skipped.
SWIFTSHADER = ./usr/lib/chromium/libvk_swiftshader.so ./usr/lib/chromium/vk_swiftshader_icd.json
$(VENV)/swiftshader: | $(BIN)/pip
	-@ldconfig -p | grep -q libvulkan.so.1 || { $(INSTALL) libvulkan1; }
	-@mkdir -p $@.part && cd $@.part && apt-get download -qq -o APT::Sandbox::User=root chromium-common && \
		dpkg-deb --fsys-tarfile chromium-common_*.deb | tar x --strip-components 4 $(SWIFTSHADER) && \
		rm chromium-common_*.deb && cd - >/dev/null && mv $@.part $@ || \
		echo "No software GPU: the tests of GPU backends need Debian's chromium-common" >&2

$(VENV)/.models: $(VENV)/.runtime $(wildcard segcam/zoo/cards/*.toml)
	$(BIN)/segcam models get selfie-landscape
	$(BIN)/segcam models get selfie-general
	@touch $@

-include packaging/package.mk models/models.mk $(wildcard tests/*/*.mk)
