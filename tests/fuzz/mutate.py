"""Makes damaged copies of good files, each determined by a number."""

from __future__ import annotations

import random

LARGE = (
    b"\0",
    b"\xff",
    b"\x7f",
    b"\x80",
    b"\xff\xff",
    b"\0\0\0\0",
    b"\xff\xff\xff\xff",
    b"\x7f\xff\xff\xff",
)
"""Sizes and counts at which arithmetic goes wrong."""


def damaged(data: bytes, chance: random.Random) -> bytes:
    """The data with a few faults: bits, numbers, pieces lost, doubled, moved or cut off."""
    copy = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        if not copy:
            break
        chance.choice(_FAULTS)(copy, chance)
    return bytes(copy)


def _flip_bit(copy: bytearray, chance: random.Random) -> None:
    copy[_place(copy, chance)] ^= 1 << chance.randrange(8)


def _put_large(copy: bytearray, chance: random.Random) -> None:
    start, number = _place(copy, chance), chance.choice(LARGE)
    copy[start : start + len(number)] = number


def _put_noise(copy: bytearray, chance: random.Random) -> None:
    start = _place(copy, chance)
    copy[start : start + 64] = chance.randbytes(chance.randrange(1, 64))


def _cut_off(copy: bytearray, chance: random.Random) -> None:
    del copy[_place(copy, chance) :]


def _lose(copy: bytearray, chance: random.Random) -> None:
    start = _place(copy, chance)
    del copy[start : start + chance.randrange(1, 256)]


def _double(copy: bytearray, chance: random.Random) -> None:
    start = _place(copy, chance)
    copy[start:start] = copy[start : start + chance.randrange(1, 256)]


def _move(copy: bytearray, chance: random.Random) -> None:
    start, length = _place(copy, chance), chance.randrange(1, 256)
    piece = copy[start : start + length]
    del copy[start : start + length]
    place = chance.randrange(len(copy) + 1)
    copy[place:place] = piece


def _place(copy: bytearray, chance: random.Random) -> int:
    """A random position, half of the time in the header, where it matters most."""
    end = len(copy) if chance.random() < 0.5 else min(len(copy), 512)
    return chance.randrange(end)


_FAULTS = (
    _flip_bit,
    _flip_bit,
    _put_large,
    _put_large,
    _put_noise,
    _cut_off,
    _lose,
    _double,
    _move,
)
