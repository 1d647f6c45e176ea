"""The part of libpipewire-0.3 that a camera needs, with ctypes: PyPI has no binding.

Source: pipewire/stream.h, pipewire/thread-loop.h and spa/buffer/*.h of 0.3.65, unchanged in 1.x.
"""

from __future__ import annotations

import ctypes as c
from functools import cache

from segcam import distribution
from segcam.errors import MissingDependency

DIRECTION_OUTPUT = 1
ID_ANY = 0xFFFFFFFF
FLAG_MAP_BUFFERS, FLAG_DRIVER = 1 << 2, 1 << 3
ERROR, UNCONNECTED, CONNECTING, PAUSED, STREAMING = -1, 0, 1, 2, 3


class Chunk(c.Structure):
    """The part of a block that holds the picture."""

    _fields_ = (
        ("offset", c.c_uint32),
        ("size", c.c_uint32),
        ("stride", c.c_int32),
        ("flags", c.c_int32),
    )


class Data(c.Structure):
    """A block of memory, mapped at ``data``."""

    _fields_ = (
        ("type", c.c_uint32),
        ("flags", c.c_uint32),
        ("fd", c.c_int64),
        ("mapoffset", c.c_uint32),
        ("maxsize", c.c_uint32),
        ("data", c.c_void_p),
        ("chunk", c.POINTER(Chunk)),
    )


class Meta(c.Structure):
    """A piece of metadata of a buffer."""

    _fields_ = (("type", c.c_uint32), ("size", c.c_uint32), ("data", c.c_void_p))


class Header(c.Structure):
    """Time and number of a frame."""

    _fields_ = (
        ("flags", c.c_uint32),
        ("offset", c.c_uint32),
        ("pts", c.c_int64),
        ("dts_offset", c.c_int64),
        ("seq", c.c_uint64),
    )


class SpaBuffer(c.Structure):
    """Blocks and their metadata."""

    _fields_ = (
        ("n_metas", c.c_uint32),
        ("n_datas", c.c_uint32),
        ("metas", c.POINTER(Meta)),
        ("datas", c.POINTER(Data)),
    )


class Buffer(c.Structure):
    """A buffer of a stream; the later fields differ between versions and are not used."""

    _fields_ = (("buffer", c.POINTER(SpaBuffer)), ("user_data", c.c_void_p))


class Busy(c.Structure):
    """How many programs, including the writer, hold a buffer."""

    _fields_ = (("flags", c.c_uint32), ("count", c.c_uint32))


StateChanged = c.CFUNCTYPE(None, c.c_void_p, c.c_int, c.c_int, c.c_char_p)
ParamChanged = c.CFUNCTYPE(None, c.c_void_p, c.c_uint32, c.c_void_p)
BufferChanged = c.CFUNCTYPE(None, c.c_void_p, c.POINTER(Buffer))


class Events(c.Structure):
    """The callbacks of a stream, called on PipeWire's thread. Null ones are not called."""

    _fields_ = (
        ("version", c.c_uint32),
        ("destroy", c.c_void_p),
        ("state_changed", StateChanged),
        ("control_info", c.c_void_p),
        ("io_changed", c.c_void_p),
        ("param_changed", ParamChanged),
        ("add_buffer", BufferChanged),
        ("remove_buffer", BufferChanged),
        ("others", c.c_void_p * 4),
    )


EVENTS_VERSION = 2

_POINTER = c.c_void_p
_FUNCTIONS: dict[str, tuple[object, tuple[object, ...]]] = {
    "pw_init": (None, (_POINTER, _POINTER)),
    "pw_thread_loop_new": (_POINTER, (c.c_char_p, _POINTER)),
    "pw_thread_loop_get_loop": (_POINTER, (_POINTER,)),
    "pw_thread_loop_start": (c.c_int, (_POINTER,)),
    "pw_thread_loop_stop": (None, (_POINTER,)),
    "pw_thread_loop_lock": (None, (_POINTER,)),
    "pw_thread_loop_unlock": (None, (_POINTER,)),
    "pw_thread_loop_destroy": (None, (_POINTER,)),
    "pw_properties_new_string": (_POINTER, (c.c_char_p,)),
    "pw_stream_new_simple": (
        _POINTER,
        (_POINTER, c.c_char_p, _POINTER, c.POINTER(Events), _POINTER),
    ),
    "pw_stream_destroy": (None, (_POINTER,)),
    "pw_stream_connect": (
        c.c_int,
        (_POINTER, c.c_int, c.c_uint32, c.c_int, c.POINTER(c.c_char_p), c.c_uint32),
    ),
    "pw_stream_update_params": (c.c_int, (_POINTER, c.POINTER(c.c_char_p), c.c_uint32)),
    "pw_stream_dequeue_buffer": (c.POINTER(Buffer), (_POINTER,)),
    "pw_stream_queue_buffer": (c.c_int, (_POINTER, c.POINTER(Buffer))),
    "pw_stream_get_core": (_POINTER, (_POINTER,)),
    "pw_proxy_add_object_listener": (None, (_POINTER, _POINTER, _POINTER, _POINTER)),
    "pw_proxy_destroy": (None, (_POINTER,)),
    "pw_stream_get_node_id": (c.c_uint32, (_POINTER,)),
    "pw_stream_is_driving": (c.c_bool, (_POINTER,)),
    "pw_stream_trigger_process": (c.c_int, (_POINTER,)),
}


@cache
def load() -> c.CDLL:
    """The library, initialised. CDLL releases Python's lock during calls, which the locks need.

    Raises:
        MissingDependency: It is not installed.
    """
    try:
        library = c.CDLL("libpipewire-0.3.so.0")
    except OSError as error:
        raise MissingDependency(
            "PipeWire's library is not installed",
            str(error),
            distribution.install("pipewire", "wireplumber"),
        ) from error
    for name, (result, arguments) in _FUNCTIONS.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    library.pw_init(None, None)
    return library


def params(*pods: bytes) -> c.Array[c.c_char_p]:
    """PODs as an array of pointers, for function calls."""
    return (c.c_char_p * len(pods))(*pods)
