"""What clients and the running SegCam say to each other: one JSON object each way.

A client sends ``{"request": NAME}`` and gets ``{"answer": {...}}`` or ``{"error": {...}}``, the
latter with the fields of `SegCamError.as_dict`; ``{"progress": TEXT}`` may come before them, any
number of times. Requests are "status", and "set" with the fields of `Change`: the answer is a
`Status`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, TypeVar

from segcam.errors import DaemonError, UsageError

MAX_BYTES = 1 << 18
"""Neither side reads a longer message; a status has about 2 KB."""
STATUS, SET = "status", "set"

Trouble = Mapping[str, str | bool]
"""An error as `SegCamError.as_dict` gives it."""


@dataclass(frozen=True, slots=True)
class OutputStatus:
    """One of the outputs.

    Attributes:
        name: For people: a device path, "PipeWire", a file name.
        in_use: Whether somebody takes its frames, or that cannot be told; a file always does.
        viewers: The programs that watch it, as far as the user may know.
        trouble: Why it takes no frames at present.
    """

    name: str
    in_use: bool
    viewers: list[str]
    trouble: Trouble | None


@dataclass(frozen=True, slots=True)
class Status:
    """What the running SegCam does.

    Attributes:
        version: SegCam's.
        pid: Its process.
        since: When it started: ISO 8601 with the offset from UTC.
        uptime_s: How long ago that was, the computer's sleep left out.
        source: The camera's own name, or a clip's.
        source_on: Whether the camera is open.
        width: Of the picture, in pixels.
        height: Of the picture, in pixels.
        rate_hz: Nominal frames per second.
        model: Finds the person.
        backend: Runs the model.
        background: As it was asked for; "none" shows the room.
        edges: How the person's outline is drawn: fast or sharp.
        mirror: Whether left and right are swapped.
        outputs: Where the picture goes.
        in_use: Whether any of them is; the camera is on as long as that.
        trouble: Why no picture comes at present.
        counters: Frames: captured, dropped, repeated, hidden, reused, sent, and what they cost.
        stages_ms: p50, p95 and mean of each stage and of the latency from capture to sending.
    """

    version: str
    pid: int
    since: str
    uptime_s: float
    source: str
    source_on: bool
    width: int
    height: int
    rate_hz: float
    model: str
    backend: str
    background: str
    edges: str
    mirror: bool
    outputs: list[OutputStatus]
    in_use: bool
    trouble: Trouble | None
    counters: dict[str, float]
    stages_ms: dict[str, dict[str, float]]

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Status:
        """The status that `as_dict` made; what a newer SegCam adds is left out.

        Raises:
            DaemonError: Something is missing.
        """
        outputs = [_made(OutputStatus, output) for output in values.get("outputs", ())]
        return _made(cls, {**values, "outputs": outputs})


@dataclass(frozen=True, slots=True)
class Change:
    """What shall be different from now on, as on the command line; None: nothing of that kind.

    Attributes:
        background: Paths in it are absolute: the running SegCam may be at home elsewhere.
        model: A published model's name, "auto", or a model file's absolute path.
        backend: Runs the model.
        edges: auto, fast or sharp.
        mirror: Whether left and right are swapped.
    """

    background: str | None = None
    model: str | None = None
    backend: str | None = None
    edges: str | None = None
    mirror: bool | None = None

    def as_dict(self) -> dict[str, Any]:
        """What is given, as plain JSON values."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Change:
        """The change that `as_dict` made.

        Raises:
            UsageError: There is no such setting, or its value is of another kind.
        """
        kinds = {field.name: bool if field.name == "mirror" else str for field in fields(cls)}
        for name, value in values.items():
            if name not in kinds:
                known = ", ".join(kinds)
                raise UsageError(f"There is no setting named {name!r}", "", f"Use one of {known}")
            if not isinstance(value, kinds[name]) or (isinstance(value, str) and "\0" in value):
                kind = "true or false" if kinds[name] is bool else "text"
                raise UsageError(f"{value!r} is no value for {name}", "", f"Give it as {kind}")
        return cls(**values)


_T = TypeVar("_T", Status, OutputStatus)


def _made(kind: type[_T], values: Mapping[str, Any]) -> _T:
    try:
        return kind(**{field.name: values[field.name] for field in fields(kind)})
    except KeyError as error:
        raise not_understood(f"{error} is missing") from error


def encode(message: Mapping[str, Any]) -> bytes:
    """A message as it travels."""
    return json.dumps(message).encode()


def decode(data: bytes) -> dict[str, Any]:
    """The message in ``data``.

    Raises:
        DaemonError: It is none.
    """
    try:
        message = json.loads(data)
    except ValueError as error:
        raise not_understood(str(error)) from error
    if not isinstance(message, dict):
        raise not_understood("it is no JSON object")
    return message


def not_understood(reason: str) -> DaemonError:
    """What to say of a message that makes no sense."""
    return DaemonError(
        "SegCam and the program that speaks to it do not understand each other",
        reason,
        "Stop the running SegCam and start it again: it may be of another version",
    )
