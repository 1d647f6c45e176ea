# Everything that happens to a camera in a year, in half an hour: see tests/soak/__main__.py.
SEED ?= 1

# MINUTES differs from that of make fuzz, so it belongs to the target.
.PHONY: soak
soak: MINUTES ?= 30
soak: $(VENV)/.dev  ## Start, stop, switch and unplug at random: does anything grow? MINUTES=30 SEED=1
	MALLOC_ARENA_MAX=1 PYTHONPATH=tests $(BIN)/python -m soak --minutes $(MINUTES) --seed $(SEED)
