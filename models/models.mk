# Training and measuring the models. The Makefile includes this file and defines VENV and BIN.
#
# DATA: the data folder; models/README.md describes it.
# TAUGHT: pictures with mattes by other models.
# RUN: the folder for a run's files.
# OUT: the folder for an evaluation's pictures.
# COARSE: the TFLite model whose mattes the refiner sharpens; train-landscape starts from its weights.
# ONNX: the same model as ONNX.
DATA ?= data
TAUGHT ?= $(wildcard $(DATA)/taught)
RUN ?= out/$(@:train-%=%)
OUT ?= out/evaluate
COARSE ?= $(shell $(BIN)/python -c \
	'from segcam.zoo.library import find; print(find("selfie-landscape")[1])')
ONNX ?= $(shell $(BIN)/python -c \
	'from segcam.zoo.library import find, path_for; print(path_for(*find("selfie-landscape"), "onnx"))')
CARD ?= segcam/zoo/cards/edge-refiner.toml
TRAIN = $(BIN)/python -m segcam_models.train --data $(DATA) $(if $(TAUGHT),--taught $(TAUGHT)) \
	--out $(RUN)

.PHONY: ablation train-edge-refiner train-landscape train-small-wide train-paper-final evaluate evaluate-model \
	test-models

ablation: $(VENV)/.train  ## The paper's Table 1 beside ours; RUNS=folder adds our accuracy.
	$(BIN)/python -m segcam_models.ablation $(if $(RUNS),--runs $(RUNS)) $(ARGS)

train-edge-refiner: $(VENV)/.train $(VENV)/.models  ## Train the edge refiner: make train-edge-refiner DATA=folder.
	$(TRAIN) models/configs/edge-refiner.toml --coarse $(COARSE) $(ARGS)

train-landscape: $(VENV)/.train $(VENV)/.models  ## Continue training MediaPipe's landscape model, and write it as TFLite.
	@mkdir -p $(RUN)
	$(BIN)/python -m segcam_models.recover models/configs/landscape.toml $(ONNX) --data $(DATA) \
		--out $(RUN)/start.pt
	$(TRAIN) models/configs/landscape.toml --start $(RUN)/start.pt --coarse $(COARSE) $(ARGS)
	$(BIN)/python -m segcam_models.tflite $(RUN)/best.pt --like $(COARSE) \
		--share 0.4 --out $(RUN)/landscape.tflite

train-small-wide train-paper-final: train-%: $(VENV)/.train  ## Train a model of the paper's family.
	$(TRAIN) models/configs/$*.toml $(ARGS)

evaluate: $(VENV)/.train $(VENV)/.models  ## Measure SegCam on people that no model was trained on: make evaluate DATA=folder OUT=folder.
	$(BIN)/python -m segcam_models.product --data $(DATA) --out $(OUT) $(ARGS)

evaluate-model: $(VENV)/.train $(VENV)/.models  ## Measure a single model: make evaluate-model CARD=file DATA=folder.
	$(BIN)/python -m segcam_models.evaluate --card $(CARD) \
		--data $(DATA) --coarse $(COARSE) $(ARGS)

test-models: $(VENV)/.train  ## The tests that need PyTorch.
	$(BIN)/pytest tests/models $(ARGS)

$(VENV)/.train: $(VENV)/.dev pyproject.toml
	$(BIN)/pip install --quiet --no-build-isolation -e ".[train]"
	@touch $@
