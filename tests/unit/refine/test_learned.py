import errno
import logging
import threading
import time
from types import SimpleNamespace

import numpy as np
import pytest
from support.waiting import until

from segcam.errors import BackendFailed, BackendUnavailable
from segcam.frame import Frame
from segcam.model_card import ModelCard, Tensor
from segcam.refine import learned
from segcam.refine.learned import TRIALS, LearnedRefiner

PLANES, PIXELS = (144, 256), (288, 512)
CARD = ModelCard(
    "r", "", "", "", "", "", Tensor("planes", (1, 7, *PLANES), "nchw"),
    Tensor("matte", (1, 4, *PLANES), "nchw"), role="refiner",
)  # fmt: skip


class Answering:
    """A network that keeps what it is asked and answers what it is told, or raises it."""

    def __init__(self, answer):
        self.answer, self.asked, self.closed = answer, [], 0
        self.input = np.empty(CARD.input.shape, np.float32)
        self.output = np.empty(CARD.output.shape, np.float32)

    def run(self):
        self.asked.append(self.input.copy())
        if isinstance(self.answer, Exception):
            raise self.answer
        self.output[0] = self.answer

    def close(self):
        self.closed += 1


class Keeping:
    """The refiner behind: keeps the matte it is given."""

    edges = "fast"

    def refine(self, coarse, frame, out):
        self.matte = coarse.copy()

    def close(self):
        pass


