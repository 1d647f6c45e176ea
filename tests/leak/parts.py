"""The parts of a camera, one of them faulty, in a pipeline or in a simple loop."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from leak import faults
from leak.faults import Fault
from leak.recorder import Recorder
from leak.room import Camera
from leak.scenes import Case, Loop, Scene
from leak.unprotected import Unprotected

from segcam.composite.background import Blurred
from segcam.composite.compositor import Compositor, RoomHidden
from segcam.errors import BackendFailed
from segcam.model_card import ModelCard, load_card
from segcam.pipeline.pipeline import Pipeline
from segcam.refine.base import Refiner
from segcam.refine.learned import LearnedRefiner
from segcam.refine.refiner import MatteRefiner
from segcam.segment.base import Backend
from segcam.segment.segmenter import ModelSegmenter
from segcam.sink.base import Sink
from segcam.sink.file import FileSink
from segcam.sink.several import Several
from segcam.source.base import Source

EDGES = Path(__file__).parents[2] / "segcam" / "zoo" / "cards" / "edge-refiner.toml"
MakeLoop = Callable[..., Loop]


def make_scene(case: Case, make_loop: MakeLoop, folder: Path) -> Scene:
    """The parts of ``case``, including the faulty one; files go into ``folder``."""
    fault = Fault(case.act)
    compositor = RoomHidden(Blurred(0))
    client = Recorder(fault if case.part == "sink" else None)

    def make() -> Loop:
        return make_loop(
            case,
            fault,
            source=_source(case, fault),
            refiner=_refiner(case, fault),
            compositor=(
                faults.FaultyCompositor(compositor, fault)
                if case.part == "compositor"
                else compositor
            ),
            sink=_sink(case, client, folder),
        )

    return Scene(fault, client, make)


def _source(case: Case, fault: Fault) -> Source:
    if case.part == "source":
        return faults.FaultyCamera(fault)
    return faults.FaultyJpegCamera(fault) if case.part == "decoder" else Camera()


def _refiner(case: Case, fault: Fault) -> Refiner:
    refiner = MatteRefiner()
    if case.part == "edge network":
        card = load_card(EDGES)
        return LearnedRefiner(card, lambda: faults.FaultyNetwork(card, fault), refiner)
    return faults.FaultyRefiner(refiner, fault) if case.part == "refiner" else refiner


def _sink(case: Case, client: Recorder, folder: Path) -> Sink:
    """The client's camera, and a recording beside it where that is to fail."""
    if case.part != "file":
        return client
    return Several([client, FileSink(folder / "call.mkv")])


class Product(Pipeline):
    """The pipeline, with the same interface for models as the simple loop."""

    def change_model(self, card: ModelCard, backend: Backend) -> None:
        """Load another model in parallel with the running one."""
        with suppress(BackendFailed):
            self.change_segmenters([ModelSegmenter(card, Path(), backend)])


def pipeline(
    case: Case,
    fault: Fault,
    source: Source,
    refiner: Refiner,
    compositor: Compositor,
    sink: Sink,
) -> Loop:
    """The product."""
    backends = [faults.ColourBackend(fault if case.part == "model" else None)]
    backends += [faults.ColourBackend()] if case.spare else []
    segmenters = [ModelSegmenter(faults.CARD, Path(), backend) for backend in backends]
    return Product(
        source,
        segmenters=segmenters,
        refiner=refiner,
        compositor=compositor,
        sink=sink,
    )


def without_protection(
    case: Case,
    fault: Fault,
    source: Source,
    refiner: Refiner,
    compositor: Compositor,
    sink: Sink,
) -> Loop:
    """A simple loop without protection."""
    backend = faults.ColourBackend(fault if case.part == "model" else None)
    return Unprotected(source, faults.CARD, backend, refiner, compositor, sink)
