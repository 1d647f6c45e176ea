"""Chooses the backend: named by the user, or found by trying."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from segcam.errors import BackendUnavailable, ModelMismatch
from segcam.model_card import ModelCard
from segcam.segment import timings
from segcam.segment.hardware import Obstacle, obstacle
from segcam.segment.power import on_battery
from segcam.segment.probe import LIMIT_S, PathOf, ProbeResult, probe
from segcam.segment.rank import rank
from segcam.segment.registry import GROUPS, SPECS, Spec, find

AT_ONCE_S = 2.0
"""Time for trying backends at a start; the others are tried later."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A decision and what led to it.

    Attributes:
        name: The backend to create.
        refused: NPUs and GPUs that were rejected, in order, each with the reason.
        others: Fallbacks that run here, too, the best first.
        untried: Backends that may run here but have not been tried yet; see `try_rest`.
        battery: Whether it was chosen for battery power.
        reason: Explains a surprising choice to the user; else "".
        doubtful: Backends that were timed while other programs kept the processors busy, see
            `try_rest`.
    """

    name: str
    refused: tuple[ProbeResult, ...] = ()
    others: tuple[str, ...] = ()
    untried: tuple[str, ...] = ()
    battery: bool = False
    reason: str = ""
    doubtful: tuple[str, ...] = ()


def choose(
    request: str, card: ModelCard, path_of: PathOf, threads: int = 1, *, patient: bool = False
) -> Choice:
    """Resolve ``--backend``.

    ``auto`` times every backend that runs the model and agrees with the CPU, once: results are
    kept, see `timings`. It takes the first one in the order of `rank`. Trying them takes
    `AT_ONCE_S` at most, CPU backends first, since they are quick; `try_rest` tries the others.
    ``npu`` and ``gpu`` take the first that ran and agreed, within the same time, and the CPU until
    then. ``cpu`` takes the first that is installed. If only one CPU backend can run, nothing is
    imported and no process is started.

    Args:
        request: ``auto``, ``npu``, ``gpu``, ``cpu`` or a backend's name.
        card: The model to run.
        path_of: Gives its file in a format.
        threads: Intra-op threads on the CPU.
        patient: Try all of them, however long that takes.

    Raises:
        UsageError: There is no such backend.
        BackendUnavailable: The requested backend cannot run here; says what is missing.
    """
    if request not in GROUPS:
        return _named(find(request))
    fallback = _cpu(card, path_of)
    if request == "cpu":
        return Choice(fallback.name)
    if request == "auto":
        return _best(fallback, card, path_of, threads, patient)
    within_s = math.inf if patient else AT_ONCE_S
    return _first(request, fallback, card, path_of, threads, within_s=within_s)


def _best(fallback: Spec, card: ModelCard, path_of: PathOf, threads: int, patient: bool) -> Choice:
    """The best of the tried backends, or the only candidate."""
    possible = [spec for spec in _all() if not obstacle(spec)]
    if possible == [fallback]:
        results = [_lacking(spec) for spec in SPECS.values() if spec.kind in ("npu", "gpu")]
        return Choice(fallback.name, tuple(results), battery=on_battery())
    if patient:
        postponed = (r.name for r in timings.recall(card, threads) if r.postponed)
        try_rest(card, path_of, threads, postponed)
    results = _known(fallback, card, path_of, threads, math.inf if patient else AT_ONCE_S)
    battery = on_battery()
    best, *others = rank(results, battery) or [ProbeResult(fallback.name)]
    accelerators = [each for each in results if _is_accelerator(each.name) and each != best]
    reason = ""
    if battery and best != next(iter(rank(results, False)), best):
        reason = f"on battery, {best.name} is used because it needs the least processor time"
    return Choice(
        best.name,
        tuple(_outdone(each, best) for each in accelerators),
        tuple(other.name for other in others),
        tuple(each.name for each in results if each.postponed),
        battery,
        reason,
        tuple(each.name for each in results if each.busy),
    )


def _first(
    kind: str, fallback: Spec, card: ModelCard, path_of: PathOf, threads: int, *, within_s: float
) -> Choice:
    """The first usable backend of a kind. The CPU while one of them had no time to answer."""
    end = time.monotonic() + within_s
    known = {each.name: each for each in timings.recall(card, threads) if each.usable}
    tried: list[ProbeResult] = []
    for spec in (spec for spec in SPECS.values() if spec.kind == kind):
        result = None if obstacle(spec) else known.get(spec.name)
        left_s = min(end - time.monotonic(), LIMIT_S)
        tried.append(result or _try(spec, fallback, card, path_of, threads, limit_s=left_s))
        if tried[-1].usable:
            _keep(card, threads, tried[-1])
            break
    untried = tuple(each.name for each in tried if each.postponed)
    refused = tuple(each for each in tried if not each.usable)
    if tried[-1].usable:
        return Choice(tried[-1].name, refused, (fallback.name,), untried)
    if untried:
        return Choice(fallback.name, refused, (), untried)
    raise none_of(kind, refused)


def _known(
    reference: Spec, card: ModelCard, path_of: PathOf, threads: int, within_s: float
) -> list[ProbeResult]:
    """Results for each backend, in the order of preference, as far as there is time."""
    end = time.monotonic() + within_s
    tried = {result.name: result for result in timings.recall(card, threads)}
    lacking = {spec.name: _lacking(spec) for spec in _all() if obstacle(spec)}
    for spec in sorted(_all(), key=lambda spec: spec.kind != "cpu"):
        left_s = end - time.monotonic()
        if spec.name not in {**tried, **lacking} and left_s > 0:
            limit_s = min(left_s, LIMIT_S)
            tried[spec.name] = _try(spec, reference, card, path_of, threads, limit_s=limit_s)
            timings.remember(card, threads, list(tried.values()))
    found = {**tried, **lacking}
    return [found.get(spec.name) or _postponed(spec) for spec in _all()]


def try_rest(
    card: ModelCard,
    path_of: PathOf,
    threads: int,
    names: Iterable[str],
    *,
    all_of_them: bool = True,
) -> list[ProbeResult]:
    """Try backends, however long that takes. Keeps the results for `choose`.

    Args:
        card: The running model.
        path_of: Gives its file in a format.
        threads: Intra-op threads on the CPU.
        names: ``Choice.untried`` or ``Choice.doubtful``.
        all_of_them: False: only up to the first one that is usable.

    Raises:
        BackendUnavailable: Not even a CPU backend is installed.
    """
    reference = _cpu(card, path_of)
    results = []
    for name in names:
        results.append(_try(SPECS[name], reference, card, path_of, threads))
        _keep(card, threads, results[-1])
        if results[-1].usable and not all_of_them:
            break
    return results


def probe_all(card: ModelCard, path_of: PathOf, threads: int = 1) -> Iterator[ProbeResult]:
    """Try every backend, one after the other, in the order of preference; takes seconds.

    The results are kept for `choose`.

    Raises:
        BackendUnavailable: Not even a CPU backend is installed.
    """
    reference = _cpu(card, path_of)
    tried = []
    for spec in _all():
        result = _try(spec, reference, card, path_of, threads)
        if not obstacle(spec):
            tried.append(result)
        yield result
    timings.remember(card, threads, tried)


def _all() -> list[Spec]:
    """The backends that run models, in the order of preference."""
    return [spec for spec in SPECS.values() if spec.kind != "none"]


def _try(
    spec: Spec,
    reference: Spec,
    card: ModelCard,
    path_of: PathOf,
    threads: int,
    *,
    limit_s: float = LIMIT_S,
) -> ProbeResult:
    if obstacle(spec):
        return _lacking(spec)
    if limit_s <= 0:
        return _postponed(spec)
    return probe(spec, reference, card, path_of, threads, limit_s=limit_s)


def _keep(card: ModelCard, threads: int, result: ProbeResult) -> None:
    """Store one result among the others."""
    kept = [each for each in timings.recall(card, threads) if each.name != result.name]
    timings.remember(card, threads, [*kept, result])


def _postponed(spec: Spec) -> ProbeResult:
    return ProbeResult(spec.name, reason="there was no time to try it yet", postponed=True)


def _lacking(spec: Spec) -> ProbeResult:
    found = obstacle(spec)
    assert found is not None
    return ProbeResult(spec.name, reason=found.reason, hint=found.hint)


def _is_accelerator(name: str) -> bool:
    return SPECS[name].kind in ("npu", "gpu")


def _outdone(result: ProbeResult, best: ProbeResult) -> ProbeResult:
    """The result, with the reason why another backend was chosen."""
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
    """The first CPU backend that is installed and can read a file of the model."""
    refused = []
    for spec in SPECS.values():
        if spec.kind == "cpu":
            found = obstacle(spec) or _unreadable(spec, path_of)
            if not found:
                return spec
            refused.append(ProbeResult(spec.name, reason=found.reason, hint=found.hint))
    raise none_of(f"cpu for {card.name}", refused)


def _unreadable(spec: Spec, path_of: PathOf) -> Obstacle | None:
    try:
        path_of(spec.format)
    except ModelMismatch as error:
        return Obstacle(error.title, error.hint)
    return None


def none_of(request: str, refused: Sequence[ProbeResult]) -> BackendUnavailable:
    """The error if no backend of the requested kind can be used."""
    return BackendUnavailable(
        f"No backend for {request} can run here",
        "; ".join(f"{result.name}: {result.reason}" for result in refused),
        ". ".join(dict.fromkeys(result.hint for result in refused)),
    )
