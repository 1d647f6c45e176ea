"""Asking the running SegCam."""

from __future__ import annotations

from typing import Any

from segcam.api import transport
from segcam.api.messages import STATUS, Status, not_understood
from segcam.errors import DaemonError


def status(timeout_s: float = transport.ANSWER_S) -> Status:
    """What the running SegCam does.

    Args:
        timeout_s: Do not wait longer.

    Raises:
        DaemonNotRunning: There is none that offers a camera.
        DaemonError: It does not answer, or not sensibly.
    """
    return Status.from_dict(_ask(STATUS, timeout_s))


def _ask(request: str, timeout_s: float) -> dict[str, Any]:
    with transport.connect(timeout_s) as connection:
        transport.send(connection, {"request": request})
        reply = transport.receive(connection, timeout_s)
    error, answer = reply.get("error"), reply.get("answer")
    if isinstance(error, dict):
        raise DaemonError(*(str(error.get(part, "")) for part in ("title", "message", "hint")))
    if not isinstance(answer, dict):
        raise not_understood("the answer is missing")
    return answer
