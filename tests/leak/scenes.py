"""Events in a camera loop: one line of the table, with the actions during the fault."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Protocol

from leak import breakages
from leak.breakages import Act, full_disk
from leak.detector import leaks
from leak.faults import CARD, SMALL_CARD, Fault, SlowBackend
from leak.recorder import Recorder
from support.waiting import LIMIT_S

from segcam.composite.background import Blurred, Color
from segcam.composite.compositor import Compositor, RoomHidden, RoomShown
from segcam.model_card import ModelCard
from segcam.segment.base import Backend

Part = Literal[
    "nothing", "source", "decoder", "model", "refiner", "edge network", "compositor", "sink", "file"
]
FAULT_S = 1.25
"""Longer than the time after which a placeholder is due: half a second, and 0.75 s from the net."""


class Loop(Protocol):
    """A camera loop: the pipeline, or the loop without protection."""

    def start(self) -> object:
        """Start the frames."""

    def change(self, *, compositor: Compositor) -> None:
        """Change the background."""

    def change_model(self, card: ModelCard, backend: Backend) -> None:
        """Switch to another model, if it can be loaded."""

    def stop(self) -> None:
        """End."""


@dataclass
class Scene:
    """One run: the parts, the client and the running loop.

    Attributes:
        fault: The fault of a part.
        client: The recorder.
        make: Another loop of the same kind.
        loop: The running loop.
        shown_s: Periods in which the room may be visible, because the background is "none".
    """

    fault: Fault
    client: Recorder
    make: Callable[[], Loop]
    loop: Loop = field(init=False)
    shown_s: list[tuple[float, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.loop = self.make()


def wait_a_while(_scene: Scene) -> None:
    """The fault lasts long enough for a placeholder."""
    time.sleep(FAULT_S)


def stop(scene: Scene) -> None:
    """The loop ends in mid-picture."""
    scene.loop.stop()


def start_and_stop(scene: Scene) -> None:
    """The user starts and stops repeatedly."""
    for _ in range(6):
        scene.loop.stop()
        scene.loop = scene.make()
        scene.loop.start()
        time.sleep(0.1)


def fill_the_disk(_scene: Scene) -> None:
    """The disk becomes full."""
    with full_disk():
        time.sleep(2 * FAULT_S)


def change_backgrounds(scene: Scene) -> None:
    """The user tries all backgrounds."""
    backgrounds = [Blurred(strength) for strength in (0, 30, 60, 100)]
    for turn in range(100):
        colour = Color((40 + turn, 54, 34))
        behind = backgrounds[turn % 4] if turn % 3 else colour
        scene.loop.change(compositor=RoomHidden(behind))
        time.sleep(FAULT_S / 50)
    scene.loop.change(compositor=RoomHidden(backgrounds[0]))


def show_and_hide(scene: Scene) -> None:
    """The user switches to "none" and back repeatedly."""
    for _ in range(10):
        since_s = time.monotonic()
        scene.loop.change(compositor=RoomShown())
        assert scene.client.wait_for(leaks, since_s, LIMIT_S), "none did not show the room"
        scene.loop.change(compositor=RoomHidden(Blurred(0)))
        scene.shown_s.append((since_s, time.monotonic()))
        time.sleep(0.1)


def change_models(scene: Scene) -> None:
    """The user tries models, of which one in three cannot be loaded."""
    for turn in range(6):
        card = (SMALL_CARD, CARD)[turn % 2]
        scene.loop.change_model(card, SlowBackend(fails=turn % 3 == 1))
        time.sleep(0.1)


@dataclass(frozen=True)
class Case:
    """One line of the table.

    Attributes:
        name: Name in the table.
        part: The part that breaks.
        act: Its faulty behaviour.
        lasts: The fault never ends.
        at_start: The fault is there from the beginning.
        spare: There is a second segmenter that works.
        loaded: Every core is busy with something else.
        meanwhile: The actions during the fault.
        returns: Whether the picture is live again.
        harmless: It cannot show the room in any loop.
    """

    name: str
    part: Part = "nothing"
    act: Act = breakages.writes_nothing
    lasts: bool = False
    at_start: bool = False
    spare: bool = False
    loaded: bool = False
    meanwhile: Callable[[Scene], None] = wait_a_while
    returns: bool = True
    harmless: bool = False
