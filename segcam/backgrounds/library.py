"""Lists, adds and removes backgrounds."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from filecmp import cmp
from pathlib import Path
from typing import Any, Literal

from segcam.backgrounds.names import safe_name, title_of
from segcam.errors import BackgroundError, UsageError
from segcam.home import user_data_folder
from segcam.settings import (
    CLIP_SUFFIXES,
    PICTURE_SUFFIXES,
    did_you_mean,
    setting_named,
    shown,
)

Kind = Literal["image", "video"]
BUNDLED = Path(__file__).parent / "pictures"
_SUFFIXES = ", ".join(sorted(PICTURE_SUFFIXES | CLIP_SUFFIXES))


@dataclass(frozen=True, slots=True)
class Entry:
    """One background of the library.

    Attributes:
        id: Its name in requests: the file's name, without the extension if it comes with SegCam.
        title: Its name for the user.
        value: Its value of the setting "background".
        path: Its file.
        bundled: Whether it comes with SegCam.
        kind: A picture or a video.
    """

    id: str
    title: str
    value: str
    path: str
    bundled: bool
    kind: Kind

    def as_dict(self) -> dict[str, Any]:
        """The entry as plain JSON values."""
        return asdict(self)


def library_folder() -> Path:
    """The folder of the user's own backgrounds.

    Raises:
        UsageError: The user has no home.
    """
    return user_data_folder() / "backgrounds"


def entries() -> list[Entry]:
    """All backgrounds: SegCam's, then the user's by name. An unreadable folder counts as empty."""
    try:
        own = list(_entries_in(library_folder(), bundled=False))
    except UsageError:  # without a home there is nothing to list, which is no error
        own = []
    return [*_entries_in(BUNDLED, bundled=True), *own]


def add(source: Path, check: Callable[[str], object]) -> Entry:
    """Copy a picture or a video into the library.

    Nothing is overwritten: a different file with the same name gets a number; an identical file is
    not copied again.

    Args:
        source: The file.
        check: Called with the background setting for it; raises an error if it is unusable.

    Raises:
        UsageError: By its extension it is neither picture nor video.
        BackgroundError: It cannot be copied.
        SegCamError: The error of ``check``.
    """
    kind = _kind_of(source)
    if os.path.isdir(source):  # noqa: PTH112 (pathlib's fails where a name is too long)
        raise UsageError(
            f"{shown(str(source))} is a folder", "", "Choose the pictures and videos in it"
        )
    if kind is None:
        raise UsageError(
            f"{shown(source.name)} does not have the ending of a picture or video",
            "",
            f"Use {_SUFFIXES}",
        )
    folder = library_folder()
    try:
        if not stat.S_ISREG(source.stat().st_mode):
            raise UsageError(
                f"{shown(str(source))} is not a file", "", "Choose a picture or a video"
            )
        check(f"{kind}:{source.absolute()}")
        return _entry(_copied(source, folder), bundled=False)
    except OSError as error:
        raise BackgroundError(
            f"{shown(str(source))} cannot be copied into the library",
            f"{error.strerror or error}: {error.filename or folder}",
            f"Check the path, and that {folder} is writable and has free space",
        ) from error


def remove(identifier: str) -> Path:
    """Delete one of the user's own backgrounds. Returns its old path.

    Raises:
        UsageError: There is none with that id, or it comes with SegCam.
        BackgroundError: It cannot be deleted.
    """
    entry = find(identifier)
    if entry.bundled:
        raise UsageError(
            f"{identifier} comes with SegCam", "", "Only your own backgrounds can be removed"
        )
    path = Path(entry.path)
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise BackgroundError(
            f"{identifier} cannot be removed from the library",
            error.strerror or str(error),
            f"Make {path.parent} writable, or delete the file yourself",
        ) from error
    return path


def find(identifier: str) -> Entry:
    """The background of that id.

    Raises:
        UsageError: There is none.
    """
    found = {entry.id: entry for entry in entries()}
    if identifier not in found:
        raise UsageError(
            f"There is no background named {shown(identifier)}",
            did_you_mean(identifier, found),
            "See: segcam background list",
        )
    return found[identifier]


def _entries_in(folder: Path, bundled: bool) -> Iterator[Entry]:
    try:
        files = sorted(folder.iterdir(), key=lambda file: file.name.casefold())
    except OSError:
        return
    for file in files:
        if _kind_of(file) and not file.name.startswith(".") and os.path.isfile(file):  # noqa: PTH113
            try:
                yield _entry(file, bundled)
            except UsageError:  # its name cannot be a setting
                continue


def _entry(file: Path, bundled: bool) -> Entry:
    kind = _kind_of(file) or "image"
    value = str(setting_named("background").check(f"{kind}:{file}"))
    name = file.stem if bundled else file.name
    return Entry(name, title_of(file.stem, bundled), value, str(file), bundled, kind)


def _kind_of(file: Path) -> Kind | None:
    suffix = file.suffix.lower()
    if suffix in PICTURE_SUFFIXES:
        return "image"
    return "video" if suffix in CLIP_SUFFIXES else None


def _copied(source: Path, folder: Path) -> Path:
    """The file's copy in the library, complete before it gets its name."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, part = tempfile.mkstemp(prefix=".", suffix=".part", dir=folder)
    try:
        with source.open("rb") as old, os.fdopen(descriptor, "wb") as new:
            shutil.copyfileobj(old, new, 1 << 20)
            new.flush()
            os.fsync(new.fileno())
        for name in _names(source):
            target = folder / name
            try:
                with target.open("xb"):  # reserves the name
                    pass
            except FileExistsError:
                if target.is_file() and cmp(part, target, shallow=False):
                    return target
                continue
            os.replace(part, target)  # noqa: PTH105 (mkstemp gives a string)
            return target
    finally:
        Path(part).unlink(missing_ok=True)
    raise FileExistsError(17, "Too many backgrounds have that name", str(folder))


def _names(source: Path) -> Iterator[str]:
    stem, suffix = safe_name(source.stem), source.suffix.lower()
    yield f"{stem}{suffix}"
    yield from (f"{stem} {number}{suffix}" for number in range(2, 1000))
