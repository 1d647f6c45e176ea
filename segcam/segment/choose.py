"""Which backend runs here: named by the user, or found by trying."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from segcam.errors import BackendUnavailable, ModelMismatch
from segcam.model_card import ModelCard
from segcam.segment.hardware import Obstacle, obstacle
from segcam.segment.probe import PathOf, ProbeResult, probe
from segcam.segment.registry import GROUPS, SPECS, Spec, find


@dataclass(frozen=True, slots=True)
class Choice:
    """A decision and what led to it.

    Attributes:
        name: The backend to create.
        refused: The preferred ones that were not taken, each with its reason, in order.
    """

    name: str
    refused: tuple[ProbeResult, ...] = ()


def choose(request: str, card: ModelCard, path_of: PathOf, threads: int = 1) -> Choice:
    """Resolve ``--backend``.

    ``auto`` takes the first NPU, then GPU, that ran the model, agreed with the CPU and was no
    slower; else the CPU. ``npu`` and ``gpu`` take the first that ran and agreed. Without any
    accelerator nothing is imported and no process is started.

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
    refused: list[ProbeResult] = []
    for spec in SPECS.values():
        if spec.kind not in (("npu", "gpu") if request == "auto" else (request,)):
            continue
        result = _try(spec, fallback, card, path_of, threads)
        if request == "auto":
            result = _unless_slow(result)
        if result.usable and not result.reason:
            return Choice(spec.name, tuple(refused))
        refused.append(result)
    if request == "auto":
        return Choice(fallback.name, tuple(refused))
    raise _none_of(request, refused)


def probe_all(card: ModelCard, path_of: PathOf, threads: int = 1) -> Iterator[ProbeResult]:
    """Try every backend, one after the other, in the order of preference; takes seconds.

    Raises:
        BackendUnavailable: Not even a CPU backend is installed.
    """
    reference = _cpu(card, path_of)
    for spec in SPECS.values():
        if spec.kind != "none":
            yield _try(spec, reference, card, path_of, threads)


def _try(
    spec: Spec, reference: Spec, card: ModelCard, path_of: PathOf, threads: int
) -> ProbeResult:
    found = obstacle(spec)
    if found:
        return ProbeResult(spec.name, reason=found.reason, hint=found.hint)
    return probe(spec, reference, card, path_of, threads)


def _unless_slow(result: ProbeResult) -> ProbeResult:
    if not result.usable or result.is_fast:
        return result
    return replace(
        result,
        reason=f"it takes {result.median_ms:.1f} ms, the CPU {result.reference_ms:.1f} ms",
        hint=f"To use it all the same: --backend {result.name}",
    )


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
