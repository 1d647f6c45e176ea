"""Draws the figures as an SVG picture, which every browser shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape

from segcam.bench.run import Figures

Bars = Mapping[str, float]
_BAR_PX, _GAP_PX, _LEFT_PX, _LONGEST_PX = 18, 6, 260, 420
_COLOR = "#2a6fdb"


def draw(figures: Figures) -> str:
    """The text of an SVG picture, with a group of bars for each part."""
    y, parts = 30, []
    for title, bars in _groups(figures):
        parts.append(f'<text x="10" y="{y}" font-weight="bold">{escape(title)}</text>')
        y += 12
        longest = max([*bars.values(), 1e-9])
        for name, value in bars.items():
            parts.append(_bar(name, value, value / longest, y))
            y += _BAR_PX + _GAP_PX
        y += 30
    width = _LEFT_PX + _LONGEST_PX + 100
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{y}"'
    style = 'font-family="sans-serif" font-size="13"'
    return "\n".join(
        (f"{head} {style}>", '<rect width="100%" height="100%" fill="white"/>', *parts, "</svg>\n")
    )


def _groups(figures: Figures) -> Iterator[tuple[str, Bars]]:
    for row in figures.get("models", ()):
        if row["backends_ms"]:
            yield f"{row['model']}: one inference, ms", row["backends_ms"]
    if rows := figures.get("systems"):
        yield "Inferences per second", {row["system"]: row["rate_hz"] for row in rows}
    if variants := figures.get("job"):
        yield "Processor time per frame, ms", {name: v["cpu_ms"] for name, v in variants.items()}
        for name, each in variants.items():
            p50 = {stage: times["p50"] for stage, times in each["stages_ms"].items()}
            yield f"Stages, {name}: median ms", p50
    for part, key in (("sizes", "size"), ("threads", "threads"), ("cameras", "cameras")):
        if rows := figures.get(part):
            unit = "cpu_ms" if "cpu_ms" in rows[0] else "cores"
            yield f"{part}: {unit}", {f"{row[key]}": row[unit] for row in rows}


def _bar(name: str, value: float, share: float, y: int) -> str:
    width = share * _LONGEST_PX
    middle = y + _BAR_PX - 4
    return (
        f'<text x="{_LEFT_PX - 8}" y="{middle}" text-anchor="end">{escape(name)}</text>'
        f'<rect x="{_LEFT_PX}" y="{y}" width="{width:.1f}" height="{_BAR_PX}" fill="{_COLOR}"/>'
        f'<text x="{_LEFT_PX + width + 6:.1f}" y="{middle}">{value:.3g}</text>'
    )
