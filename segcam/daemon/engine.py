"""The pipeline that runs, and what of it was chosen; changes it when it is asked to."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any

from segcam.api.messages import Change
from segcam.daemon.server import Tell
from segcam.errors import DaemonBusy, UsageError
from segcam.model_card import ModelCard
from segcam.pipeline.assemble import make_compositor
from segcam.pipeline.networks import Isolate, make_networks, make_refiner
from segcam.pipeline.pipeline import Pipeline
from segcam.refine.base import Refiner
from segcam.segment.registry import GROUPS
from segcam.segment.registry import find as find_backend
from segcam.settings import Settings, parse_background, replaces_room
from segcam.sink.base import Sink
from segcam.source.base import SourceInfo
from segcam.zoo.library import DEFAULT, require_segmenter
from segcam.zoo.library import find as find_model

log = logging.getLogger(__name__)

LOOK, NETWORKS = ("background", "mirror"), ("model", "backend", "edges")
"""Which choices change at once, and for which something is loaded."""


class Engine:
    """What clients ask about and change.

    Args:
        pipeline: Started.
        info: What its source said.
        sink: Where its frames go.
        choices: What it was made of.
        threads: Of one inference, also of models that come later.
        isolate: The same.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        info: SourceInfo,
        sink: Sink,
        choices: Settings,
        *,
        threads: int = 1,
        isolate: Isolate = "auto",
    ) -> None:
        self.pipeline, self.info, self.sink = pipeline, info, sink
        self.choices = choices
        """As they are now."""
        self.since = datetime.now().astimezone()
        self.started_s = time.monotonic()
        self._threads, self._isolate = threads, isolate
        self._deciding = threading.Lock()
        self._drawing = threading.Lock()
        self._loading = threading.Lock()

    def change(self, wanted: Change, tell: Tell) -> None:
        """Do from now on what is asked for. From any thread; takes as long as loading takes.

        First all is checked that can be at once. Then the background changes: who hides the room
        does not wait for a model. A model that cannot be loaded leaves the old one at work.

        Args:
            wanted: What; the rest stays as it is.
            tell: Called with what takes its time.

        Raises:
            SegCamError: As ``segcam run`` with the same options; or `DaemonBusy`.
        """
        given = wanted.as_dict()
        if not given:
            raise UsageError("There is nothing to change", "", "See: segcam set --help")
        self.choices.replace_with(given)
        _check(given)
        look, networks = _part_of(given, LOOK), _part_of(given, NETWORKS)
        with self._loading_alone() if networks else nullcontext():
            if look:
                self._change_look(look)
            if networks:
                self._change_networks(networks, tell)
        log.info("changed: %s", given)

    def _change_look(self, given: Mapping[str, Any]) -> None:
        compositor = None
        if "background" in given:
            compositor = make_compositor(parse_background(given["background"]), self.info.size)
        self._apply(given, compositor=compositor, mirror=given.get("mirror"))

    def _change_networks(self, given: Mapping[str, Any], tell: Tell) -> None:
        if given.keys() != {"edges"}:
            tell("Choosing the processor")
            choices = self.choices.replace_with(given)
            card, path = _find(choices.model)
            networks = make_networks(
                card, path, choices.backend, threads=self._threads, isolate=self._isolate
            )
            tell(f"Loading {card.name} on {networks.backend}")
            self.pipeline.change_segmenters(networks.segmenters)
        self._apply(given)

    def _apply(self, given: Mapping[str, Any], **parts: Any) -> None:
        with self._deciding:  # the last to change it is the last to say what it is
            choices = self.choices.replace_with(given)
            # Checked only when edges were asked for: a missing edge network must not block hiding.
            if "edges" in given:
                self._other_refiner(choices)
            try:
                self.pipeline.change(**parts)
            finally:  # it holds, also where an output hangs
                self.choices = choices
        with self._drawing:
            refiner = self._other_refiner(self.choices)
            if refiner is not None:
                self.pipeline.change(refiner=refiner)

    def _other_refiner(self, choices: Settings) -> Refiner | None:
        """The refiner for these choices, None where the one at work draws the same edges."""
        segmenter = self.pipeline.segmenter
        refiner = make_refiner(
            choices.edges,
            segmenter.model,
            segmenter.backend.name,
            self._threads,
            replaced=replaces_room(parse_background(choices.background)),
            isolate=self._isolate,
        )
        return refiner if refiner.edges != self.pipeline.edges else None

    @contextmanager
    def _loading_alone(self) -> Iterator[None]:
        """Refuses instead of waiting: drivers may take minutes to compile a model."""
        if not self._loading.acquire(blocking=False):
            raise DaemonBusy("SegCam is loading a model already", "", "Try again when it has")
        try:
            yield
        finally:
            self._loading.release()


def _check(given: Mapping[str, Any]) -> None:
    """Refuse what can be seen to be wrong without loading anything."""
    if "model" in given:
        _find(given["model"])
    if given.get("backend", "auto") not in GROUPS:
        find_backend(given["backend"])


def _find(model: str) -> tuple[ModelCard, Path]:
    card, path = find_model(DEFAULT if model == "auto" else model)
    require_segmenter(card)
    return card, path


def _part_of(given: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: given[name] for name in names if name in given}
