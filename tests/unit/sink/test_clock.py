"""The time of joined and damaged recordings."""

from fractions import Fraction
from types import SimpleNamespace

import pytest

from segcam.sink.clock import Joins

VIDEO, SOUND = SimpleNamespace(index=0), SimpleNamespace(index=1)
TICK_S = Fraction(1, 1000)


def packet(stream, at_ms, place):
    length = 40
    return SimpleNamespace(
        stream=stream, dts=at_ms, pts=at_ms, duration=length, time_base=TICK_S, pos=place
    )


def shifts(times_ms):
    """What is added to the sound, of which a packet follows each of the video's."""
    packets = []
    for index, at_ms in enumerate(times_ms):
        packets.append(packet(VIDEO, at_ms, 2 * index + 1))
        packets.append(packet(SOUND, index * 40 % 4000, 2 * index + 2))
    return [round(shift_s, 3) for _, shift_s in Joins(VIDEO).timed(packets)]


@pytest.mark.parametrize("damaged_ms", [0, 1_000_000])
def test_one_damaged_time_of_the_video_moves_no_sound(damaged_ms):
    times_ms = [40 * index for index in range(100)]
    times_ms[50] = damaged_ms
    assert set(shifts(times_ms)) == {0}


def test_sound_after_a_joint_moves_with_the_video():
    times_ms = [40 * index for index in range(100)]
    assert shifts(times_ms * 2) == [0] * 100 + [4] * 100
