"""Takes previews from the pipeline: wraps the sink."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from segcam.daemon.preview import VIEWER, Preview
from segcam.frame import Frame, Size
from segcam.sink.base import Output, Sink


class Previewed(Sink):
    """A sink that also passes its pictures to the preview. See the Sink protocol.

    Args:
        sink: Owned.
        preview: Gets the same pictures.
    """

    def __init__(self, sink: Sink, preview: Preview) -> None:
        self.sink, self.preview = sink, preview
        self.is_camera, self.name = True, sink.name  # the preview shows placeholders, too
        self.taken = False
        """Whether the sink itself was in use at the last check."""

    def open(self, size: Size, rate_hz: Fraction) -> None:
        """See `Sink.open`."""
        self.sink.open(size, rate_hz)
        self.name = self.sink.name

    def send(self, frame: Frame) -> None:
        """See `Sink.send`."""
        if self.sink.is_camera or not frame.is_placeholder:
            self.sink.send(frame)
        if self.preview.watched:
            self.preview.offer(frame)

    def in_use(self) -> bool:
        """Whether the sink is in use or somebody watches the preview; see `Sink.in_use`."""
        self.taken = self.sink.in_use()
        return self.taken or self.preview.watched

    def viewers(self) -> list[str]:
        """See `Sink.viewers`."""
        return self.sink.viewers() + ([VIEWER] if self.preview.watched else [])

    @property
    def lost(self) -> int:  # type: ignore[override]
        """See `Sink.lost`."""
        return self.sink.lost

    def notify(self, wake: Callable[[], object]) -> bool:
        """See `Sink.notify`."""
        self.preview.used_otherwise = wake
        return self.sink.notify(wake)

    def outputs(self, in_use: bool) -> list[Output]:  # noqa: ARG002 - the preview is none of them
        """See `Sink.outputs`."""
        return self.sink.outputs(self.taken)

    def settle(self, timeout_s: float) -> bool:
        """See `Sink.settle`."""
        return self.sink.settle(timeout_s)

    @property
    def unfinished(self) -> str:
        """See `Sink.unfinished`."""
        return self.sink.unfinished

    def abandon(self) -> None:
        """See `Sink.abandon`."""
        self.sink.abandon()

    def close(self) -> None:
        """See `Sink.close`."""
        self.sink.close()
