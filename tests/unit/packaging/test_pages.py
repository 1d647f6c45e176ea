"""Pages that are made from the code say what the code says."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("name", ["settings_table", "commands_page"])
def test_the_page_is_current(name):
    code = f"import {name} as t; raise SystemExit(t.page() != t.PAGE.read_text())"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT / "packaging", check=False)
    assert done.returncode == 0, "run: make docs"
