"""Finds models and their files, and verifies them."""

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
"""Increased whenever the same TFLite file would give a different ONNX file."""


def models_directory() -> Path:
    """The directory of downloaded models: ``$SEGCAM_MODELS``, or in the user's data directory.

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


@cache
def optional() -> dict[str, ModelCard]:
    """Published models that SegCam fetches only if the user asks for it, by name."""
    found = (load_card(path) for path in sorted((_CARDS / "optional").glob("*.toml")))
    return {card.name: card for card in found}


def published() -> dict[str, ModelCard]:
    """All published models by name."""
    return {**cards(), **optional()}


def find(name_or_path: str) -> tuple[ModelCard, Path]:
    """Card and file of a model; only ``verify`` reads the file.

    Models that come with SegCam lie next to their cards: those that are in no wheel, and in
    SegCam's packages all but the optional ones.

    Args:
        name_or_path: A published model's name, or a model file with its card (same name, extension
            .toml) next to it.

    Raises:
        UsageError: It is neither.
        ModelMissing: The file has no card next to it.
        ModelCorrupt: Its card is invalid.
    """
    card = published().get(name_or_path)
    if card:
        here, fetched = _CARDS / card.file, card.wheel or card.npm
        return card, models_directory() / card.file if fetched and not here.exists() else here
    path = as_path(name_or_path)
    if path is not None:
        return load_card(_card_beside(path)), path
    raise UsageError(
        f"There is no model named {name_or_path}",
        f"published models: {', '.join(published())}",
        did_you_mean(name_or_path, published()) or "Use one of them, or the path of a model file",
    )


def as_path(name_or_path: str) -> Path | None:
    """The path, None if it is a name.

    Raises:
        UsageError: It starts at a home that does not exist, or cannot be accessed.
    """
    path = home_expanded(name_or_path)
    try:
        is_path = path.suffix or len(path.parts) > 1 or path.exists()
    except OSError as error:
        raise refused(error) from error
    except ValueError:  # a character that no file name can have
        is_path = False
    return path if name_or_path not in published() and is_path else None


def _card_beside(path: Path) -> Path:
    """The card's path for a model file.

    Raises:
        UsageError: The path does not end with a name.
    """
    if path.name in ("", ".."):
        raise UsageError(
            f"'{path}' is not a model file", "", "Use a model from: segcam models list, or a file"
        )
    return path.with_suffix(".toml")


def require_segmenter(card: ModelCard) -> None:
    """Refuse a model of another kind.

    Raises:
        UsageError: It is not a segmentation model.
    """
    if card.role != "segmenter":
        raise UsageError(
            f"{card.name} cannot find a person by itself",
            f"its card says it is a {card.role}",
            "Use a segmenter from: segcam models list. The edge refiner runs with --edges sharp",
        )


def verify(card: ModelCard, path: Path) -> None:
    """Check that the model's file matches its card.

    Raises:
        ModelMissing: There is no file.
        ModelCorrupt: Its SHA-256 differs.
    """
    try:
        found = sha256_of(path)
    except OSError as error:
        raise ModelMissing(
            f"The model {card.name} is not downloaded",
            f"{path}: {error.strerror}",
            _another(card, path, f"Run: segcam models get {card.name}", "Check its path"),
        ) from error
    if found != card.sha256:
        raise ModelCorrupt(
            f"{path} differs from the file in the model card of {card.name}",
            f"its SHA-256 is {found}, the card says {card.sha256}",
            _another(
                card,
                path,
                f"Delete it and run: segcam models get {card.name}",
                "Correct the model card, or get the file again from its source",
            ),
        )


def _another(card: ModelCard, path: Path, fetched: str, own: str) -> str:
    """The cure for a missing or damaged file, which depends on the file's source."""
    if path.parent == _CARDS:
        return "Install SegCam again: its own files are damaged"
    return fetched if card.wheel or card.npm else own


def is_promised(path: Path, sha256: str) -> bool:
    """Whether the file exists and has that hash."""
    try:
        return sha256_of(path) == sha256
    except OSError:
        return False


def path_for(card: ModelCard, path: Path, wanted: Format) -> Path:
    """The verified model file in a backend's format; converted once and stored next to it.

    Args:
        card: The model card.
        path: Its original file, .tflite or .onnx.
        wanted: The format.

    Raises:
        ModelMissing, ModelCorrupt: As ``verify``.
        ModelMismatch: It cannot be converted to that format.
        MissingDependency: It must be converted, but the package for that is not installed.
    """
    verify(card, path)
    if path.suffix == f".{wanted}":
        return path
    if (path.suffix, wanted) != (".tflite", "onnx"):
        raise ModelMismatch(
            f"{path.name} is not available as {wanted}",
            "only .tflite files can be converted, and only to ONNX",
            "Use an onnxruntime or openvino backend with this model",
        )
    return _converted(path, card)


def _converted(path: Path, card: ModelCard) -> Path:
    """The model as ONNX: the file that comes with SegCam, or a new one in a writable folder.

    Raises:
        MissingDependency: The package for the conversion is not installed.
        ModelMissing: It cannot be stored.
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
