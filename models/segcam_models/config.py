"""What to build and how to train it: one TOML file, one frozen object."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from segcam_models.blocks import Convolution

Encoder = Literal["effnetlite", "mobilenetv3"]
Decoder = Literal["bilinear", "attention", "mlp"]
Size = tuple[int, int]
Tables = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class SegmenterConfig:
    """A member of the paper's family; the defaults are the paper's final choice.

    Attributes:
        encoder: EfficientNet-Lite, or MobileNetV3 with squeeze-and-excitation (the baseline).
        convolution: Kind of convolution in the bottlenecks.
        width: Multiplies all channels.
        decoder: How it joins a lower resolution to the next higher one.
        size: (H, W) of picture and matte, multiples of 32.
    """

    encoder: Encoder = "effnetlite"
    convolution: Convolution = "group"
    width: float = 1.0
    decoder: Decoder = "mlp"
    size: Size = (512, 512)

    def __post_init__(self) -> None:
        _check("encoder", self.encoder, get_args(Encoder))
        _check("convolution", self.convolution, get_args(Convolution))
        _check("decoder", self.decoder, get_args(Decoder))
        if self.size[0] % 32 or self.size[1] % 32 or min(self.size) < 32:
            raise ValueError(f"size {self.size} is not in multiples of 32")
        if self.width <= 0:
            raise ValueError(f"width {self.width} is not positive")


@dataclass(frozen=True, slots=True)
class LandscapeConfig:
    """MediaPipe's landscape model, for further training.

    Attributes:
        size: (H, W) of picture and matte, multiples of 16.
    """

    size: Size = (144, 256)

    def __post_init__(self) -> None:
        if self.size[0] % 16 or self.size[1] % 16 or min(self.size) < 16:
            raise ValueError(f"size {self.size} is not in multiples of 16")


@dataclass(frozen=True, slots=True)
class RefinerConfig:
    """An edge refiner.

    Attributes:
        size: (H, W) of the matte, multiples of 16; the network works at a quarter of it and below.
        channels: At 1/4, 1/8 and 1/16 of the size.
        depths: Residual blocks at 1/8 and 1/16.
    """

    size: Size = (288, 512)
    channels: tuple[int, int, int] = (32, 32, 64)
    depths: tuple[int, int] = (2, 4)

    def __post_init__(self) -> None:
        if self.size[0] % 16 or self.size[1] % 16 or min(self.size) < 32:
            raise ValueError(f"size {self.size} is not in multiples of 16")


ModelConfig = SegmenterConfig | LandscapeConfig | RefinerConfig
_KINDS: dict[str, type[ModelConfig]] = {
    "segmenter": SegmenterConfig,
    "landscape": LandscapeConfig,
    "refiner": RefinerConfig,
}


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """A training run.

    Attributes:
        steps: Updates in all.
        batch: Scenes per update, over all processes.
        rate: Largest learning rate; after the warm-up it falls to 0 along a cosine.
        warmup: Steps in which the rate rises from 0.
        decay: Weight decay.
        ema: Share of the averaged weights that is kept at each step.
        boundary: Weight of the boundary loss.
        restraint: Price of a refiner's changes; see ``losses.refiner_loss``.
        steady: Price of a matte that changes with the noise; see ``losses.unsteadiness``. Only for
            segmenters.
        softness: Weight of ``losses.softness_loss``. Only for segmenters.
        emptiness: Price of the most certain pixels of a scene without people; see
            ``losses.emptiness``. Only for segmenters.
        strays: The same away from people; see ``losses.strays``.
        rooms, figures, distant: Shares of scenes that are rooms without people, whole figures in
            motion, and people far away.
        lookalikes, recalled: Shares of scenes that are rooms which the coarse model (``--coarse``)
            takes most for somebody, and pictures whose target is its answer.
        seed: Determines scenes and initial weights.
        check: Steps between two validations, each followed by a checkpoint.
        checks: Scenes of a validation.
        cutouts: Train on the data folder's ``mattes``, too.
        bfloat16: Also compute in bfloat16 on processors, as graphics cards always do. On processors
            with bfloat16, group convolutions gain a half and depthwise ones lose.
    """

    steps: int
    batch: int
    rate: float = 2e-3
    warmup: int = 100
    decay: float = 1e-4
    ema: float = 0.998
    boundary: float = 0.0
    restraint: float = 0.0
    steady: float = 0.0
    softness: float = 0.0
    emptiness: float = 0.0
    strays: float = 0.0
    rooms: float = 0.0
    figures: float = 0.0
    distant: float = 0.0
    lookalikes: float = 0.0
    recalled: float = 0.0
    seed: int = 1
    check: int = 500
    checks: int = 96
    cutouts: bool = True
    bfloat16: bool = False


@dataclass(frozen=True, slots=True)
class Recipe:
    """A model and its training.

    Attributes:
        name: The file's name, without ``.toml``.
        model: What to build.
        train: How to train it.
    """

    name: str
    model: ModelConfig
    train: TrainConfig

    def as_tables(self) -> Tables:
        """Plain values for ``recipe_of``, which are stored in a run's files."""
        kind = next(name for name, config in _KINDS.items() if isinstance(self.model, config))
        return {"model": {"kind": kind, **asdict(self.model)}, "train": asdict(self.train)}


def recipe_of(name: str, tables: Tables) -> Recipe:
    """Build a recipe from a table ``model``, with its ``kind``, and a table ``train``.

    Raises:
        ValueError: A table or field is missing, unknown or out of range.
    """
    try:
        fields = {key: _frozen(value) for key, value in tables["model"].items()}
        kind = fields.pop("kind")
        _check("kind", kind, tuple(_KINDS))
        return Recipe(name, _KINDS[kind](**fields), TrainConfig(**tables["train"]))
    except (KeyError, TypeError) as error:
        raise ValueError(f"{name} is not a recipe: {error!r}") from error


def load_recipe(path: Path, changes: Sequence[str] = ()) -> Recipe:
    """Read a recipe's TOML file.

    Args:
        path: The file.
        changes: Fields to override, each a line of TOML: ``model.width = 1.5``.

    Raises:
        ValueError: It is not a recipe; the message gives the reason.
    """
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    for change in changes:
        for table, fields in tomllib.loads(change).items():
            tables[table] = {**tables.get(table, {}), **fields}
    return recipe_of(path.stem, tables)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _check(name: str, value: object, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ValueError(f"{name} is {value!r}, not one of {', '.join(allowed)}")
