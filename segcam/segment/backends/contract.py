"""Checks a model file against its model card."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from segcam.errors import ModelMismatch
from segcam.model_card import ModelCard


def check_tensors(
    role: Literal["input", "output"],
    found: Sequence[tuple[str, Sequence[int], str]],
    card: ModelCard,
) -> None:
    """Compare a loaded model's tensors with its model card.

    Args:
        role: Which tensors.
        found: Name, shape and dtype ("float32") of each of the file's tensors in that role.
        card: Names the tensors, with those of the state in any order.

    Raises:
        ModelMismatch: The number of tensors, or a name, shape or dtype differs.
    """
    first = card.input if role == "input" else card.output
    expected = [(first.name, first.shape, "float32")]
    for state in card.state:
        expected.append((getattr(state, role), state.shape, "float32"))
    actual = [(name, tuple(_whole(side) for side in shape), dtype) for name, shape, dtype in found]
    if sorted(actual) != sorted(expected):
        raise ModelMismatch(
            f"The model's {role} differs from its model card",
            f"the file has {_describe(actual)}, the card says {_describe(expected)}",
            "Use the model card that came with this file, or correct it",
        )


def _whole(side: int | str | None) -> int:
    """A side of a tensor, -1 if the file leaves it open."""
    return -1 if side is None or isinstance(side, str) else int(side)


def _describe(tensors: Sequence[tuple[str, tuple[int, ...], str]]) -> str:
    return " and ".join(
        f"{name} {'x'.join(map(str, shape))} {dtype}" for name, shape, dtype in tensors
    )
