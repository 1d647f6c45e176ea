"""What can happen to a camera loop: one line of the table, and what goes on meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Protocol

from leak import breakages
from leak.breakages import Act, full_disk
from leak.faults import Fault
from leak.recorder import Recorder

from segcam.composite.background import Blurred, Plain
from segcam.composite.compositor import RoomHidden

Part = Literal[
    "nothing", "source", "decoder", "model", "refiner", "edge network", "compositor", "sink", "file"
]
FAULT_S = 1.25
"""Longer than the time after which a card is due: half a second, and 0.75 s from the net."""


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
    with full_disk():
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
    act: Act = breakages.writes_nothing
    lasts: bool = False
    at_start: bool = False
    spare: bool = False
    loaded: bool = False
    meanwhile: Callable[[Scene], None] = wait_a_while
    returns: bool = True
    harmless: bool = False
