"""What a thread that reads pictures beside a call does for the call: it goes last and takes little.

Each function does nothing where the system knows nothing of the kind.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from contextlib import suppress
from functools import cache

_NICENESS = 5
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_LARGE_BYTES = 8 << 20
"""More than a call at 1920x1080 makes anew for a frame: that stays in the heap, being quicker."""


def give_way() -> None:
    """Let the call's threads go before the calling one."""
    if sys.platform != "linux":  # no other system knows the niceness of a thread
        return
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)


def give_back_large_blocks() -> None:
    """Have the C library return each large block when it is freed, in the whole process.

    Else glibc learns from the first large picture to keep such blocks, in up to eight heaps for
    each processor, and `return_memory` does not reach their ends: 24 MB for each thread that has
    decoded a picture of 12 million pixels. Source: mallopt(3).
    """
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # another C library
            _c_library().mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)
            _c_library().mallopt(_M_TRIM_THRESHOLD, 2 * _LARGE_BYTES)


def return_memory() -> None:
    """Give freed memory back to the system: a 4K video leaves 200 MB in its thread's heap."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # another C library
            _c_library().malloc_trim(0)


@cache
def _c_library() -> ctypes.CDLL:
    return ctypes.CDLL(None)
