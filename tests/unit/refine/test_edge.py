import cv2
import numpy as np
import pytest

from segcam.frame import Frame
from segcam.refine.edge import EdgeFit, _solve
from segcam.refine.guide import Guide

SIZE = (720, 1280)


def fit(frame, matte):
    guide = Guide()
    guide.read(frame)
    return EdgeFit(guide).refine(matte)


def half_plane(column, blur=1.0):
    matte = np.zeros((180, 320), np.float32)
    matte[:, column:] = 1
    return cv2.GaussianBlur(matte, (0, 0), blur)


def two_colors(column, left, right):
    frame = Frame.filled(SIZE, left)
    for plane, value, x in zip(
        frame.planes, right, (column, column // 2, column // 2), strict=True
    ):
        plane[:, x:] = value
    return frame


def contour_columns(matte):
    return (matte < 0.5).sum(axis=1)


@pytest.mark.parametrize("right", [(150, 128, 128), (60, 170, 128), (60, 128, 90)])
def test_the_edge_moves_to_where_the_colour_changes(right):
    frame = two_colors(640, (60, 128, 128), right)
    refined = fit(frame, half_plane(163))
    assert abs(contour_columns(half_plane(163)) - 160).min() >= 3
    assert abs(contour_columns(refined) - 160).max() <= 1


def test_without_a_colour_edge_the_matte_stays():
    matte = half_plane(163, blur=4)
    refined = fit(Frame.filled(SIZE, (60, 128, 128)), matte)
    assert abs(contour_columns(refined) - contour_columns(matte)).max() <= 1
    assert np.abs(refined - cv2.GaussianBlur(matte, (0, 0), 4)).max() < 0.1


@pytest.mark.parametrize("value", [0, 1])
def test_a_sure_matte_ignores_the_picture(value):
    noise = np.random.default_rng(0).integers(0, 256, (1080, 1280), np.uint8)
    refined = fit(Frame(noise), np.full((180, 320), value, np.float32))
    np.testing.assert_allclose(refined, value, atol=1e-4)


def test_the_systems_are_solved():
    rng = np.random.default_rng(0)
    root, right = rng.normal(size=(5, 7, 3, 3)), rng.normal(size=(5, 7, 3))
    matrices = root @ np.swapaxes(root, 2, 3) + 0.5 * np.eye(3)
    system = np.concatenate([matrices, right[..., None]], axis=3).astype(np.float32)
    solution = _solve(np.moveaxis(system, (0, 1), (2, 3)).copy(), np.empty((5, 7), np.float32))
    expected = np.linalg.solve(matrices, right[..., None])[..., 0]
    np.testing.assert_allclose(np.moveaxis(solution, 0, 2), expected, rtol=1e-2, atol=1e-3)
