"""Runs a camera loop through one fault while a client records, and checks the recording."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from leak.detector import leaks
from leak.parts import MakeLoop, make_scene, pipeline, without_protection
from leak.scenes import Case, Loop, Scene
from support.waiting import LIMIT_S, until

from segcam.errors import SegCamError
from segcam.frame import Frame

UNPROTECTED_LIMIT_S = 1.0
"""Longest wait for a loop that may keep a NaN in its state."""
ENOUGH = 5
"""Least number of frames before the fault, also if every core is busy."""
TAIL_S = 0.15
"""Time after a fault, whose first frames may be the worst."""
SHARP_CHROMA = 15
"""Levels between neighbours: the walker's outline has 40, placeholders and privacy frames 8."""


@dataclass(frozen=True)
class Result:
    """The client's recording, summarised.

    Attributes:
        frames: Number of frames.
        leaks: Number of frames that show the room although nobody chose that.
        leaks_since: The same, since the fault began.
        placeholder_s: From the start of the fault to the first frame without a person; None: never.
        live_s: From its end to the first live frame; for a lasting fault, from the placeholder.
    """

    frames: int
    leaks: int
    leaks_since: int
    placeholder_s: float | None
    live_s: float | None


def protected(case: Case) -> Result:
    """Play the case to the product's pipeline."""
    return _play(case, pipeline, LIMIT_S)


def unprotected(case: Case) -> Result:
    """Play the case to the simple loop."""
    return _play(replace(case, returns=True), without_protection, UNPROTECTED_LIMIT_S)


def is_live(frame: Frame) -> bool:
    """Whether somebody can be seen: an outline in colour."""
    return int(np.abs(np.diff(frame.v.astype(np.int16), axis=1)).max()) > SHARP_CHROMA


def _play(case: Case, make_loop: MakeLoop, patience_s: float) -> Result:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if case.loaded:
            stack.enter_context(_busy_cores())
        scene = make_scene(case, make_loop, folder)
        stack.callback(_end, scene)
        began_s, ended_s = _happen(case, scene)
        if case.returns:
            scene.client.wait_for(is_live, ended_s, patience_s)
            time.sleep(TAIL_S)
        over_s = time.monotonic()
    return _judge(scene, began_s, ended_s, over_s)


def _happen(case: Case, scene: Scene) -> tuple[float, float]:
    """Start and end the fault; returns both times, ``time.monotonic()``."""
    began_s = time.monotonic()
    if case.at_start:
        scene.fault.begin()
    starter = threading.Thread(target=_start, args=(scene.loop,), daemon=True)
    starter.start()
    if not case.at_start:
        starter.join()
        assert scene.client.wait_for(is_live, began_s, LIMIT_S), "never live"
        time.sleep(0.2)
        until(lambda: len(scene.client.frames) > ENOUGH, LIMIT_S)
        began_s = time.monotonic()
        scene.fault.begin()
    case.meanwhile(scene)
    if case.lasts:
        return began_s, began_s
    scene.fault.end()
    return began_s, time.monotonic()


def _start(loop: Loop) -> None:
    with suppress(SegCamError):
        loop.start()


def _end(scene: Scene) -> None:
    scene.fault.end()
    with suppress(SegCamError):
        scene.loop.stop()


def _judge(scene: Scene, began_s: float, ended_s: float, over_s: float) -> Result:
    client = scene.client
    leaking = [
        at_s
        for at_s, frame in client.frames
        if leaks(frame) and not any(since <= at_s <= until for since, until in scene.shown_s)
    ]
    seen = [(s, is_live(frame)) for s, frame in client.frames if began_s <= s < over_s]
    hidden_s = next((s for s, live in seen if not live), None)
    if began_s == ended_s and hidden_s is not None:  # it lasts: live again in spite of the fault
        ended_s = hidden_s
    live_s = next((s for s, live in seen if s >= ended_s and live), None)
    return Result(
        frames=len(client.frames),
        leaks=len(leaking),
        leaks_since=sum(s >= began_s for s in leaking),
        placeholder_s=None if hidden_s is None else hidden_s - began_s,
        live_s=None if live_s is None else live_s - ended_s,
    )


@contextmanager
def _busy_cores() -> Iterator[None]:
    command = [sys.executable, "-c", "while True: pass"]
    with ExitStack() as stack:
        for _ in range(os.cpu_count() or 1):
            process = stack.enter_context(subprocess.Popen(command))
            stack.callback(process.kill)
        yield
