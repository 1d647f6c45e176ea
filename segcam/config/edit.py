"""Changing single values of a TOML text, so that everything else in it stays."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import InlineTable

from segcam.config.lines import Path

Edit = tuple[Path, Any]
"""A new value, or None to take the key out."""


class Unchangeable(Exception):
    """The text cannot be changed without changing something else in it."""


def edited(text: str, edits: Sequence[Edit]) -> str:
    """The text with other values; comments, order and all other keys are as before.

    Args:
        text: Valid TOML.
        edits: Tables on the way to a key are made.

    Raises:
        Unchangeable: A number or a list stands where a table must be, or the like.
        ValueError: It is not valid TOML.
    """
    for path, value in edits:
        wanted = tomllib.loads(text)
        _put(wanted, path, value)
        meant = [wanted]
        if wanted.get(path[0]) == {}:  # tomlkit takes a table away with the last that was in it
            meant.append({key: each for key, each in wanted.items() if key != path[0]})
        good = [new for new in _attempts(text, path, value) if _means(new, meant)]
        if not good:
            raise Unchangeable(".".join(path))
        text = good[0]
    return text


def _attempts(text: str, path: Path, value: Any) -> list[str]:
    """The text changed by tomlkit; and with a new table at its end, for tables in disorder."""
    attempts = [_by_tomlkit(text, path, value)]
    if len(path) > 1 and value is not None:
        table: Any = {path[-1]: value}
        for key in path[-2::-1]:
            table = {key: table}
        attempts.append(f"{text}\n\n{tomlkit.dumps(table)}")
    return [attempt for attempt in attempts if attempt is not None]


def _by_tomlkit(text: str, path: Path, value: Any) -> str | None:
    """The changed text; None where tomlkit cannot do that."""
    try:
        document = tomlkit.parse(text)
        _put(document, path, value)
        return tomlkit.dumps(document)
    except (
        TOMLKitError,
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        IndexError,
        RecursionError,
    ):
        return None


def _put(root: MutableMapping[str, Any], path: Path, value: Any) -> None:
    table = root
    for key in path[:-1]:
        if key not in table:
            if value is None:
                return
            table[key] = _new_table(table)
        table = table[key]
        if not isinstance(table, MutableMapping):
            raise Unchangeable(".".join(path))
    if value is None:
        table.pop(path[-1], None)
        return
    if isinstance(table.get(path[-1]), dict | list):  # in its place it may end another table
        del table[path[-1]]
    table[path[-1]] = value


def _new_table(inside: Mapping[str, Any]) -> MutableMapping[str, Any]:
    if isinstance(inside, InlineTable):
        return tomlkit.inline_table()
    if isinstance(inside, tomlkit.TOMLDocument):
        return tomlkit.table(is_super_table=True)
    return tomlkit.table() if isinstance(inside, tomlkit.items.AbstractTable) else {}


def _means(text: str, meant: Sequence[Mapping[str, Any]]) -> bool:
    try:
        return _canonical(tomllib.loads(text)) in map(_canonical, meant)
    except (ValueError, RecursionError):
        return False


def _canonical(values: Mapping[str, Any]) -> str:
    """Two of them are the same if what they hold is, in any order; nan is itself."""
    return json.dumps(values, sort_keys=True, default=repr)
