"""Which models there are, where their files are, and whether those are the promised ones."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from segcam import extras
from segcam.errors import (
    MissingDependency,
    ModelCorrupt,
    ModelMismatch,
    ModelMissing,
    UsageError,
    refused,
)
from segcam.home import user_data_folder
from segcam.model_card import Format, ModelCard, load_card, sha256_of
from segcam.settings import did_you_mean
from segcam.settings.paths import home_expanded

DEFAULT = "selfie-landscape"
EDGES = "edge-refiner"
_CARDS = Path(__file__).parent / "cards"
CONVERTER = 1
"""Counts up whenever the same TFLite file would become another ONNX file."""


def models_directory() -> Path:
    """Where downloaded models are kept: ``$SEGCAM_MODELS``, or the user's data directory.

    Raises:
        UsageError: The user has no home.
    """
    override = os.environ.get("SEGCAM_MODELS")
    return Path(override) if override else user_data_folder() / "models"


@cache
def cards() -> dict[str, ModelCard]:
    """The published models by name."""
    found = (load_card(path) for path in sorted(_CARDS.glob("*.toml")))
    return {card.name: card for card in found}


def find(name_or_path: str) -> tuple[ModelCard, Path]:
    """Card and file of a model; the file itself is looked at by ``verify`` only.

    What comes with SegCam lies beside its card: models that no wheel carries, and in SegCam's
    packages all of them.

    Args:
        name_or_path: A published model's name, or a model file with its card (same name, ending
            .toml) beside it.

    Raises:
        UsageError: It is neither.
        ModelMissing: The file has no card beside it.
        ModelCorrupt: Its card is none.
    """
    card = cards().get(name_or_path)
    if card:
        here = _CARDS / card.file
        return card, models_directory() / card.file if card.wheel and not here.exists() else here
    path = as_path(name_or_path)
    if path is not None:
        return load_card(_card_beside(path)), path
    raise UsageError(
        f"There is no model named {name_or_path}",
        f"published models: {', '.join(cards())}",
        did_you_mean(name_or_path, cards()) or "Name one of them, or the path of a model file",
    )


def as_path(name_or_path: str) -> Path | None:
    """The path that is meant, None where it is a name.

    Raises:
        UsageError: It starts at a home that there is not, or cannot be looked at.
    """
    path = home_expanded(name_or_path)
    try:
        is_path = path.suffix or len(path.parts) > 1 or path.exists()
    except OSError as error:
        raise refused(error) from error
    except ValueError:  # a null character, or a letter that no file name can have
        is_path = False
    return path if name_or_path not in cards() and is_path else None


def _card_beside(path: Path) -> Path:
    """Where the card of a model file is.

    Raises:
        UsageError: The path ends with no name.
    """
    if path.name in ("", ".."):
        raise UsageError(
            f"'{path}' is not a model file", "", "Name a model of: segcam models list, or a file"
        )
    return path.with_suffix(".toml")


def require_segmenter(card: ModelCard) -> None:
    """Refuse a model of another kind.

    Raises:
        UsageError: It is not one that finds the person.
    """
    if card.role != "segmenter":
        raise UsageError(
            f"{card.name} finds nobody by itself",
            f"its card says it is a {card.role}",
            "Name a segmenter of: segcam models list. The edge refiner runs with --edges sharp",
        )


def verify(card: ModelCard, path: Path) -> None:
    """Check that the model's file is the one its card promises.

    Raises:
        ModelMissing: There is no file.
        ModelCorrupt: Its SHA-256 is another.
    """
    try:
        found = sha256_of(path)
    except OSError as error:
        raise ModelMissing(
            f"The model {card.name} is not here",
            f"{path}: {error.strerror}",
            _another(card, path, f"Run: segcam models get {card.name}", "Give its path"),
        ) from error
    if found != card.sha256:
        raise ModelCorrupt(
            f"{path} is not the file that the card of {card.name} promises",
            f"its SHA-256 is {found}, the card says {card.sha256}",
            _another(
                card,
                path,
                f"Delete it and run: segcam models get {card.name}",
                "Correct the card, or get the file again from where it came",
            ),
        )


def _another(card: ModelCard, path: Path, fetched: str, own: str) -> str:
    """The cure for a file that is missing or damaged: by where the file comes from."""
    if path.parent == _CARDS:
        return "Install SegCam again: its own files are damaged"
    return fetched if card.wheel else own


def is_promised(path: Path, sha256: str) -> bool:
    """Whether there is a file, and it has that hash."""
    try:
        return sha256_of(path) == sha256
    except OSError:
        return False


def path_for(card: ModelCard, path: Path, wanted: Format) -> Path:
    """The verified model file in the format a backend reads; converted once and kept beside it.

    Args:
        card: The model's contract.
        path: Its original file, .tflite or .onnx.
        wanted: The format.

    Raises:
        ModelMissing, ModelCorrupt: As ``verify``.
        ModelMismatch: It cannot be had in that format.
        MissingDependency: It must be converted, and the package for that is not installed.
    """
    verify(card, path)
    if path.suffix == f".{wanted}":
        return path
    if (path.suffix, wanted) != (".tflite", "onnx"):
        raise ModelMismatch(
            f"{path.name} cannot be had as {wanted}",
            "only .tflite is converted, and only to onnx",
            "Use an onnxruntime or openvino backend with this model",
        )
    return _converted(path, card)


def _converted(path: Path, card: ModelCard) -> Path:
    """The model as ONNX: the one that comes with SegCam, or one made where there is room for it.

    Raises:
        MissingDependency: The package that converts is not installed.
        ModelMissing: It cannot be kept.
    """
    name = f"{path.stem}-{card.sha256[:12]}-v{CONVERTER}.onnx"
    target = (models_directory() if path.parent == _CARDS else path.parent) / name
    for here in (path.with_name(name), target):
        if is_promised(here, card.onnx_sha256):
            return here
    try:
        from segcam.zoo.convert import converted
    except ImportError as error:
        raise MissingDependency(
            f"The model {card.name} cannot be converted to ONNX", str(error), extras.cure("npu")
        ) from error
    return converted(path, target)
