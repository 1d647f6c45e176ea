"""The soak's rounds can be run: it is started by hand, and its parts follow SegCam's interfaces."""

import sys
from random import Random

import pytest

if sys.platform != "linux":
    pytest.skip("asks /proc", allow_module_level=True)

from soak.rounds import Round, make_backgrounds
from soak.took import Took


@pytest.mark.parametrize("seed", [1, 2])
def test_a_round_starts_and_stops(tmp_path, seed):
    make_backgrounds(tmp_path)
    took = Took()
    Round(Random(seed), tmp_path, took).run(1)
    assert set(took.longest_s) >= {"start", "picture", "stop"}


def test_a_round_without_a_camera_or_device_is_refused(tmp_path):
    make_backgrounds(tmp_path)
    Round(Random(1), tmp_path, Took()).refuse()
