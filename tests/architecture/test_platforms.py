"""What must hold where SegCam's developers are not."""

import subprocess
import sys

# Patched last: the standard library and the dependencies have made their choice by then.
AS_ON_WINDOWS = """
import sys, av, cv2, ctypes, multiprocessing.connection, numpy, platformdirs, rich.console
import subprocess, tempfile
for module in ("fcntl", "termios", "resource"):
    sys.modules[module] = None
sys.platform = "win32"
import segcam.pipeline.assemble, segcam.pipeline.pipeline, segcam.source.camera
import segcam.sink.virtualcam, segcam.segment.hardware, segcam.zoo.download
import segcam.api.client, segcam.daemon.main
"""


def test_nothing_of_unix_is_imported_on_windows():
    subprocess.run([sys.executable, "-c", AS_ON_WINDOWS], check=True, capture_output=True)
