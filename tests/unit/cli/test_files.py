import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from segcam.cli import files
from segcam.errors import UsageError
from segcam.pipeline import networks


@pytest.mark.parametrize("command", [files.render, files.matte])
def test_only_drivers_get_a_process_of_their_own_for_files(command, tmp_path, monkeypatch):
    asked = {}

    def load_networks(settings, tell, isolate):
        asked["isolate"] = isolate
        raise UsageError("that is enough")

    monkeypatch.setattr(networks, "load_networks", load_networks)
    cv2.imwrite(str(tmp_path / "me.png"), np.zeros((8, 8, 3), np.uint8))
    result = CliRunner().invoke(command, [str(tmp_path), str(tmp_path / "out")])
    assert isinstance(result.exception, UsageError)
    assert asked["isolate"] == "devices"
