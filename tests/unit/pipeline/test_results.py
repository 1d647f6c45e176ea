"""The outputs of ``segcam render`` and ``segcam matte``."""

import cv2
import numpy as np
import pytest

from segcam.errors import UsageError
from segcam.pipeline.results import make_file_sink, make_matte_sink
from segcam.pipeline.sources import make_file_source


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "picture.jpg"
    assert cv2.imwrite(str(path), np.full((8, 8, 3), 100, np.uint8))
    return path


@pytest.mark.parametrize("name", ["out.png", "OUT.JPG"])
def test_pictures_are_written_into_a_folder(tmp_path, picture, name):
    source, path = make_file_source(picture, still=True), tmp_path / name
    for make in (
        lambda: make_file_sink(path, source, picture),
        lambda: make_matte_sink(path, source),
    ):
        with pytest.raises(UsageError, match="is not a folder") as caught:
            make()
        assert str(path.with_suffix("")) in caught.value.hint
    path.mkdir()
    make_file_sink(path, source, picture)
    make_matte_sink(path, source)
