"""Starts SegCam's own modules as child processes, never modules of the working folder.

Without ``-P``, Python searches the working folder for modules: a ``pip`` or a ``cv2.py`` in a
folder of downloads would run. A frozen program has no separate Python, so it starts itself again,
with `RUN_MODULE` as its first argument.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence

RUN_MODULE = "--run-module"
"""First argument that makes a frozen program run one of `PROGRAMS` instead of a command."""
PROGRAMS = (
    "segcam.segment.child",
    "segcam.segment.probe",
    "segcam.bench.child",
    "segcam",
    "segcam_ui",
    "pip",
)
"""The modules that may be started. A frozen program runs no others."""
_INTERACTIVE = "PYTHONINSPECT"
"""Removed, since a child with an interactive session would never end."""


def command(module: str, *arguments: str) -> list[str]:
    """The command that runs ``module`` as a program; use it with `environment`.

    Args:
        module: One of `PROGRAMS`.
        arguments: The program's arguments.
    """
    assert module in PROGRAMS
    if is_frozen():
        return [sys.executable, RUN_MODULE, module, *arguments]
    return [sys.executable, "-P", "-m", module, *arguments]


def environment(changes: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a child: this process's, without variables that could load other code.

    Args:
        changes: Variables to add.
    """
    kept = {name: value for name, value in os.environ.items() if name != _INTERACTIVE}
    folders = [f for f in kept.pop("PYTHONPATH", "").split(os.pathsep) if os.path.isabs(f)]
    if folders:
        kept["PYTHONPATH"] = os.pathsep.join(folders)
    return {**kept, "PYTHONSAFEPATH": "1", **(changes or {})}


def is_frozen() -> bool:
    """Whether this is a frozen program, made by PyInstaller."""
    return bool(getattr(sys, "frozen", False))


def run_module_if_asked(arguments: Sequence[str]) -> bool:
    """In a frozen program, run the module that ``arguments`` name.

    Args:
        arguments: The process's arguments, `sys.argv`.

    Returns:
        Whether they named one, which has then run.
    """
    if not is_frozen() or len(arguments) < 3 or arguments[1] != RUN_MODULE:
        return False
    if arguments[2] not in PROGRAMS:
        raise SystemExit(f"{arguments[2]} is not one of SegCam's programs")
    import runpy

    sys.argv = [arguments[0], *arguments[3:]]
    runpy.run_module(arguments[2], run_name="__main__", alter_sys=True)
    return True
