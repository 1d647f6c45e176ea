"""Compares two runs of the bench as ratios."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

LOWER = ("_ms", "_mb", "_w", "cores", "copies", "cost_ratio")
HIGHER = ("_hz", "rate_of_bound", "_over_sync", "_over_sync_own", "_over_m1", "iou")
"""Suffixes of names, which tell whether less or more is better."""
WITHIN_ONE_RUN = ("cost_ratio", "rate_of_bound", "copies", *HIGHER[2:])
"""Figures that can be compared between machines."""
LEAST = {"_ms": 0.05, "cores": 0.01, "copies": 0.05}
"""Figures below this are noise."""


@dataclass(frozen=True, slots=True)
class Change:
    """One figure in both runs.

    Attributes:
        name: Its path in the figures, with slashes.
        before: In the earlier run.
        now: In this run.
        worse: The share by which it is worse, negative if it is better.
    """

    name: str
    before: float
    now: float
    worse: float


def changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Change]:
    """Every figure in both runs for which less or more is better.

    Times of different machines are not compared, but ratios within a run are.
    """
    same = all(
        before.get("machine", {}).get(key) == now.get("machine", {}).get(key)
        for key in ("processor", "processors")
    )
    old = dict(_flat(before))
    for name, value in _flat(now):
        direction = _direction(name)
        if name not in old or not direction or not (same or name.endswith(WITHIN_ONE_RUN)):
            continue
        least = next((least for end, least in LEAST.items() if name.endswith(end)), 1e-6)
        if max(old[name], value) >= least:
            ratio = max(value, least) / max(old[name], least)
            yield Change(name, old[name], value, (ratio if direction < 0 else 1 / ratio) - 1)


def worse_than(found: Sequence[Change], margin: float) -> list[Change]:
    """The changes that are worse by more than the margin."""
    return [change for change in found if change.worse > margin]


def _direction(name: str) -> int:
    """-1 if less is better, 1 if more is better, else 0."""
    if "power_w/" in name or name.endswith(LOWER) or "_ms/" in name:
        return -1
    return int(name.endswith(HIGHER))


def _flat(value: Any, name: str = "") -> Iterator[tuple[str, float]]:
    if isinstance(value, bool) or value is None:
        return
    if isinstance(value, int | float):
        yield name, float(value)
    elif isinstance(value, Mapping):
        for key, each in value.items():
            if key != "machine":
                yield from _flat(each, f"{name}/{key}" if name else str(key))
    elif isinstance(value, list):
        for each in value:  # a row is identified by its first text or number
            key = next(iter(each.values()), "") if isinstance(each, Mapping) else ""
            yield from _flat(each, f"{name}/{key}")
