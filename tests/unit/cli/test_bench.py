"""``segcam bench`` around the measurements: which parts, and what becomes of the figures."""

import json

import pytest
from click.testing import CliRunner

from segcam.bench import run as module
from segcam.cli.bench import PARTS, bench
from segcam.errors import UsageError

MACHINE = {"processor": "A", "processors": 2, "segcam": "1"}


@pytest.fixture
def asked_for():
    """Models that were fetched."""
    return []


@pytest.fixture(autouse=True)
def measured(monkeypatch, asked_for):
    """Replaces the measurements by constant ones that take no time."""
    asked = []

    def measure(_, parts, tell):
        asked.extend(parts)
        tell("Measuring")
        return {"machine": MACHINE, "unwatched": {"cores": 0.02}}

    monkeypatch.setattr(module, "measure", measure)
    monkeypatch.setattr("segcam.cli.fetch.fetch", asked_for.append)
    monkeypatch.setenv("COLUMNS", "200")
    return asked


def run(*arguments):
    result = CliRunner().invoke(bench, arguments)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def kept(tmp_path, cores):
    path = tmp_path / "before.json"
    path.write_text(json.dumps({"machine": MACHINE, "unwatched": {"cores": cores}}))
    return str(path)


def test_the_parts_of_the_command_are_those_that_can_be_measured(measured):
    assert tuple(module.PARTS) == PARTS
    run()
    assert tuple(measured) == PARTS


def test_parts_that_are_asked_for_are_measured_alone_and_in_their_order(measured):
    run("--only", "memory", "--only", "job")
    assert measured == ["job", "memory"]


@pytest.mark.parametrize(
    ("part", "models"),
    [("job", {"selfie-landscape"}), ("systems", {"selfie-landscape", "selfie-general"})],
)
def test_models_that_are_measured_are_fetched_first(part, models, asked_for):
    run("--only", part)
    assert models <= set(asked_for)
    assert len(asked_for) >= len(models)


def test_an_unknown_part_is_told_with_those_there_are(measured):
    with pytest.raises(UsageError, match="no part speed"):
        run("--only", "speed")
    assert not measured


def test_figures_are_json_or_tables():
    assert json.loads(run("--json").stdout)["unwatched"] == {"cores": 0.02}
    assert "While nobody is watching" in run().stdout


@pytest.mark.parametrize(("before", "code"), [(0.02, 0), (0.03, 0), (0.012, 1)])
def test_a_figure_that_is_worse_than_before_fails(tmp_path, before, code):
    result = run("--against", kept(tmp_path, before))
    assert result.exit_code == code
    assert "unwatched/cores" in result.output


def test_a_larger_margin_forgives(tmp_path):
    assert run("--against", kept(tmp_path, 0.012), "--margin", "1").exit_code == 0


def test_json_stays_json_beside_a_comparison(tmp_path):
    result = run("--json", "--against", kept(tmp_path, 0.02))
    assert json.loads(result.stdout)["machine"] == MACHINE


def test_a_chart_is_drawn(tmp_path):
    run("--plot", str(tmp_path / "chart.svg"))
    assert (tmp_path / "chart.svg").read_text().startswith("<svg")


@pytest.mark.parametrize("text", ["", "[]", "{}", "no json"])
def test_what_is_no_earlier_run_is_refused_before_anything_is_measured(tmp_path, text, measured):
    (tmp_path / "before.json").write_text(text)
    with pytest.raises(UsageError):
        run("--against", str(tmp_path / "before.json"))
    assert not measured


@pytest.mark.parametrize("place", ["", "nowhere/chart.svg"])
def test_a_chart_that_cannot_be_written_is_refused_before_anything_is_measured(
    tmp_path, place, measured
):
    with pytest.raises(UsageError, match="cannot be written") as caught:
        run("--plot", str(tmp_path / place))
    assert caught.value.hint
    assert not measured


def test_a_run_of_other_parts_is_told(tmp_path):
    before = tmp_path / "before.json"
    before.write_text(json.dumps({"machine": MACHINE, "memory": {"late_mb": 100}}))
    result = run("--against", str(before))
    assert result.exit_code == 0
    assert "Nothing can be compared" in result.output
