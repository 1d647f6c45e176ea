"""The library of backgrounds, with the checks and preparation of files."""

from __future__ import annotations

import logging
import threading
import time
from contextlib import suppress
from pathlib import Path

from segcam import backgrounds
from segcam.backgrounds import Entry, fitted
from segcam.composite.courtesy import give_back_large_blocks, give_way, return_memory
from segcam.errors import SegCamError, UsageError
from segcam.frame import Frame, Size
from segcam.pipeline.compositors import make_compositor
from segcam.pipeline.sources import DEFAULT_SIZE
from segcam.settings import Picture, parse_background

log = logging.getLogger(__name__)

REST = 2.0
"""Preparing takes at most a third of a processor."""
LONGEST_REST_S = 5.0


def add_background(file: Path, size: Size = DEFAULT_SIZE) -> Entry:
    """Copy a picture or video into the library; a large picture is prepared, to appear at once.

    Args:
        file: What to copy.
        size: (H, W) at which it will probably be shown.

    Raises:
        SegCamError: It cannot be shown or copied.
    """
    from segcam.source.fitted import FittedPicture  # decodes, which listing must not wait for

    pictures: list[FittedPicture] = []

    def check(text: str) -> None:
        chosen = parse_background(text)
        if isinstance(chosen, Picture):
            picture = FittedPicture(chosen.path, size)
            picture.read(Frame.empty(size))
            pictures.append(picture)
        else:
            make_compositor(chosen).close()

    entry = backgrounds.add(file, check)
    for picture in pictures:
        picture.keep(Path(entry.path))
    return entry


def remove_background(identifier: str) -> None:
    """Delete one of the user's own backgrounds and its cached picture.

    Raises:
        SegCamError: There is none with that id, it comes with SegCam, or it cannot be deleted.
    """
    path = backgrounds.remove(identifier)
    fitted.forget(path)


class Preparer:
    """Prepares the library's large pictures, one after another.

    Decoding one may take seconds; a prepared picture appears at once when it is chosen.

    Args:
        rest: Pause after each picture, as a multiple of the time that it took, so that preparing
            many takes a small share of a processor.
    """

    def __init__(self, rest: float = REST) -> None:
        self._rest = rest
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._size = DEFAULT_SIZE
        self._due_s = 0.0
        self._is_asked = False
        self._seen: set[Path] = set()

    def start(self, size: Size, after_s: float = 0.0) -> None:
        """Prepare what is missing. Returns at once. From any thread.

        Args:
            size: (H, W) at which the pictures will be shown.
            after_s: Wait that long before, unless asked again for an earlier start.
        """
        with self._changed:
            due_s = time.monotonic() + after_s
            self._due_s = min(due_s, self._due_s) if self._is_asked else due_s
            self._size, self._is_asked = size, True
            self._changed.notify_all()
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._run, name="segcam-preparing", daemon=True
                )
                self._thread.start()

    def wait(self) -> None:
        """Wait until all pictures are ready."""
        with self._changed:
            self._changed.wait_for(lambda: self._thread is None)

    def _run(self) -> None:
        give_way()
        give_back_large_blocks()
        while (size := self._next_size()) is not None:
            if self._prepare_all(size):
                return_memory()

    def _next_size(self) -> Size | None:
        """Wait until it is time; None if nothing is left to do."""
        with self._changed:
            while self._is_asked and (left_s := self._due_s - time.monotonic()) > 0:
                self._changed.wait(left_s)
            if not self._is_asked:
                self._thread = None
                self._changed.notify_all()
                return None
            self._is_asked = False
            return self._size

    def _prepare_all(self, size: Size) -> int:
        """Prepare what is missing, until another size is wanted. Returns the number of pictures."""
        places = self._missing(size)
        for place, entry in places.items():
            if self._size != size:
                break
            self._seen.add(place)
            start_s = time.monotonic()
            try:
                _prepare(entry, size)
            except Exception:  # nothing depends on it
                log.info("%s could not be prepared", entry.path, exc_info=True)
            time.sleep(min(LONGEST_REST_S, self._rest * (time.monotonic() - start_s)))
        return len(places)

    def _missing(self, size: Size) -> dict[Path, Entry]:
        """Cache entries that are still missing, the user's own pictures first.

        At most half of the cache: preparing must not evict pictures that are in use.
        """
        pictures = [entry for entry in backgrounds.entries() if entry.kind == "image"]
        pictures.sort(key=lambda entry: entry.bundled)
        most = fitted.MOST_BYTES // 2 // (size[0] * size[1] * 3 // 2)
        places: dict[Path, Entry] = {}
        for entry in pictures[:most]:
            with suppress(OSError, ValueError, UsageError):
                places[fitted.place_of(Path(entry.path), size)] = entry
        return {p: e for p, e in places.items() if p not in self._seen and not p.exists()}


def _prepare(entry: Entry, size: Size) -> None:
    from segcam.source.fitted import FittedPicture  # imports FFmpeg, which must not delay the start

    chosen = parse_background(entry.value)
    if isinstance(chosen, Picture):
        with suppress(SegCamError):  # choosing it reports what is wrong
            picture = FittedPicture(chosen.path, size)
            picture.read(Frame.empty(size))
            picture.keep()
