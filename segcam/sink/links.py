"""Finds the programs that take a PipeWire node's frames, from PipeWire's registry."""

from __future__ import annotations

import threading
from collections.abc import Mapping

Properties = Mapping[str, str]
"""The properties of an object."""


class Links:
    """Follows the links of one node. Updated on one thread, read from any."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, dict[int, dict[str, str]]] = {"Node": {}, "Link": {}, "Client": {}}
        self._asked: set[int] = set()

    def add(self, object_id: int, kind: str, properties: Properties) -> None:
        """Add an object, or further properties of it."""
        with self._lock:
            if kind in self._known:
                self._known[kind].setdefault(object_id, {}).update(properties)

    def remove(self, object_id: int) -> None:
        """Remove an object that is gone."""
        with self._lock:
            for objects in self._known.values():
                objects.pop(object_id, None)
            self._asked.discard(object_id)

    def unknown_clients(self, node: int) -> list[int]:
        """Ids of clients that take this node's frames; each is returned once."""
        with self._lock:
            clients = (_number(taker, "client.id") for taker in self._takers(node))
            new = [client for client in clients if client not in self._asked and client is not None]
            self._asked.update(new)
            return new

    def viewers(self, node: int) -> list[str]:
        """Names of the programs that take this node's frames, if they gave any."""
        with self._lock:
            return sorted({self._program(taker) for taker in self._takers(node)})

    def _takers(self, node: int) -> list[Properties]:
        links = self._known["Link"].values()
        ids = {_number(link, "link.input.node") for link in links if _leads_from(link, node)}
        return [self._known["Node"].get(each, {}) for each in ids if each is not None]

    def _program(self, taker: Properties) -> str:
        client = self._known["Client"].get(_number(taker, "client.id") or -1, {})
        # The same as in /proc, so that a program has one name for all outputs.
        told = client.get("application.process.binary"), client.get("application.name")
        return next(filter(None, (*told, taker.get("node.name"))), "a program")


def _leads_from(link: Properties, node: int) -> bool:
    return _number(link, "link.output.node") == node


def _number(properties: Properties, key: str) -> int | None:
    value = properties.get(key, "")
    return int(value) if value.isdecimal() else None
