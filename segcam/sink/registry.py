"""PipeWire's registry: lists nodes, links and clients, and reports changes.

libpipewire's headers call inline through tables of functions; this module does so with ctypes.
Source: pipewire/core.h, pipewire/client.h and spa/utils/{hook,dict}.h of 0.3.65, unchanged in 1.x.
"""

from __future__ import annotations

import ctypes as c
from collections.abc import Callable

from segcam.sink.links import Properties

_POINTER = c.c_void_p
_REGISTRY_VERSION, _CLIENT_VERSION = 3, 3
_CLIENT = b"PipeWire:Interface:Client"
_HOOK_BYTES = 64
"""Larger than a spa_hook's six pointers; PipeWire links it into a list while listening."""


class _Interface(c.Structure):
    _fields_ = (
        ("type", c.c_char_p),
        ("version", c.c_uint32),
        ("methods", _POINTER),
        ("data", _POINTER),
    )


class _DictItem(c.Structure):
    _fields_ = (("key", c.c_char_p), ("value", c.c_char_p))


class _Dict(c.Structure):
    _fields_ = (("flags", c.c_uint32), ("count", c.c_uint32), ("items", c.POINTER(_DictItem)))


class _ClientInfo(c.Structure):
    _fields_ = (("id", c.c_uint32), ("change_mask", c.c_uint64), ("props", c.POINTER(_Dict)))


_GetRegistry = c.CFUNCTYPE(_POINTER, _POINTER, c.c_uint32, c.c_size_t)
_Bind = c.CFUNCTYPE(_POINTER, _POINTER, c.c_uint32, c.c_char_p, c.c_uint32, c.c_size_t)
_Global = c.CFUNCTYPE(
    None, _POINTER, c.c_uint32, c.c_uint32, c.c_char_p, c.c_uint32, c.POINTER(_Dict)
)
_GlobalRemove = c.CFUNCTYPE(None, _POINTER, c.c_uint32)
_Info = c.CFUNCTYPE(None, _POINTER, c.POINTER(_ClientInfo))


class _CoreMethods(c.Structure):
    _fields_ = (("version", c.c_uint32), ("others", _POINTER * 5), ("get_registry", _GetRegistry))


class _RegistryMethods(c.Structure):
    _fields_ = (("version", c.c_uint32), ("add_listener", _POINTER), ("bind", _Bind))


class _RegistryEvents(c.Structure):
    _fields_ = (("version", c.c_uint32), ("added", _Global), ("removed", _GlobalRemove))


class _ClientEvents(c.Structure):
    _fields_ = (("version", c.c_uint32), ("info", _Info), ("permissions", _POINTER))


class Registry:
    """Listens until its stream is destroyed. Made with PipeWire's thread locked.

    Args:
        library: From ``libpipewire.load``.
        stream: Connected; its connection is used.
        added: Called with each object's id, kind (Node, Link, Client, ...) and properties, on
            PipeWire's thread, and again with a client's further properties once `ask` was called.
        removed: Called with the id of a removed object.
    """

    def __init__(
        self,
        library: c.CDLL,
        stream: int,
        added: Callable[[int, str, Properties], object],
        removed: Callable[[int], object],
    ) -> None:
        self._library = library
        self._added, self._removed = added, removed
        self._clients: dict[int, tuple[int, object]] = {}
        core = _Interface.from_address(library.pw_stream_get_core(stream))
        methods = _CoreMethods.from_address(core.methods)
        self._proxy = methods.get_registry(core.data, _REGISTRY_VERSION, 0)
        events = _RegistryEvents(0, _Global(self._on_added), _GlobalRemove(self._on_removed))
        self._kept = self._listen(self._proxy, events)

    def ask(self, client: int) -> None:
        """Request a client's full properties; the registry sends some. On PipeWire's thread."""
        registry = _Interface.from_address(self._proxy)
        methods = _RegistryMethods.from_address(registry.methods)
        proxy = methods.bind(registry.data, client, _CLIENT, _CLIENT_VERSION, 0)
        if proxy:
            events = _ClientEvents(0, _Info(self._on_client), None)
            self._clients[client] = proxy, self._listen(proxy, events)

    def _listen(self, proxy: int, events: c.Structure) -> object:
        """Returns the objects that must live as long as the proxy."""
        hook = c.create_string_buffer(_HOOK_BYTES)
        self._library.pw_proxy_add_object_listener(proxy, hook, c.byref(events), None)
        return hook, events

    def _on_added(
        self, _: object, number: int, __: int, kind: bytes, ___: int, told: c._Pointer[_Dict]
    ) -> None:
        self._added(number, kind.decode().rpartition(":")[2], _read(told))

    def _on_removed(self, _: object, number: int) -> None:
        proxy, _kept = self._clients.pop(number, (None, None))
        if proxy is not None:
            self._library.pw_proxy_destroy(proxy)
        self._removed(number)

    def _on_client(self, _: object, info: c._Pointer[_ClientInfo]) -> None:
        self._added(info.contents.id, "Client", _read(info.contents.props))


def _read(told: c._Pointer[_Dict]) -> dict[str, str]:
    if not told:
        return {}
    items = told.contents.items[: told.contents.count]
    return {_text(item.key): _text(item.value) for item in items}


def _text(value: bytes | None) -> str:
    return (value or b"").decode("utf-8", "replace")
