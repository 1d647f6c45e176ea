"""Orders the backends that were tried."""

from __future__ import annotations

from collections.abc import Iterable

from segcam.segment.probe import ProbeResult

IN_TIME_MS = 25.0
"""Longest inference on battery: at 30 Hz that leaves 8 ms for everything else."""
CLEARLY = 0.9
"""A backend must cost less than this share of an earlier one's cost to replace it."""


def rank(results: Iterable[ProbeResult], battery: bool) -> list[ProbeResult]:
    """The usable backends, the best first.

    The criterion is latency plus processor time of an inference. On battery it is only processor
    time, among backends that are quick enough. If the difference is less than a tenth, the order of
    preference decides.
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
