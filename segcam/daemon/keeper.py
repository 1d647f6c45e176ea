"""The settings in effect: those of the file, overridden by those given for one run."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any

from segcam.api.transport import check_name
from segcam.config import Config, config_file
from segcam.errors import ConfigError, SegCamError, foreign
from segcam.settings import Settings

log = logging.getLogger(__name__)

LOOK_S = 1.0
"""Interval of checks for edits of the file."""
KEPT_IN_PRESETS = ("background", "edges", "mirror")
"""Settings that a preset contains by default."""


def config_of(name: str = "") -> Config:
    """The settings file of the SegCam of that name.

    A second SegCam has its own file, since its settings are not meant for the first one.

    Raises:
        UsageError: ``name`` is not a valid name.
    """
    check_name(name)
    path = config_file()
    return Config(path.with_stem(f"{path.stem}-{name}") if name else path)


def keeper_of(name: str, given: Mapping[str, Any]) -> Keeper:
    """The keeper of the SegCam of that name; ``given`` applies only to this run.

    Settings that are missing from a second one's file come from the usual file at the start.

    Raises:
        UsageError: ``name`` is not a valid name.
    """
    usual = Config()
    return Keeper(config_of(name), given, usual.read().as_dict() if name else {})


class Keeper:
    """Knows the settings in effect and applies edits of the file; ``with keeper:`` watches it.

    Args:
        config: The file.
        given: Settings only for this run.
        base: Settings for everything that neither contains.
    """

    def __init__(
        self, config: Config, given: Mapping[str, Any], base: Mapping[str, Any] | None = None
    ) -> None:
        self._config = config
        self._given = dict(given)
        self._base = dict(base or {})
        self._lock = threading.Lock()
        self._last_preset = ""
        self._refused: SegCamError | None = None
        self._apply: Callable[[Settings], object] = lambda _: None
        self._stopping = threading.Event()
        self._config.read()

    @property
    def settings(self) -> Settings:
        """All settings as they should be now."""
        with self._lock:
            contents = self._config.contents
            said = contents.given.keys() | contents.wrong
            open_ = {name: value for name, value in self._base.items() if name not in said}
            return self._config.settings.replace_with({**open_, **self._given})

    @property
    def trouble(self) -> SegCamError | None:
        """An invalid value in the file, or an error when the file was applied."""
        return self._config.problems[0] if self._config.problems else self._refused

    def watch(self, apply: Callable[[Settings], object]) -> Keeper:
        """Call ``apply`` with all settings after each `reload` and, while ``with`` runs, each edit.

        After ``with`` it is never called again.
        """
        self._apply = apply
        return self

    def __enter__(self) -> Keeper:
        threading.Thread(target=self._run, name="segcam-settings", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()

    def keep(self, part: Mapping[str, Any], once: bool) -> None:
        """Store a change; in the file, too, unless it is only for this run.

        Raises:
            ConfigError: The file cannot be written. For this run the change is in effect.
        """
        with self._lock:
            self._given |= part
        if not once:
            try:
                self._config.write(part)
            except ConfigError as error:
                told = f"{error.message}. The change is in effect until SegCam stops"
                raise ConfigError(error.title, told, error.hint) from error
            with self._lock:
                self._given = {k: v for k, v in self._given.items() if k not in part}

    def reload(self) -> None:
        """Read the file again and apply it, on its own thread: loading a model may take minutes."""
        if self._stopping.is_set():
            return
        self._config.read()
        threading.Thread(target=self._take_over, name="segcam-edit", daemon=True).start()

    def _take_over(self) -> None:
        try:
            self._apply(self.settings)
            self._refused = None
        except Exception as error:
            told = error if isinstance(error, SegCamError) else foreign(error)
            log.warning("the settings file: %s", told)
            self._refused = told

    @property
    def presets(self) -> dict[str, dict[str, Any]]:
        """All presets by name."""
        return self._config.presets

    def current_preset(self, requested: Mapping[str, Any]) -> str:
        """The preset whose values are all in effect, "" for none; of several, the last used."""
        at_work = [
            name
            for name, values in self._config.presets.items()
            if values and values.items() <= requested.items()
        ]
        return self._last_preset if self._last_preset in at_work else next(iter(at_work), "")

    def preset(self, name: str) -> dict[str, Any]:
        """The settings of one preset.

        Raises:
            UsageError: There is none with that name.
        """
        return dict(self._config.preset(name))

    def used(self, name: str) -> None:
        """Record which preset was used last."""
        self._last_preset = name

    def save_preset(self, name: str, values: Mapping[str, Any]) -> None:
        """See `Config.save_preset`."""
        self._config.save_preset(name, values)
        self._last_preset = name.strip()

    def remove_preset(self, name: str) -> None:
        """See `Config.remove_preset`."""
        self._config.remove_preset(name)

    def _run(self) -> None:
        while not self._stopping.wait(LOOK_S):
            try:
                if self._config.changed():
                    log.info("the settings file has changed")
                    self.reload()
            except Exception as error:  # later edits must still take effect
                log.warning("the settings file: %s", foreign(error))
