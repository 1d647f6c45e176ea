"""What a closer look does not confirm is room; living people are not lost."""

from pathlib import Path

import numpy as np
import pytest

from segcam.box import Box
from segcam.frame import Frame
from segcam.model_card import load_card
from segcam.segment.backends.null import NullBackend
from segcam.segment.segmenter import ModelSegmenter

CARD = load_card(Path(__file__).parents[3] / "segcam" / "zoo" / "cards" / "selfie-landscape.toml")
SIZE = (720, 1280)
FRAME_NS = 33_333_333
THING = Box(360, 480, 300, 240)
NEAR = Box(20, 20, 700, 1240)


class Seer(NullBackend):
    """Takes what is bright for a person: ``whole`` opaque in the whole picture.

    In a part, a share of it is certain and the rest pale; mirrored, the ``mirrored`` share of its
    rows remains.
    """

    def __init__(self, whole=0.6, certain=0.3, mirrored=0.1):
        super().__init__()
        self.whole, self.certain, self.mirrored = whole, certain, mirrored
        self.reflection = 0.0
        self.runs = 0

    def run(self):
        self.runs += 1
        light = self._tensors.input[0].mean(axis=2)
        answer = np.float32(light > 0.6)
        rows, columns = np.nonzero(light > 0.6)
        if len(rows) < 0.12 * light.size:
            answer *= self.whole
        else:
            answer[rows, columns] = np.where(
                columns <= np.quantile(columns, self.certain), 0.98, 0.7
            )
            middle = light[int(rows.mean())]
            left, *_, right = middle[middle > 0.75]
            if left < right:
                answer[rows, columns] = self.reflection or answer[rows, columns]
                answer[rows[0] + int(self.mirrored * (rows[-1] - rows[0])) :] = 0
        rng = np.random.default_rng(self.runs)
        self._tensors.output[0, ..., 0] = answer + rng.uniform(0, 0.01, answer.shape)


def room(number, person=THING, cut=False):
    """A dark room with somebody, or something, whose left half is brighter."""
    frame = Frame.filled(SIZE, (60, 128, 128))
    if person is not None:
        frame.y[person.slices] = 190
        frame.y[person.top : person.bottom, person.left : person.left + person.width // 2] = 225
    frame.stamp(number, number * FRAME_NS, cut)
    return frame


class Look:
    """Segments one frame after the other."""

    def __init__(self, backend):
        self.backend = backend
        self.segmenter = ModelSegmenter(CARD, Path(), backend)
        self.segmenter.open()
        self.out = np.empty(self.segmenter.matte_size, np.float32)

    def __call__(self, number, person=THING, cut=False):
        """Highest opacity, and the box."""
        frame = room(number, person, cut)
        self.segmenter.segment(frame, self.out)
        self.segmenter.look_around()
        return float(self.out.max()), frame.box


@pytest.mark.parametrize("whole", [0.35, 0.6, 0.99])
def test_what_the_mirrored_picture_does_not_show_is_room(whole):
    look = Look(Seer(whole))
    assert look(0, cut=True)[0] < 0.02


@pytest.mark.parametrize("whole", [0.35, 0.6, 0.99])
@pytest.mark.parametrize(("certain", "mirrored"), [(0.8, 0.1), (0.3, 1.0)])
def test_who_is_certain_or_the_same_in_the_mirror_is_shown_at_once(whole, certain, mirrored):
    look = Look(Seer(whole, certain, mirrored))
    shown, box = look(0, cut=True)
    assert shown > 0.8
    assert box.holds(THING)


def test_a_mirrored_look_that_is_clearly_more_certain_is_the_better_one():
    look = Look(Seer(certain=0.3, mirrored=1.0))
    look.backend.reflection = 0.95
    look(0, cut=True)
    assert ((look.out > 0.9) == (look.out > 0.5)).all()
    assert (look.out > 0.9).any()


def test_only_who_is_not_certain_costs_a_further_look():
    look = Look(Seer(certain=0.8))
    for number in range(2):
        look(number, cut=number == 0)
    assert look.backend.runs == 2  # the whole, then closely; nothing moves


def test_what_was_denied_is_not_shown_in_the_whole_picture_either():
    look = Look(Seer(whole=0.99))
    shown = [look(number, cut=number == 0)[0] for number in range(100)]
    assert max(shown) < 0.02


def test_a_person_who_becomes_certain_is_shown_soon():
    look = Look(Seer())
    for number in range(40):
        look(number, cut=number == 0)
    look.backend.certain = 0.9
    shown = [
        look(number, Box(360, 480, 300, 240 + 4 * number))[0] > 0.9 for number in range(40, 60)
    ]
    assert any(shown)
    assert all(shown[shown.index(True) :])


def test_a_person_who_comes_near_is_shown_at_once():
    look = Look(Seer(whole=0.99))
    for number in range(10):
        look(number, cut=number == 0)
    assert look(10, NEAR)[0] > 0.9


def test_a_denial_ends_with_the_scene():
    look = Look(Seer())
    look(0, cut=True)
    look.backend.certain = 0.9
    assert look(1, cut=True)[0] > 0.9


def test_who_was_confirmed_stays_while_they_are_followed():
    look = Look(Seer(certain=0.8))
    look(0, cut=True)
    look.backend.certain = 0.2
    moving = (Box(360, 480 - 4 * number, 300, 240) for number in range(1, 30))
    assert all(look(number, person)[0] > 0.6 for number, person in enumerate(moving, 1))
