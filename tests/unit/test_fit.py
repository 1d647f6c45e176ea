import numpy as np
import pytest

from segcam.fit import contain, cover
from segcam.frame import Frame


def test_covering_cuts_evenly():
    picture = Frame.filled((100, 400), (50, 128, 128))
    picture.y[:, 100:300] = 200
    out = Frame.empty((100, 100))
    cover(picture, out)
    assert out.y.min() > 190


def test_containing_keeps_all_and_adds_black():
    picture = Frame.filled((100, 400), (200, 90, 90))
    picture.stamp(5, 17)
    out = Frame.empty((100, 100))
    contain(picture, out)
    assert (out.id, out.captured_ns) == (5, 17)
    rows = out.y[:, 50] > 100
    assert rows.sum() in (24, 26)
    assert abs(int(np.flatnonzero(rows).mean()) - 50) <= 2
    assert out.y[0, 0] == 16


@pytest.mark.parametrize("fit", [cover, contain])
@pytest.mark.parametrize("source", [(2, 2), (2, 640), (640, 2), (90, 160)])
@pytest.mark.parametrize("target", [(2, 2), (90, 160), (160, 90)])
def test_any_shape_into_any(fit, source, target):
    out = Frame.empty(target)
    fit(Frame.filled(source, (77, 100, 140)), out)
    assert out.size == target
    assert 77 in out.y
