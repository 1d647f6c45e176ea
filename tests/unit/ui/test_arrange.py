"""The picture is large, and the window has no empty half."""

from itertools import product

import pytest
from segcam_ui.arrange import MARGIN_PX, arrange

HEADER_AND_LINE = 76


@pytest.mark.parametrize(
    ("width", "height", "below", "columns"),
    [
        (1120, 584, False, 2),
        (1920, 1050, False, 2),
        (1280, 690, False, 2),
        (800, 560, False, 1),
        (960, 1050, True, 6),
        (800, 1200, True, 5),
    ],
)
def test_picker_goes_where_the_picture_is_largest(width, height, below, columns):
    found = arrange(width, height, HEADER_AND_LINE)

    assert (found.below, found.columns) == (below, columns)


def test_little_of_the_height_stays_empty():
    for width, height in product(range(800, 2000, 60), range(560, 1300, 20)):
        found = arrange(width, height, HEADER_AND_LINE)
        used = found.place_px + HEADER_AND_LINE + 3 * MARGIN_PX
        assert used <= height
        assert found.below or height - used < 40, (width, height)


def test_picture_fits_beside_the_picker_in_the_smallest_window():
    found = arrange(800, 560, HEADER_AND_LINE)

    assert found.picture_px * 16 / 9 + found.picker_px < 800
    assert found.picture_px > 330


def test_wide_words_get_their_width_in_one_column():
    found = arrange(800, 560, HEADER_AND_LINE, least=190)

    assert found.columns == 1
    assert found.picker_px >= 190
    assert found.picture_px * 16 / 9 + found.picker_px < 800


def test_long_line_takes_what_is_empty_and_then_from_the_picture():
    found = arrange(1120, 584, HEADER_AND_LINE)

    assert found.spare_px > 0
    assert found.with_longer_line(found.spare_px) == found
    assert found.with_longer_line(found.spare_px + 30).picture_px == found.picture_px - 30


def test_long_line_takes_the_bars_around_the_picture_first():
    found = arrange(800, 560, HEADER_AND_LINE)
    bars = found.place_px - found.picture_px

    assert bars > 0
    assert found.with_longer_line(bars).picture_px == found.picture_px
    assert found.with_longer_line(bars + 30).picture_px == found.picture_px - 30
