"""The page about settings says what the declarations say."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_the_table_of_settings_is_current():
    code = "import settings_table as t; raise SystemExit(t.page() != t.PAGE.read_text())"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT / "packaging", check=False)
    assert done.returncode == 0, "run: make docs"