def noise(size):
    rows = (size[0] * 3 // 2, size[1])
    return Frame(np.random.default_rng(5).integers(0, 256, rows, np.uint8))


def refined(network, frame, coarse, times=1):
    following, out = Keeping(), np.empty(frame.size, np.uint8)
    refiner = LearnedRefiner(CARD, lambda: network, following)
    for _ in range(times):
        refiner.refine(coarse, frame, out)
    return following.matte


def test_the_planes_lie_as_the_card_says():
    frame, coarse = noise(PIXELS), np.random.default_rng(6).random(PLANES, np.float32)
    network = Answering(0.5)
    refined(network, frame, coarse)
    y = frame.y.astype(np.float32)
    expected = [y[::2, ::2], y[::2, 1::2], y[1::2, ::2], y[1::2, 1::2], frame.u, frame.v]
    np.testing.assert_allclose(network.asked[0][0, :6], np.array(expected) / 255, atol=1e-6)
    np.testing.assert_array_equal(network.asked[0][0, 6], coarse)


def test_the_answer_is_joined_in_the_same_order():
    truth = np.random.default_rng(7).random(PIXELS, np.float32)
    answer = [truth[::2, ::2], truth[::2, 1::2], truth[1::2, ::2], truth[1::2, 1::2]]
    matte = refined(Answering(answer), noise(PIXELS), np.full(PLANES, 0.5, np.float32))
    np.testing.assert_array_equal(matte, truth)


def test_nothing_appears_where_nobody_is():
    coarse = np.zeros(PLANES, np.float32)
    coarse[:, 0] = 1
    matte = refined(Answering(0.9), noise(PIXELS), coarse)
    assert matte[:, 0].min() > 0.8, "free near a person"
    assert not matte[:, 14:].any()


def test_what_is_added_is_an_edge_and_no_body():
    coarse = np.full(PLANES, 0.1, np.float32)
    coarse[:, :100] = 1
    answer = np.full((4, *PLANES), 0.1, np.float32)
    answer[:, :, :104] = 0.9  # 8 pixels further: hair
    hair = refined(Answering(answer.copy()), noise(PIXELS), coarse)
    assert hair[:, 200:208].min() > 0.8
    answer[:, 40:80, :120] = 0.9  # 40 pixels further and 80 high
    body = refined(Answering(answer), noise(PIXELS), coarse)
    assert body[100:140, 210:].max() < 0.2
    np.testing.assert_array_equal(body[:60], hair[:60])
    np.testing.assert_array_equal(body[:, :199], hair[:, :199])


def test_training_lays_the_planes_out_alike():
    pytest.importorskip("torch", reason="training needs the extra 'train'")
    from segcam_models.data.views import join_planes, refiner_input

    from segcam.color import bgr_to_frame

    picture = np.random.default_rng(8).integers(0, 256, (*PIXELS, 3), np.uint8)
    coarse = np.random.default_rng(9).random((36, 64), np.float32)
    answer = np.random.default_rng(10).random((4, *PLANES), np.float32)
    network = Answering(answer)
    matte = refined(network, bgr_to_frame(picture), coarse)
    np.testing.assert_allclose(network.asked[0][0], refiner_input(picture, coarse), atol=1 / 254)
    np.testing.assert_array_equal(matte, join_planes(answer))


@pytest.mark.parametrize("size", [(2, 2), (640, 2), (480, 640), (720, 1280), (1280, 722)])
@pytest.mark.parametrize("coarse", [(1, 1), (256, 256), (7, 3)])
def test_pictures_and_mattes_of_every_size_are_fitted(size, coarse):
    network = Answering(0.5)
    frame = Frame.filled(size, (51, 102, 153))
    refined(network, frame, np.full(coarse, 0.25, np.float32))
    assert [plane.min() for plane in network.asked[0][0]] == pytest.approx(
        [0.2] * 4 + [0.4, 0.6, 0.25]
    )
    np.testing.assert_array_equal(network.asked[0].min(axis=(2, 3)), network.asked[0].max((2, 3)))


def test_the_size_may_change_on_the_way():
    network, out = Answering(0.5), np.empty((720, 1280), np.uint8)
    refiner = LearnedRefiner(CARD, lambda: network, Keeping())
    for size in ((480, 640), (720, 1280)):
        refiner.refine(np.zeros(PLANES, np.float32), Frame.filled(size, (size[0] // 8, 0, 0)), out)
    assert [asked[0, 0].mean() * 255 for asked in network.asked] == pytest.approx([60, 90])


def told(caplog):
    return [record for record in caplog.records if record.name == learned.__name__]


@pytest.mark.parametrize("answer", [np.nan, np.inf, -0.5, 1.5])
def test_nonsense_leaves_the_coarse_matte_and_is_told_once(answer, caplog):
    coarse = np.random.default_rng(11).random(PLANES, np.float32)
    network = Answering(np.full((4, *PLANES), 0.5, np.float32))
    network.answer[2, 100, 100] = answer
    with caplog.at_level(logging.WARNING):
        matte = refined(network, noise((480, 640)), coarse, times=3)
    np.testing.assert_array_equal(matte, coarse)
    assert len(network.asked) == 3, "the next frame may do better"
    assert len(told(caplog)) == 1


def test_an_answer_that_was_left_unwritten_leaves_the_coarse_matte():
    network = Answering(np.full((4, *PLANES), 0.5, np.float32))
    network.output[:] = 0.5
    network.run = lambda: None
    coarse = np.random.default_rng(13).random(PLANES, np.float32)
    np.testing.assert_array_equal(refined(network, noise((480, 640)), coarse), coarse)


def test_the_answer_to_an_earlier_matte_leaves_the_coarse_matte():
    network = Answering(np.full((4, *PLANES), 0.5, np.float32))
    following, frame = Keeping(), noise((480, 640))
    refiner = LearnedRefiner(CARD, lambda: network, following)
    out = np.empty(frame.size, np.uint8)
    first, second = np.random.default_rng(14).random((2, *PLANES), np.float32)
    for coarse, sharpened in ((first, True), (first, True), (second, False), (second, False)):
        refiner.refine(coarse, frame, out)
        assert (following.matte.shape == PIXELS) is sharpened
    network.answer = network.answer * 0.9
    refiner.refine(second, frame, out)
    assert following.matte.shape == PIXELS, "the next frame may do better"


def test_a_network_that_fails_is_done_without_and_told_once(caplog):
    coarse = np.random.default_rng(12).random(PLANES, np.float32)
    network = Answering(BackendFailed("It broke"))
    with caplog.at_level(logging.WARNING):
        matte = refined(network, noise((480, 640)), coarse, times=3)
    np.testing.assert_array_equal(matte, coarse)
    assert len(network.asked) == 1
    assert until(lambda: network.closed == 1)
    assert [record.levelname for record in told(caplog)] == ["WARNING"]
    assert "It broke" in caplog.text


@pytest.fixture
def losing(monkeypatch):
    """A refiner whose first network breaks; the next can be loaded when ``opened`` is set."""
    monkeypatch.setattr(learned, "FIRST_PAUSE_S", 0.01)
    monkeypatch.setattr(learned, "LONGEST_PAUSE_S", 0.05)
    opened, loaded = threading.Event(), []

    def load():
        if loaded and not opened.is_set():
            raise BackendUnavailable("Not yet")
        loaded.append(Answering(0.75 if loaded else BackendFailed("It broke")))
        return loaded[-1]

    following = Keeping()
    refiner = LearnedRefiner(CARD, load, following)
    coarse, out = np.full(PLANES, 0.5, np.float32), np.empty((480, 640), np.uint8)

    def refine():
        refiner.refine(coarse, noise((480, 640)), out)
        return float(following.matte.max())

    yield SimpleNamespace(refiner=refiner, refine=refine, opened=opened, loaded=loaded)
    refiner.close()


def test_a_network_that_was_lost_is_loaded_again_beside(losing):
    assert losing.refine() == 0.5
    assert losing.refiner.edges == "fast"
    assert not until(lambda: losing.refine() != 0.5, 0.3), "none can be loaded"
    losing.opened.set()
    assert until(lambda: losing.refine() == 0.75)
    assert losing.refiner.edges == "sharp"
    losing.refiner.close()
    assert until(lambda: [network.closed for network in losing.loaded] == [1, 1])


def test_one_that_is_loaded_after_the_end_is_closed(losing):
    losing.refine()
    losing.opened.set()
    assert until(lambda: len(losing.loaded) == 2)
    losing.refiner.close()
    assert until(lambda: [network.closed for network in losing.loaded] == [1, 1])


def test_a_network_that_cannot_be_loaded_is_not_loaded_again(caplog):
    coarse, tried = np.random.default_rng(13).random(PLANES, np.float32), []

    def load():
        tried.append(1)
        raise BackendUnavailable("Not installed")

    following = Keeping()
    refiner = LearnedRefiner(CARD, load, following)
    assert not tried, "loading belongs to the thread that refines"
    for _ in range(2):
        refiner.refine(coarse, noise((480, 640)), np.empty((480, 640), np.uint8))
    np.testing.assert_array_equal(following.matte, coarse)
    assert len(tried) == 1
    assert "Not installed" in caplog.text


def test_a_network_that_cannot_be_loaded_for_now_is_loaded_later(monkeypatch, caplog):
    monkeypatch.setattr(learned, "FIRST_PAUSE_S", 0.01)
    failures = [OSError(errno.EMFILE, "Too many open files")]

    def load():
        if failures:
            raise failures.pop()
        return Answering(0.75)

    following = Keeping()
    refiner = LearnedRefiner(CARD, load, following)

    def refine():
        coarse, out = np.full(PLANES, 0.5, np.float32), np.empty((480, 640), np.uint8)
        refiner.refine(coarse, noise((480, 640)), out)
        return float(following.matte.max())

    assert refine() == 0.5
    assert "cannot open more files" in caplog.text
    assert until(lambda: refine() == 0.75)
    refiner.close()


class Dawdling(Answering):
    """Takes its time, and less of it each time."""

    def __init__(self, times_s):
        super().__init__(0.75)
        self._times_s = iter(times_s)

    def run(self):
        super().run()
        time.sleep(next(self._times_s, 0))


@pytest.mark.parametrize(
    ("quickest_s", "limit_s", "kept"), [(0.03, 0.01, False), (0, 1, True), (0.03, None, True)]
)
def test_one_that_takes_too_long_is_given_up(quickest_s, limit_s, kept):
    coarse, out = np.full(PLANES, 0.5, np.float32), np.empty((480, 640), np.uint8)
    network, following = Dawdling([0.05] + [quickest_s] * TRIALS), Keeping()
    refiner = LearnedRefiner(CARD, lambda: network, following, limit_s)
    for _ in range(TRIALS):
        refiner.refine(coarse, noise((480, 640)), out)
    assert following.matte.max() == 0.75, "what it answered is used"
    refiner.refine(coarse, noise((480, 640)), out)
    assert (refiner.edges, following.matte.max()) == (("sharp", 0.75) if kept else ("fast", 0.5))
    assert network.closed == (not kept)


def test_after_it_was_closed_it_loads_again():
    loaded, coarse, out = [], np.full(PLANES, 0.5, np.float32), np.empty((480, 640), np.uint8)

    def load():
        loaded.append(Answering(0.75))
        return loaded[-1]

    refiner = LearnedRefiner(CARD, load, Keeping())
    for _ in range(2):
        refiner.refine(coarse, noise((480, 640)), out)
        refiner.close()
        refiner.close()
    assert [network.closed for network in loaded] == [1, 1]
