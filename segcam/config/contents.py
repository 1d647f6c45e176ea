"""The usable content of a settings file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from segcam.config.lines import line_of
from segcam.errors import ConfigError, UsageError
from segcam.settings import Value, rooted, setting_named, shown

PRESETS = "presets"
NAME_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Contents:
    """The content of a file.

    Attributes:
        given: The settings in it, checked, with absolute paths.
        presets: Named groups of settings, in the same form.
        lines: The line of each setting.
        wrong: Settings with unusable values.
        problems: Errors for unusable values. All others are in effect.
    """

    given: dict[str, Value] = field(default_factory=dict)
    presets: dict[str, dict[str, Value]] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    wrong: frozenset[str] = frozenset()
    problems: tuple[ConfigError, ...] = ()


def interpret(text: str, name: str, folder: Path) -> Contents:
    """Read a settings file's text.

    Args:
        text: TOML.
        name: The file's name, for messages.
        folder: Base of relative paths in it.

    Raises:
        ConfigError: It is not valid TOML.
    """
    values, problems = parsed(text, name), list[ConfigError]()

    def table(found: Mapping[str, Any], *path: str) -> dict[str, Value]:
        """The usable settings of a table."""
        given: dict[str, Value] = {}
        for key, value in found.items():
            try:
                given |= rooted({key: setting_named(key).check(value)}, folder)
            except UsageError as error:
                problems.append(_at(name, line_of(text, (*path, key)), error))
        return given

    presets: dict[str, dict[str, Value]] = {}
    found = values.pop(PRESETS, {})
    for title, preset in found.items() if isinstance(found, dict) else ((PRESETS, found),):
        if isinstance(preset, dict):
            presets[title] = table(preset, PRESETS, title)
        else:
            wrong = UsageError(
                f"{shown(title)} is not a preset", "", f"Write it as [{PRESETS}.NAME]"
            )
            problems.append(_at(name, line_of(text, (PRESETS,)), wrong))
    given = table(values)
    lines = {key: line_of(text, (key,)) for key in given}
    return Contents(given, presets, lines, frozenset(values.keys() - given.keys()), tuple(problems))


def parsed(text: str, name: str) -> dict[str, Any]:
    """The values of a TOML text.

    Raises:
        ConfigError: It is not valid TOML.
    """
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        told = "It is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise ConfigError(
            f"{name} is not valid TOML",
            told,
            "Fix that line; until then, SegCam keeps its current settings",
        ) from error


def check_preset_name(name: str) -> str:
    """The name without surrounding blanks.

    Raises:
        UsageError: It is empty, too long, or has unprintable characters.
    """
    name = name.strip()
    if not name or len(name) > NAME_LENGTH or not name.isprintable():
        raise UsageError(
            f"{shown(name)} is not a valid preset name",
            "",
            f"Use 1 to {NAME_LENGTH} letters, digits, spaces or other printable characters",
        )
    return name


def _at(name: str, line: int, error: UsageError) -> ConfigError:
    where = f"{name}, line {line}" if line else name
    return ConfigError(f"{where}: {error.title}", error.message, error.hint)
