"""Steps of a pipeline's start.

They are functions because bound methods would form cycles that keep the pool alive until garbage
collection.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from segcam.pipeline.look import CurrentLook, load
from segcam.pipeline.pool import Lease
from segcam.pipeline.slot import Slot
from segcam.refine.base import Refiner
from segcam.segment.base import Segmenter
from segcam.worker import Worker

Loaded = tuple[Sequence[Segmenter], Refiner]
"""Segmenters in the order of preference, and their refiner."""
_SENT_S = 2.0
"""If a frame takes longer than this, an output hangs."""


def find_segmenters(find: Callable[[], Loaded], current: CurrentLook) -> Sequence[Segmenter]:
    """Find the segmenters and load the refiner."""
    segmenters, refiner = find()
    if refiner is not current.look.refiner:
        current.change(_SENT_S, refiner=refiner)
    load(refiner)
    return segmenters


def open_worker(worker: Worker) -> None:
    """Start a worker, and wait until its stage is open or will be tried again later."""
    worker.start()
    worker.wait_tried()


def close_first(slots: list[Slot[Lease]]) -> None:
    """Close the first of the slots."""
    for slot in slots[:1]:
        slot.close()
