"""The library of backgrounds, with the checks and preparation of files."""

from __future__ import annotations

import logging
import threading
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


def add_background(file: Path, size: Size = DEFAULT_SIZE) -> Entry:
    """Copy a picture or video into the library; a large picture is prepared, to appear at once.

    Args:
        file: What to copy.
        size: (H, W) at which it will probably be shown.

    Raises:
        SegCamError: It cannot be shown or copied.
    """
    entry = backgrounds.add(file, lambda text: make_compositor(parse_background(text)).close())
    _prepare(entry, size)
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
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._seen: set[Path] = set()

    def start(self, size: Size) -> None:
        """Begin, unless it is already running. Returns at once. From any thread.

        Args:
            size: (H, W) at which the pictures will be shown.
        """
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(
                    target=self._run, args=(size,), name="segcam-preparing", daemon=True
                )
                self._thread.start()

    def wait(self) -> None:
        """Wait until all pictures are ready."""
        if self._thread is not None:
            self._thread.join()

    def _run(self, size: Size) -> None:
        give_way()
        give_back_large_blocks()
        places = self._missing(size)
        for place, entry in places.items():
            self._seen.add(place)
            try:
                _prepare(entry, size)
            except Exception:  # nothing depends on it
                log.info("%s could not be prepared", entry.path, exc_info=True)
        if places:
            return_memory()

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
