# Inputs made up by the thousand, see tests/fuzz/targets.py. make fuzz MINUTES=480 for a night.
MINUTES ?= 5

.PHONY: fuzz
fuzz: $(VENV)/.dev  ## Damaged clips, pictures, cards, models, settings and messages for MINUTES.
	PYTHONPATH=tests $(BIN)/python -m fuzz --minutes $(MINUTES) $(ARGS)
