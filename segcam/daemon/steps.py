"""The steps of a change: how each group of settings changes the running pipeline."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from segcam.daemon.background import read_background
from segcam.daemon.devices import DEVICES, change_devices
from segcam.daemon.economy import thrifty
from segcam.daemon.edges import other_refiner
from segcam.daemon.turns import Turns, Wish
from segcam.pipeline.assemble import Tell
from segcam.pipeline.pipeline import ignore
from segcam.settings import Settings

if TYPE_CHECKING:
    from segcam.daemon.engine import Engine

Given = dict[str, Any]
"""Settings by name."""
LOOK, DEMAND = ("background", "mirror"), ("always_on", "linger", "start_paused", "budget")
NETWORKS = ("edges", "model", "backend", "threads", "isolate")
STEPS = LOOK, DEMAND, NETWORKS, DEVICES
"""The settings of each step, in the order of the steps; every setting belongs to one."""
MODEL, CAMERA = "model", "camera"
"""Parts that only one change at a time may work on."""


class Steps:
    """Carries out changes of an engine, step by step.

    A background never waits. A change that loads a model or opens a camera waits for its turn,
    which may take minutes while a driver compiles; if a newer request replaces it meanwhile, it is
    left out.

    Args:
        engine: Is changed.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._drawing = threading.Lock()
        self._turns = Turns((MODEL, CAMERA))

    def started(self) -> None:
        """The start is over: release the changes that waited for it."""
        self._turns.free(MODEL)
        self._turns.free(CAMERA)

    def coming(self) -> Given:
        """The settings that changes in progress will apply."""
        return self._turns.coming()

    def end(self) -> None:
        """SegCam ends: all waiting changes fail."""
        self._turns.end()

    def do(self, given: Given, tell: Tell, keep: Callable[[Given], object]) -> None:
        """Change the given settings.

        Args:
            given: Settings in normalised spelling.
            tell: Called with a message before a slow step.
            keep: Called with each part that took effect.

        Raises:
            SegCamError: Something is not available; the parts given to ``keep`` stay in effect.
        """
        changes = self._look, self._demand, self._networks, self._devices
        with self._turns.wish(given) as wish:
            for names, step in zip(STEPS, changes, strict=True):
                part = {name: given[name] for name in names if name in given}
                if part and (kept := step(part, wish, tell)):
                    keep(kept)  # before loading its edges, since the user may quit meanwhile
                    if names in (LOOK, NETWORKS):
                        self.draw_edges(tell)

    def reload(self, unless_same: bool) -> None:
        """See `Engine.reload`."""
        with self._turns.alone(MODEL):
            self._load(self._engine.requested, ignore, unless_same)

    def draw_edges(self, tell: Tell = ignore) -> None:
        """See `Engine.draw_edges`."""
        engine = self._engine
        with self._drawing:
            pipeline = engine.assembled.pipeline
            refiner = other_refiner(pipeline, thrifty(engine.requested, engine.saving))
            if refiner is not None:
                tell("Loading the edge network")
                pipeline.change(refiner=refiner)

    def _look(self, part: Given, wish: Wish, tell: Tell) -> Given:
        engine, compositor = self._engine, None
        pipeline = engine.assembled.pipeline
        if "background" in part:
            compositor = read_background(engine, part["background"], tell)
        with engine.deciding:
            part = _only(part, wish.hold(part))
            if compositor is not None and "background" not in part:
                compositor.close()
                compositor = None
            try:
                pipeline.change(compositor=compositor, mirror=part.get("mirror"))
            finally:  # it is in effect even if an output hangs
                engine.hold(part)
        engine.changed()
        return part

    def _demand(self, part: Given, wish: Wish, _: Tell) -> Given:
        engine = self._engine
        with engine.deciding:
            part = _only(part, wish.hold(part))
            engine.hold(part)
            demand = engine.assembled.pipeline.demand
            demand.change(engine.requested.linger, engine.requested.always_on)
        return part

    def _networks(self, part: Given, wish: Wish, tell: Tell) -> Given:
        engine = self._engine

        def wait() -> None:
            tell("Waiting for the model that is being loaded")

        with wish.turn(MODEL, part, wait) as names:
            part = _only(part, names)
            settings = engine.requested.replace_with(part)
            if part.keys() == {"edges"}:
                other_refiner(engine.assembled.pipeline, settings)  # checked before it is accepted
            elif part:
                self._load(settings, tell)
            self._hold(part, wish)
        return part

    def _load(self, settings: Settings, tell: Tell, unless_same: bool = False) -> None:
        from segcam.pipeline.networks import load_networks

        assembled = self._engine.assembled
        networks = load_networks(thrifty(settings, self._engine.saving), tell, fetches=False)
        before = assembled.networks
        if not (unless_same and before is not None and before.backend == networks.backend):
            tell(f"Loading {networks.segmenters[0].model} on {networks.backend}")
            assembled.pipeline.change_segmenters(networks.segmenters)
        assembled.networks = networks

    def _devices(self, part: Given, wish: Wish, tell: Tell) -> Given:
        engine = self._engine

        def wait() -> None:
            tell("Waiting for the camera that is being opened")

        with wish.turn(CAMERA, part, wait) as names:
            part = _only(part, names)
            before, after = engine.requested, engine.requested.replace_with(part)
            if before != after:
                change_devices(
                    engine.assembled,
                    before,
                    after,
                    make_output=engine.make_output,
                    wrap=engine.wrap,
                    tell=tell,
                )
            self._hold(part, wish)
        return part

    def _hold(self, part: Given, wish: Wish) -> None:
        if part:
            wish.hold(part)
            self._engine.hold(part)


def _only(part: Mapping[str, Any], names: set[str]) -> Given:
    return {name: value for name, value in part.items() if name in names}
