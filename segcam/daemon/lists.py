"""Lists of cameras, backends and models on this machine, as plain JSON values.

Imports happen on request, so that they do not delay the start.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from segcam.pipeline.pipeline import ignore
from segcam.settings import Settings


def cameras() -> list[dict[str, Any]]:
    """The webcams."""
    from segcam.source.camera import list_cameras

    return [camera.as_dict() for camera in list_cameras()]


def backends(settings: Settings, tell: Callable[[str], object] = ignore) -> list[dict[str, Any]]:
    """All backends, tried on this machine with the settings' model.

    Raises:
        ModelError: The model is missing or cannot be used.
    """
    from segcam.pipeline.networks import find_segmenter
    from segcam.segment.choose import probe_all
    from segcam.zoo.library import path_for

    card, path = find_segmenter(settings.model)
    tell("Trying the backends")
    results = probe_all(card, lambda wanted: path_for(card, path, wanted), settings.threads)
    return [result.as_dict() for result in results]


def models() -> list[dict[str, Any]]:
    """The published models."""
    from segcam.zoo.library import find, published

    return [
        {
            "name": name,
            "role": card.role,
            "title": card.title,
            "purpose": card.purpose,
            "licence": card.licence,
            "origin": card.origin,
            "input": list(card.input.shape),
            "size": f"{card.input.size[1]}x{card.input.size[0]}",
            "sha256": card.sha256,
            "present": find(name)[1].exists(),
        }
        for name, card in published().items()
    ]
