# Every way to break a part, see tests/leak/cases.py; make test plays the quick ones.
.PHONY: test-leak leak-table
test-leak: $(VENV)/.dev $(VENV)/.models  ## Nothing that breaks shows the room.
	SEGCAM_LEAK=all $(BIN)/pytest tests/leak

leak-table: $(VENV)/.dev  ## The same as figures, into docs/privacy.md.
	$(BIN)/python tests/leak/table.py docs/privacy.md
