"""Runs SegCam and what is beside it: clients, signals, the computer's sleep, systemd, the log."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial

from segcam.daemon import report
from segcam.daemon.board import Board
from segcam.daemon.economy import Economy
from segcam.daemon.engine import Engine
from segcam.daemon.keeper import Keeper
from segcam.daemon.logs import kept_log
from segcam.daemon.processors import Processors
from segcam.daemon.requests import Desk
from segcam.daemon.server import Server
from segcam.daemon.service_manager import ServiceManager
from segcam.daemon.signals import Signals, Wishes
from segcam.daemon.single import claimed
from segcam.daemon.sleep import SleepWatch
from segcam.pipeline.pipeline import Pipeline, ignore
from segcam.pipeline.stats import Stats

LEAVE_S = 0.1
"""Who asked for the end gets an answer first."""


@contextmanager
def answering(engine: Engine, keeper: Keeper, end: Callable[[], object]) -> Iterator[Board]:
    """Answer clients meanwhile, also while the engine is not started yet.

    Args:
        engine: What they ask about.
        keeper: Keeps what they change.
        end: Ends the run soon; returns at once.
    """
    board = Board(
        partial(report.look, engine, keeper),
        partial(report.count, engine),
        partial(report.find_viewers, engine),
    )
    engine.changed = board.refresh
    with board, Server(Desk(engine, keeper, board, end).requests(), engine.name):
        yield board


def run(
    engine: Engine,
    keeper: Keeper,
    *,
    serves: bool,
    replaces: bool = False,
    duration_s: Callable[[Engine], float | None] = lambda _: None,
    on_start: Callable[[Engine], object] = ignore,
    on_tick: Callable[[Stats], object] = ignore,
    on_end: Callable[[], object] = lambda: None,
) -> None:
    """Run until the time is up, somebody asks for the end, or something fails for good.

    Args:
        engine: Not started.
        keeper: Has given the engine its settings.
        serves: Whether this is the user's SegCam (of its name), and answers clients. A run into a
            file is nobody's camera.
        replaces: End another one of the same name first.
        duration_s: How long to run, asked once it is started; None for ever.
        on_start: Called once it is started.
        on_tick: Called each second.
        on_end: Called when the time is up, before anything is closed.

    Raises:
        DaemonRunning: Another one has this name.
        SegCamError: What ended it.
    """
    manager = ServiceManager()
    with ExitStack() as stack:
        if serves:
            answers = stack.enter_context(claimed(engine.name, replaces))
            stack.enter_context(kept_log(engine.name))
            if answers:
                stack.enter_context(answering(engine, keeper, end_soon))
        stack.enter_context(engine)
        pipeline = engine.assembled.pipeline
        if serves:
            stack.enter_context(keeper.watch(engine.apply))
        wishes: Wishes = {"SIGUSR1": partial(_switch, engine), "SIGHUP": keeper.reload}
        stack.enter_context(Signals(wishes, end_soon))
        if sys.platform == "linux":
            stack.enter_context(SleepWatch(pipeline))
        stack.enter_context(Economy(engine))
        stack.enter_context(Processors(engine))
        on_start(engine)
        manager.ready("running")
        stack.callback(manager.stopping)

        def tick(stats: Stats) -> None:
            manager.alive(_is_healthy(pipeline))
            on_tick(stats)

        pipeline.wait(duration_s(engine), tick)
        on_end()


def end_soon() -> None:
    """End this process as SIGTERM does, in a moment. From any thread."""
    timer = threading.Timer(LEAVE_S, _end)
    timer.daemon = True
    timer.start()


def _end() -> None:
    if sys.platform == "win32":
        import _thread

        _thread.interrupt_main()
    else:
        with suppress(OSError):
            os.kill(os.getpid(), signal.SIGTERM)


def _switch(engine: Engine) -> None:
    """Pause, or go on."""
    if engine.paused:
        engine.resume()
    else:
        engine.pause()


def _is_healthy(pipeline: Pipeline) -> bool:
    """Whether pictures can be sent; systemd starts anew what hangs for long."""
    return "output" not in pipeline.stalled
