# tests/leak/cases.py lists every way to break a part; make test runs the quick ones.
.PHONY: test-leak leak-table
test-leak: $(VENV)/.dev $(VENV)/.models  ## Break every part: the room is never shown.
	SEGCAM_LEAK=all $(BIN)/pytest tests/leak

leak-table: $(VENV)/.dev  ## Write the same, as figures, into docs/privacy.md.
	$(BIN)/python tests/leak/table.py docs/privacy.md
