import os
import sys
from dataclasses import replace

import numpy as np
import pytest

from segcam.segment.memory import Tensors
from segcam.zoo.library import EDGES, find


@pytest.fixture
def card():
    """With an odd number of inputs, so that the output does not follow them at once."""
    card, _ = find(EDGES)
    return replace(card, input=replace(card.input, shape=(1, 7, 5, 3)))


def test_both_are_zeros_of_the_cards_shapes(card):
    tensors = Tensors(card)
    assert (tensors.input.shape, tensors.output.shape) == (card.input.shape, card.output.shape)
    assert not tensors.input.any()
    assert not tensors.output.any()
    if sys.platform == "linux":
        assert tensors.input.ctypes.data % 4096 == tensors.output.ctypes.data % 4096 == 0
    tensors.input.fill(1)
    assert not tensors.output.any(), "they do not overlap"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has such memory")
def test_what_one_writes_another_reads_and_a_third_does_not(card):
    ours = Tensors(card)
    theirs, other = Tensors(card, os.dup(ours.memory)), Tensors(card)
    ours.input[:] = np.arange(ours.input.size).reshape(ours.input.shape)
    theirs.output.fill(0.5)
    assert np.array_equal(theirs.input, ours.input)
    assert ours.output.min() == 0.5
    assert not other.input.any()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has such memory")
def test_the_file_is_closed_and_the_arrays_outlive_it(card):
    tensors = Tensors(card)
    memory, kept = tensors.memory, tensors.output
    del tensors
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(memory)
    kept.fill(1)
