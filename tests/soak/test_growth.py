import os
import sys
from dataclasses import replace
from itertools import pairwise

import pytest

if sys.platform != "linux":
    pytest.skip("asks /proc", allow_module_level=True)

from soak.growth import RESIDENT_TOLERANCE_MB, Held, growth, held_now

STEADY = Held(resident_mb=200, files=20, threads=5, children=0, shared=1)


def test_what_stays_does_not_grow():
    noise = [replace(STEADY, resident_mb=200 + count % 7) for count in range(60)]
    assert growth(noise) == []


@pytest.mark.parametrize("name", ["files", "threads", "children", "shared"])
def test_one_more_now_and_then_is_growth(name):
    samples = [replace(STEADY, **{name: 5 + count // 20}) for count in range(60)]
    assert len(growth(samples)) == 1
    assert growth(samples)[0].startswith(name)


def test_memory_may_grow_by_its_tolerance_and_no_more():
    def rising(by_mb):
        return [replace(STEADY, resident_mb=200 + by_mb * count / 60) for count in range(60)]

    assert growth(rising(RESIDENT_TOLERANCE_MB)) == []
    assert growth(rising(2 * RESIDENT_TOLERANCE_MB)) != []


def test_what_the_c_library_keeps_for_later_is_not_held():
    before = held_now()
    blocks = [bytes(100_000) for _ in range(500)]  # below the size from which each is a mapping
    last = bytes(100_000)  # nothing below it is given back by itself
    del blocks
    assert held_now().resident_mb - before.resident_mb < 10
    assert len(last) == 100_000


def test_what_is_held_is_seen():
    before = held_now()
    fds = os.pipe()
    block = bytearray(os.urandom(1)) * 50_000_000
    during = held_now()
    del block
    for fd in fds:
        os.close(fd)
    after = held_now()
    assert (before.files, during.files, after.files) == (
        before.files,
        before.files + 2,
        before.files,
    )
    assert during.resident_mb > before.resident_mb + 40


def test_the_order_of_samples_matters():
    falling = [replace(STEADY, files=50 - count) for count in range(30)]
    assert growth(falling) == []
    assert all(a.files > b.files for a, b in pairwise(falling))
