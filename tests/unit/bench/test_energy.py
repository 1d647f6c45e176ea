import time

import pytest

from segcam.bench import energy
from segcam.bench.energy import Meter


@pytest.fixture(autouse=True)
def nothing(monkeypatch, tmp_path):
    """A machine that tells nothing."""
    monkeypatch.setattr(energy, "ENERGY", tmp_path / "powercap")
    monkeypatch.setattr(energy, "BATTERIES", tmp_path / "power_supply")
    monkeypatch.setattr(energy.shutil, "which", lambda _: None)
    return tmp_path


def write(folder, **values):
    folder.mkdir(parents=True, exist_ok=True)
    for name, value in values.items():
        (folder / name).write_text(f"{value}\n")


def test_where_nothing_can_be_read_there_are_no_watts():
    meter = Meter()
    with meter.running():
        pass
    assert meter.watts == {}


def test_packages_of_processors_are_added_up_without_their_parts(nothing):
    for zone, joules in (("intel-rapl:0", 5), ("intel-rapl:0:0", 3), ("intel-rapl:1", 7)):
        write(nothing / "powercap" / zone, energy_uj=joules * 10**6)
    assert energy.processor_joules() == 12


def test_joules_become_watts(nothing):
    zone, meter = nothing / "powercap" / "intel-rapl:0", Meter()
    write(zone, energy_uj=0)
    start = time.monotonic()
    with meter.running():
        time.sleep(0.05)
        write(zone, energy_uj=10**6)
    assert 1 / (time.monotonic() - start) <= meter.watts["processor"] <= 20


def test_a_counter_that_began_anew_is_no_power(nothing):
    zone, meter = nothing / "powercap" / "intel-rapl:0", Meter()
    write(zone, energy_uj=10**9)
    with meter.running():
        write(zone, energy_uj=5)
    assert meter.watts == {}


@pytest.mark.parametrize(
    ("files", "watts"),
    [
        ({"status": "Discharging", "power_now": 9_500_000}, 9.5),
        ({"status": "Discharging", "current_now": 500_000, "voltage_now": 12_000_000}, 6.0),
        ({"status": "Charging", "power_now": 9_500_000}, None),
        ({"status": "Discharging", "power_now": "unknown"}, None),
    ],
)
def test_a_battery_tells_only_while_it_gives(nothing, files, watts):
    write(nothing / "power_supply" / "BAT0", **files)
    assert energy.battery_watts() == watts


def test_graphics_processors_are_added_up(nothing, monkeypatch):
    tool = nothing / "nvidia-smi"
    tool.write_text("#!/bin/sh\necho 30.5\necho 12\n")
    tool.chmod(0o755)
    monkeypatch.setattr(energy.shutil, "which", lambda _: str(tool))
    assert energy.nvidia_watts() == 42.5
    tool.write_text("#!/bin/sh\necho '[N/A]'\n")
    assert energy.nvidia_watts() is None
