"""Builds the stages that run a model: which model, which backend, and the fallbacks."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from segcam.errors import BackendError, UsageError
from segcam.frame import F32
from segcam.model_card import Format, ModelCard
from segcam.pipeline.pipeline import ignore
from segcam.refine.base import Refiner
from segcam.refine.learned import LearnedRefiner
from segcam.refine.refiner import MatteRefiner
from segcam.segment.base import Backend
from segcam.segment.choose import Choice, choose
from segcam.segment.isolated import IsolatedBackend
from segcam.segment.memory import Tensors
from segcam.segment.registry import SPECS, create
from segcam.segment.segmenter import ModelSegmenter
from segcam.settings import Edges, Settings, parse_background, replaces_room
from segcam.zoo.download import fetch
from segcam.zoo.library import DEFAULT, EDGES, find, path_for, require_segmenter

log = logging.getLogger(__name__)

SHARP_S = 0.010
"""If the network takes longer, "auto" uses fast edges: a third of a frame period at 30 Hz."""

EDGE_RUN_S = 0.25
"""If the edge network takes this long, fast edges harm the call less than waiting."""

Isolate = Literal["auto", "devices", "always", "never"]


@dataclass(frozen=True, slots=True)
class Networks:
    """The segmenters and the refiner, and how they were chosen.

    Attributes:
        choice: The first segmenter's backend, and the reason for it.
        segmenters: In the order of preference.
        refiner: For their mattes.
    """

    choice: Choice
    segmenters: Sequence[ModelSegmenter]
    refiner: Refiner

    @property
    def backend(self) -> str:
        """Name of the first segmenter's backend."""
        return self.choice.name


@dataclass(slots=True)
class EdgeNetwork:
    """A loaded backend as the refine stage uses it: a `refine.learned.Network`."""

    input: F32
    output: F32
    run: Callable[[], None]
    close: Callable[[], None]


def load_networks(
    settings: Settings,
    tell: Callable[[str], object] = ignore,
    isolate: Isolate | None = None,
    *,
    fetches: bool = True,
) -> Networks:
    """The networks for these settings.

    Args:
        settings: What the user chose.
        tell: Called with a message for the user before a slow step.
        isolate: As in `make_backend`; None: as the settings say.
        fetches: Whether to download a published model that is missing.

    Raises:
        ModelError: The model is missing or cannot be used.
        BackendUnavailable: The machine does not have what was asked for.
        UsageError: No such model or backend.
    """
    card, path = find_segmenter(settings.model)
    if fetches:
        path = fetch(card, path, tell)
    tell("Choosing the processor")
    return make_networks(
        card,
        path,
        settings.backend,
        settings.edges,
        settings.threads,
        replaced=replaces_room(parse_background(settings.background)),
        isolate=isolate or settings.isolate,
    )


def find_segmenter(model: str) -> tuple[ModelCard, Path]:
    """Model card and file of the segmentation model; the file may have to be downloaded.

    Raises:
        ModelError: It has no model card.
        UsageError: There is no such model, or it is of another kind.
    """
    card, path = find(DEFAULT if model == "auto" else model)
    require_segmenter(card)
    return card, path


def make_networks(
    card: ModelCard,
    path: Path,
    request: str,
    edges: Edges = "auto",
    threads: int = 1,
    *,
    replaced: bool = True,
    isolate: Isolate = "auto",
) -> Networks:
    """The networks for ``--backend`` and ``--edges``: the chosen one and its fallbacks.

    Args:
        card: The model.
        path: Its original file.
        request: "auto", "npu", "gpu", "cpu" or a backend's name.
        edges: As in `make_refiner`.
        threads: Intra-op threads on the CPU.
        replaced: As in `make_refiner`.
        isolate: As in `make_backend`.

    Raises:
        BackendUnavailable: The machine does not have what was asked for.
        ModelError: The model cannot be used.
        UsageError: There is no such backend.
    """

    def path_of(wanted: Format) -> Path:
        return path_for(card, path, wanted)

    for_files = isolate == "devices"  # trying backends delays no call
    choice = choose(request, card, path_of, threads, patient=for_files)
    names = [choice.name, *choice.others]
    if not choice.others and SPECS[choice.name].kind in ("npu", "gpu"):
        names.append(choose("cpu", card, path_of, threads).name)
    segmenters = [
        ModelSegmenter(
            card,
            path_of(SPECS[name].format),
            make_backend(name, isolate),
            threads,
            follow=SPECS[name].kind != "none",  # its answer is the same for every box
            compiles=SPECS[name].kind in ("npu", "gpu"),
        )
        for name in names
    ]
    refiner = make_refiner(
        edges, card.name, choice.name, threads, replaced=replaced, isolate=isolate
    )
    return Networks(choice, segmenters, refiner)


def make_backend(name: str, isolate: Isolate, run_s: float | None = None) -> Backend:
    """A backend, not loaded.

    Args:
        name: Its name.
        isolate: Whether it gets its own process. "auto": if native code may crash or hang, and the
            system supports it, which is Linux. "devices": the same, but not on the CPU. Files have
            no call to protect, and waking another process for each frame is slow.
        run_s: Rough time limit of an inference in its own process, even on a busy processor; None:
            a busy processor gets more time.

    Raises:
        UsageError: There is no such backend, or the system cannot isolate it.
    """
    possible = sys.platform == "linux"
    if isolate == "always" and not possible:
        raise UsageError("Only Linux can isolate a backend", "", "Do not use --isolate")
    kind = SPECS[name].kind
    wanted = {
        "auto": kind != "none",
        "devices": kind in ("npu", "gpu"),
        "always": True,
        "never": False,
    }
    if not (wanted[isolate] and possible):
        return create(name)
    if run_s is None:
        return IsolatedBackend(name)
    return IsolatedBackend(name, run_s=run_s, patience_s=run_s)


def make_refiner(
    edges: Edges,
    model: str,
    backend: str,
    threads: int = 1,
    *,
    replaced: bool = True,
    isolate: Isolate = "auto",
) -> Refiner:
    """The refiner for ``--edges``; a network runs on the CPU whatever the segmenter runs on.

    Cheap: the refiner loads its network when it first refines.

    Args:
        edges: See `segcam.settings.Edges`.
        model: Name of the model that makes the coarse mattes.
        backend: Runs it. If it is "none", "auto" has no network either.
        threads: Intra-op threads of the network.
        replaced: Whether the room is replaced.
        isolate: As in `make_backend`.

    Raises:
        BackendError: No installed runtime can run the network that was asked for.
        ModelError: The network's file is missing or damaged.
    """
    fits = replaced and model == DEFAULT and SPECS[backend].kind != "none"
    if edges == "fast" or (edges == "auto" and not fits):
        return MatteRefiner()
    card, path = find(EDGES)
    try:
        name = choose("cpu", card, lambda wanted: path_for(card, path, wanted)).name
    except BackendError as error:
        if edges == "sharp":
            raise
        log.info("fast edges: %s", error)
        return MatteRefiner()

    def load() -> EdgeNetwork:
        # It runs on the output worker: if it is late, the frame does without it.
        backend = make_backend(name, isolate, EDGE_RUN_S)
        tensors = backend.load(card, path, Tensors(card), threads)
        return EdgeNetwork(tensors.input, tensors.output, backend.run, backend.close)

    limit_s = SHARP_S if edges == "auto" else None
    return LearnedRefiner(card, load, MatteRefiner(), limit_s)
