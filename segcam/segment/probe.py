"""Runs a backend once in its own process, and compares it with the CPU.

If a driver crashes, hangs or leaks memory, only the child is affected, which is this module run as
a program. The child reads one JSON object on stdin and writes one on stdout.
"""

from __future__ import annotations

import json
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from segcam import launch, process
from segcam.errors import BackendFailed, SegCamError
from segcam.frame import F32, Frame
from segcam.model_card import Format, ModelCard, parse_card, plain_fields
from segcam.segment.base import Backend
from segcam.segment.caches import driver_caches
from segcam.segment.memory import Tensors
from segcam.segment.others import BUSY, Others
from segcam.segment.patience import COMPILE_S, done_in_its_own_time
from segcam.segment.registry import Spec, create
from segcam.segment.tensor import TensorCutter

PathOf = Callable[[Format], Path]
"""Gives the model's file in a format; raises ModelError if there is none."""

_MAX_DIFFERENCE, _MAX_MEAN_DIFFERENCE = 0.02, 2e-3
"""Limit for the difference between the CPU's matte and that of a device in half precision."""
_RUNS, _FEW_RUNS, _ENOUGH_S = 20, 3, 0.15
"""Timed runs per backend: at most, at least, and the time after which to stop."""
_UPDATE = "Update the device's driver"
LIMIT_S = 90.0
"""NPU compilers take tens of seconds, once. A child that still computes then gets more time."""


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """The result of trying a backend.

    Attributes:
        name: The backend.
        device: The device's name; "" if it was not reached.
        usable: It ran, and its matte agrees with the CPU's.
        reason, hint: Why not, and the cure; "" if usable.
        median_ms: Of one inference; None if it did not run.
        cpu_ms: Processor time of one, all threads; None if it did not run.
        max_difference: Largest difference from the CPU's matte, of 1.
        postponed: Time ran out before an answer; try it again.
        busy: Other programs kept the processors busy meanwhile, so its times may be wrong.
    """

    name: str
    device: str = ""
    usable: bool = False
    reason: str = ""
    hint: str = ""
    median_ms: float | None = None
    cpu_ms: float | None = None
    max_difference: float | None = None
    postponed: bool = False
    busy: bool = False

    def as_dict(self) -> dict[str, Any]:
        """The result as plain JSON values."""
        return asdict(self)


def probe(
    spec: Spec,
    reference: Spec,
    card: ModelCard,
    path_of: PathOf,
    threads: int = 1,
    *,
    limit_s: float = LIMIT_S,
) -> ProbeResult:
    """Run ``spec`` in a child process and compare it with the CPU backend ``reference``.

    Never raises for a failure of the backend: the result reports it.

    Args:
        spec: The backend to try.
        reference: Makes the correct matte.
        card: The model.
        path_of: Gives its file in a format.
        threads: Intra-op threads on the CPU.
        limit_s: A backend that takes longer is postponed if this is below `LIMIT_S`, else it has
            failed.
    """
    try:
        request = {
            "card": plain_fields(card),
            "threads": threads,
            "backends": [[s.name, str(path_of(s.format))] for s in (reference, spec)],
        }
        return ProbeResult(**_ask_child(request, limit_s))
    except _Late as error:
        return ProbeResult(spec.name, reason=error.title, hint=error.hint, postponed=True)
    except SegCamError as error:
        return _refusal(spec.name, error)


class _Late(BackendFailed):
    """No answer came within a short time limit."""


def _refusal(name: str, error: SegCamError) -> ProbeResult:
    reason = ": ".join(part for part in (error.title, error.message) if part)
    return ProbeResult(name, reason=reason, hint=error.hint)


