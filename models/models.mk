# Training and measuring of the models; the Makefile includes it, and brings VENV and BIN.
#
# DATA: the data folder, models/README.md says what it holds. RUN: where a run's files go. COARSE:
# the TFLite model whose mattes the refiner sharpens.
DATA ?= data
RUN ?= out/edge-refiner
COARSE ?= $(shell $(BIN)/python -c \
	'from segcam.zoo.library import find; print(find("selfie-landscape")[1])')
CARD ?= segcam/zoo/cards/edge-refiner.toml

.PHONY: ablation train-refiner evaluate test-models

ablation: $(VENV)/.train  ## The paper's Table 1 beside ours; RUNS=folder adds our accuracy.
	$(BIN)/python -m segcam_models.ablation $(if $(RUNS),--runs $(RUNS)) $(ARGS)

train-refiner: $(VENV)/.train $(VENV)/.models  ## Train the edge refiner: make train-refiner DATA=folder.
	$(BIN)/python -m segcam_models.train models/configs/edge-refiner.toml \
		--data $(DATA) --coarse $(COARSE) --out $(RUN) $(ARGS)

evaluate: $(VENV)/.train $(VENV)/.models  ## Measure the committed refiner: make evaluate DATA=folder.
	$(BIN)/python -m segcam_models.evaluate --card $(CARD) \
		--data $(DATA) --coarse $(COARSE) $(ARGS)

test-models: $(VENV)/.train  ## The tests that need PyTorch.
	$(BIN)/pytest tests/models $(ARGS)

$(VENV)/.train: $(VENV)/.dev pyproject.toml
	$(BIN)/pip install --quiet --no-build-isolation -e ".[train]"
	@touch $@
