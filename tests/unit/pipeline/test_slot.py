import threading
import time

from support.waiting import LIMIT_S

from segcam.pipeline.slot import Slot


def test_the_newest_wins_and_the_overtaken_is_given_up():
    given_up = []
    slot = Slot(newest_wins=True, give_up=given_up.append)
    for item in (1, 2, 3):
        slot.put(item)
    assert slot.take() == 3
    assert given_up == [1, 2]


def test_every_item_is_kept_in_order_without_waiting():
    slot = Slot(newest_wins=False, give_up=lambda item: None)
    for item in range(5):
        slot.put(item)
    assert [slot.take() for _ in range(5)] == [0, 1, 2, 3, 4]
    assert slot.take(timeout_s=0) is None


def test_a_taker_beside_loses_nothing():
    slot = Slot(newest_wins=False, give_up=lambda item: None)
    taken = []

    def consume():
        while (item := slot.take()) is not None:
            taken.append(item)

    consumer = threading.Thread(target=consume)
    consumer.start()
    for item in range(1, 501):
        slot.put(item)
        time.sleep(item % 3 / 10_000)  # now it waits, and now it lags behind
    slot.close()
    consumer.join(LIMIT_S)
    assert taken == list(range(1, 501))


def test_close_wakes_a_waiting_take():
    slot = Slot(newest_wins=True, give_up=lambda item: None)
    taken = []
    taker = threading.Thread(target=lambda: taken.append(slot.take()), daemon=True)
    taker.start()
    time.sleep(0.05)  # it waits by now
    slot.close()
    taker.join(LIMIT_S)
    assert taken == [None]


def test_a_closed_slot_lets_nothing_in_and_gives_out_what_it_has():
    given_up = []
    slot = Slot(newest_wins=False, give_up=given_up.append)
    slot.put("first")
    slot.close()
    slot.put("second")
    assert given_up == ["second"]
    assert not slot.drained
    assert slot.take() == "first"
    assert slot.drained
    assert slot.take() is None


def test_a_call_ends_the_wait_that_goes_on_or_the_next_one_and_no_other():
    slot = Slot(newest_wins=True, give_up=lambda item: None)
    timer = threading.Timer(0.05, slot.wake)
    timer.start()
    assert slot.take(timeout_s=60) is None
    timer.join()
    slot.wake()
    assert slot.take(timeout_s=60) is None
    start = time.monotonic()
    assert slot.take(timeout_s=0.1) is None
    assert time.monotonic() - start >= 0.09


def test_take_gives_up_waiting():
    slot = Slot(newest_wins=True, give_up=lambda item: None)
    assert slot.take(timeout_s=0.01) is None


def test_what_was_taken_without_waiting_cuts_no_later_wait_short():
    slot = Slot(newest_wins=False, give_up=lambda item: None)
    slot.put("first")
    slot.put("second")
    assert [slot.take(), slot.take()] == ["first", "second"]
    threading.Timer(0.02, slot.put, ["late"]).start()
    assert slot.take(timeout_s=5) == "late"


def test_clear_gives_up_what_lies_there():
    given_up = []
    slot = Slot(newest_wins=False, give_up=given_up.append)
    slot.put("late")
    slot.put("later")
    slot.clear()
    assert given_up == ["late", "later"]
    assert slot.take(timeout_s=0) is None


def test_what_must_not_be_lost_is_handed_on():
    slot = Slot(
        newest_wins=True, give_up=lambda item: None, overtake=lambda old, new: new.extend(old)
    )
    for item in (["cut"], [], []):
        slot.put(item)
    assert slot.take() == ["cut"]
