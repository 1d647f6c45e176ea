"""Another background, read beside the call; the room is hidden before that."""

from __future__ import annotations

from segcam.composite.compositor import Compositor
from segcam.daemon.beside import READ_S, beside
from segcam.pipeline.from_settings import make_compositor
from segcam.pipeline.pipeline import Pipeline
from segcam.settings import Settings


def read_background(pipeline: Pipeline, now: Settings, text: str) -> Compositor:
    """The compositor for a background. A large picture takes seconds, a lost disk for ever.

    Where the room is shown now, it is blurred meanwhile, and shown again if the background cannot
    be had.

    Raises:
        SegCamError: It cannot be read, or not in time.
    """
    wanted = now.replace_with({"background": text})
    hides = now.background == "none" and text.startswith(("image:", "video:"))
    if hides:
        pipeline.change(compositor=make_compositor(now.replace_with({"background": "blur"})))
    try:
        return beside(lambda: make_compositor(wanted), READ_S, text, Compositor.close)
    except BaseException:
        if hides:
            pipeline.change(compositor=make_compositor(now))
        raise
