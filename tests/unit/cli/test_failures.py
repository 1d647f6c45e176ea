"""Messages of commands that fail."""

import subprocess
import sys

from segcam.cli.failures import as_told
from segcam.errors import MissingDependency, foreign

BLOCKED = """
import sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name in ("cv2", "numpy", "av"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Blocker())
from segcam.doctor.report import findings
print(*(finding.code for finding in findings()))
"""


def test_a_missing_part_is_no_fault_of_segcams_own():
    told = as_told(ModuleNotFoundError("No module named 'cv2'", name="cv2"))
    assert isinstance(told, MissingDependency)
    assert told.message == "No module named 'cv2'"
    assert "Install SegCam again" in told.hint


def test_the_doctor_works_where_nothing_else_does():
    done = subprocess.run(
        [sys.executable, "-P", "-c", BLOCKED], capture_output=True, text=True, check=True
    )
    assert "model.verified" in done.stdout
    assert "doctor.failed" not in done.stdout


def test_a_library_that_cannot_be_loaded_for_want_of_memory_is_no_fault_of_segcams():
    seen = ImportError("numpy.so: failed to map segment from shared object")
    for error in (seen, foreign(seen)):
        told = str(as_told(error))
        assert "not enough memory" in told
        assert "failed to map segment" in told
        assert "has a bug" not in told
