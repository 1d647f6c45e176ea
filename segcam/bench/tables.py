"""Prints the figures as tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from segcam.bench.run import Figures


@dataclass(frozen=True, slots=True)
class Table:
    """One table.

    Attributes:
        title: The heading.
        columns: Headings of the columns.
        rows: Texts, one for each column.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


def tables(figures: Figures) -> Iterator[Table]:
    """The tables with figures, in the order of the parts."""
    makers = {
        "models": _models,
        "processors": _processors,
        "systems": _systems,
        "gains": _named("Gain", "ratio"),
        "job": _job,
        "unwatched": _named("While nobody is watching", "processors"),
        "sizes": _rows("Scaling: picture size"),
        "threads": _rows("Scaling: threads per inference"),
        "cameras": _rows("Scaling: number of cameras"),
        "memory": _named("Memory", "MB"),
    }
    for name, maker in makers.items():
        if figures.get(name):
            yield maker(figures[name])


def _models(rows: Sequence[Mapping[str, Any]]) -> Table:
    backends = list(dict.fromkeys(name for row in rows for name in row["backends_ms"]))
    npus = " / ".join(rows[0]["npu_estimate_us"])
    columns = (
        *("Model", "Backbone", "Input", "MB", "IoU %"),
        *(f"{name} ms" for name in backends),
        f"NPU {npus} ms, estimated",
    )
    return Table(
        "Table 1: models",
        columns,
        [
            (
                row["model"],
                row["backbone"],
                row["input"],
                shown(row["file_mb"]),
                shown(row["iou"] * 100) if row["iou"] else "",
                *(shown(row["backends_ms"].get(name)) for name in backends),
                _estimates(row["npu_estimate_us"]),
            )
            for row in rows
        ],
    )


def _estimates(microseconds: Mapping[str, float | None]) -> str:
    """Milliseconds by generation; "" if the model was never compiled for NPUs."""
    if None in microseconds.values():
        return ""
    return " / ".join(f"{us / 1e3:.2f}" for us in microseconds.values() if us is not None)


def _processors(rows: Sequence[Mapping[str, Any]]) -> Table:
    kinds = ("cpu", "gpu", "npu")
    columns = ("Model", "Backbone", *(f"{kind.upper()} ms" for kind in kinds))
    lines = [
        (row["model"], row["backbone"], *(shown(row.get(kind), "not available") for kind in kinds))
        for row in rows
    ]
    return Table("Table 3: processors", columns, lines)


def _systems(rows: Sequence[Mapping[str, Any]]) -> Table:
    columns = ("System", "Model", "Inferences/s", "Latency ms", "CPU ms", "Copies", "Power W")
    lines = [
        (
            row["system"],
            row["model"],
            *(shown(row[key]) for key in ("rate_hz", "latency_ms", "cpu_ms", "copies")),
            power(row["power_w"]),
        )
        for row in rows
    ]
    return Table("Table 2: systems", columns, lines)


def _job(variants: Mapping[str, Mapping[str, Any]]) -> Table:
    names = [key for key in next(iter(variants.values())) if key not in ("stages_ms", "power_w")]
    names += [name for each in variants.values() for name in each if name not in names]
    plain = [name for name in dict.fromkeys(names) if name not in ("stages_ms", "power_w")]
    stages = list(dict.fromkeys(name for each in variants.values() for name in each["stages_ms"]))
    lines = [(name, *(shown(each.get(name)) for each in variants.values())) for name in plain]
    lines += [
        (f"{name} p50, p95", *(_spread(each["stages_ms"].get(name)) for each in variants.values()))
        for name in stages
    ]
    lines.append(("power W", *(power(each["power_w"]) for each in variants.values())))
    return Table("The main job, 1280x720, blur", ("", *variants), lines)


def _spread(times: Mapping[str, float] | None) -> str:
    return f"{times['p50']:.2f}, {times['p95']:.2f}" if times else ""


def _rows(title: str) -> Any:
    def make(rows: Sequence[Mapping[str, Any]]) -> Table:
        columns = list(rows[0])
        return Table(title, columns, [[shown(row[key]) for key in columns] for row in rows])

    return make


def _named(title: str, unit: str) -> Any:
    def make(values: Mapping[str, float]) -> Table:
        return Table(title, ("", unit), [(name, shown(each)) for name, each in values.items()])

    return make


def shown(value: Any, otherwise: str = "") -> str:
    """A figure with three significant digits, or a sign for a missing one."""
    if value is None:
        return otherwise
    if not isinstance(value, float):
        return str(value)
    return (
        f"{value:.1f}"
        if abs(value) >= 100
        else f"{value:.2f}"
        if abs(value) >= 1
        else f"{value:.3g}"
    )


def power(watts: Mapping[str, float]) -> str:
    """Watts, by source."""
    parts = (f"{watt:.1f} ({name})" for name, watt in watts.items())
    return ", ".join(parts) or "not readable"
