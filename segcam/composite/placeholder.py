"""The placeholder, sent when there is no picture."""

from __future__ import annotations

import cv2
import numpy as np

from segcam.color import bgr_to_frame
from segcam.frame import U8, Frame, Size

BACKDROP, FIGURE, TEXT = (46, 40, 36), (92, 82, 74), (214, 206, 198)  # BGR


def draw_placeholder(size: Size, text: str) -> Frame:
    """A calm picture: the outline of a person and one line of text.

    Args:
        size: Even (H, W); the text is left out if it would be too small to read.
        text: ASCII, a few words.

    Returns:
        A new frame, marked as a placeholder, the same for the same arguments.
    """
    height, width = size
    picture = np.full((height, width, 3), BACKDROP, np.uint8)
    unit = min(height, width)
    centre = (width // 2, round(height * 0.36))
    cv2.circle(picture, centre, round(unit * 0.11), FIGURE, -1, cv2.LINE_AA)
    shoulders = (width // 2, round(height * 0.36 + unit * 0.32))
    axes = (round(unit * 0.2), round(unit * 0.17))
    cv2.ellipse(picture, shoulders, axes, 0, 180, 360, FIGURE, -1, cv2.LINE_AA)
    if unit >= 120:
        _write(picture, text, round(height * 0.84))
    frame = bgr_to_frame(picture)
    frame.is_placeholder = True
    return frame


def _write(picture: U8, text: str, baseline: int) -> None:
    scale = min(picture.shape[:2]) / 480
    thickness = max(1, round(1.5 * scale))
    font = cv2.FONT_HERSHEY_SIMPLEX
    (width, _), _ = cv2.getTextSize(text, font, scale, thickness)
    left = (picture.shape[1] - width) // 2
    cv2.putText(picture, text, (left, baseline), font, scale, TEXT, thickness, cv2.LINE_AA)
