"""The model looks where the person is, and notices who enters, moves or leaves."""

import numpy as np
import pytest

from segcam.box import Box
from segcam.frame import Frame
from segcam.segment.follow import Follower

SIZE = (720, 1280)
WHOLE = Box.whole(SIZE)
FRAME_NS = 33_333_333
PERSON = Box(360, 480, 360, 240)


def frame_at(number, cut=False):
    frame = Frame.filled(SIZE, (90, 128, 128))
    frame.stamp(number, number * FRAME_NS, cut)
    return frame


def matte_of(person, seen=WHOLE):
    """The answer of a perfect model to the part that it sees."""
    full = np.zeros(SIZE, np.float32)
    if person is not None:
        full[person.slices] = 1
    part = full[seen.slices]
    rows = np.linspace(0, part.shape[0] - 1, 144).round().astype(int)
    columns = np.linspace(0, part.shape[1] - 1, 256).round().astype(int)
    return part[np.ix_(rows, columns)]


def look(follower, number, person, cut=False, paint=None):
    """One frame, as the segmenter does it; returns where the model looked last."""
    frame = frame_at(number, cut)
    if paint is not None:
        frame.y[paint.slices] = 200
        frame.stamp(number, number * FRAME_NS, cut)
    if follower.wants_whole(frame):
        follower.saw_whole(matte_of(person), frame)
    box = follower.box_of(frame)
    frame.look_at(box)
    follower.saw(matte_of(person, box), frame)
    return box


@pytest.fixture
def follower():
    follower = Follower((144, 256))
    look(follower, 0, PERSON, cut=True)
    return follower


def test_the_box_holds_the_person_with_a_margin(follower):
    box = follower.box_of(frame_at(1))
    assert box.holds(PERSON)
    assert PERSON.top - box.top >= 0.15 * PERSON.height
    assert box.area < 0.4 * WHOLE.area


def test_the_box_stays_where_it_is_while_nobody_moves(follower):
    box = follower.box_of(frame_at(1))
    assert all(look(follower, number, PERSON) == box for number in range(1, 90))


def test_the_whole_picture_is_looked_at_twice_a_second(follower):
    looks = 0
    for number in range(1, 61):
        looks += follower.wants_whole(frame_at(number))
        look(follower, number, PERSON)
    assert 3 <= looks <= 5


def test_a_person_who_walks_is_never_outside_of_the_box(follower):
    for number in range(1, 90):
        person = Box(PERSON.top, PERSON.left + 6 * number // 2 * 2, PERSON.height, PERSON.width)
        assert look(follower, number, person).holds(person)


def test_the_box_shrinks_again_after_a_second():
    follower = Follower((144, 256))
    look(follower, 0, Box(100, 100, 620, 900), cut=True)
    large = follower.box_of(frame_at(1))
    for number in range(1, 90):
        look(follower, number, PERSON)
    assert follower.box_of(frame_at(90)).area < large.area / 2


def test_what_changes_outside_of_the_box_is_looked_at(follower):
    for number in range(1, 5):
        look(follower, number, PERSON)
    entered = []
    for number in range(5, 12):  # 0.2 s
        frame = frame_at(number)
        frame.y[100:300, 1000:1200] = 200
        frame.stamp(number, number * FRAME_NS)
        entered.append(follower.wants_whole(frame))
    assert any(entered)


def test_a_second_person_is_in_the_box_with_the_first(follower):
    second = Box(200, 1000, 520, 200)
    both = np.maximum(matte_of(PERSON), matte_of(second))
    frame = frame_at(30)
    follower.saw_whole(both, frame)
    assert follower.box_of(frame).holds(PERSON.joined(second))


def test_where_nobody_is_left_the_whole_picture_is_looked_at(follower):
    look(follower, 1, None)
    assert look(follower, 2, None) == WHOLE


@pytest.mark.parametrize("person", [None, Box(0, 0, 720, 1280), Box(60, 60, 660, 1160)])
def test_a_box_of_almost_all_is_the_whole(person):
    follower = Follower((144, 256))
    assert look(follower, 0, person, cut=True) == WHOLE


def test_boxes_are_never_smaller_than_what_the_model_sees():
    follower = Follower((144, 256))
    box = look(follower, 0, Box(600, 600, 40, 20), cut=True)
    assert box.height >= 144
    assert box.width >= 256


def test_a_cut_begins_anew(follower):
    elsewhere = Box(300, 40, 400, 200)
    assert look(follower, 1, elsewhere, cut=True).holds(elsewhere)
    assert not follower.box_of(frame_at(2)).holds(PERSON)


def test_a_frame_of_another_size_begins_anew(follower):
    other = Frame.filled((480, 640), (90, 128, 128))
    assert follower.wants_whole(other)
    assert follower.box_of(other) == Box.whole((480, 640))


@pytest.mark.parametrize("size", [(2, 2), (16, 30), (480, 854), (1080, 1920)])
def test_boxes_lie_inside_of_pictures_of_any_size(size):
    follower = Follower((144, 256))
    frame = Frame.filled(size, (90, 128, 128))
    matte = np.zeros((144, 256), np.float32)
    matte[100:, 100:130] = 1
    follower.saw_whole(matte, frame)
    box = follower.box_of(frame)
    assert Box.whole(size).holds(box)
    assert not any(side % 2 for side in (box.top, box.left, box.height, box.width))
