import numpy as np
import pytest

from segcam.bench.footage import CLIP_FRAMES, Webcam, held, load, moving, save
from segcam.errors import MediaError
from segcam.frame import Frame

SIZE = (90, 160)


@pytest.fixture(scope="module")
def demo():
    return moving(None, SIZE, 8)


def frames(webcam):
    size, found = webcam.open().size, []
    while webcam.read(frame := Frame.empty(size)):
        found.append(frame)
    return found


def test_a_webcam_sends_the_demo_and_ends_where_it_is_not_live(demo):
    found = frames(Webcam(demo, live=False))
    assert [frame.id for frame in found] == list(range(8))
    assert {frame.size for frame in found} == {SIZE}
    assert found[0].y.std() > 10


def test_a_live_webcam_goes_on_and_on(demo):
    webcam, frame = Webcam(demo, rate_hz=1000), Frame.empty(SIZE)
    webcam.open()
    assert all(webcam.read(frame) for _ in range(20))


def test_people_who_sit_still_differ_by_noise_alone(demo):
    found = frames(Webcam(held(demo, SIZE), live=False))
    assert len(found) == CLIP_FRAMES
    change = found[1].y.astype(int) - found[0].y
    assert 1 < change.std() < 12
    assert abs(change.mean()) < 1


def test_another_process_sees_the_same_pictures(demo, tmp_path):
    save(demo, tmp_path)
    assert load(tmp_path) == list(demo)


def test_a_folder_without_clips_is_told(tmp_path):
    with pytest.raises(MediaError, match="no clip"):
        moving(tmp_path)


def test_clips_of_a_folder_are_scaled(tmp_path):
    from unittest import mock

    from segcam.bench import footage
    from segcam.source.pattern import Pattern

    (tmp_path / "a.mkv").touch()
    with mock.patch.object(footage, "Clip", lambda _, size: Pattern(size, live=False)):
        found = moving(tmp_path, SIZE, 3)
    assert len(found) == 3
    assert np.ptp(frames(Webcam(found, live=False))[0].y) > 50
