"""Starts and ends SegCam in the background, for clients."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Sequence

from segcam import launch
from segcam.api import client
from segcam.api.messages import State
from segcam.errors import DaemonError, DaemonNotRunning, SegCamError

START_S = 30.0
"""Time limit until SegCam answers, long before its camera exists, on a busy machine."""
END_S = 20.0
"""Time limit for finishing a file and abandoning a hanging worker."""
_POLL_S = 0.05


def service_command(which: str = "", options: Sequence[str] = ()) -> list[str]:
    """The command that runs the SegCam of that name as a service does."""
    named = ["--name", which] if which else []
    return launch.command("segcam", "run", "--service", *named, *options)


def start(which: str = "", options: Sequence[str] = (), wait: bool = True) -> State:
    """Start SegCam in the background, unless it is already running.

    Args:
        which: Its name, "" for the usual one.
        options: Options of ``segcam run``.
        wait: Wait until its parts are open, which takes long if a model is downloaded first; else
            only until it answers.

    Returns:
        What it does.

    Raises:
        SegCamError: It ended at once; this is its error.
    """
    try:
        return client.status(which)
    except DaemonNotRunning:
        pass
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            service_command(which, options),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=said,
            start_new_session=True,
            env=launch.environment(),
        )
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            state = _state_of(which)
            if state is not None and not (wait and state.phase == "starting"):
                return state
            if state is not None:
                deadline = time.monotonic() + START_S
            if process.poll() is not None:
                said.seek(0)
                raise _ended(said.read().decode(errors="replace"), process.returncode)
            time.sleep(_POLL_S)
    raise DaemonError(
        "SegCam was started but does not answer",
        f"process {process.pid}, for {START_S:g} s",
        "To see its messages: segcam run",
    )


def stop(which: str = "") -> None:
    """End the running SegCam, and wait until it has ended.

    Raises:
        DaemonNotRunning: There is none.
        DaemonError: It does not end.
    """
    try:
        client.stop(which)
    except DaemonNotRunning:
        raise
    except DaemonError as error:
        if not isinstance(error.__cause__, EOFError | ConnectionError):
            raise  # else it ended before it could answer
    deadline = time.monotonic() + END_S
    while time.monotonic() < deadline:
        try:
            client.status(which)
        except DaemonNotRunning:
            return
        except SegCamError:  # it is ending, or hangs
            pass
        time.sleep(_POLL_S)
    raise DaemonError(
        "SegCam does not stop", f"for {END_S:g} s", "To replace it: segcam run --replace"
    )


def _state_of(which: str) -> State | None:
    """The state; None if no SegCam answers."""
    try:
        return client.status(which)
    except SegCamError:
        return None


def _ended(said: str, status: int) -> SegCamError:
    """The error from its output: the command line prints it last."""
    lines = [line for line in said.splitlines() if line.strip()]
    told = lines[-1].removeprefix("Error: ") if lines else f"It exited with status {status}"
    return DaemonError("SegCam could not be started", told, "To see its messages: segcam run")
