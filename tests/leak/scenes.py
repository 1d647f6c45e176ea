"""Runs a camera loop through one fault while a client records, and judges what the client got."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from leak import faults
from leak.detector import leaks
from leak.faults import Act, Fault, Recorder
from leak.room import Camera
from leak.unprotected import Unprotected

from segcam.card import load_card
from segcam.composite.background import Blurred, Plain
from segcam.composite.compositor import Compositor, RoomHidden
from segcam.errors import SegCamError
from segcam.frame import Frame
from segcam.pipeline.pipeline import Pipeline
from segcam.refine.base import Refiner
from segcam.refine.learned import LearnedRefiner
from segcam.refine.refiner import MatteRefiner
from segcam.segment.segmenter import Segmenter
from segcam.sink.file import FileSink
from segcam.source.base import Source

Part = Literal[
    "nothing", "source", "decoder", "model", "refiner", "edge network", "compositor", "sink", "file"
]
FAULT_S = 0.75
"""Longer than the half second after which a card is due."""
LIVE_LIMIT_S = 8.0
UNPROTECTED_LIMIT_S = 1.0
"""No more patience with a loop that may have taken a NaN into its memory."""
TAIL_S = 0.15
"""What comes right after a fault may be the worst of it."""
SHARP_CHROMA = 15
"""Levels between neighbours: the walker's outline has 40, cards and privacy frames 8 at most."""
EDGES = Path(__file__).parents[2] / "segcam" / "zoo" / "cards" / "edge-refiner.toml"


class Loop(Protocol):
    """What runs a camera: the pipeline, or the loop without protection."""

    def start(self) -> object:
        """Let the frames go."""

    def stop(self) -> None:
        """End."""


@dataclass
class Scene:
    """One run: the parts, the client and the loop at work.

    Attributes:
        fault: What is wrong with which part.
        client: Records.
        compositor: The one without a fault.
        make: Another loop of the same kind.
        loop: The one that runs.
    """

    fault: Fault
    client: Recorder
    compositor: RoomHidden
    make: Callable[[], Loop]
    loop: Loop = field(init=False)

    def __post_init__(self) -> None:
        self.loop = self.make()


def wait_a_while(_scene: Scene) -> None:
    """The fault lasts long enough for a card."""
    time.sleep(FAULT_S)


def stop(scene: Scene) -> None:
    """The loop ends in mid-picture."""
    scene.loop.stop()


def start_and_stop(scene: Scene) -> None:
    """Somebody cannot make up his mind."""
    for _ in range(6):
        scene.loop.stop()
        scene.loop = scene.make()
        scene.loop.start()
        time.sleep(0.1)


def fill_the_disk(_scene: Scene) -> None:
    """There is no more room for what is written."""
    with faults.full_disk():
        time.sleep(2 * FAULT_S)


def change_backgrounds(scene: Scene) -> None:
    """Somebody tries all backgrounds."""
    backgrounds = [Blurred(strength) for strength in (0, 30, 60, 100)]
    for turn in range(100):
        colour = Plain((40 + turn, 54, 34))
        scene.compositor.background = backgrounds[turn % 4] if turn % 3 else colour
        time.sleep(FAULT_S / 50)
    scene.compositor.background = backgrounds[0]


@dataclass(frozen=True)
class Case:
    """One line of the table.

    Attributes:
        name: For people.
        part: What breaks.
        act: How.
        lasts: The fault never ends.
        at_start: It is there from the beginning.
        spare: There is a second segmenter that works.
        loaded: Every core is busy with something else.
        meanwhile: What happens while the fault lasts.
        returns: Whether the picture is live again.
        harmless: Nothing of it can show the room, whatever the loop does.
    """

    name: str
    part: Part = "nothing"
    act: Act = faults.writes_nothing
    lasts: bool = False
    at_start: bool = False
    spare: bool = False
    loaded: bool = False
    meanwhile: Callable[[Scene], None] = wait_a_while
    returns: bool = True
    harmless: bool = False


@dataclass(frozen=True)
class Result:
    """What the client got.

    Attributes:
        frames: How many.
        leaks: How many of them show the room.
        leaks_since: The same, since the fault began.
        placeholder_s: From the fault's beginning to the first frame without a person; None: never.
        live_s: From its end to the first live frame (where it lasts, from the placeholder).
    """

    frames: int
    leaks: int
    leaks_since: int
    placeholder_s: float | None
    live_s: float | None


def protected(case: Case) -> Result:
    """The case, played to the product's pipeline."""
    return _play(case, _pipeline, LIVE_LIMIT_S)


def unprotected(case: Case) -> Result:
    """The case, played to the loop most people write."""
    return _play(replace(case, returns=True), _unprotected, UNPROTECTED_LIMIT_S)


