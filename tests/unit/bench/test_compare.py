from copy import deepcopy

import pytest

from segcam.bench.compare import changes, worse_than

FIGURES = {
    "machine": {"processor": "A", "processors": 2, "segcam": "1"},
    "models": [{"model": "small", "backends_ms": {"litert-cpu": 2.0}, "iou": 0.9}],
    "systems": [{"system": "M1", "rate_hz": 20.0, "power_w": {"battery": 8.0}}],
    "job": {"live": {"cost_ratio": 1.4, "cpu_ms": 8.0, "stages_ms": {"segment": {"p50": 3.0}}}},
    "cameras": [{"cameras": 1, "cores": 0.2}, {"cameras": 2, "cores": 0.4}],
}


def changed(part, *way, value):
    figures = deepcopy(FIGURES)
    place = figures[part]
    for key in way[:-1]:
        place = place[key]
    place[way[-1]] = value
    return figures


def worse(now, margin=0.2):
    return {change.name for change in worse_than(list(changes(FIGURES, now)), margin)}


def test_the_same_run_is_no_worse():
    assert worse(FIGURES, 0.0) == set()
    assert len(list(changes(FIGURES, FIGURES))) == 9


@pytest.mark.parametrize(
    ("way", "value"),
    [
        (("models", 0, "backends_ms", "litert-cpu"), 3.0),
        (("models", 0, "iou"), 0.5),
        (("systems", 0, "rate_hz"), 12.0),
        (("systems", 0, "power_w", "battery"), 12.0),
        (("job", "live", "cost_ratio"), 1.9),
        (("job", "live", "stages_ms", "segment", "p50"), 4.0),
        (("cameras", 1, "cores"), 0.9),
    ],
)
def test_what_is_worse_by_more_than_the_margin_is_named(way, value):
    name = "/".join(str(part) for part in way if not isinstance(part, int))
    found = worse(changed(*way, value=value))
    assert len(found) == 1
    assert name.split("/")[-1] in next(iter(found))


def test_what_is_better_or_within_the_margin_is_not_worse():
    assert worse(changed("job", "live", "cpu_ms", value=4.0)) == set()
    assert worse(changed("systems", 0, "rate_hz", value=40.0)) == set()
    assert worse(changed("job", "live", "cpu_ms", value=9.0)) == set()


def test_of_another_machine_ratios_alone_are_compared():
    now = changed("job", "live", "cost_ratio", value=1.9)
    now["machine"] = {"processor": "B", "processors": 8}
    names = {change.name for change in changes(FIGURES, now)}
    assert names == {"job/live/cost_ratio", "models/small/iou"}


def test_parts_that_only_one_run_has_are_left_out():
    now = {key: value for key, value in FIGURES.items() if key in ("machine", "cameras")}
    assert {change.name for change in changes(FIGURES, now)} == {
        "cameras/1/cores",
        "cameras/2/cores",
    }
