"""Adds files to the library, one after another, and chooses the last one at the end."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from functools import partial
from typing import Any
from urllib.parse import unquote_to_bytes

from PySide6.QtCore import QObject, QUrl

from segcam.api import client
from segcam.errors import SegCamError, UsageError
from segcam_ui.remote import Remote, Row


class Adding(QObject):
    """Adds files on a thread of their own, so that no other action waits for them."""

    def __init__(self, remote: Remote) -> None:
        super().__init__(remote)
        self._remote = remote
        self._total = self._done = 0
        self._chosen = ""
        self._refused: list[SegCamError] = []

    def add(self, paths: Iterable[str]) -> None:
        """Add files; they follow those that are still being added."""
        for path in paths:
            self._total += 1
            self._remote.connection.ask(
                partial(client.request, "background-add", path=path),
                self._take,
                self._refuse,
                lane="add",
            )
        self._tell()

    def _take(self, answer: Row) -> None:
        self._remote.take("backgrounds", answer)
        self._chosen = str(answer["added"]["value"])
        self._step()

    def _refuse(self, error: SegCamError) -> None:
        self._refused.append(error)
        self._step()

    def _step(self) -> None:
        self._done += 1
        self._tell()
        if self._done == self._total:
            self._finish()

    def _tell(self) -> None:
        """Say how far it is, for several files."""
        if self._total > 1:
            text = self.tr("Adding backgrounds: {} of {}").format(self._done, self._total)
            self._remote.progressed.emit(text if self._done < self._total else "")

    def _finish(self) -> None:
        total, refused, chosen = self._total, self._refused, self._chosen
        self._total, self._done, self._refused, self._chosen = 0, 0, [], ""
        if chosen:
            self._remote.change(background=chosen)
        if refused:
            self._remote.complained.emit(self._summary(refused, total))

    def _summary(self, refused: list[SegCamError], total: int) -> SegCamError:
        """The error itself, or one that counts several."""
        if len(refused) == 1:
            return refused[0]
        last = refused[-1]
        title = self.tr("{} of {} files could not be added").format(len(refused), total)
        return UsageError(title, self.tr("The last one: {}").format(last.title), last.hint)


def local_paths(urls: Iterable[QUrl]) -> list[str]:
    """The files that URLs name; on Linux, also names that are not UTF-8."""
    return [_path(url) for url in urls if url.isLocalFile()]


def _path(url: QUrl) -> str:
    if sys.platform == "win32":
        return url.toLocalFile()
    encoded: Any = url.path(QUrl.ComponentFormattingOption.FullyEncoded)
    return os.fsdecode(unquote_to_bytes(encoded))
