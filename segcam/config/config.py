"""The file of settings: read at any time, changed without losing other edits."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segcam.config.contents import PRESETS, Contents, check_preset_name, interpret, parsed
from segcam.errors import ConfigError, SegCamError, UsageError
from segcam.home import user_config_folder, user_home
from segcam.regular import read_regular
from segcam.settings import Settings, Value, did_you_mean, shown
from segcam.storage import cure, locked, replace_file

if TYPE_CHECKING:
    from segcam.config.edit import Edit

FILE = "settings.toml"
MAX_BYTES = 1 << 18
ATTEMPTS = 5
HEADER = "# SegCam's settings. Edit this file at any time; `segcam config` lists all settings.\n"

Signature = tuple[int, int, int] | None
"""Inode, size and time of the last change; None if there is no file."""


def config_file() -> Path:
    """The settings file: ``$SEGCAM_CONFIG``, or in the user's configuration folder.

    Returns:
        An absolute path. If it is relative, there is no such folder, and nothing can be stored.
    """
    override = os.environ.get("SEGCAM_CONFIG")
    if override:
        return Path(os.path.abspath(override), FILE)  # noqa: PTH100 (keeps links)
    try:
        return user_config_folder() / FILE
    except UsageError:
        return Path(FILE)


class Config:
    """A file of settings, with its last usable content. From any thread.

    Args:
        path: The file, which need not exist. None: see `config_file`.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = config_file() if path is None else path
        self.settings = Settings()
        """As last read, without unusable values."""
        self.contents = Contents()
        self.problems: tuple[ConfigError, ...] = ()
        """The unusable values, or why the file cannot be read; empty if there is no problem."""
        self._seen: Signature = None
        self._coming: Signature = None
        self._lock = threading.RLock()

    def read(self) -> Settings:
        """Read the file again.

        An unusable setting keeps its old value; if the file is broken, all settings do. See
        `problems` afterwards.
        """
        with self._lock:
            self._seen = self._coming = self._signature()
            try:
                self.contents = interpret(
                    self._text(), self.path.name, user_home() or self.path.parent
                )
            except ConfigError as error:
                self.problems = (error,)
                return self.settings
            self.problems = self.contents.problems
            old = self.settings.as_dict()
            kept = {name: old[name] for name in self.contents.wrong if name in old}
            self.settings = Settings.from_dict({**kept, **self.contents.given})
            return self.settings

    def changed(self) -> bool:
        """Whether the file was written after it was read. Cheap: call it about once a second.

        Editors write in steps, or remove the file for a moment, so a change counts only if the next
        call still sees it.
        """
        with self._lock:
            before, self._coming = self._coming, self._signature()
            return self._coming == before != self._seen

    def write(self, changes: Mapping[str, Any]) -> Settings:
        """Change settings in the file.

        Args:
            changes: Settings by name; paths must be absolute.

        Returns:
            All settings, including other edits of the file.

        Raises:
            UsageError: There is no such setting, or its value is invalid. The file is unchanged.
            ConfigError: The file is broken or cannot be written. It is unchanged.
        """
        values = Settings().replace_with(changes).as_dict()
        self._edit([((name,), values[name]) for name in changes])
        return self.settings

    def create(self) -> None:
        """Create the file if it is missing, so that an editor finds it.

        Raises:
            ConfigError: It cannot be written.
        """
        if self._signature() is None:
            self._edit([])

    @property
    def presets(self) -> dict[str, dict[str, Value]]:
        """Named groups of settings, as last read."""
        return {name: dict(values) for name, values in self.contents.presets.items()}

    def preset(self, name: str) -> dict[str, Value]:
        """The settings of one preset, as last read.

        Raises:
            UsageError: There is none with that name.
        """
        if name not in self.contents.presets:
            known = ", ".join(self.contents.presets)
            raise UsageError(
                f"There is no preset named {shown(name)}",
                did_you_mean(name, self.contents.presets),
                f"Use one of {known}" if known else "Save one first: segcam preset save NAME",
            )
        return dict(self.contents.presets[name])

    def save_preset(self, name: str, values: Mapping[str, Any]) -> None:
        """Save settings as a preset, replacing one with the same name.

        Raises:
            UsageError: The name or a setting cannot be used.
            ConfigError: The file is broken or cannot be written. It is unchanged.
        """
        name = check_preset_name(name)
        if not values:
            raise UsageError(
                f"The preset {shown(name)} would be empty", "", "Give at least one setting"
            )
        checked = Settings().replace_with(values).as_dict()
        with self._lock:
            self.read()
            old = self.contents.presets.get(name, {})
            gone: list[Edit] = [((PRESETS, name, each), None) for each in old if each not in values]
            self._edit([*gone, *(((PRESETS, name, each), checked[each]) for each in values)])

    def remove_preset(self, name: str) -> None:
        """Delete a preset.

        Raises:
            UsageError: There is none with that name.
            ConfigError: The file is broken or cannot be written. It is unchanged.
        """
        with self._lock:
            self.read()
            self.preset(name)
            self._edit([((PRESETS, name), None)])

    def _edit(self, edits: Sequence[Edit]) -> None:
        with self._lock:
            if not self.path.is_absolute():
                raise ConfigError(
                    "There is no home folder to store the settings in",
                    "",
                    "Set HOME, or set SEGCAM_CONFIG to a folder",
                )
            try:
                with locked(self.path.with_name(f".{self.path.name}.lock")):
                    self._rewrite(edits)
            except OSError as error:
                raise self._unwritable(error) from error
            self.read()

    def _rewrite(self, edits: Sequence[Edit]) -> None:
        """Editors use no lock: if one has written meanwhile, start again from its text."""
        from segcam.config.edit import Unchangeable, edited  # reading needs no tomlkit

        for _ in range(ATTEMPTS):
            before = self._signature()
            old = self._text()
            parsed(old, self.path.name)
            try:
                new = edited(old or HEADER, edits)
            except Unchangeable as error:
                raise ConfigError(
                    f"{self.path} is written in a way that SegCam cannot edit",
                    f"{error} is not a setting there",
                    "Edit it by hand",
                ) from error
            if self._signature() == before:
                if new != old:
                    replace_file(self.path, new.encode())
                return
        raise BlockingIOError(11, "Another program keeps writing to it", str(self.path))

    def _text(self) -> str:
        """The file's text; "" if there is none.

        Raises:
            ConfigError: It cannot be read, or is not text.
        """
        if not self.path.is_absolute():
            return ""
        try:
            return read_regular(self.path, MAX_BYTES).decode("utf-8-sig")
        except FileNotFoundError:
            return ""
        except UnicodeDecodeError as error:
            raise self._unreadable(f"It is not UTF-8: {error.reason}") from error
        except PermissionError as error:
            raise self._unreadable(error.strerror or "", cure(error, self.path.parent)) from error
        except OSError as error:
            raise self._unreadable(error.strerror or str(error)) from error

    def _signature(self) -> Signature:
        try:
            found = self.path.stat() if self.path.is_absolute() else None
        except OSError:
            found = None
        if found is None:
            return None
        return found.st_ino, found.st_size, found.st_mtime_ns

    def _unreadable(self, reason: str, hint: str = "Make it a readable text file") -> ConfigError:
        return ConfigError(
            f"{self.path} cannot be read",
            reason,
            f"{hint}; until then, SegCam keeps its current settings",
        )

    def _unwritable(self, error: OSError) -> SegCamError:
        return ConfigError(
            f"{self.path} cannot be written",
            error.strerror or str(error),
            cure(error, self.path.parent),
        )
