"""Loads backends beside the running one: those that compile long, and those that have failed.

A GPU may be back after its reset.
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from segcam.errors import SegCamError, foreign

if TYPE_CHECKING:
    from segcam.pipeline.relay import Relay

log = logging.getLogger(__name__)

FIRST_S, LONGEST_S = 30.0, 900.0
"""Pause before the first trial, doubled after each, so that a backend that keeps failing costs the
call little."""


class Comeback:
    """Tries them on its own thread.

    Args:
        relay: Whose backends.
    """

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="segcam-comeback", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Start no more trials; does not wait."""
        self._stop.set()

    def join(self, timeout_s: float) -> None:
        """Wait for the end of a trial, if one was started."""
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def _run(self) -> None:
        pause_s = FIRST_S
        while not self._stop.wait(0 if self._relay.coming else pause_s):
            if self._relay.coming:
                self._load_next()
            elif self._relay.given_up:
                pause_s = min(2 * pause_s, LONGEST_S)
                self._retry()

    def _load_next(self) -> None:
        try:
            name = self._relay.take_next()
        except SegCamError as error:
            if not self._stop.is_set():
                log.warning("the backend stays: %s", error)
        except Exception as error:
            log.warning("the backend stays: %s", foreign(error))
        else:
            log.info("%s runs", name)

    def _retry(self) -> None:
        try:
            name = self._relay.take_back()
        except SegCamError as error:
            log.debug("not back yet: %s", error)
        except Exception as error:
            log.warning("not back yet: %s", foreign(error))
        else:
            log.info("%s runs again", name)
