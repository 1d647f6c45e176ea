from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from segcam.frame import Frame
from segcam.model_card import ModelCard, load_card
from segcam.segment.tensor import TensorCutter

CARDS = Path(__file__).parents[3] / "segcam" / "zoo" / "cards"
LANDSCAPE = load_card(CARDS / "selfie-landscape.toml")
GENERAL = load_card(CARDS / "selfie-general.toml")


def smooth_frame(size: tuple[int, int]) -> Frame:
    """Slow waves in every plane, well inside the range, so that every resampler agrees."""
    frame = Frame.empty(size)
    for plane, (low, high), phase in zip(
        frame.planes, ((60, 190), (100, 150), (105, 155)), (0.0, 1.0, 2.0), strict=True
    ):
        rows, columns = np.mgrid[: plane.shape[0], : plane.shape[1]]
        wave = np.sin(phase + 5 * rows / plane.shape[0]) * np.cos(
            phase + 6 * columns / plane.shape[1]
        )
        plane[:] = np.rint(low + (high - low) * (wave + 1) / 2)
    return frame


def reference(frame: Frame, card: ModelCard) -> np.ndarray:
    """The same through a full-size float RGB picture; float64, shape of the card's input."""
    height, width = frame.size
    y = (frame.y.astype(np.float64) - 16) * 255 / 219
    u, v = (
        (cv2.resize(plane.astype(np.float64), (width, height)) - 128) * 255 / 224
        for plane in (frame.u, frame.v)
    )
    red, blue = y + 1.402 * v, y + 1.772 * u
    green = (y - 0.299 * red - 0.114 * blue) / 0.587
    picture = np.clip(np.dstack([red, green, blue]), 0, 255)
    small = cv2.resize(picture, card.input.size[::-1], interpolation=cv2.INTER_AREA)
    return small[None] * card.scale + card.offset


@pytest.mark.parametrize("card", [LANDSCAPE, GENERAL], ids=lambda card: card.name)
@pytest.mark.parametrize(
    "size", [(2, 2), (144, 256), (480, 640), (720, 1280), (1080, 1920), (1082, 1922), (1280, 720)]
)
def test_cut_is_the_resized_rgb_picture(card: ModelCard, size: tuple[int, int]) -> None:
    frame = smooth_frame(size)
    out = np.full(card.input.shape, np.nan, np.float32)

    TensorCutter(card).cut(frame, out)

    error = np.abs(out - reference(frame, card)) * 255
    # Tiny pictures are magnified: there the two ways of magnifying colour differ at the borders.
    assert error.max() < (5.0 if min(size) > 100 else 60.0)
    assert error.mean() < (1.0 if min(size) > 100 else 20.0)


def test_pure_colours_are_exact() -> None:
    for yuv, rgb in [((16, 128, 128), (0, 0, 0)), ((235, 128, 128), (1, 1, 1)),
                     ((82, 90, 240), (1, 0, 0)), ((41, 240, 110), (0, 0, 1))]:  # fmt: skip
        out = np.empty(LANDSCAPE.input.shape, np.float32)
        TensorCutter(LANDSCAPE).cut(Frame.filled((720, 1280), yuv), out)
        assert np.allclose(out, np.float32(rgb), atol=1.5 / 255)


def test_card_sets_order_layout_scale_and_offset() -> None:
    frame = smooth_frame((480, 640))
    plain = np.empty(LANDSCAPE.input.shape, np.float32)
    TensorCutter(LANDSCAPE).cut(frame, plain)
    tensor = replace(LANDSCAPE.input, shape=(1, 3, 144, 256), layout="nchw")
    card = replace(LANDSCAPE, input=tensor, color="bgr", scale=2 / 255, offset=-1.0)
    other = np.empty(card.input.shape, np.float32)

    TensorCutter(card).cut(frame, other)

    assert np.allclose(other, plain[..., ::-1].transpose(0, 3, 1, 2) * 2 - 1, atol=1e-6)


def test_one_cutter_follows_the_source_to_another_size() -> None:
    cutter = TensorCutter(LANDSCAPE)
    first, second, again = (np.empty(LANDSCAPE.input.shape, np.float32) for _ in range(3))
    cutter.cut(smooth_frame((720, 1280)), first)
    cutter.cut(smooth_frame((480, 640)), second)
    cutter.cut(smooth_frame((720, 1280)), again)

    assert np.array_equal(first, again)
    assert np.abs(first - second).mean() < 0.01


@pytest.mark.parametrize(
    ("layout", "shape"), [("nhwc", (1, 144, 256, 3)), ("nchw", (1, 3, 144, 256))]
)
def test_a_mirrored_tensor_is_that_of_the_mirrored_frame(layout, shape) -> None:
    card = replace(LANDSCAPE, input=replace(LANDSCAPE.input, layout=layout, shape=shape))
    cutter, frame = TensorCutter(card), smooth_frame((720, 1280))
    tensor, expected = np.empty((2, *shape), np.float32)
    cutter.cut(frame, tensor)
    frame.mirror()
    frame.make_small()
    cutter.cut(frame, expected)

    cutter.mirror(tensor)

    assert np.allclose(tensor, expected, atol=2 / 255)
    assert not np.allclose(tensor, np.flip(tensor, 2 if layout == "nhwc" else 3), atol=0.1)
