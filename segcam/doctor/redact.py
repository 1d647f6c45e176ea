"""Removes private words from a report for others: names, hosts, cameras, files."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from segcam.doctor import browsers
from segcam.doctor.base import Machine
from segcam.v4l2.nodes import OWN_LABEL

KEPT = frozenset({"code", "state", "version", "system", "python", "packages"})
"""Keys of a report whose values come from SegCam and its packages, never from the user."""
PUBLIC = (
    *("bin", "boot", "etc", "lib", "lib64", "proc", "run/user", "sbin", "snap", "sys", "usr"),
    *(
        "dev/accel",
        "dev/dri",
        "dev/video",
        "var/lib/dkms",
        "var/lib/flatpak",
        "var/lib/shim-signed",
    ),
)
"""Beginnings of paths that are the same on every machine."""
_PATH = re.compile(rf"(?<![\w./:~-])/(?!(?:{'|'.join(PUBLIC)}))[^\s\"'`,;:()]+")
_IN_HOME = re.compile(r"(?<![\w./])~/(?!\.(?:config|local|cache|mozilla|var)/)[^\s\"'`,;:()]+")
_USUAL = re.compile(r"(?!image:|video:|file:)[a-z0-9:#.,_-]*")
"""Matches settings that say nothing about their user: ``blur:90``, ``color:#204060``, ``auto``."""
_GENERIC = frozenset({"", "root", "user", "localhost"})


def redacted(report: dict[str, Any], machine: Machine) -> dict[str, Any]:
    """The report without private words.

    Args:
        report: Plain JSON values.
        machine: The machine that the report describes; its own files say what is private.
    """
    private = list(_private(machine))
    return {key: _without(value, private, key) for key, value in report.items()}


def _without(value: Any, private: list[tuple[re.Pattern[str], str]], key: str = "") -> Any:
    if key in KEPT:
        return value
    if isinstance(value, dict):
        return {name: _without(each, private, name) for name, each in value.items()}
    if isinstance(value, list):
        return [_without(each, private) for each in value]
    if not isinstance(value, str):
        return value
    for pattern, instead in private:
        value = pattern.sub(instead, value)
    return value


def _private(machine: Machine) -> Iterator[tuple[re.Pattern[str], str]]:
    """What is replaced, and by what. Longer texts go first: a path before the name in it."""
    for text in sorted(set(_own_settings(machine)), key=len, reverse=True):
        yield re.compile(re.escape(text)), "SETTING"
    if machine.home is not None and machine.home.parent != machine.home:
        yield re.compile(rf"{re.escape(str(machine.home))}(?=/|\W|$)"), "~"
    yield _IN_HOME, "~/FILE"
    yield _PATH, "/FILE"
    for words, instead in (
        (_cameras(machine), "WEBCAM"),
        (_profiles(machine), "PROFILE"),
        (_hosts(machine), "HOST"),
        (_users(machine), "USER"),
    ):
        for word in sorted(set(words) - _GENERIC, key=len, reverse=True):
            yield re.compile(rf"(?<!\w){re.escape(word)}(?!\w)", re.IGNORECASE), instead


def _cameras(machine: Machine) -> list[str]:
    folder = "sys/class/video4linux"
    labels = (machine.read(folder, name, "name") for name in machine.names(folder))
    return [label for label in labels if label != OWN_LABEL]


def _profiles(machine: Machine) -> list[str]:
    if machine.home is None:
        return []
    return [path.parent.name for f in browsers.FIREFOX for path in machine.home.glob(f"{f}/*/*.js")]


def _hosts(machine: Machine) -> list[str]:
    full = (machine.read("etc/hostname"), machine.read("proc/sys/kernel/hostname"))
    return [part for name in full for part in (name, name.partition(".")[0])]


def _users(machine: Machine) -> list[str]:
    """The user's login, and full name and its parts, as the system has them."""
    found = [machine.environ.get(name, "") for name in ("USER", "LOGNAME", "SUDO_USER")]
    if machine.home is None:
        return found
    found.append(machine.home.name)
    for line in machine.read("etc/passwd").splitlines():
        fields = line.split(":")
        if len(fields) > 5 and (fields[5] == str(machine.home) or fields[0] in found):
            full = fields[4].partition(",")[0]
            found += [fields[0], full, *full.split()]
    return found


def _own_settings(machine: Machine) -> Iterator[str]:
    """Texts in the settings file that the user has made up: files, cameras, names of presets."""
    from segcam.config.config import config_file

    with suppress(OSError, ValueError):
        values = tomllib.loads(config_file().read_text(encoding="utf-8"))
        for text in _texts(values):
            name = re.sub("^(image|video|file):", "", text)
            yield from (text, name) if not _USUAL.fullmatch(text) else ()
            if name.startswith("~/") and machine.home is not None:
                yield f"{machine.home}{name[1:]}"


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value.get("presets", {}) if isinstance(value.get("presets"), dict) else ()
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, str):
        yield value
