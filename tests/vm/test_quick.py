"""The main way, end to end: webcam, SegCam, virtual camera, a program that watches; and a kill.

``make test-vm-quick`` runs this alone. Nothing depends on speed: a busy machine takes its time.
"""

from __future__ import annotations

import subprocess
import threading
from contextlib import contextmanager
from functools import partial

from support import waiting
from vm.test_daemon import SIZE, luma, model, segcam, sharpest_step

from segcam.v4l2.device import Device

__all__ = ["model"]
PATIENCE_S = 240
wait_until = partial(waiting.wait_until, limit_s=PATIENCE_S)
FRAMES = 8
SMOOTH = 12
"""Levels: no step in a hidden room is higher; colour bars have steps of 20 and more."""


class Client:
    """v4l2-ctl, watching. It keeps every frame it gets."""

    def __init__(self, device):
        command = ["v4l2-ctl", "-d", device, "--stream-mmap", "--stream-to=-"]
        self.frames = []
        self.program = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self):
        length = SIZE[0] * SIZE[1] * 2
        while len(data := self.program.stdout.read(length)) == length:
            self.frames.append(luma(data))

    def end(self):
        self.program.kill()
        self.program.wait()
        self._reader.join()
        self.program.stdout.close()


@contextmanager
def watching(device):
    client = Client(device)
    try:
        yield client
    finally:
        client.end()


def is_camera(device):
    with Device(device) as node:
        return node.identity().captures


def shows_somebody(frame):
    """Whether the webcam's bars are where the null backend sees a chest; not in a placeholder."""
    rows = slice(SIZE[0] * 70 // 100, SIZE[0] * 76 // 100)
    return sharpest_step(frame[rows, SIZE[1] // 3 : SIZE[1] * 2 // 3]) >= SMOOTH


def shows_room(frame):
    """Whether they are in the corner, where it never does."""
    return sharpest_step(frame[: SIZE[0] // 4, : SIZE[1] // 4]) >= SMOOTH


def is_placeholder(frame):
    return not shows_somebody(frame) and not shows_room(frame)


def test_a_program_sees_the_person_without_the_room_and_a_placeholder_after_a_kill(
    webcam, loopback
):
    with segcam() as process:
        wait_until(lambda: is_camera(loopback), "camera", process)
        with watching(loopback) as client:
            frames = client.frames
            wait_until(lambda: sum(map(shows_somebody, frames)) >= FRAMES, "picture", process)
            process.kill()
            process.wait()
            count = len(frames)
            wait_until(
                lambda: any(map(is_placeholder, frames[count:])), "placeholder", client.program
            )
            count = len(frames)
            wait_until(lambda: len(frames) > count + 1, "second placeholder", client.program)
            left = frames[count:]
    assert all(map(is_placeholder, left)), "the placeholder stays"
    assert not any(map(shows_room, frames))
