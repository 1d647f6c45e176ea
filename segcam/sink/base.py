"""The contract of this stage: a sink."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

from segcam.errors import SegCamError
from segcam.frame import Frame, Size


@dataclass(frozen=True, slots=True)
class Output:
    """One output and its current state.

    Attributes:
        sink: A single output, without others inside.
        in_use: Whether anybody takes its frames.
        trouble: Why it takes no frames at present, or None.
    """

    sink: Sink
    in_use: bool
    trouble: SegCamError | None = None


class Sink(Protocol):
    """Takes composites. Opened, fed and closed on one thread. Implementations inherit from it.

    Attributes:
        name: For the user: a device path, a file name.
        is_camera: Whether programs use it as a camera: then it gets a placeholder while there is no
            picture. False for files.
        keeps: Whether it stores its frames, as a file does: opening it again would start over.
        lost: Frames that it accepted but could not pass on, since the program started.
    """

    name: str
    is_camera: bool
    keeps: bool = False
    lost: int = 0

    def open(self, size: Size, rate_hz: Fraction) -> None:
        """Acquire the device or file for frames of (H, W) at ``rate_hz``.

        Raises:
            SinkError: It cannot be opened; nothing stays open.
        """

    def send(self, frame: Frame) -> None:
        """Hand over one composite; keeps no reference to it.

        Raises:
            SinkError: The frame did not arrive.
        """

    def in_use(self) -> bool:
        """Whether anybody takes the frames right now; True if unknown.

        Call on the sink's thread, while it is open; cheap enough for every frame.

        Raises:
            SinkLost: The device is gone.
        """
        return True

    def notify(self, wake: Callable[[], object]) -> bool:  # noqa: ARG002
        """From now on call ``wake`` whenever `in_use` may have changed, from any thread.

        On the sink's thread, while it is open.

        Returns:
            False: this output cannot notify, so poll it.
        """
        return False

    def viewers(self) -> list[str]:
        """Names of the programs that watch, if this user may see them. From any thread; slow."""
        return []

    def outputs(self, in_use: bool) -> list[Output]:
        """This output, or each output inside it; empty if there is none.

        From any thread; quick.

        Args:
            in_use: The last answer of `in_use` on the sink's thread.
        """
        return [Output(self, in_use)]

    def settle(self, timeout_s: float) -> bool:  # noqa: ARG002
        """Wait until every frame so far has been sent or dropped. From any thread.

        Returns:
            False: an output still holds one after ``timeout_s``.
        """
        return True

    @property
    def unfinished(self) -> str:
        """Names of files that would be lost if the process ended now. From any thread; quick."""
        return ""

    def abandon(self) -> None:
        """The result is not wanted any more: `close` discards unusable files.

        From any thread, also while `close` runs.
        """
        return  # not abstract: only files have something to discard

    def close(self) -> None:
        """Finish the output and release everything. May be called twice.

        Raises:
            SinkError: The output could not be finished (a full disk).
        """
