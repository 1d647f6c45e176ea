"""Other programs' share of the processors."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from segcam.segment.others import Others

HERTZ = os.sysconf("SC_CLK_TCK")


class Machine:
    """Two processors, and the seconds that were used on them."""

    def __init__(self, root: Path) -> None:
        self.root, self.file = root, root / "proc/stat"
        self.file.parent.mkdir()
        self.seconds = dict.fromkeys(("user", "nice", "system", "idle", "iowait", "irq"), 0.0)
        self.seconds |= dict.fromkeys(("softirq", "steal", "guest", "guest_nice"), 0.0)
        self.pass_time(user=1, idle=1)

    def pass_time(self, **seconds: float) -> None:
        for name, each in seconds.items():
            self.seconds[name] += each
        ticks = " ".join(f"{each * HERTZ:.0f}" for each in self.seconds.values())
        self.file.write_text(f"cpu  {ticks}\ncpu0 1 2 3\n")


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    monkeypatch.setattr(time, "process_time", lambda: 0.0)
    return Machine(tmp_path)


@pytest.mark.parametrize("kind", ["user", "nice", "system", "steal", "softirq"])
def test_all_that_others_use_counts(machine: Machine, kind: str) -> None:
    others = Others(machine.root)
    machine.pass_time(idle=15, iowait=1, **{kind: 4})
    assert others.share() == pytest.approx(0.2)
    machine.pass_time(idle=10)
    assert others.share() == 0, "only what came since"


def test_a_guests_time_counts_once(machine: Machine) -> None:
    others = Others(machine.root)
    machine.pass_time(idle=8, user=2, guest=2)
    assert others.share() == pytest.approx(0.2)


def test_ones_own_time_does_not_count(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    others = Others(machine.root)
    machine.pass_time(idle=6, user=4)
    monkeypatch.setattr(time, "process_time", lambda: 3.0)
    assert others.share() == pytest.approx(0.1)


@pytest.mark.parametrize("text", [None, "", "cpu", "cpu one two three four five"])
def test_what_cannot_be_read_disturbs_nothing(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        Machine(tmp_path).file.write_text(text)
    others = Others(tmp_path)
    assert others.share() == 0


@pytest.mark.skipif(not Path("/proc/stat").exists(), reason="only Linux tells")
def test_this_machine_tells() -> None:
    others = Others()
    time.sleep(0.1)
    assert 0 <= others.share() <= 1