def is_live(frame: Frame) -> bool:
    """Whether somebody can be seen: an outline in colour."""
    return int(np.abs(np.diff(frame.v.astype(np.int16), axis=1)).max()) > SHARP_CHROMA


def _play(case: Case, make_loop: Callable[..., Loop], patience_s: float) -> Result:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if case.loaded:
            stack.enter_context(_busy_cores())
        scene = _scene(case, make_loop, folder)
        stack.callback(_end, scene)
        began_s, ended_s = _happen(case, scene)
        if case.returns:
            scene.client.wait_for(is_live, ended_s, patience_s)
            time.sleep(TAIL_S)
        over_s = time.monotonic()
    return _judge(scene.client, began_s, ended_s, over_s)


def _happen(case: Case, scene: Scene) -> tuple[float, float]:
    """Let the fault come and go; when it did, ``time.monotonic()``."""
    began_s = time.monotonic()
    if case.at_start:
        scene.fault.begin()
    starter = threading.Thread(target=_start, args=(scene.loop,), daemon=True)
    starter.start()
    if not case.at_start:
        starter.join()
        assert scene.client.wait_for(is_live, began_s, LIVE_LIMIT_S), "never live"
        time.sleep(0.2)
        began_s = time.monotonic()
        scene.fault.begin()
    case.meanwhile(scene)
    if case.lasts:
        return began_s, began_s
    scene.fault.end()
    return began_s, time.monotonic()


def _start(loop: Loop) -> None:
    with suppress(SegCamError):
        loop.start()


def _end(scene: Scene) -> None:
    scene.fault.end()
    with suppress(SegCamError):
        scene.loop.stop()


def _judge(client: Recorder, began_s: float, ended_s: float, over_s: float) -> Result:
    leaking = [at_s for at_s, frame in client.frames if leaks(frame)]
    seen = [(s, is_live(frame)) for s, frame in client.frames if began_s <= s < over_s]
    hidden_s = next((s for s, live in seen if not live), None)
    if began_s == ended_s and hidden_s is not None:  # it lasts: live again in spite of it
        ended_s = hidden_s
    live_s = next((s for s, live in seen if s >= ended_s and live), None)
    return Result(
        frames=len(client.frames),
        leaks=len(leaking),
        leaks_since=sum(s >= began_s for s in leaking),
        placeholder_s=None if hidden_s is None else hidden_s - began_s,
        live_s=None if live_s is None else live_s - ended_s,
    )


def _scene(case: Case, make_loop: Callable[..., Loop], folder: Path) -> Scene:
    fault = Fault(case.act)
    compositor = RoomHidden(Blurred(0))
    client = _client(case, fault, folder)

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
            sink=client,
        )

    return Scene(fault, client, compositor, make)


def _source(case: Case, fault: Fault) -> Source:
    if case.part == "source":
        return faults.FaultyCamera(fault)
    return faults.FaultyJpegCamera(fault) if case.part == "decoder" else Camera()


def _refiner(case: Case, fault: Fault) -> Refiner:
    refiner = MatteRefiner()
    if case.part == "edge network":
        return LearnedRefiner(load_card(EDGES), lambda: faults.FaultyNetwork(fault), refiner)
    return faults.FaultyRefiner(refiner, fault) if case.part == "refiner" else refiner


def _client(case: Case, fault: Fault, folder: Path) -> Recorder:
    if case.part != "file":
        return Recorder(fault if case.part == "sink" else None)
    return Recorder(sink=FileSink(folder / "call.gif"))


def _pipeline(
    case: Case,
    fault: Fault,
    source: Source,
    refiner: Refiner,
    compositor: Compositor,
    sink: Recorder,
) -> Loop:
    backends = [faults.ColourBackend(fault if case.part == "model" else None)]
    backends += [faults.ColourBackend()] if case.spare else []
    segmenters = [Segmenter(faults.CARD, Path(), backend) for backend in backends]
    return Pipeline(
        source,
        segmenters=segmenters,
        matte_size=segmenters[0].matte_size,
        refiner=refiner,
        compositor=compositor,
        sink=sink,
    )


def _unprotected(
    case: Case,
    fault: Fault,
    source: Source,
    refiner: Refiner,
    compositor: Compositor,
    sink: Recorder,
) -> Loop:
    backend = faults.ColourBackend(fault if case.part == "model" else None)
    return Unprotected(source, faults.CARD, backend, refiner, compositor, sink)


@contextmanager
def _busy_cores() -> Iterator[None]:
    command = [sys.executable, "-c", "while True: pass"]
    with ExitStack() as stack:
        for _ in range(os.cpu_count() or 1):
            process = stack.enter_context(subprocess.Popen(command))
            stack.callback(process.kill)
        yield
