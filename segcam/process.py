"""What every process of SegCam does to itself before it works.

Imports what Python has imported already, and nothing else: until `leave_working_folder` has been
called, even a module of the standard library may be found in the working folder.
"""

import os
import sys

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NAME = 1, 4, 15
"""From linux/prctl.h."""
_NO_CORE = 1, 1
"""Bytes. 0 stops only files, 1 also what is piped to a program: the kernel takes it for a sign of
its own (fs/coredump.c)."""
_ENOUGH = 800 * 10**6
"""Bytes of address space; a camera of 1280x720 takes some 600 MB of it, most of it libraries."""
_MODES = {0: "r", 1: "w", 2: "w"}
_NAMES = {0: "stdin", 1: "stdout", 2: "stderr"}


def protect_memory() -> None:
    """Keep the room out of core files, and out of the reach of the user's other programs.

    Call it in every process that holds pictures. On Linux nobody but root can attach a debugger
    then, nor read this process's memory and environment below /proc. Undone by exec: each child
    calls it again. Windows writes no such files by itself.
    """
    if sys.platform == "win32":
        return
    import resource

    try:
        resource.setrlimit(resource.RLIMIT_CORE, _NO_CORE)
    except (OSError, ValueError):  # less is allowed already
        pass
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0)


def end_with_parent() -> None:
    """Have the kernel kill this process when the thread that started it ends, however. Linux."""
    if sys.platform == "linux":
        import ctypes
        import signal

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def show_name(name: str) -> None:
    """Have ``ps``, ``top`` and ``pkill`` show a name instead of python3. Linux."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_NAME, name.encode())


def open_standard_streams() -> None:
    """Put /dev/null where stdin, stdout or stderr were closed before the start.

    Otherwise the next file that is opened, a camera or a recording, takes that number, and what is
    printed goes into it.
    """
    for number, name in _NAMES.items():
        try:
            os.fstat(number)
        except OSError:
            flags = os.O_RDONLY if number == 0 else os.O_WRONLY
            opened = os.open(os.devnull, flags)  # the lowest number that is free: this one
            os.set_inheritable(opened, True)
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, _MODES[number], encoding="utf-8", closefd=False))  # noqa: SIM115


def leave_working_folder() -> None:
    """Import nothing from the working folder: it may be a folder of downloads.

    ``python -m segcam`` and a relative or empty entry of PYTHONPATH (``PYTHONPATH=:/x``) put it
    among the places where modules are looked for. The folder of the ``segcam`` script is not meant
    for modules, either. What is imported already stays.
    """
    unwanted = []
    if not sys.flags.safe_path and sys.path:
        here = ("", _absolute(""), _absolute(os.path.dirname(sys.argv[0])))
        unwanted += [sys.path[0]] if sys.path[0] in here else []
    if not sys.flags.ignore_environment and "PYTHONPATH" in os.environ:
        entries = os.environ["PYTHONPATH"].split(os.pathsep)
        unwanted += [_absolute(entry) for entry in entries if not os.path.isabs(entry)]
    for entry in unwanted:
        if entry in sys.path:
            sys.path.remove(entry)


def is_short_of_memory() -> bool:
    """Whether a camera may not run within the limit of this process's address space."""
    return 0 < _address_space() < _ENOUGH


def memory_limit() -> str:
    """What to say of a limit that was set on this process's address space, "" where none was."""
    limit = _address_space()
    return f"The memory of SegCam is limited to {limit / 1e6:.0f} MB (ulimit -v)" if limit else ""


def _address_space() -> int:
    """Most bytes of it; 0 where there is no limit."""
    if sys.platform == "win32":
        return 0
    import resource

    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    return 0 if limit == resource.RLIM_INFINITY else limit


def _absolute(path: str) -> str:
    """As Python makes an entry of `sys.path` absolute; as it is where the folder is gone."""
    try:
        return os.path.abspath(path)
    except OSError:
        return path
