"""What a sink is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

from segcam.errors import SegCamError
from segcam.frame import Frame, Size


@dataclass(frozen=True, slots=True)
class Output:
    """One output and how it is now.

    Attributes:
        sink: The output itself, one that holds no others.
        in_use: Whether anybody takes its frames.
        trouble: Why it takes no frames at present, None while it does.
    """

    sink: Sink
    in_use: bool
    trouble: SegCamError | None = None


class Sink(Protocol):
    """Takes composites. Opened, fed and closed on one thread. Implementations inherit from it.

    Attributes:
        name: For people: a device path, a file name.
        is_camera: Whether programs take its frames as a camera's: it gets a placeholder while there
            is no picture. False for files.
        keeps: Whether what it was sent stays, as in a file: opened again it would start anew.
        lost: Frames that it took and could not pass on, since the program started.
    """

    name: str
    is_camera: bool
    keeps: bool = False
    lost: int = 0

    def open(self, size: Size, rate_hz: Fraction) -> None:
        """Acquire the device or file for frames of (H, W) at ``rate_hz``.

        Raises:
            SinkError: It cannot be opened; nothing is held then.
        """

    def send(self, frame: Frame) -> None:
        """Hand over one composite; keeps no reference to it.

        Raises:
            SinkError: The frame did not arrive.
        """

    def in_use(self) -> bool:
        """Whether anybody takes the frames right now; True where that cannot be told.

        On the sink's thread, while it is open; cheap enough to be asked every frame.

        Raises:
            SinkLost: The device is gone.
        """
        return True

    def notify(self, wake: Callable[[], object]) -> bool:  # noqa: ARG002
        """Call ``wake`` whenever `in_use` may answer differently from now on, from any thread.

        On the sink's thread, while it is open.

        Returns:
            False: this output cannot tell, and is to be asked again and again.
        """
        return False

    def viewers(self) -> list[str]:
        """Names of the programs that watch, as far as this user may know. From any thread; slow."""
        return []

    def outputs(self, in_use: bool) -> list[Output]:
        """This output, or each of those that it holds; none where nothing comes out.

        From any thread; quick.

        Args:
            in_use: What `in_use` last answered on the sink's thread.
        """
        return [Output(self, in_use)]

    def settle(self, timeout_s: float) -> bool:  # noqa: ARG002
        """Wait until every frame that was handed over has gone out or never will. From any thread.

        Returns:
            False: after ``timeout_s`` an output still holds one.
        """
        return True

    @property
    def unfinished(self) -> str:
        """What would be lost if the process ended now: names of files. From any thread; quick."""
        return ""

    def abandon(self) -> None:
        """Nobody waits for the result any more: `close` discards what cannot be used as it is.

        From any thread, also while `close` is at work.
        """
        return  # not abstract: only files have something to discard

    def close(self) -> None:
        """Finish the output and release everything. May be called twice.

        Raises:
            SinkError: What was sent could not be finished (a full disk).
        """
