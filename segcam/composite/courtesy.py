"""For threads that read pictures during a call: lowers their priority and memory use.

Each function does nothing if the system does not support it.
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
"""Larger than a call's allocations per frame at 1920x1080, which stay in the heap because that is
faster."""


def give_way() -> None:
    """Give the calling thread a lower priority than the call's threads."""
    if sys.platform != "linux":  # only Linux has a niceness for each thread
        return
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)


def give_back_large_blocks() -> None:
    """Make the C library return large blocks to the system when they are freed.

    Applies to the whole process. Otherwise glibc starts to keep such blocks after the first large
    picture, in up to eight heaps per processor, and `return_memory` cannot free their ends: 24 MB
    for each thread that has decoded a picture of 12 million pixels. Source: mallopt(3).
    """
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # another C library
            _c_library().mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)
            _c_library().mallopt(_M_TRIM_THRESHOLD, 2 * _LARGE_BYTES)


def return_memory() -> None:
    """Return freed memory to the system: a 4K video leaves 200 MB in its thread's heap."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # another C library
            _c_library().malloc_trim(0)


@cache
def _c_library() -> ctypes.CDLL:
    return ctypes.CDLL(None)
