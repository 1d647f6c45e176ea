import pytest

pytest.importorskip("torch", reason="training needs the extra 'train'")

from segcam_models.timing import OPENVINO_OPTIONS

from segcam.segment.backends import openvino


def test_openvino_is_timed_as_the_daemon_runs_it():
    assert openvino._settings("CPU", threads=1) == OPENVINO_OPTIONS
