# Half an hour of everything that happens to a camera in a year, see tests/soak/__main__.py.
MINUTES ?= 30
SEED ?= 1

.PHONY: soak
soak: $(VENV)/.dev  ## Start, stop, switch and unplug at random: does anything grow? MINUTES=30 SEED=1
	MALLOC_ARENA_MAX=1 PYTHONPATH=tests $(BIN)/python -m soak --minutes $(MINUTES) --seed $(SEED)
