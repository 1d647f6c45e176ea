"""Random texts and values of any kind."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

_WORDS = (
    *(
        "",
        "blur",
        "blur:",
        "image:",
        "video:",
        "color:#",
        "none",
        "auto",
        "x",
        ":",
        "/",
        "~",
        "..",
        "\0",
    ),
    *(
        "\x1b[2J",
        "\u202e",
        "\udcff",
        "9" * 5000,
        "-1",
        "1e999",
        "nan",
        "1280x720",
        "0x0",
        "é",
        "a" * 300,
    ),
)


def text(chance: random.Random) -> str:
    """A few meaningful words, or random characters."""
    if chance.random() < 0.5:
        return "".join(chance.choice(_WORDS) for _ in range(chance.randrange(4)))
    return "".join(
        chr(chance.choice((32, 128, 0x800, 0x20000)) + chance.randrange(90)) for _ in range(9)
    )


def value(chance: random.Random, depth: int = 0) -> Any:
    """Any value of JSON or TOML."""
    kinds: list[Callable[[], Any]] = [
        lambda: text(chance),
        lambda: chance.choice((0, 1, -1, 2**31, -(2**63), 10**400, 0.5, -0.0)),
        lambda: chance.choice((float("nan"), float("inf"), 1e308, True, False, None)),
        lambda: [1, chance.choice((1, 48, 4096, 20000)), chance.randrange(1, 99), 3],
    ]
    if depth < 4:
        kinds += [
            lambda: [value(chance, depth + 1) for _ in range(chance.randrange(4))],
            lambda: {text(chance): value(chance, depth + 1) for _ in range(chance.randrange(3))},
        ]
    return chance.choice(kinds)()
