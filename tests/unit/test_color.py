import numpy as np
import pytest

from segcam.color import bgr_to_frame, frame_to_bgr, rgb_to_yuv

COLOURS = {
    (0, 0, 0): (16, 128, 128),
    (255, 255, 255): (235, 128, 128),
    (255, 0, 0): (81, 90, 240),
    (0, 255, 0): (145, 54, 34),
    (0, 0, 255): (41, 240, 110),
}


@pytest.mark.parametrize(("rgb", "yuv"), COLOURS.items())
def test_primaries_as_bt601_has_them(rgb, yuv):
    assert rgb_to_yuv(rgb) == yuv


@pytest.mark.parametrize(("rgb", "yuv"), COLOURS.items())
def test_pictures_and_single_colours_agree(rgb, yuv):
    frame = bgr_to_frame(np.full((4, 6, 3), rgb[::-1], np.uint8))
    found = [int(plane[0, 0]) for plane in frame.planes]
    assert np.abs(np.subtract(found, yuv)).max() <= 1
    back = frame_to_bgr(frame)[0, 0, ::-1]
    assert np.abs(back.astype(int) - rgb).max() <= 3


def test_odd_pictures_repeat_their_last_row_and_column():
    picture = np.zeros((3, 5, 3), np.uint8)
    picture[2], picture[:, 4] = 255, 255
    frame = bgr_to_frame(picture)
    assert frame.size == (4, 6)
    assert frame.y[3, 0] == frame.y[0, 5] == 235


def test_a_given_frame_is_written_and_resized():
    frame = bgr_to_frame(np.zeros((8, 8, 3), np.uint8))
    memory = frame.data
    assert bgr_to_frame(np.full((8, 8, 3), 255, np.uint8), frame) is frame
    assert frame.data is memory
    assert frame.y.min() == 235
