"""Reads a new background during a call; hides the room first."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from segcam.composite.compositor import Compositor
from segcam.composite.player import START_S
from segcam.daemon.beside import beside
from segcam.frame import even
from segcam.pipeline.assemble import Tell, make_compositor
from segcam.pipeline.pipeline import Pipeline
from segcam.settings import Settings
from segcam.size import Size

if TYPE_CHECKING:
    from segcam.daemon.engine import Engine

LIMIT_S = START_S + 1.0
"""The largest pictures take seconds; storage that takes longer hangs."""


def read_background(engine: Engine, text: str, tell: Tell) -> Compositor:
    """The compositor for a background. A large picture takes seconds.

    If the room is visible now, it is blurred meanwhile, and shown again if the background cannot be
    read. Calls ``tell`` if reading takes time.

    Raises:
        SegCamError: It cannot be read, or not in time.
    """
    now, pipeline = engine.requested, engine.assembled.pipeline
    if not text.startswith(("image:", "video:")):
        return make_compositor(now.replace_with({"background": text}))
    engine.reading = text.partition(":")[2]
    engine.changed()
    tell(f"Reading {Path(engine.reading).name}")
    try:
        return _read(pipeline, now, text)
    finally:
        engine.reading = ""


def shown_size(pipeline: Pipeline) -> Size | None:
    """(H, W) of the composites: the source's, until it is known the output's."""
    info, target = pipeline.source_info, pipeline.target
    if info is not None:
        return even(info.size)
    return target.size if target is not None else None


def _read(pipeline: Pipeline, now: Settings, text: str) -> Compositor:
    hides = now.background == "none"
    if hides:
        pipeline.change(compositor=make_compositor(now.replace_with({"background": "blur"})))
    try:
        wanted = now.replace_with({"background": text})
        size = shown_size(pipeline)
        return beside(lambda: make_compositor(wanted, size), LIMIT_S, text, Compositor.close)
    except BaseException:
        if hides:
            pipeline.change(compositor=make_compositor(now))
        raise
