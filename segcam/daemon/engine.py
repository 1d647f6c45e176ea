"""What runs, and what it was asked to be; changes the one when the other changes."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime
from functools import partial
from typing import Any

from segcam.daemon.background import read_background
from segcam.daemon.checks import alone, check, starting
from segcam.daemon.devices import DEVICES, change_devices
from segcam.daemon.economy import thrifty
from segcam.daemon.edges import other_refiner
from segcam.daemon.governor import Step
from segcam.daemon.preview import Preview, preview_path
from segcam.daemon.previewed import Previewed
from segcam.errors import DaemonBusy
from segcam.pipeline.assemble import Assembled, Tell, assemble
from segcam.pipeline.pipeline import Pipeline, ignore
from segcam.pipeline.sinks import Destination, make_destination
from segcam.settings import Settings
from segcam.sink.base import Sink
from segcam.v4l2.nodes import OWN_LABEL

log = logging.getLogger(__name__)

Given = dict[str, Any]
"""Some settings by name."""
LOOK, DEMAND = ("background", "mirror"), ("always_on", "linger", "start_paused", "budget")
NETWORKS = ("edges", "model", "backend", "threads", "isolate")
STEPS = LOOK, DEMAND, NETWORKS, DEVICES
"""Which settings one step changes, in the order of the steps: each setting has one."""

USER = "user"
"""Why frames are not wanted: the user switched the camera off."""
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
        self._make_output = make_output or partial(make, lasting=lasting)
        self._tell = tell
        self._assembled: Assembled | None = None
        self._started = threading.Event()
        self._deciding = threading.RLock()
        self._drawing = threading.Lock()
        self._loading, self._opening = threading.Lock(), threading.Lock()
        self._asked = self._drawn = 0
        self.saving: Sequence[Step] = ()  # what the economy does to save

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
        """What runs.

        Raises:
            DaemonBusy: It is being assembled.
        """
        if self._assembled is None:
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
        with self._deciding:
            first = self._requested
            self._assembled = assemble(
                first,
                self._tell,
                destination=self._make_output(first.output),
                wrap=self._previewed,
                on_capture=self.raw_preview.offer if self._previews else ignore,
                lasting=self._lasting,
            )
        if first.start_paused:
            self._assembled.pipeline.demand.pause(USER)
        with self._loading, self._opening:
            self._assembled.pipeline.start()
            self._started.set()
        if self._requested != first:  # a background was chosen meanwhile
            self.draw_edges()
        self.changed()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        assert self._assembled is not None
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
        keep: Callable[[Given], object] = ignore,
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
            with ExitStack() as stack:
                try:
                    self._be_alone_at(given, stack)
                except DaemonBusy:
                    if given.get("background", "none") != "none":  # hiding waits for nothing
                        self._step({"background": given["background"]}, tell, keep)
                    raise
                self._step(given, tell, keep)
        finally:
            self.changed()

    def _step(self, given: Given, tell: Tell, keep: Callable[[Given], object]) -> None:
        of_look, of_demand = self._change_look, self._change_demand
        changes = of_look, of_demand, self._change_networks, self._change_devices
        for names, step in zip(STEPS, changes, strict=True):
            part = {name: given[name] for name in names if name in given}
            if part:
                step(part, tell)
                keep(part)

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

    def reload(self) -> None:
        """Load the networks anew, as `saving` has changed.

        Raises:
            SegCamError: They cannot be loaded, or others are being loaded; all is as before.
        """
        with alone(self._loading, "SegCam is loading a model already"):
            self._load(self._requested, ignore)

    def _change_look(self, part: Given, tell: Tell) -> None:
        pipeline = self.assembled.pipeline
        with self._deciding:
            self._asked += "background" in part
            asked = self._asked
        compositor = None
        if "background" in part:
            compositor = read_background(self, part["background"], tell)
        with self._deciding:
            if compositor is not None and self._drawn > asked:
                raise DaemonBusy("Another background was chosen meanwhile", "", "Choose it again")
            self._drawn = max(self._drawn, asked) if compositor is not None else self._drawn
            try:
                pipeline.change(compositor=compositor, mirror=part.get("mirror"))
            finally:  # it holds, also where an output hangs
                self._hold(part)
        self.changed()
        self.draw_edges()

    def _change_demand(self, part: Given, _: Tell) -> None:
        with self._deciding:
            self._hold(part)
            self.assembled.pipeline.demand.change(self._requested.linger, self._requested.always_on)

    def _change_networks(self, part: Given, tell: Tell) -> None:
        settings = self._requested.replace_with(part)
        if part.keys() == {"edges"}:
            other_refiner(self.assembled.pipeline, settings)  # there before it is promised
        else:
            self._load(settings, tell)
        self._hold(part)
        self.draw_edges()

    def _load(self, settings: Settings, tell: Tell) -> None:
        from segcam.pipeline.networks import load_networks

        networks = load_networks(thrifty(settings, self.saving), tell, fetches=False)
        tell(f"Loading {networks.segmenters[0].model} on {networks.backend}")
        self.assembled.pipeline.change_segmenters(networks.segmenters)
        self.assembled.networks = networks

    def _change_devices(self, part: Given, tell: Tell) -> None:
        before, after = self._requested, self._requested.replace_with(part)
        if before != after:
            change_devices(
                self.assembled,
                before,
                after,
                make_output=self._make_output,
                wrap=self._previewed,
                tell=tell,
            )
        self._hold(part)

    def _be_alone_at(self, given: Given, stack: ExitStack) -> None:
        """Be the only one that loads or opens what is given, for as long as ``stack`` is.

        Raises:
            DaemonBusy: Another thread is at it.
        """
        if given.keys() & set(NETWORKS):
            stack.enter_context(alone(self._loading, "SegCam is loading a model already"))
        if given.keys() & set(DEVICES):
            stack.enter_context(alone(self._opening, "SegCam is opening a camera already"))

    def _hold(self, part: Given) -> None:
        """From now on this is what was asked for."""
        with self._deciding:
            self._requested = self._requested.replace_with(part)
        log.info("changed: %s", part)

    def draw_edges(self) -> None:
        """Let the refiner be the one for the present settings and savings."""
        with self._drawing:
            pipeline = self.assembled.pipeline
            refiner = other_refiner(pipeline, thrifty(self._requested, self.saving))
            if refiner is not None:
                pipeline.change(refiner=refiner)

    def _previewed(self, sink: Sink) -> Sink:
        return Previewed(sink, self.preview) if self._previews else sink
