"""Runs SegCam with everything around it: clients, signals, sleep, systemd, the log."""

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
"""Delay of the end, so that the client that asked for it gets an answer."""


@contextmanager
def answering(engine: Engine, keeper: Keeper, end: Callable[[], object]) -> Iterator[Board]:
    """Answer clients inside the context, also before the engine has started.

    Args:
        engine: Gives the answers and makes the changes.
        keeper: Stores changes.
        end: Ends the run soon; returns at once.
    """
    board = Board(
        partial(report.look, engine, keeper),
        partial(report.count, engine),
        partial(report.find_viewers, engine),
    )
    desk = Desk(engine, keeper, board, end)

    def changed() -> None:
        board.refresh()
        desk.prepare()

    engine.changed = changed
    with board, Server(desk.requests(), engine.name):
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
    """Run until the time is up, somebody asks for the end, or a permanent failure.

    Args:
        engine: Not started.
        keeper: Provided the engine's settings.
        serves: Whether this is the user's SegCam (of its name) and answers clients. A run into a
            file is not.
        replaces: End another one of the same name first.
        duration_s: Gives the time to run, called after the start; None: without end.
        on_start: Called after the start.
        on_tick: Called each second.
        on_end: Called when the time is up, before anything is closed.

    Raises:
        DaemonRunning: Another one has this name.
        SegCamError: The error that ended the run.
    """
    manager = ServiceManager()
    with ExitStack() as stack:
        if serves:
            keeper.watch(engine.apply)
        # First: the camera may be switched off while it is being opened.
        wishes: Wishes = {"SIGUSR1": partial(_switch, engine), "SIGHUP": keeper.reload}
        stack.enter_context(Signals(wishes, end_soon))
        if serves:
            answers = stack.enter_context(claimed(engine.name, replaces))
            stack.enter_context(kept_log(engine.name))
            if answers:
                stack.enter_context(answering(engine, keeper, end_soon))
        stack.enter_context(engine)
        pipeline = engine.assembled.pipeline
        if serves:
            stack.enter_context(keeper)
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
    """Pause or resume."""
    if engine.paused:
        engine.resume()
    else:
        engine.pause()


def _is_healthy(pipeline: Pipeline) -> bool:
    """Whether pictures can be sent; if not for long, systemd restarts SegCam."""
    return "output" not in pipeline.stalled
