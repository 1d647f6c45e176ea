"""Which backend runs here: named by the user, or found by trying."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from segcam.errors import BackendUnavailable, ModelMismatch
from segcam.model_card import ModelCard
from segcam.segment import timings
from segcam.segment.hardware import Obstacle, obstacle
from segcam.segment.power import on_battery
from segcam.segment.probe import PathOf, ProbeResult, probe
from segcam.segment.registry import GROUPS, SPECS, Spec, find

IN_TIME_MS = 25.0
"""On battery a backend may take so long: at 30 Hz that leaves 8 ms for all else."""
CLEARLY = 0.9
"""What costs no less than this share of an earlier backend's cost does not take its place."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A decision and what led to it.

    Attributes:
        name: The backend to create.
        refused: NPUs and GPUs that were not taken, each with its reason, in order.
        others: Backends that run here, too, the best first: what to go on with where it fails.
    """

    name: str
    refused: tuple[ProbeResult, ...] = ()
    others: tuple[str, ...] = ()


def choose(request: str, card: ModelCard, path_of: PathOf, threads: int = 1) -> Choice:
    """Resolve ``--backend``.

    ``auto`` times every backend that runs the model and agrees with the CPU, once: results are
    kept, see `timings`. It takes what `rank` puts first. ``npu`` and ``gpu`` take the first that
    ran and agreed, ``cpu`` the first that is installed. Where nothing but one CPU backend can
    run, nothing is imported and no process is started.

    Args:
        request: ``auto``, ``npu``, ``gpu``, ``cpu`` or a backend's name.
        card: The model to run.
        path_of: Gives its file in a format.
        threads: Intra-op threads on the CPU.

    Raises:
        UsageError: There is no such backend.
        BackendUnavailable: What was asked for cannot run here; says what is missing.
    """
    if request not in GROUPS:
        return _named(find(request))
    fallback = _cpu(card, path_of)
    if request == "cpu":
        return Choice(fallback.name)
    if request == "auto":
        return _best(fallback, card, path_of, threads)
    refused: list[ProbeResult] = []
    for spec in SPECS.values():
        if spec.kind == request:
            result = _try(spec, fallback, card, path_of, threads)
            if result.usable:
                return Choice(spec.name, tuple(refused), (fallback.name,))
            refused.append(result)
    raise _none_of(request, refused)


def rank(results: Iterable[ProbeResult], battery: bool) -> list[ProbeResult]:
    """Those that are usable, the best first.

    What counts is latency plus processor time of an inference: the one is seen, the other heard.
    On battery it is processor time alone, among those that are in time. Differences of less than
    a tenth count for nothing: then the order of preference decides.
    """

    def cost(result: ProbeResult) -> float:
        latency_ms, cpu_ms = result.median_ms or 0.0, result.cpu_ms or 0.0
        if not battery:
            return latency_ms + cpu_ms
        return cpu_ms if latency_ms <= IN_TIME_MS else cpu_ms + latency_ms

    ranked: list[ProbeResult] = []
    left = [result for result in results if result.usable]
    while left:
        least = min(map(cost, left))
        ranked.append(next(result for result in left if CLEARLY * cost(result) <= least))
        left.remove(ranked[-1])
    return ranked


def _best(fallback: Spec, card: ModelCard, path_of: PathOf, threads: int) -> Choice:
    """What is best by trying, or the only one that can be tried."""
    possible = [spec for spec in SPECS.values() if spec.kind != "none" and not obstacle(spec)]
    if possible == [fallback]:
        results = [_lacking(spec) for spec in SPECS.values() if spec.kind in ("npu", "gpu")]
        return Choice(fallback.name, tuple(results))
    results = timings.recall(card, threads) or list(probe_all(card, path_of, threads))
    best, *others = rank(results, on_battery()) or [ProbeResult(fallback.name)]
    refused = (_outdone(result, best) for result in results if _is_accelerator(result.name))
    names = tuple(other.name for other in others)
    return Choice(best.name, tuple(each for each in refused if each.name != best.name), names)


def probe_all(card: ModelCard, path_of: PathOf, threads: int = 1) -> Iterator[ProbeResult]:
    """Try every backend, one after the other, in the order of preference; takes seconds.

    What was found is kept for `choose`.

    Raises:
        BackendUnavailable: Not even a CPU backend is installed.
    """
    reference = _cpu(card, path_of)
    results = []
    for spec in SPECS.values():
        if spec.kind != "none":
            results.append(_try(spec, reference, card, path_of, threads))
            yield results[-1]
    timings.remember(card, threads, results)


def _try(
    spec: Spec, reference: Spec, card: ModelCard, path_of: PathOf, threads: int
) -> ProbeResult:
    if obstacle(spec):
        return _lacking(spec)
    return probe(spec, reference, card, path_of, threads)


def _lacking(spec: Spec) -> ProbeResult:
    found = obstacle(spec)
    assert found is not None
    return ProbeResult(spec.name, reason=found.reason, hint=found.hint)


def _is_accelerator(name: str) -> bool:
    return SPECS[name].kind in ("npu", "gpu")


def _outdone(result: ProbeResult, best: ProbeResult) -> ProbeResult:
    """The result with the reason why another was taken."""
    if not result.usable or result.name == best.name:
        return result
    return replace(
        result,
        reason=f"it takes {_shown(result)}, {best.name} {_shown(best)}",
        hint=f"To use it all the same: --backend {result.name}",
    )


def _shown(result: ProbeResult) -> str:
    return f"{result.median_ms:.1f} ms and {result.cpu_ms:.1f} ms of processor time"


def _named(spec: Spec) -> Choice:
    found = obstacle(spec)
    if found:
        raise BackendUnavailable(f"{spec.name} cannot run here", found.reason, found.hint)
    return Choice(spec.name)


def _cpu(card: ModelCard, path_of: PathOf) -> Spec:
    """The first CPU backend that is installed and has a file of the model that it can read."""
    refused = []
    for spec in SPECS.values():
        if spec.kind == "cpu":
            found = obstacle(spec) or _unreadable(spec, path_of)
            if not found:
                return spec
            refused.append(ProbeResult(spec.name, reason=found.reason, hint=found.hint))
    raise _none_of(f"cpu for {card.name}", refused)


def _unreadable(spec: Spec, path_of: PathOf) -> Obstacle | None:
    try:
        path_of(spec.format)
    except ModelMismatch as error:
        return Obstacle(error.title, error.hint)
    return None


def _none_of(request: str, refused: list[ProbeResult]) -> BackendUnavailable:
    return BackendUnavailable(
        f"No backend for {request} can run here",
        "; ".join(f"{result.name}: {result.reason}" for result in refused),
        ". ".join(dict.fromkeys(result.hint for result in refused)),
    )
