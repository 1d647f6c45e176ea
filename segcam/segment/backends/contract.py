"""Checks a model file against its model card."""

from __future__ import annotations

from collections.abc import Sequence

from segcam.errors import ModelMismatch
from segcam.model_card import Tensor


def check_tensors(
    role: str, found: Sequence[tuple[str, Sequence[int], str]], promised: Tensor
) -> None:
    """Compare a loaded model's tensors with its model card.

    Args:
        role: "input" or "output".
        found: Name, shape and dtype ("float32") of each of the file's tensors in that role.
        promised: The tensor that the card names.

    Raises:
        ModelMismatch: The number of tensors, or a name, shape or dtype differs.
    """
    expected = [(promised.name, promised.shape, "float32")]
    actual = [(name, tuple(int(side) for side in shape), dtype) for name, shape, dtype in found]
    if actual != expected:
        raise ModelMismatch(
            f"The model's {role} is not the one its card promises",
            f"the file has {_describe(actual)}, the card says {_describe(expected)}",
            "Use the card that came with this model file, or correct it",
        )


def _describe(tensors: Sequence[tuple[str, tuple[int, ...], str]]) -> str:
    return " and ".join(
        f"{name} {'x'.join(map(str, shape))} {dtype}" for name, shape, dtype in tensors
    )
