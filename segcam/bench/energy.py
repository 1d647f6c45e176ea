"""Measures electrical power, if available: from the processor, the battery or NVIDIA's tool."""

from __future__ import annotations

import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ENERGY = Path("/sys/class/powercap")
BATTERIES = Path("/sys/class/power_supply")
_SAMPLE_S = 0.5


class Meter:
    """Mean power over a period.

    Attributes:
        watts: By their source: "processor", "battery", "nvidia"; empty if none can be read, as in
            most virtual machines and, for users, on Linux since 5.10.
    """

    def __init__(self) -> None:
        self.watts: dict[str, float] = {}
        self._samples: dict[str, list[float]] = {}
        self._stop = threading.Event()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Measure inside the context."""
        joules, start = processor_joules(), time.monotonic()
        thread = threading.Thread(target=self._sample, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join()
            after, elapsed_s = processor_joules(), time.monotonic() - start
            if joules is not None and after is not None and after >= joules:
                self.watts["processor"] = (after - joules) / elapsed_s
            for name, samples in self._samples.items():
                self.watts[name] = sum(samples) / len(samples)

    def _sample(self) -> None:
        while not self._stop.wait(_SAMPLE_S):
            for name, watts in (("battery", battery_watts()), ("nvidia", nvidia_watts())):
                if watts is not None:
                    self._samples.setdefault(name, []).append(watts)


def processor_joules() -> float | None:
    """Energy counter of all processor packages; None if unknown."""
    try:
        packages = [
            zone
            for zone in ENERGY.iterdir()
            if zone.name.startswith("intel-rapl:") and zone.name.count(":") == 1
        ]
        joules = [int((zone / "energy_uj").read_text()) / 1e6 for zone in packages]
    except (OSError, ValueError):
        return None
    return sum(joules) if joules else None


def battery_watts() -> float | None:
    """Power of a discharging battery; None if there is none."""
    for battery in BATTERIES.glob("BAT*"):
        try:
            if (battery / "status").read_text().strip() != "Discharging":
                continue
            if (battery / "power_now").exists():
                return int((battery / "power_now").read_text()) / 1e6
            current, voltage = (
                int((battery / name).read_text()) for name in ("current_now", "voltage_now")
            )
            return current * voltage / 1e12
        except (OSError, ValueError):
            continue
    return None


def nvidia_watts() -> float | None:
    """Power of NVIDIA's GPUs; None if there is none."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return None
    command = [program, "--query-gpu=power.draw", "--format=csv,noheader,nounits"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=5, check=True)
        return sum(float(line) for line in done.stdout.split())
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
