"""What clients and the running SegCam say to each other: one JSON object each way.

A client sends ``{"request": NAME, ...}`` and gets ``{"answer": {...}}`` or ``{"error": {...}}``
with the fields of `SegCamError.as_dict`; ``{"progress": TEXT}`` may come before them, any
number of times. After "subscribe" come ``{"state": {...}}`` and ``{"counters": {...}, "stages_ms":
{...}}`` until either side closes. docs/daemon.md lists all requests.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, TypeVar

from segcam.errors import DaemonError, DaemonOther

PROTOCOL = 2
"""Raised when a client of before would misunderstand what is said."""
MAX_BYTES = 1 << 18
"""Neither side reads a longer message; a state has about 3 KB."""

STATUS, SET, SUBSCRIBE, WATCH = "status", "set", "subscribe", "watch"
DESCRIBE, CAMERAS, BACKENDS, MODELS = "describe", "cameras", "backends", "models"
PRESETS, PRESET_SAVE, PRESET_USE = "presets", "preset-save", "preset-use"
PRESET_REMOVE = "preset-remove"
BACKGROUNDS, BACKGROUND_ADD, BACKGROUND_REMOVE = (
    "backgrounds",
    "background-add",
    "background-remove",
)
BACKGROUND_FILM = "background-film"
AUTOSTART = "autostart"
PAUSE, RESUME, STOP = "pause", "resume", "stop"

Phase = Literal["starting", "live", "idle", "paused", "trouble"]
"""What SegCam does: it opens its parts; makes pictures; waits for a viewer; is switched off by the
user; or cannot make pictures at present."""

Trouble = Mapping[str, str | bool]
"""An error as `SegCamError.as_dict` gives it."""


@dataclass(frozen=True, slots=True)
class OutputStatus:
    """One of the outputs.

    Attributes:
        name: For people: a device path, "PipeWire", a file name.
        kind: "camera", or "file" for whatever keeps what it gets.
        in_use: Whether somebody takes its frames, or that cannot be told; a file always does.
        viewers: The programs that watch it, as far as the user may know.
        trouble: Why it takes no frames at present.
    """

    name: str
    kind: str
    in_use: bool
    viewers: list[str]
    trouble: Trouble | None


@dataclass(frozen=True, slots=True)
class State:
    """What the running SegCam does, beside what it was asked to do.

    Attributes:
        protocol: `PROTOCOL` of the running SegCam.
        version: SegCam's.
        name: The run's own, "" for the usual one.
        pid: Its process.
        since: When it started: ISO 8601 with the offset from UTC.
        uptime_s: How long ago that was, the computer's sleep left out.
        revision: Grows whenever something but uptime, counters and timings changes.
        phase: What it does in one word.
        requested: All settings as they were asked for.
        camera: The camera's own name, or a clip's; "" while it starts.
        camera_on: Whether the camera is open.
        width: Of the picture, in pixels.
        height: Of the picture, in pixels.
        rate_hz: Nominal frames per second.
        model: Finds the person; "" while it starts, as ``backend`` and ``edges``.
        backend: Runs the model.
        background: As it was asked for; "none" shows the room.
        edges: How the person's outline is drawn: fast or sharp.
        mirror: Whether left and right are swapped.
        preset: Name of the preset that is at work unchanged, or "".
        outputs: Where the picture goes.
        in_use: Whether any of them is, or the preview; the camera is on as long as that.
        viewers: All outputs' viewers, and "preview".
        paused: Whether the user has switched the camera off.
        trouble: Why no picture comes at present, or what else does not work.
        stalled: Names of workers that hang.
        notes: What is missing for something better, and how to get it.
        saving: What is done to stay inside the processor budget, in words; most often nothing.
        counters: Frames: captured, dropped, repeated, hidden, reused, sent, and what they cost.
        stages_ms: p50, p95 and mean of each stage and of the latency from capture to sending.
    """

    protocol: int
    version: str
    name: str
    pid: int
    since: str
    uptime_s: float
    revision: int
    phase: Phase
    requested: dict[str, Any]
    camera: str
    camera_on: bool
    width: int
    height: int
    rate_hz: float
    model: str
    backend: str
    background: str
    edges: str
    mirror: bool
    preset: str
    outputs: list[OutputStatus]
    in_use: bool
    viewers: list[str]
    paused: bool
    trouble: Trouble | None
    stalled: list[str]
    notes: list[str]
    saving: list[str]
    counters: dict[str, float]
    stages_ms: dict[str, dict[str, float]]

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> State:
        """The state that `as_dict` made; what a newer SegCam adds is left out.

        Raises:
            DaemonOther: It is of a SegCam that speaks otherwise.
            DaemonError: Something is missing.
        """
        protocol = values.get("protocol")
        if isinstance(protocol, int) and protocol != PROTOCOL:
            raise DaemonOther(
                "The running SegCam is of another version",
                f"It speaks protocol {protocol}, this program {PROTOCOL}",
                "Restart it: segcam restart",
            )
        outputs = values.get("outputs", ())
        if not isinstance(outputs, list) or not all(isinstance(each, dict) for each in outputs):
            raise not_understood("outputs is no list of objects")
        made = [_made(OutputStatus, output) for output in outputs]
        return _made(cls, {**values, "outputs": made})


@dataclass(frozen=True, slots=True)
class Counters:
    """What of the state changes all the time; see `State`."""

    counters: dict[str, float]
    stages_ms: dict[str, dict[str, float]]

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)


_T = TypeVar("_T", State, OutputStatus, Counters)


def _made(kind: type[_T], values: Mapping[str, Any]) -> _T:
    try:
        return kind(**{field.name: values[field.name] for field in fields(kind)})
    except KeyError as error:
        raise not_understood(f"{error} is missing") from error


def told(message: Mapping[str, Any]) -> State | Counters:
    """What a subscriber was sent.

    Raises:
        DaemonError: It is neither.
    """
    state = message.get("state")
    return State.from_dict(state) if isinstance(state, dict) else _made(Counters, message)


def encode(message: Mapping[str, Any]) -> bytes:
    """A message as it travels."""
    return json.dumps(message).encode()


def decode(data: bytes) -> dict[str, Any]:
    """The message in ``data``.

    Raises:
        DaemonError: It is none, is nested too deeply, or holds text that no file name can be.
    """
    try:
        message = json.loads(data)
        _check_text(message)
    except (ValueError, RecursionError) as error:
        raise not_understood(str(error)) from error
    if not isinstance(message, dict):
        raise not_understood("it is no JSON object")
    return message


def _check_text(value: object) -> None:
    """Half a character from outside the BMP can be neither a path nor printed.

    File names that are no UTF-8 can: Python tells of their bytes by halves of its own.
    """
    if isinstance(value, str):
        os.fsencode(value)
    elif isinstance(value, dict):
        for key, each in value.items():
            _check_text(key)
            _check_text(each)
    elif isinstance(value, list):
        for each in value:
            _check_text(each)


def not_understood(reason: str) -> DaemonError:
    """What to say of a message that makes no sense."""
    return DaemonError(
        "SegCam and the program that speaks to it do not understand each other",
        reason,
        "Stop the running SegCam and start it again: it may be of another version",
    )
