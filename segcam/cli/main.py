"""The ``segcam`` program: the steps before all other imports, then the commands.

Imports nothing slow, so that Ctrl-C ends the program from the first moment.
"""

import os
import sys

from segcam import process

process.leave_working_folder()

import atexit  # noqa: E402
import signal  # noqa: E402
import time  # noqa: E402
from contextlib import suppress  # noqa: E402
from functools import partial  # noqa: E402

from segcam import launch  # noqa: E402
from segcam.cli import desktop  # noqa: E402

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType
    from typing import NoReturn

    Handler = Callable[[int, FrameType | None], object]

STOPPED = 130
"""Exit status after Ctrl-C, as in shells."""
_AGAIN = "Install it again the same way as before."
_had_terminal = process.has_terminal()
_interrupted_s = 0.0  # monotonic


def main() -> None:
    """Run the command line; never ends in a traceback."""
    _on_signals(_leave)
    if sys.platform != "win32":
        if signal.getsignal(signal.SIGUSR1) is signal.SIG_DFL:  # that would end the program
            signal.signal(signal.SIGUSR1, _ignore)
        # packaging/segcam.sh has delayed both until now.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGINT, signal.SIGUSR1))
    process.open_standard_streams()
    if len(sys.argv) == 1 and desktop.is_there():
        desktop.become()  # unprotected: the desktop's portals must see whose request it is
    process.protect_memory()
    process.show_name("segcam")
    # SegCam does not need the threads of numpy's linear algebra. They spin when they start: 0.08 s
    # of processor time in each process.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if launch.run_module_if_asked(sys.argv):
        return
    try:
        from segcam.cli.commands import run

        _on_signals(_interrupt)
        status = run()
    except KeyboardInterrupt:
        status = STOPPED
    except ImportError as error:
        sys.stderr.write(f"Error: The installation of SegCam is incomplete: {error}. {_AGAIN}\n")
        status = 1
    except (MemoryError, OSError) as error:
        sys.stderr.write(f"Error: SegCam cannot start: {error!r}. {process.memory_limit()}\n")
        status = 1
    _on_signals(_leave)  # everything is closed: another Ctrl-C may end Python itself
    _end(status)


def _on_signals(handler: "Handler") -> None:
    """Make terminating signals call ``handler``, except those that nohup has disabled."""
    for name in process.ENDING:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            is_reload = name == "SIGHUP" and _is_run(sys.argv[1:])
            chosen = partial(_hang_up, handler) if is_reload else handler
            signal.signal(number, chosen)


def _is_run(arguments: list[str]) -> bool:
    """Whether it is ``segcam run``, which needs no name: see `commands`."""
    return not arguments or arguments[0] == "run" or arguments[0].startswith("-")


def _hang_up(handler: "Handler", signum: int, frame: "FrameType | None") -> None:
    """SIGHUP while ``segcam run`` starts or ends: act only if its terminal was closed.

    Otherwise it means to read the settings, which the start does anyway.
    """
    if _had_terminal and not process.has_terminal():
        handler(signum, frame)


def _end(status: int) -> "NoReturn":
    """Exit as Python does, except that running daemon threads are never stopped.

    Python stops such a thread when it returns from native code. In OpenCV, whose destructors must
    not be interrupted, that aborts the process.
    """
    import threading

    threads = [each for each in threading.enumerate() if each is not threading.main_thread()]
    for thread in threads:
        if not thread.daemon:
            thread.join()
    if any(thread.is_alive() for thread in threads):
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        os._exit(status)
    sys.exit(status)


def _leave(signum: int, frame: "FrameType | None") -> "NoReturn":  # noqa: ARG001
    os._exit(STOPPED)


def _ignore(signum: int, frame: "FrameType | None") -> None:
    """Unlike SIG_IGN, not inherited by other programs."""


def _interrupt(signum: int, frame: "FrameType | None") -> None:  # noqa: ARG001
    global _interrupted_s  # noqa: PLW0603
    now_s = time.monotonic()
    if now_s - _interrupted_s > process.APART_S:
        _interrupted_s = now_s
        raise KeyboardInterrupt


if __name__ == "__main__":
    main()
