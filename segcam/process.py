"""Hardens each process of SegCam at its start.

It imports only modules that Python has already imported: before `leave_working_folder`, even a
module of the standard library may come from the working folder.
"""

import os
import sys

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NAME = 1, 4, 15
"""From linux/prctl.h."""
_NO_CORE = 1, 1
"""Bytes. 0 prevents only core files; 1 also prevents cores piped to a program, since the kernel
treats it specially (fs/coredump.c)."""
_ENOUGH = 800 * 10**6
"""Bytes of address space; a camera of 1280x720 takes about 600 MB of it, mostly for libraries."""
_MODES = {0: "r", 1: "w", 2: "w"}
_NAMES = {0: "stdin", 1: "stdout", 2: "stderr"}
ENDING = ("SIGINT", "SIGTERM", "SIGHUP", "SIGXCPU", "SIGUSR2", "SIGALRM", "SIGPWR")
"""Signals after which a program finishes its files and ends; Windows has only the first two. The
system sends SIGXCPU at a limit of processor time."""
APART_S = 0.3
"""Such signals closer together count as one: closing a terminal sends several, holding a key down
sends many."""


def protect_memory() -> None:
    """Keep pictures out of core files and away from the user's other programs.

    Call it in every process that holds pictures. On Linux only root can then attach a debugger or
    read this process's memory and environment in /proc. exec undoes it, so each child calls it
    again.
    """
    forbid_cores()
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0)


def forbid_cores() -> None:
    """Keep pictures out of core files, also of children. Windows writes none by default."""
    if sys.platform == "win32":
        return
    import resource

    try:
        resource.setrlimit(resource.RLIMIT_CORE, _NO_CORE)
    except (OSError, ValueError):  # the limit is already lower
        pass


def end_with_parent() -> None:
    """Make the kernel kill this process when the thread that started it ends. Linux."""
    if sys.platform == "linux":
        import ctypes
        import signal

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def show_name(name: str) -> None:
    """Show a name instead of python3 in ``ps``, ``top`` and ``pkill``. Linux."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_NAME, name.encode())


def has_terminal() -> bool:
    """Whether a terminal controls this process."""
    if sys.platform == "win32":
        return False
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True


def open_standard_streams() -> None:
    """Open /dev/null for stdin, stdout or stderr if they were closed before the start.

    Otherwise the next opened file, such as a camera or a recording, gets that number, and printed
    text goes into it.
    """
    for number, name in _NAMES.items():
        try:
            os.fstat(number)
        except OSError:
            flags = os.O_RDONLY if number == 0 else os.O_WRONLY
            opened = os.open(os.devnull, flags)  # gets the lowest free number, which is this one
            os.set_inheritable(opened, True)
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, _MODES[number], encoding="utf-8", closefd=False))  # noqa: SIM115


def leave_working_folder() -> None:
    """Import nothing from the working folder, which may be a folder of downloads.

    ``python -m segcam`` and a relative or empty entry of PYTHONPATH (``PYTHONPATH=:/x``) add it to
    the module search path. The folder of the ``segcam`` script is removed, too. Modules that are
    already imported stay.
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
    """Whether this process's limit of address space may be too low for a camera."""
    return 0 < _address_space() < _ENOUGH


def memory_limit() -> str:
    """A message about this process's limit of address space, "" if there is none."""
    limit = _address_space()
    return f"The memory of SegCam is limited to {limit / 1e6:.0f} MB (ulimit -v)" if limit else ""


def _address_space() -> int:
    """The limit in bytes; 0 if there is none."""
    if sys.platform == "win32":
        return 0
    import resource

    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    return 0 if limit == resource.RLIM_INFINITY else limit


def _absolute(path: str) -> str:
    """An entry of `sys.path`, made absolute like Python does; unchanged if the folder is gone."""
    try:
        return os.path.abspath(path)
    except OSError:
        return path
