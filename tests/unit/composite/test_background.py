import numpy as np
import pytest

from segcam.composite.background import (
    Blurred,
    Color,
    Video,
    VideoInStep,
    cover,
    weighted_blur,
)
from segcam.errors import MediaError
from segcam.frame import Frame
from segcam.source.pattern import room

pytestmark = pytest.mark.usefixtures("either_library")

SIZE = (180, 320)
NOBODY = np.zeros((90, 160), np.uint8)


def paint(background, frame=None, matte=NOBODY):
    frame = frame or Frame.filled(SIZE, (100, 128, 128))
    out = Frame.filled(frame.size, (1, 2, 3))
    background.paint(frame, matte, out)
    return out


def test_a_colour_is_that_colour():
    out = paint(Color((81, 90, 240)))
    assert [set(np.unique(plane)) for plane in out.planes] == [{81}, {90}, {240}]


def detail(plane):
    """The rest of the finest structure: mean step between neighbours."""
    return np.abs(np.diff(plane.astype(float), axis=1)).mean()


@pytest.mark.parametrize("strength", [0, 60, 100])
def test_blur_hides_the_room_at_every_strength(strength):
    wall = room(SIZE)
    out = paint(Blurred(strength), wall)
    assert detail(out.y) < detail(wall.y) / 20


def test_more_strength_is_more_blur():
    wall = room(SIZE)
    left = [detail(paint(Blurred(strength), wall).y) for strength in (0, 30, 60, 100)]
    assert left == sorted(left, reverse=True)
    assert len(set(left)) == 4


def test_the_person_does_not_glow_into_the_blurred_room():
    frame = Frame.filled(SIZE, (60, 128, 128))
    frame.y[40:, 120:200] = 235
    matte = np.zeros((90, 160), np.uint8)
    matte[20:, 60:100] = 255
    out = paint(Blurred(80), frame, matte)
    assert np.abs(out.y[:, :116].astype(int) - 60).max() <= 3
    glowing = paint(Blurred(80), frame, NOBODY)
    assert np.abs(glowing.y[:, :116].astype(int) - 60).max() > 20


def test_a_weighted_blur_without_weight_is_a_mean_not_a_hole():
    plane = np.full((20, 40), 200, np.uint8)
    weight = np.zeros((20, 40), np.float32)
    weight[:, :2] = 1
    (out,) = weighted_blur([plane], weight, 1.0)
    assert np.abs(out.astype(int) - 200).max() <= 1


def test_a_picture_fills_the_frame_and_is_cut_evenly():
    picture = Frame.filled((100, 400), (50, 128, 128))
    picture.y[:, 100:300] = 200
    out = Frame.empty((100, 100))
    cover(picture, out)
    assert out.y.min() > 190
    tall = Frame.filled((400, 100), (50, 128, 128))
    tall.y[180:220] = 200
    cover(tall, out)
    assert out.y[50, 50] > 190
    assert out.y[0, 0] < 60
    assert out.y[-1, 0] < 60


@pytest.mark.parametrize("picture", [(2, 2), (2, 400), (400, 2), (18, 32)])
def test_pictures_of_any_shape_fill_the_frame(picture):
    out = Frame.filled(SIZE, (1, 2, 3))
    cover(Frame.filled(picture, (77, 100, 140)), out)
    assert [set(np.unique(plane)) for plane in out.planes] == [{77}, {100}, {140}]


class Reel:
    """Frames of luma 10, 20, 30, 100 ms apart; the first one's time is not 0."""

    opened = closed = 0

    def __init__(self, size, length=3):
        self.size = size
        self.position, self.length = 0, length
        Reel.opened += 1

    def close(self):
        Reel.closed += 1

    def read(self, out):
        if self.position == self.length:
            return False
        out.resize(self.size)
        out.fill(((self.position + 1) * 10, 128, 128))
        out.stamp(self.position, 700_000_000 + self.position * 100_000_000)
        self.position += 1
        return True


@pytest.fixture
def shown_beside():
    """A background of one frame that another thread reads."""
    video = Video(lambda size: Reel(size, 1), SIZE)
    yield video
    video.close()


def test_a_picture_that_is_read_beside_is_painted(shown_beside):
    assert (paint(shown_beside).y == 10).all()
    assert shown_beside.trouble is None


def test_it_follows_the_frame_s_size_at_once(shown_beside):
    for size in ((20, 30), (180, 320), (20, 30), (2, 2)):
        out = paint(shown_beside, Frame.filled(size, (100, 128, 128)))
        assert out.size == size
        assert (out.y == 10).all()


def test_what_cannot_be_read_is_told_at_once():
    with pytest.raises(MediaError, match="no picture"):
        Video(lambda size: Reel(size, 0), SIZE)


def play(video, step_ms, count, start_ms=5000, size=SIZE):
    seen = []
    for index in range(count):
        frame = Frame.filled(size, (100, 128, 128))
        frame.stamp(index, (start_ms + index * step_ms) * 1_000_000)
        seen.append(int(paint(video, frame).y[0, 0]))
    return seen


def test_in_step_a_video_follows_the_frames_times_and_starts_over():
    assert play(VideoInStep(Reel), 50, 8) == [10, 10, 20, 20, 30, 30, 10, 10]


def test_in_step_every_frame_is_at_its_place_however_far_apart_the_frames_are():
    video = VideoInStep(lambda size: Reel(size, 20))
    assert play(video, 1000, 3) == [10, 110, 10]


def test_in_step_a_picture_is_read_once_and_stays():
    Reel.opened = 0
    assert play(VideoInStep(lambda size: Reel(size, 1)), 500, 6) == [10] * 6
    assert Reel.opened == 1


def test_in_step_each_end_closes_what_was_opened():
    Reel.opened = Reel.closed = 0
    video = VideoInStep(Reel)
    play(video, 100, 12)
    assert Reel.closed == Reel.opened - 1
    video.close()
    assert Reel.closed == Reel.opened


def test_in_step_another_size_is_read_anew():
    video = VideoInStep(lambda size: Reel(size, 1))
    assert play(video, 50, 2, size=(20, 30)) == play(video, 50, 2, size=(30, 20)) == [10, 10]


def test_the_smallest_frame_is_painted_too():
    out = paint(
        VideoInStep(lambda size: Reel(size, 1)),
        Frame.filled((2, 2), (0, 0, 0)),
        np.zeros((1, 1), np.uint8),
    )
    assert (out.y == 10).all()
