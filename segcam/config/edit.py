"""Changes single values of a TOML text and keeps everything else."""

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
"""A new value, or None to remove the key."""


class Unchangeable(Exception):
    """The change would also alter something else in the text."""


def edited(text: str, edits: Sequence[Edit]) -> str:
    """The text with new values; comments, order and all other keys are unchanged.

    Args:
        text: Valid TOML.
        edits: New values by path; missing tables are created.

    Raises:
        Unchangeable: For example, a number or list is in the place of a table.
        ValueError: It is not valid TOML.
    """
    for path, value in edits:
        wanted = tomllib.loads(text)
        _put(wanted, path, value)
        meant = [wanted]
        if wanted.get(path[0]) == {}:  # tomlkit removes a table with its last key
            meant.append({key: each for key, each in wanted.items() if key != path[0]})
        good = [new for new in _attempts(text, path, value) if _means(new, meant)]
        if not good:
            raise Unchangeable(".".join(path))
        text = good[0]
    return text


def _attempts(text: str, path: Path, value: Any) -> list[str]:
    """The text changed by tomlkit; then with a new table at its end, for unordered tables."""
    attempts = [_by_tomlkit(text, path, value)]
    if len(path) > 1 and value is not None:
        table: Any = {path[-1]: value}
        for key in path[-2::-1]:
            table = {key: table}
        attempts.append(f"{text}\n\n{tomlkit.dumps(table)}")
    return [attempt for attempt in attempts if attempt is not None]


def _by_tomlkit(text: str, path: Path, value: Any) -> str | None:
    """The changed text; None if tomlkit cannot do that."""
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
    if isinstance(table.get(path[-1]), dict | list):  # in place it could end another table
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
    """A form in which equal contents compare equal, in any order; nan equals itself."""
    return json.dumps(values, sort_keys=True, default=repr)