def _ask_child(request: dict[str, Any], limit_s: float) -> dict[str, Any]:
    with subprocess.Popen(
        launch.command("segcam.segment.probe"),
        env=launch.environment(driver_caches()),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        try:
            said, complained = _conversation(child, json.dumps(request), limit_s)
        finally:
            child.kill()
    if child.returncode or not said.strip():
        raise _broken(_death(child.returncode, complained))
    answer: dict[str, Any] = json.loads(said.splitlines()[-1])
    return answer


def _conversation(child: subprocess.Popen[str], request: str, limit_s: float) -> tuple[str, str]:
    """The child's answer to a request, from stdout and stderr."""
    said: tuple[str, str] | None = None

    def ends(limit_s: float) -> bool:
        nonlocal said
        with suppress(subprocess.TimeoutExpired):
            said = child.communicate(timeout=limit_s)
        return said is not None

    with suppress(subprocess.TimeoutExpired):
        said = child.communicate(request, timeout=limit_s)
    if said is None and limit_s < LIMIT_S:
        raise _Late("it was not ready in time", "", "To try it: segcam backends")
    start = time.monotonic()
    if said is None and not done_in_its_own_time(child.pid, ends, limit_s / 2, COMPILE_S):
        raise _broken(f"it gave no answer within {limit_s + time.monotonic() - start:.0f} s")
    assert said is not None
    return said


def _death(status: int, said: str) -> str:
    if status < 0:
        return f"it crashed with {signal.Signals(-status).name}"
    return f"its process exited with status {status}: {(said.splitlines() or [''])[-1]}"


def _broken(reason: str) -> BackendFailed:
    return BackendFailed("The probe failed", reason, _UPDATE)


def main() -> None:
    """The child: answer one request with the fields of a ProbeResult."""
    process.end_with_parent()
    process.protect_memory()
    request = json.load(sys.stdin)
    name = request["backends"][1][0]
    try:
        result = _compare(request)
    except SegCamError as error:
        result = _refusal(name, error)
    sys.stdout.write("\n" + json.dumps(result.as_dict()) + "\n")


def _compare(request: dict[str, Any]) -> ProbeResult:
    card, threads = parse_card(request["card"]), request["threads"]
    others = Others()
    expected, found = (
        _measure(create(name), card, Path(path), threads) for name, path in request["backends"]
    )
    difference = np.abs(found.matte - expected.matte)
    worst = float(difference.max())
    # Written so that NaN counts as a difference.
    agrees = worst < _MAX_DIFFERENCE and float(difference.mean()) < _MAX_MEAN_DIFFERENCE
    reason = "" if agrees else f"its matte differs from the CPU's by up to {worst:.3f}"
    hint = "" if agrees else _UPDATE
    name = request["backends"][1][0]
    return ProbeResult(
        *(name, found.device, agrees, reason, hint, found.median_ms, found.cpu_ms, worst),
        busy=others.share() > BUSY,
    )


def sample_picture() -> Frame:
    """A drawing of a person in front of a wall; every part of it affects a model's answer."""
    frame = Frame.filled((360, 640), (90, 128, 128))
    frame.y += np.linspace(0, 60, 640).astype(np.uint8)
    for plane, half, skin, coat in zip(
        frame.planes, (1, 2, 2), (150, 110, 150), (60, 140, 120), strict=True
    ):
        centre = 320 // half
        cv2.ellipse(plane, (centre, 380 // half), (190 // half, 170 // half), 0, 0, 360, coat, -1)
        cv2.ellipse(plane, (centre, 140 // half), (62 // half, 82 // half), 0, 0, 360, skin, -1)
    noise = np.random.default_rng(0).integers(0, 12, frame.y.shape, np.uint8)
    np.add(frame.y, noise, out=frame.y)
    return frame


@dataclass(frozen=True, slots=True)
class _Measured:
    """A backend's matte of the sample picture, its device, and its time for one inference."""

    matte: F32
    device: str
    median_ms: float
    cpu_ms: float


def _measure(backend: Backend, card: ModelCard, path: Path, threads: int) -> _Measured:
    """Load a backend, time it and close it."""
    tensors = backend.load(card, path, Tensors(card), threads)
    try:
        # Written only now: a backend that has kept its first input answers zeros.
        TensorCutter(card).cut(sample_picture(), tensors.input)
        backend.run()
        times_ns, cpu_ns = _time(backend.run)
        if card.state:  # how many runs there were depends on the time that they take
            backend.forget()
            backend.run()
    finally:
        backend.close()
    median_ms = statistics.median(times_ns) / 1e6
    return _Measured(tensors.output, backend.device, median_ms, cpu_ns / len(times_ns) / 1e6)


def _time(run: Callable[[], None]) -> tuple[list[int], int]:
    """Nanoseconds of each run, and their processor time in all."""
    times_ns: list[int] = []
    cpu_ns = time.process_time_ns()
    while len(times_ns) < _FEW_RUNS or (len(times_ns) < _RUNS and sum(times_ns) < _ENOUGH_S * 1e9):
        start_ns = time.perf_counter_ns()
        run()
        times_ns.append(time.perf_counter_ns() - start_ns)
    return times_ns, time.process_time_ns() - cpu_ns


if __name__ == "__main__":
    main()
