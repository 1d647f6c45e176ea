"""Reports the state of the run."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import segcam
from segcam.api.messages import PROTOCOL, Counters, OutputStatus, Phase, State
from segcam.daemon.board import Viewers
from segcam.daemon.engine import Engine
from segcam.daemon.keeper import Keeper
from segcam.daemon.preview import VIEWER
from segcam.errors import SegCamError

if TYPE_CHECKING:
    from segcam.segment.choose import Choice


def look(engine: Engine, keeper: Keeper, viewers: Viewers) -> State:
    """The current state, from memory only, in microseconds. From any thread.

    Args:
        engine: Runs the pipeline.
        keeper: Knows the presets and the errors in the settings file.
        viewers: The viewers of each output.
    """
    pipeline, requested = engine.pipeline, engine.requested
    info = pipeline.source_info if pipeline is not None else None
    target = pipeline.target if pipeline is not None else None
    segmenter = pipeline.segmenter if pipeline is not None else None
    outputs = _outputs(engine, viewers)
    watched = [VIEWER] if engine.preview.watched else []
    height, width = target.size if target is not None else (0, 0)
    trouble = (pipeline.trouble if pipeline is not None else None) or keeper.trouble
    return State(
        protocol=PROTOCOL,
        version=segcam.__version__,
        name=engine.name,
        pid=os.getpid(),
        since=engine.since.isoformat(timespec="seconds"),
        uptime_s=0.0,
        revision=0,
        phase=_phase(engine),
        requested=requested.as_dict(),
        camera=info.name if info is not None else "",
        camera_on=pipeline is not None and pipeline.source_is_open,
        width=width,
        height=height,
        rate_hz=float(target.rate_hz) if target is not None else 0.0,
        model=segmenter.model if segmenter is not None else "",
        backend=segmenter.backend.name if segmenter is not None else "",
        background=requested.background,
        edges=pipeline.edges if pipeline is not None and segmenter is not None else "",
        mirror=requested.mirror,
        preset=keeper.current_preset(requested.as_dict()),
        outputs=outputs,
        in_use=pipeline is not None and pipeline.demand.in_use,
        viewers=sorted({each for output in outputs for each in output.viewers}) + watched,
        paused=engine.paused,
        trouble=_told(trouble),
        stalled=sorted(pipeline.stalled) if pipeline is not None else [],
        notes=_notes(engine),
        saving=list(engine.saving),
        counters={},
        stages_ms={},
    )


def count(engine: Engine) -> Counters:
    """Frames so far and their cost; asks the system for the cost of children."""
    if engine.pipeline is None:
        return Counters({}, {})
    found = engine.pipeline.stats.snapshot()
    return Counters(stages_ms=found.pop("stages_ms"), counters=found)


def find_viewers(engine: Engine) -> Viewers:
    """The viewers of each output; asks the system, which may be slow."""
    destination = engine.destination
    found = destination.sink.outputs(True) if destination is not None else []
    return {each.sink.name: each.sink.viewers() for each in found}


def _phase(engine: Engine) -> Phase:
    pipeline = engine.pipeline
    if engine.starting or pipeline is None:
        return "starting"
    if engine.paused:
        return "paused"
    if pipeline.trouble is not None or pipeline.stalled:
        return "trouble"
    return "live" if pipeline.demand.wanted else "idle"


def _outputs(engine: Engine, viewers: Viewers) -> list[OutputStatus]:
    destination, pipeline = engine.destination, engine.pipeline
    if destination is None or pipeline is None:
        return []
    target = pipeline.target
    sink = target.sink if target is not None else destination.sink
    return [
        OutputStatus(
            each.sink.name,
            "camera" if each.sink.is_camera else "file",
            each.in_use,
            viewers.get(each.sink.name, []) if each.in_use else [],
            _told(each.trouble),
        )
        for each in sink.outputs(pipeline.demand.in_use)
    ]


def _notes(engine: Engine) -> list[str]:
    destination = engine.destination
    networks = engine.assembled.networks if destination is not None else None
    notes = [destination.note] if destination is not None and destination.note else []
    if engine.reading:
        notes.append(f"Reading {engine.reading}")
    notes += preparing(engine)
    for segmenter, reason in engine.pipeline.given_up if engine.pipeline is not None else ():
        notes.append(f"{segmenter.backend.name} failed and will be tried again later. {reason}")
    return notes + _of_choice(networks.choice) if networks is not None else notes


def preparing(engine: Engine) -> list[str]:
    """Tells which backends may take over soon."""
    coming = engine.pipeline.coming if engine.pipeline is not None else ()
    names = [segmenter.backend.name for segmenter in coming]
    notes = [f"{name} is being prepared and takes over when it is ready" for name in names]
    networks = engine.assembled.networks if engine.pipeline is not None else None
    if networks is not None and networks.choice.untried:
        automatic = engine.requested.backend == "auto"
        when = "while the camera is off, or in a minute" if automatic else "now"
        notes.append(
            f"Not tried yet: {', '.join(networks.choice.untried)}. They will be tried {when}"
        )
    return notes


def _of_choice(choice: Choice) -> list[str]:
    """Explains a surprising choice of backend to the user."""
    notes = [choice.reason] if choice.reason else []
    for refusal in choice.refused:
        if refusal.device:
            what = f"{refusal.name} ({refusal.device})"
            notes.append(f"Not using {what}: {refusal.reason}. {refusal.hint}")
    return notes


def _told(error: SegCamError | None) -> dict[str, str | bool] | None:
    return error.as_dict() if error is not None else None
