# Thousands of random inputs: see tests/fuzz/targets.py. For a night: make fuzz MINUTES=480.

.PHONY: fuzz
fuzz: MINUTES ?= 5
fuzz: $(VENV)/.dev  ## Try damaged clips, pictures, cards, models, settings and messages for MINUTES=5.
	$(BIN)/pytest -q -m hypothesis --hypothesis-profile explore tests/unit
	PYTHONPATH=tests $(BIN)/python -m fuzz --minutes $(MINUTES) $(ARGS)
