import threading

from segcam.pipeline.slot import Slot


def test_the_newest_wins_and_the_overtaken_is_given_up():
    given_up = []
    slot = Slot(newest_wins=True, give_up=given_up.append)
    for item in (1, 2, 3):
        slot.put(item)
    assert slot.take() == 3
    assert given_up == [1, 2]


def test_waiting_loses_nothing():
    slot = Slot(newest_wins=False, give_up=lambda item: None)
    taken = []

    def consume():
        while (item := slot.take()) is not None:
            taken.append(item)

    consumer = threading.Thread(target=consume)
    consumer.start()
    for item in range(1, 501):
        slot.put(item)
    slot.close()
    consumer.join(5)
    assert taken == list(range(1, 501))


def test_close_wakes_a_waiting_put_and_gives_its_item_up():
    given_up = []
    slot = Slot(newest_wins=False, give_up=given_up.append)
    slot.put("first")
    putter = threading.Thread(target=slot.put, args=("second",))
    putter.start()
    slot.close()
    putter.join(5)
    assert not putter.is_alive()
    assert given_up == ["second"]
    assert not slot.drained
    assert slot.take() == "first"
    assert slot.drained


def test_take_gives_up_waiting():
    slot = Slot(newest_wins=True, give_up=lambda item: None)
    assert slot.take(timeout_s=0.01) is None


def test_clear_gives_up_what_lies_there():
    given_up = []
    slot = Slot(newest_wins=True, give_up=given_up.append)
    slot.put("late")
    slot.clear()
    assert given_up == ["late"]
    assert slot.take(timeout_s=0) is None


def test_what_must_not_be_lost_is_handed_on():
    slot = Slot(
        newest_wins=True, give_up=lambda item: None, overtake=lambda old, new: new.extend(old)
    )
    for item in (["cut"], [], []):
        slot.put(item)
    assert slot.take() == ["cut"]
