"""Messages between clients and the running SegCam: one JSON object each way.

A client sends ``{"request": NAME, ...}`` and gets ``{"answer": {...}}`` or ``{"error": {...}}``
with the fields of `SegCamError.as_dict`; ``{"progress": TEXT}`` may come before them, any
number of times: a new text, or the last one again as a sign of life. After "subscribe" come
``{"state": {...}}`` and ``{"counters": {...}, "stages_ms": {...}}`` until either side closes.
docs/daemon.md lists all requests.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, TypeVar

from segcam.errors import DaemonError, DaemonOther

PROTOCOL = 2
"""Increased when older clients would misunderstand messages."""
MAX_BYTES = 1 << 18
"""Neither side accepts a longer message; a state has about 3 KB."""

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
"""The states in this order: opening parts; sending pictures; waiting for a viewer; switched off by
the user; unable to send pictures."""

Trouble = Mapping[str, str | bool]
"""An error, from `SegCamError.as_dict`."""


@dataclass(frozen=True, slots=True)
class OutputStatus:
    """One of the outputs.

    Attributes:
        name: For the user: a device path, "PipeWire", a file name.
        kind: "camera", or "file" for outputs that store their frames.
        in_use: Whether somebody takes its frames; true if unknown, and for a file.
        viewers: The programs that watch it, if the user may see them.
        trouble: Why it takes no frames at present.
    """

    name: str
    kind: str
    in_use: bool
    viewers: list[str]
    trouble: Trouble | None


@dataclass(frozen=True, slots=True)
class State:
    """What the running SegCam does, and what was requested.

    Attributes:
        protocol: `PROTOCOL` of the running SegCam.
        version: SegCam's version.
        name: Name of this SegCam, "" for the usual one.
        pid: Its process id.
        since: Start time, ISO 8601 with the offset from UTC.
        uptime_s: Time since the start, without the computer's sleep.
        revision: Grows whenever something but uptime, counters and timings changes.
        phase: See `Phase`.
        requested: All settings, as requested.
        camera: Name of the camera or clip; "" during the start.
        camera_on: Whether the camera is open.
        width: Of the picture, in pixels.
        height: Of the picture, in pixels.
        rate_hz: Nominal frames per second.
        model: Name of the model; "" during the start, like ``backend`` and ``edges``.
        backend: Runs the model.
        background: As requested; "none" shows the room.
        edges: The present edges: fast or sharp.
        mirror: Whether left and right are swapped.
        preset: Name of the preset whose values are in effect, or "".
        outputs: The outputs.
        in_use: Whether any output or the preview is in use; then the camera is on.
        viewers: All outputs' viewers, and "preview".
        paused: Whether the user has switched the camera off.
        trouble: Why there is no picture at present, or another problem.
        stalled: Names of workers that hang.
        notes: Hints about what would improve SegCam, and how to get it.
        saving: Steps in effect to stay inside the processor budget, in words; usually none.
        counters: Frames captured, dropped, repeated, hidden, reused and sent, and their cost.
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
        """The state from `as_dict`; fields of a newer SegCam are ignored.

        Raises:
            DaemonOther: It comes from a SegCam with another protocol.
            DaemonError: Something is missing.
        """
        protocol = values.get("protocol")
        if isinstance(protocol, int) and protocol != PROTOCOL:
            raise DaemonOther(
                "The running SegCam has a different version",
                f"It speaks protocol {protocol}, this program {PROTOCOL}",
                "Restart it: segcam restart",
            )
        outputs = values.get("outputs", ())
        if not isinstance(outputs, list) or not all(isinstance(each, dict) for each in outputs):
            raise not_understood("outputs is not a list of objects")
        made = [_made(OutputStatus, output) for output in outputs]
        return _made(cls, {**values, "outputs": made})


@dataclass(frozen=True, slots=True)
class Counters:
    """The parts of the state that change all the time; see `State`."""

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
    """A message for a subscriber, parsed.

    Raises:
        DaemonError: It is neither.
    """
    state = message.get("state")
    return State.from_dict(state) if isinstance(state, dict) else _made(Counters, message)


def encode(message: Mapping[str, Any]) -> bytes:
    """The bytes of a message."""
    return json.dumps(message).encode()


def decode(data: bytes) -> dict[str, Any]:
    """The message in ``data``.

    Raises:
        DaemonError: It is not a message, is nested too deeply, or has text that cannot be a file
            name.
    """
    try:
        message = json.loads(data)
        _check_text(message)
    except (ValueError, RecursionError) as error:
        raise not_understood(str(error)) from error
    if not isinstance(message, dict):
        raise not_understood("it is not a JSON object")
    return message


def _check_text(value: object) -> None:
    """Reject single surrogates, which can be neither a path nor printed.

    Python's own surrogates for bytes of file names that are not UTF-8 are allowed.
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
    """The error for an invalid message."""
    return DaemonError(
        "SegCam and its client do not understand each other",
        reason,
        "Restart SegCam, since it may have a different version: segcam restart",
    )
