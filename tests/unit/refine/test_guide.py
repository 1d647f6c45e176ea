import numpy as np
import pytest

from segcam.frame import Frame
from segcam.refine.guide import Guide


@pytest.mark.parametrize(
    ("frame", "work"),
    [
        ((720, 1280), (180, 320)),
        ((480, 640), (240, 320)),
        ((1080, 1920), (180, 320)),
        ((4320, 7680), (180, 320)),
        ((480, 854), (160, 285)),
        ((120, 160), (120, 160)),
        ((2, 2), (2, 2)),
    ],
)
def test_work_is_a_whole_part_of_the_frame(frame, work):
    guide = Guide()
    guide.read(Frame.filled(frame, (16, 128, 128)))
    assert guide.work.shape == (3, *work)
    assert guide.half.shape == (3, (work[0] + 1) // 2, (work[1] + 1) // 2)


@pytest.mark.parametrize("size", [(2, 2), (480, 640), (766, 1366)])
def test_a_flat_picture_keeps_its_colours(size):
    guide = Guide()
    guide.read(Frame.filled(size, (50, 100, 200)))
    for planes in (guide.work, guide.half, guide.mean):
        for plane, value in zip(planes, (50, 100, 200), strict=True):
            np.testing.assert_allclose(plane, value, rtol=1e-6)


def test_work_averages_the_picture():
    frame = Frame.filled((720, 1280), (0, 128, 128))
    frame.y[::2] = 200
    guide = Guide()
    guide.read(frame)
    assert (guide.work[0] == 100).all()


def test_tells_when_sizes_change():
    guide = Guide()
    sizes = [(480, 640), (480, 640), (720, 1280), (480, 640)]
    changed = [guide.read(Frame.filled(size, (9, 9, 9))) for size in sizes]
    assert changed == [True, False, True, True]


def test_mean_spans_six_points_of_half():
    frame = Frame.filled((720, 1280), (0, 128, 128))
    guide = Guide()
    guide.read(frame)
    dot = np.zeros_like(guide.half[0])
    dot[40, 60] = 36
    out = np.empty_like(guide.mean[0])
    guide.average(dot, out)
    assert np.argwhere(out > 0.5).tolist() == [[y, x] for y in (19, 20, 21) for x in (29, 30, 31)]
    assert out.max() == pytest.approx(1)
