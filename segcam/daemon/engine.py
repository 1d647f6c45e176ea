"""Runs the pipeline as requested, and changes it when the settings change."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from segcam.daemon.checks import check, starting
from segcam.daemon.governor import Step
from segcam.daemon.preview import Preview, preview_path
from segcam.daemon.previewed import Previewed
from segcam.daemon.steps import Steps
from segcam.pipeline.assemble import Assembled, Tell, assemble
from segcam.pipeline.pipeline import Pipeline, ignore
from segcam.pipeline.sinks import Destination, make_destination
from segcam.settings import Settings
from segcam.sink.base import Sink
from segcam.v4l2.nodes import OWN_LABEL

log = logging.getLogger(__name__)

USER = "user"
"""Reason for `Demand.pause`: the user switched the camera off."""
ASSEMBLED_S = 10.0
"""Time limit for assembling the pipeline, even on a slow disk; that opens nothing."""
OFF_S = 2.0
"""A camera that takes longer to close hangs."""


class Engine:
    """Runs SegCam as its settings say. ``with engine:`` starts and stops it.

    Args:
        settings: At the start.
        name: Name of this SegCam, "" for the usual one.
        lasting: For a service: keep retrying whatever is missing at the start.
        make_output: Finds the destination.
        previews: Whether clients may watch.
        tell: Called with a message before a slow step of the start.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        name: str = "",
        lasting: bool = False,
        make_output: Callable[[str], Destination] | None = None,
        previews: bool = True,
        tell: Tell = ignore,
    ) -> None:
        self.name = name
        self.since = datetime.now().astimezone()
        self.preview = Preview(partial(preview_path, name))  # the sent picture
        self.raw_preview = Preview(lambda: None)  # the camera's picture; its memory has no name
        self.changed: Callable[[], object] = lambda: None  # called when the state has changed
        self.reading = ""  # the background that is being read
        self._requested = settings
        self._lasting, self._previews = lasting, previews
        make = partial(make_destination, camera_name=f"{OWN_LABEL} {name}".strip())
        self.make_output = make_output or partial(make, lasting=lasting)
        self._tell = tell
        self._assembled: Assembled | None = None
        self._is_assembled, self._started = threading.Event(), threading.Event()
        self.deciding = threading.RLock()
        self.saving: Sequence[Step] = ()  # steps of the economy in effect
        self.trying = False  # whether backends are being tried beside the run
        self._steps = Steps(self)

    @property
    def requested(self) -> Settings:
        """The requested settings. From any thread."""
        return self._requested

    @property
    def pipeline(self) -> Pipeline | None:
        """The pipeline; None while it is being assembled."""
        return self._assembled.pipeline if self._assembled is not None else None

    @property
    def destination(self) -> Destination | None:
        """The current destination."""
        return self._assembled.destination if self._assembled is not None else None

    @property
    def assembled(self) -> Assembled:
        """The pipeline with its parts; waits while it is being assembled.

        Raises:
            DaemonBusy: Assembling takes too long.
        """
        if not self._is_assembled.wait(ASSEMBLED_S) or self._assembled is None:
            raise starting()
        return self._assembled

    @property
    def starting(self) -> bool:
        """Whether something has yet to be opened."""
        return not self._started.is_set()

    @property
    def paused(self) -> bool:
        """Whether the user has switched the camera off."""
        return self.pipeline is not None and self.pipeline.demand.is_paused(USER)

    def __enter__(self) -> Engine:
        try:
            self._start()
        except BaseException:
            self._steps.end()
            self._is_assembled.set()
            raise
        self.changed()
        return self

    def _start(self) -> None:
        first = self._requested
        assembled = self._assembled = assemble(
            first,
            self._tell,
            destination=self.make_output(first.output),
            wrap=self.wrap,
            on_capture=self.raw_preview.offer if self._previews else ignore,
            lasting=self._lasting,
        )
        if first.start_paused:
            assembled.pipeline.demand.pause(USER)
        self._is_assembled.set()
        assembled.pipeline.start()
        self._started.set()
        self._steps.started()
        if self._requested != first:  # a background was chosen meanwhile
            self.draw_edges()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        assert self._assembled is not None
        self._steps.end()
        with self.preview, self.raw_preview:
            self._assembled.pipeline.__exit__(kind)

    def apply(self, settings: Settings, tell: Tell = ignore) -> None:
        """Apply these settings, except those that a change in progress applies; see `change`."""
        before = {**self._requested.as_dict(), **self._steps.coming()}
        if values := {k: v for k, v in settings.as_dict().items() if v != before[k]}:
            self.change(values, tell)

    def change(
        self,
        values: Mapping[str, Any],
        tell: Tell = ignore,
        keep: Callable[[Mapping[str, Any]], object] = ignore,
    ) -> None:
        """Change the given settings. From any thread; takes as long as loading takes.

        Quick checks come first. Then the background changes: hiding the room never waits for a
        model or a camera. If something new is not available, the old one stays in use.

        Args:
            values: Settings by name.
            tell: Called with a message before a slow step.
            keep: Called with each part that took effect, in normalised spelling.

        Raises:
            SegCamError: Something is not available; the parts given to ``keep`` stay in effect.
        """
        wanted = self._requested.replace_with(values).as_dict()
        check(given := {name: wanted[name] for name in values})
        try:
            self._steps.do(given, tell, keep)
        finally:
            self.changed()

    def pause(self) -> None:
        """Switch the camera off, even if somebody watches. Returns when it is off, or hangs."""
        pipeline = self.assembled.pipeline
        pipeline.demand.pause(USER)
        self.changed()
        deadline = time.monotonic() + OFF_S
        while pipeline.source_is_open and self.paused and time.monotonic() < deadline:
            time.sleep(0.01)

    def resume(self) -> None:
        """Let the camera run again when somebody watches."""
        self.assembled.pipeline.demand.resume(USER)
        self.changed()

    def reload(self, *, unless_same: bool = False) -> None:
        """Load the networks again, since `saving` or the results for backends have changed.

        Args:
            unless_same: Only if another backend is chosen now.

        Raises:
            SegCamError: They cannot be loaded, or others are being loaded; nothing has changed.
        """
        self._steps.reload(unless_same)

    def draw_edges(self) -> None:
        """Switch to the refiner for the current settings and savings."""
        self._steps.draw_edges()

    def hold(self, part: Mapping[str, Any]) -> None:
        """Store these as the requested settings. For the steps of a change."""
        with self.deciding:
            self._requested = self._requested.replace_with(part)
        log.info("changed: %s", part)

    def wrap(self, sink: Sink) -> Sink:
        """The sink, wrapped by the preview."""
        return Previewed(sink, self.preview) if self._previews else sink
