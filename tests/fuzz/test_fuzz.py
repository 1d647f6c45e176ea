"""The first inputs of every target, always the same ones; ``make fuzz`` tries others."""

import random
import sys
from pathlib import Path

import pytest

from fuzz import worker
from fuzz.hunt import hunt
from fuzz.mutate import damaged
from fuzz.targets import TARGETS

if sys.platform == "win32":
    pytest.skip("the workers limit their memory", allow_module_level=True)

COUNTS = {
    "clips": 60,
    "pictures": 150,
    "jpegs": 1000,
    "cards": 400,
    "models": 60,
    "settings": 60,
    "messages": 400,
    "socket": 20,
}


@pytest.mark.parametrize("target", TARGETS)
def test_made_up_input_is_answered_in_words(tmp_path, target):
    finding = hunt(target, 0, COUNTS[target], tmp_path)
    assert finding is None, str(finding)


def test_an_input_comes_from_its_number_alone():
    data = bytes(range(256)) * 8
    copies = {damaged(data, random.Random(f"{number}")) for number in range(50)}
    assert len(copies) > 45
    assert damaged(data, random.Random("7")) == damaged(data, random.Random("7")) != data


@pytest.mark.parametrize("fault", ["raise KeyError", "import os; os.abort()"])
def test_what_is_no_answer_is_found(tmp_path, monkeypatch, fault):
    """The worker runs with a target that goes wrong at its third input."""
    monkeypatch.setattr("fuzz.hunt.TESTS", tmp_path)
    (tmp_path / "fuzz").mkdir()
    (tmp_path / "fuzz" / "__init__.py").touch()
    (tmp_path / "fuzz" / "worker.py").write_text(Path(worker.__file__).read_text())
    (tmp_path / "fuzz" / "targets.py").write_text(
        "def feed(chance, folder):\n"
        "    (folder / 'input').write_text('bad')\n"
        f"    if chance.random() == {random.Random('cards 2').random()!r}:\n"
        f"        {fault}\n"
        "TARGETS = {'cards': feed}\n"
    )
    finding = hunt("cards", 0, 10, tmp_path / "found")
    assert finding.number == 2
    assert (finding.kept / "input").read_text() == "bad"
