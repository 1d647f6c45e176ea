"""``segcam set``: changes what the running SegCam does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from segcam.cli import options
from segcam.cli.screen import err, say

if TYPE_CHECKING:
    from segcam.api.messages import Status


@options.with_settings(("background", "model", "backend", "edges", "mirror"), defaults=False)
def change(given: options.Given) -> None:
    """Change what the running SegCam does; what is not named stays as it is.

    Another model is loaded beside the one that runs, which goes on until then.
    """
    from segcam.api import client
    from segcam.api.messages import Change

    wanted = Change.from_dict(given)
    with err.status("Waiting for SegCam") as waiting:
        now = client.change(wanted, waiting.update)
    say(_summary(now))


def _summary(now: Status) -> str:
    shown = ", which shows the room" if now.background == "none" else ""
    mirrored = ", mirrored" if now.mirror else ""
    return (
        f"Background {now.background}{shown}, {now.model} on {now.backend}, "
        f"{now.edges} edges{mirrored}."
    )
