"""The table of faults."""

from __future__ import annotations

from leak import breakages
from leak.breakages import raises
from leak.scenes import (
    Case,
    change_backgrounds,
    change_models,
    fill_the_disk,
    show_and_hide,
    start_and_stop,
    stop,
)

from segcam.errors import BackendFailed, CameraLost, SinkLost

QUICK = (
    Case(
        "background none and back, every core busy",
        meanwhile=show_and_hide,
        loaded=True,
        harmless=True,
    ),
    Case("models changed, every core busy", meanwhile=change_models, loaded=True),
    Case("camera pulled out", "source", raises(CameraLost)),
    Case("JPEG decoder gets half a picture", "decoder", breakages.half_of),
    Case("model answers ones", "model", breakages.answers(1)),
    Case("model hangs", "model", breakages.hangs),
    Case("refiner answers 255 everywhere", "refiner", breakages.answers(255)),
    Case("compositor fails", "compositor", raises(RuntimeError)),
    Case("virtual camera lost", "sink", raises(SinkLost)),
)
THOROUGH = (
    Case("nothing: the start", at_start=True),
    Case("nothing: the stop", meanwhile=stop, returns=False, harmless=True),
    Case("started and stopped, every core busy", meanwhile=start_and_stop, loaded=True),
    Case(
        "backgrounds changed, every core busy",
        meanwhile=change_backgrounds,
        loaded=True,
        harmless=True,
    ),
    Case("camera fails with a fault of its driver", "source", raises(RuntimeError)),
    Case("camera hangs", "source", breakages.hangs),
    Case("camera delivers the buffer as it was", "source", breakages.writes_nothing, harmless=True),
    Case("camera changes its size", "source", breakages.sends_another_size, harmless=True),
    Case("JPEG decoder gets rubbish", "decoder", breakages.rubbish_for),
    Case("JPEG decoder gets a torn picture", "decoder", breakages.torn),
    Case("JPEG decoder gets nothing", "decoder", breakages.nothing_of),
    Case("model answers NaN", "model", breakages.answers(float("nan")), harmless=True),
    Case("model answers infinity", "model", breakages.answers(float("inf")), harmless=True),
    Case("model answers zeros", "model", breakages.answers(0), harmless=True),
    Case("model answers 0.45", "model", breakages.answers(0.45)),
    Case("model answers 1000", "model", breakages.answers(1000)),
    Case("model repeats its last matte", "model", breakages.writes_nothing),
    Case("model answers another shape", "model", breakages.answers_another_shape),
    Case("model fails", "model", raises(BackendFailed)),
    Case(
        "model fails for good, another takes over", "model", raises(BackendFailed), True, spare=True
    ),
    Case("model fails with a fault of its runtime", "model", raises(ValueError)),
    Case("model runs out of memory", "model", breakages.runs_out_of_memory),
    Case(
        "model runs out of memory for good, another takes over",
        "model",
        breakages.runs_out_of_memory,
        lasts=True,
        spare=True,
    ),
    Case("model hangs from the start", "model", breakages.hangs, at_start=True),
    Case("refiner fails", "refiner", raises(ValueError), harmless=True),
    Case("refiner hangs", "refiner", breakages.hangs),
    Case(
        "refiner leaves the last matte in place", "refiner", breakages.writes_nothing, harmless=True
    ),
    Case("edge network answers ones", "edge network", breakages.answers(1)),
    Case(
        "edge network answers NaN", "edge network", breakages.answers(float("nan")), harmless=True
    ),
    Case("edge network fails", "edge network", raises(BackendFailed), harmless=True),
    Case("edge network hangs", "edge network", breakages.hangs),
    Case("edge network leaves its last matte in place", "edge network", breakages.writes_nothing),
    Case("compositor runs out of memory", "compositor", breakages.runs_out_of_memory),
    Case("compositor hangs", "compositor", breakages.hangs),
    Case("virtual camera fails with a fault of its driver", "sink", raises(OSError)),
    Case("virtual camera hangs", "sink", breakages.hangs),
    Case(
        "disk full while a file is written beside the camera",
        "file",
        meanwhile=fill_the_disk,
        harmless=True,
    ),
)
CASES = QUICK + THOROUGH
