"""Starts SegCam's own programs as child processes: a module each, never one of the working folder.

Python searches the working folder for modules unless it is told not to (``-P``): a ``pip`` or a
``cv2.py`` that lies in a folder of downloads would run. A frozen program has no Python beside it;
there the program starts itself again, with `RUN_MODULE` as its first argument.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence

RUN_MODULE = "--run-module"
"""First argument of a frozen program that is to run one of `PROGRAMS` instead of a command."""
PROGRAMS = (
    "segcam.segment.child",
    "segcam.segment.probe",
    "segcam.bench.child",
    "segcam",
    "segcam_ui",
    "pip",
)
"""What may be started. A frozen program runs nothing else by name."""
_INTERACTIVE = "PYTHONINSPECT"
"""A child that turns into an interactive session never ends."""


def command(module: str, *arguments: str) -> list[str]:
    """What starts ``module`` as a program of its own; give it `environment` as well.

    Args:
        module: One of `PROGRAMS`.
        arguments: The program's own.
    """
    assert module in PROGRAMS
    if is_frozen():
        return [sys.executable, RUN_MODULE, module, *arguments]
    return [sys.executable, "-P", "-m", module, *arguments]


def environment(changes: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a child: this process's, without what the working folder could slip in.

    Args:
        changes: Variables to set beside.
    """
    kept = {name: value for name, value in os.environ.items() if name != _INTERACTIVE}
    folders = [f for f in kept.pop("PYTHONPATH", "").split(os.pathsep) if os.path.isabs(f)]
    if folders:
        kept["PYTHONPATH"] = os.pathsep.join(folders)
    return {**kept, "PYTHONSAFEPATH": "1", **(changes or {})}


def is_frozen() -> bool:
    """Whether this is a program with Python inside, as PyInstaller makes them."""
    return bool(getattr(sys, "frozen", False))


def run_module_if_asked(arguments: Sequence[str]) -> bool:
    """In a frozen program: run the module that ``arguments`` ask for.

    Args:
        arguments: Those of the process, `sys.argv`.

    Returns:
        Whether they asked for one, which has then run.
    """
    if not is_frozen() or len(arguments) < 3 or arguments[1] != RUN_MODULE:
        return False
    if arguments[2] not in PROGRAMS:
        raise SystemExit(f"{arguments[2]} is not one of SegCam's programs")
    import runpy

    sys.argv = [arguments[0], *arguments[3:]]
    runpy.run_module(arguments[2], run_name="__main__", alter_sys=True)
    return True
