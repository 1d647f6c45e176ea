"""Nothing leaves the machine: a runtime's telemetry is off before the runtime can be imported."""

import os
import subprocess
import sys

import pytest

PROGRAM = "import os, {module}; print(os.environ['ORT_DISABLE_TELEMETRY'])"


@pytest.mark.parametrize(
    "module",
    ["segcam.cli.main", "segcam.segment.child", "segcam.segment.probe", "segcam_models"],
)
def test_telemetry_is_off_in_every_process(module):
    environment = {**os.environ, "ORT_DISABLE_TELEMETRY": "0"}
    said = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(module=module)],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout == "1\n"
