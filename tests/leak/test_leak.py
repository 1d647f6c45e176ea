"""No fault makes the product show the room, while a simple loop does show it."""

import os

import pytest
from leak.breakages import hangs
from leak.cases import CASES, QUICK
from leak.play import protected, unprotected

EXPOSING = [case for case in CASES if not case.harmless]
QUICKLY_EXPOSING = ("model hangs", "camera pulled out")


def cases(all_of_them, quick):
    thorough = pytest.mark.skipif(
        os.environ.get("SEGCAM_LEAK") != "all", reason="takes minutes: make test-leak"
    )
    return [
        pytest.param(case, marks=() if case.name in quick else thorough, id=case.name)
        for case in all_of_them
    ]


@pytest.mark.parametrize("case", cases(CASES, {case.name for case in QUICK}))
def test_no_frame_shows_the_room(case):
    result = protected(case)
    assert result.frames > 3
    assert result.leaks == 0
    if case.returns:
        assert result.live_s is not None
    if case.act is hangs and case.part != "sink":
        assert result.placeholder_s is not None


@pytest.mark.parametrize("case", cases(EXPOSING, QUICKLY_EXPOSING))
def test_without_protection_the_same_shows_it(case):
    assert unprotected(case).leaks_since > 0
