"""``segcam set``: changes what the running SegCam does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from segcam.cli import options
from segcam.cli.screen import err, say

if TYPE_CHECKING:
    from segcam.api.messages import Status


def change(
    *,
    background: options.OtherBackground = None,
    model: options.OtherModel = None,
    backend: options.OtherBackend = None,
    edges: options.OtherEdges = None,
    mirror: options.OtherMirror = None,
) -> None:
    """Change what the running SegCam does; what is not named stays as it is.

    Another model is loaded beside the one that runs, which goes on until then.
    """
    from segcam.api import client
    from segcam.api.messages import Change

    wanted = Change(
        background=_absolute_background(background) if background is not None else None,
        model=_absolute_model(model) if model is not None else None,
        backend=backend,
        edges=edges,
        mirror=mirror,
    )
    with err.status("Waiting for SegCam") as waiting:
        now = client.change(wanted, waiting.update)
    say(_summary(now))


def _absolute_background(background: str) -> str:
    """The running SegCam may be at home in another folder."""
    kind, _, path = background.partition(":")
    if kind not in ("image", "video") or not path:
        return background
    return f"{kind}:{Path(path).expanduser().absolute()}"


def _absolute_model(model: str) -> str:
    from segcam.zoo.library import as_path

    path = as_path(model)
    return model if path is None else str(path.absolute())


def _summary(now: Status) -> str:
    shown = ", which shows the room" if now.background == "none" else ""
    mirrored = ", mirrored" if now.mirror else ""
    return (
        f"Background {now.background}{shown}, {now.model} on {now.backend}, "
        f"{now.edges} edges{mirrored}."
    )
