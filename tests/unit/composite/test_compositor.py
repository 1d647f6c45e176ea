import numpy as np
import pytest

from segcam.composite.background import Blurred, Color
from segcam.composite.compositor import MatteShown, RoomHidden, RoomShown, hide
from segcam.composite.placeholder import draw_placeholder
from segcam.frame import Frame
from segcam.source.pattern import Pattern, matte, room

pytestmark = pytest.mark.usefixtures("either_library")

SIZE = (180, 320)


@pytest.fixture
def frame():
    frame = Frame.empty(SIZE)
    Pattern(SIZE, live=False).read(frame)
    frame.id, frame.captured_ns = 3, 17
    return frame


@pytest.mark.parametrize(
    "compositor", [RoomHidden(Color((145, 54, 34))), RoomHidden(Blurred(0)), RoomShown()]
)
def test_the_composite_is_whole_and_keeps_id_and_time(compositor, frame):
    truth = matte(0, SIZE)
    first, second = Frame.filled((2, 2), (0, 0, 0)), Frame.filled(SIZE, (255, 255, 255))
    compositor.composite(frame, truth, first)
    compositor.composite(frame, truth, second)
    assert np.array_equal(first.data, second.data)
    assert (second.id, second.captured_ns) == (3, 17)
    assert np.array_equal(second.y[truth == 255], frame.y[truth == 255])


def test_only_showing_the_room_works_without_a_matte():
    assert RoomHidden(Color((0, 0, 0))).needs_matte
    assert MatteShown().needs_matte
    assert not RoomShown().needs_matte


@pytest.mark.parametrize("compositor", [RoomHidden(Blurred(50)), RoomShown()])
def test_a_privacy_frame_shows_nothing(compositor):
    wall = room(SIZE)
    out = Frame.empty(SIZE)
    compositor.hide(wall, out)
    hidden, truth = out.y.astype(float), wall.y.astype(float)
    high = hidden - hidden.mean()
    assert np.abs(np.diff(hidden, axis=1)).mean() < np.abs(np.diff(truth, axis=1)).mean() / 50
    assert abs(np.corrcoef(high.ravel(), truth.ravel())[0, 1]) < 0.35


def test_a_shown_matte_is_the_matte(frame):
    truth = matte(0, SIZE)
    out = Frame.empty((2, 2))
    MatteShown().composite(frame, truth, out)
    assert np.array_equal(out.y, truth)
    MatteShown().hide(frame, out)
    assert not out.y.any()


@pytest.mark.parametrize("size", [(2, 2), (2, 1280), (4320, 2), (10, 10)])
def test_smallest_and_longest_frames_can_be_hidden(size):
    out = Frame.empty((2, 2))
    hide(Frame.filled(size, (90, 100, 110)), out)
    assert [set(np.unique(plane)) for plane in out.planes] == [{90}, {100}, {110}]


@pytest.mark.parametrize("size", [(2, 2), (90, 160), (720, 1280), (1280, 720)])
def test_cards_of_any_size(size):
    picture = draw_placeholder(size, "Camera is gone")
    assert picture.size == size
    if size[0] > 100:
        assert picture.y.max() > 150, "the text"
