"""A webcam (vivid) and a virtual camera (v4l2loopback) of a real kernel: boot.py's guest."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

LOOPBACK = os.environ.get("SEGCAM_VM_LOOPBACK")
MODULES = os.environ.get("SEGCAM_VM_MODULES", "")
collect_ignore = [] if sys.platform == "linux" else [str(Path(__file__).parent)]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Outside the guest these tests skip: they load kernel modules."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.v4l2)
            if not LOOPBACK:
                item.add_marker(pytest.mark.skip(reason="runs in the guest: make test-vm"))


def modprobe(*arguments: str) -> None:
    subprocess.run(["modprobe", "-d", MODULES, *arguments], check=True)


@pytest.fixture(scope="session")
def webcam() -> str:
    """The simulated webcam's node."""
    modprobe("vivid", "n_devs=1", "node_types=1", "num_inputs=1", "input_types=0", "vid_cap_nr=0")
    return "/dev/video0"


@pytest.fixture(scope="session")
def loopback() -> str:
    """The virtual camera's node."""
    modprobe("videodev")
    load_loopback("SegCam")
    return "/dev/video10"


def load_loopback(*labels: str) -> None:
    """Load v4l2loopback with a device of each label, from /dev/video10 on."""
    numbers = [str(10 + index) for index in range(len(labels))]
    options = {
        "devices": str(len(labels)),
        "video_nr": ",".join(numbers),
        "card_label": ",".join(labels),
        "exclusive_caps": ",".join("1" for _ in labels),
    }
    words = [f"{name}={value}" for name, value in options.items()]
    subprocess.run(["insmod", str(LOOPBACK), *words], check=True)


def unload_loopback() -> None:
    """Take all its devices away."""
    subprocess.run(["rmmod", "v4l2loopback"], check=True)


class Reader:
    """A program that watches the virtual camera."""

    def __init__(self, path: str) -> None:
        from segcam.source.stream import Stream
        from segcam.v4l2.device import Device

        self._wake_fd = os.eventfd(0)
        self._stream = Stream(Device(path), self._wake_fd)
        try:
            self._stream.start()
        except OSError:
            self.__exit__()
            raise

    def next(self, timeout_s: float = 5) -> bytes:
        """The next frame as the driver hands it out."""
        deadline_ns = time.monotonic_ns() + int(timeout_s * 1e9)
        filled = self._stream.newest(deadline_ns)
        assert filled is not None
        with filled:
            return bytes(filled.data)

    def until(self, wanted: Callable[[bytes], bool], timeout_s: float = 10) -> float:
        """Read until a frame is ``wanted``; returns the seconds that took."""
        start = time.monotonic()
        while time.monotonic() - start < timeout_s:
            if wanted(self.next(timeout_s)):
                return time.monotonic() - start
        raise TimeoutError

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()
        os.close(self._wake_fd)


@pytest.fixture
def watch(loopback: str) -> Callable[[], Reader]:
    """Opens a reader: ``with watch() as reader``."""
    return lambda: Reader(loopback)


@contextmanager
def writing(what: int | str, size: tuple[int, int] = (180, 320)) -> Iterator[subprocess.Popen[str]]:
    """A process that feeds the virtual camera until it is killed: frames of one luma, or "bars"."""
    here = Path(__file__).parent
    with subprocess.Popen(
        [sys.executable, str(here / "writer.py"), *map(str, (what, *size))],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(here.parent)},
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "writing\n"
            yield process
        finally:
            process.kill()


@pytest.fixture
def write(loopback: str) -> Callable[[int | str], object]:
    """Starts a writer process: ``with write("bars") as process``."""
    return writing
