"""``segcam status``: shows the state of the running SegCam."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

import click

import segcam
from segcam.cli import options
from segcam.cli.help import Command

if TYPE_CHECKING:
    from segcam.api.messages import OutputStatus, State, Trouble


@click.command(cls=Command)
@options.name
@options.json
def status(name: str, json: bool) -> None:
    """Show what the running SegCam does and who is watching."""
    from segcam.api import client
    from segcam.cli.screen import print_json, print_pairs

    now = client.status(client.find(name))
    if json:
        print_json(now.as_dict())
    else:
        print_pairs(list(_lines(now)))


def _lines(now: State) -> Iterator[tuple[str, str]]:
    since = datetime.fromisoformat(now.since)
    named = f", named {now.name}" if now.name else ""
    yield (
        "Running",
        f"since {since:%Y-%m-%d %H:%M:%S}, process {now.pid}, version {now.version}{named}",
    )
    yield "Camera", _camera(now)
    yield "Model", f"{now.model} on {now.backend}, {now.edges} edges" if now.model else "none yet"
    shown = ", which shows the room" if now.background == "none" else ""
    yield "Background", f"{now.background}{shown}"
    if now.preset:
        yield "Preset", now.preset
    for output in now.outputs:
        yield "Output", _output(output)
    if now.trouble is not None:
        yield "Trouble", _told(now.trouble)
    if now.stalled:
        yield "Hanging", ", ".join(now.stalled)
    yield from (("Note", note) for note in _notes(now))
    parts = ("captured", "sent", "dropped", "repeated", "hidden")
    if "captured" in now.counters:
        yield "Frames", ", ".join(f"{now.counters[part]:g} {part}" for part in parts)
    if "latency" in now.stages_ms:
        latency = now.stages_ms["latency"]
        yield "Latency", f"{latency['p50']:.1f} ms, 95 % within {latency['p95']:.1f} ms"


def _notes(now: State) -> Iterator[str]:
    if now.version != segcam.__version__:
        yield f"Version {segcam.__version__} is installed. To use it, run: segcam restart"
    if now.saving:
        yield f"Saving processor time (setting budget): {', '.join(now.saving)}"
    yield from now.notes


def _camera(now: State) -> str:
    if now.phase == "starting" and not now.camera:
        return "opening"
    camera = "turned off by you" if now.paused else "on" if now.camera_on else "off"
    mirrored = ", mirrored" if now.mirror else ""
    return f"{now.camera} {now.width}x{now.height} at {now.rate_hz:g} Hz{mirrored}, {camera}"


def _output(output: OutputStatus) -> str:
    if output.trouble is not None:
        return f"{output.name}: {_told(output.trouble)}"
    if not output.in_use:
        return f"{output.name}, nobody is watching"
    viewers = ", ".join(output.viewers)
    return f"{output.name}, watched by {viewers}" if viewers else f"{output.name}, in use"


def _told(trouble: Trouble) -> str:
    """The same sentence as in the error."""
    from segcam.errors import SegCamError

    return str(SegCamError(*(str(trouble[part]) for part in ("title", "message", "hint"))))
