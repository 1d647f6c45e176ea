"""What is broken, and how: the table."""

from __future__ import annotations

from leak import faults
from leak.faults import raises
from leak.scenes import Case, change_backgrounds, fill_the_disk, start_and_stop, stop

from segcam.errors import BackendFailed, CameraLost, SinkLost

QUICK = (
    Case("camera pulled out", "source", raises(CameraLost)),
    Case("JPEG decoder gets half a picture", "decoder", faults.half_of),
    Case("model answers ones", "model", faults.answers(1)),
    Case("model hangs", "model", faults.hangs),
    Case("refiner answers 255 everywhere", "refiner", faults.answers(255)),
    Case("compositor fails", "compositor", raises(RuntimeError), returns=False),
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
    Case("camera fails with a fault of its driver", "source", raises(RuntimeError), returns=False),
    Case("camera hangs", "source", faults.hangs),
    Case("camera delivers the buffer as it was", "source", faults.writes_nothing, harmless=True),
    Case("camera changes its size", "source", faults.sends_another_size, harmless=True),
    Case("JPEG decoder gets rubbish", "decoder", faults.rubbish_for),
    Case("JPEG decoder gets a torn picture", "decoder", faults.torn),
    Case("JPEG decoder gets nothing", "decoder", faults.nothing_of),
    Case("model answers NaN", "model", faults.answers(float("nan")), harmless=True),
    Case("model answers infinity", "model", faults.answers(float("inf")), harmless=True),
    Case("model answers zeros", "model", faults.answers(0), harmless=True),
    Case("model answers 0.45", "model", faults.answers(0.45)),
    Case("model answers 1000", "model", faults.answers(1000)),
    Case("model repeats its last matte", "model", faults.writes_nothing),
    Case("model answers another shape", "model", faults.answers_another_shape),
    Case("model fails", "model", raises(BackendFailed)),
    Case(
        "model fails for good, another takes over", "model", raises(BackendFailed), True, spare=True
    ),
    Case("model fails with a fault of its runtime", "model", raises(ValueError)),
    Case("model runs out of memory", "model", faults.runs_out_of_memory),
    Case(
        "model runs out of memory for good, another takes over",
        "model",
        faults.runs_out_of_memory,
        lasts=True,
        spare=True,
    ),
    Case("model hangs from the start", "model", faults.hangs, at_start=True),
    Case("refiner fails", "refiner", raises(ValueError), returns=False, harmless=True),
    Case("refiner hangs", "refiner", faults.hangs),
    Case("refiner leaves the last matte in place", "refiner", faults.writes_nothing, harmless=True),
    Case("edge network answers ones", "edge network", faults.answers(1)),
    Case("edge network answers NaN", "edge network", faults.answers(float("nan")), harmless=True),
    Case("edge network fails", "edge network", raises(BackendFailed), harmless=True),
    Case("edge network hangs", "edge network", faults.hangs),
    Case("compositor runs out of memory", "compositor", faults.runs_out_of_memory, returns=False),
    Case("compositor hangs", "compositor", faults.hangs),
    Case("virtual camera fails with a fault of its driver", "sink", raises(OSError), returns=False),
    Case("virtual camera hangs", "sink", faults.hangs),
    Case(
        "disk full while a file is written",
        "file",
        meanwhile=fill_the_disk,
        returns=False,
        harmless=True,
    ),
)
CASES = QUICK + THOROUGH
