"""Asking the running SegCam."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from segcam.api import transport
from segcam.api.messages import SET, STATUS, Change, Status, not_understood
from segcam.errors import from_dict

CHANGE_S = 15.0
"""A change is checked and a picture read by then."""
LOAD_S = 300.0
"""Where a model is loaded, and says so, drivers may have to be tried and to compile it first."""


def status(timeout_s: float = transport.ANSWER_S) -> Status:
    """What the running SegCam does.

    Args:
        timeout_s: Do not wait longer.

    Raises:
        DaemonNotRunning: There is none that offers a camera.
        DaemonError: It does not answer, or not sensibly.
    """
    return Status.from_dict(_ask({"request": STATUS}, timeout_s))


def change(wanted: Change, on_progress: Callable[[str], object] = id) -> Status:
    """Have the running SegCam do something differently from now on.

    Args:
        wanted: What.
        on_progress: Called with what takes its time, for people.

    Returns:
        What it does now.

    Raises:
        DaemonNotRunning: There is none that offers a camera.
        SegCamError: What was asked for cannot be had; what it was then is still so.
    """
    return Status.from_dict(_ask({"request": SET, **wanted.as_dict()}, CHANGE_S, on_progress))


def _ask(
    message: Mapping[str, Any], timeout_s: float, on_progress: Callable[[str], object] = id
) -> dict[str, Any]:
    with transport.connect(timeout_s) as connection:
        transport.send(connection, message)
        reply = transport.receive(connection, timeout_s)
        while "progress" in reply:
            on_progress(str(reply["progress"]))
            reply = transport.receive(connection, LOAD_S)
    error, answer = reply.get("error"), reply.get("answer")
    if isinstance(error, dict):
        raise from_dict(error)
    if not isinstance(answer, dict):
        raise not_understood("the answer is missing")
    return answer
