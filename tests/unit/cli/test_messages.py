"""Where messages go."""

import subprocess
import sys
import tempfile

import pytest

CODE = """
import sys
from segcam.cli import messages
messages.never_stop_the_program()
print("before", file=sys.stderr)
messages.leave_deleted_file()
print("after", file=sys.stderr)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows deletes no open file")
@pytest.mark.parametrize(
    ("make", "said"),
    [(tempfile.TemporaryFile, b"before\n"), (tempfile.NamedTemporaryFile, b"before\nafter\n")],
)
def test_a_file_without_a_name_does_not_grow(make, said):
    with make() as file:
        subprocess.run([sys.executable, "-c", CODE], stderr=file, check=True)
        file.seek(0)
        assert file.read() == said
