"""What runs, and what it was asked to be; changes the one when the other changes."""

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
"""Why frames are not wanted: the user switched the camera off."""
ASSEMBLED_S = 10.0
"""What runs is put together by then, even on a slow disk; nothing is opened for that."""
OFF_S = 2.0
"""A camera that is not closed by then hangs."""


class Engine:
    """Runs SegCam as its settings say. ``with engine:`` starts and stops it.

    Args:
        settings: What it starts with.
        name: The run's own, "" for the usual one.
        lasting: For a service: what cannot be had at the start is tried again until it can.
        make_output: Finds where pictures go.
        previews: Whether clients may watch.
        tell: Called with what takes its time while it starts.
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
        self.preview = Preview(partial(preview_path, name))  # of what is sent
        self.raw_preview = Preview(lambda: None)  # of what the camera sees; its memory has no name
        self.changed: Callable[[], object] = lambda: None  # called when clients can see a change
        self.reading = ""  # the background that is being read
        self._requested = settings
        self._lasting, self._previews = lasting, previews
        make = partial(make_destination, camera_name=f"{OWN_LABEL} {name}".strip())
        self.make_output = make_output or partial(make, lasting=lasting)
        self._tell = tell
        self._assembled: Assembled | None = None
        self._is_assembled, self._started = threading.Event(), threading.Event()
        self.deciding = threading.RLock()
        self.saving: Sequence[Step] = ()  # what the economy does to save
        self._steps = Steps(self)

    @property
    def requested(self) -> Settings:
        """What it was asked to be. From any thread."""
        return self._requested

    @property
    def pipeline(self) -> Pipeline | None:
        """What runs; None while it is being assembled."""
        return self._assembled.pipeline if self._assembled is not None else None

    @property
    def destination(self) -> Destination | None:
        """Where pictures go."""
        return self._assembled.destination if self._assembled is not None else None

    @property
    def assembled(self) -> Assembled:
        """What runs; waits while it is being assembled.

        Raises:
            DaemonBusy: That takes too long.
        """
        if not self._is_assembled.wait(ASSEMBLED_S) or self._assembled is None:
            raise starting()
        return self._assembled

    @property
    def starting(self) -> bool:
        """Whether something is still to be opened."""
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
        """Become what these settings say; see `change`."""
        before = self._requested.as_dict()
        if values := {k: v for k, v in settings.as_dict().items() if v != before[k]}:
            self.change(values, tell)

    def change(
        self,
        values: Mapping[str, Any],
        tell: Tell = ignore,
        keep: Callable[[Mapping[str, Any]], object] = ignore,
    ) -> None:
        """Change what is given. From any thread; takes as long as loading takes.

        First all is checked that can be at once. Then the background changes: hiding the room
        never waits for a model or a camera. What cannot be had leaves the old one at work.

        Args:
            values: Some settings by name.
            tell: Called with what takes its time.
            keep: Called with each part that holds, in the settings' one spelling.

        Raises:
            SegCamError: Something cannot be had; what was kept holds.
        """
        wanted = self._requested.replace_with(values).as_dict()
        check(given := {name: wanted[name] for name in values})
        try:
            self._steps.do(given, tell, keep)
        finally:
            self.changed()

    def pause(self) -> None:
        """Switch the camera off, whoever watches. Returns when it is off, or hangs."""
        pipeline = self.assembled.pipeline
        pipeline.demand.pause(USER)
        self.changed()
        deadline = time.monotonic() + OFF_S
        while pipeline.source_is_open and self.paused and time.monotonic() < deadline:
            time.sleep(0.01)

    def resume(self) -> None:
        """Let the camera go on when somebody watches."""
        self.assembled.pipeline.demand.resume(USER)
        self.changed()

    def reload(self, *, unless_same: bool = False) -> None:
        """Load the networks anew, as `saving` or what is known of the backends has changed.

        Args:
            unless_same: Only where another backend is chosen now.

        Raises:
            SegCamError: They cannot be loaded, or others are being loaded; all is as before.
        """
        self._steps.reload(unless_same)

    def draw_edges(self) -> None:
        """Let the refiner be the one for the present settings and savings."""
        self._steps.draw_edges()

    def hold(self, part: Mapping[str, Any]) -> None:
        """From now on this is what was asked for. For the steps of a change."""
        with self.deciding:
            self._requested = self._requested.replace_with(part)
        log.info("changed: %s", part)

    def wrap(self, sink: Sink) -> Sink:
        """The sink with the preview beside it."""
        return Previewed(sink, self.preview) if self._previews else sink
