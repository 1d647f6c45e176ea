"""The whole program, halted and killed, while a client of the virtual camera sees every frame."""

import signal
import time

from vm.test_daemon import SIZE, luma, model, segcam, sharpest_step, wait_until_it_writes

__all__ = ["model"]
SMOOTH = 12
"""Levels: no step in a hidden room is higher; colour bars have steps of 20 and more."""
STEADY_S = 3.0
"""Long enough for the kernel's placeholder."""


def shows_bars(frame):
    """Whether the room is there, in the corner that no matte of the null backend ever covers."""
    return sharpest_step(luma(frame)[: SIZE[0] // 4, : SIZE[1] // 4]) >= SMOOTH


def record(reader, seconds):
    """Every frame that comes in that time; at the end of it one is waited for."""
    frames, end_s = [], time.monotonic() + seconds
    while not frames or time.monotonic() < end_s:
        frames.append(reader.next(20))
    return frames


def test_the_webcams_own_picture_would_be_noticed(webcam):
    from fractions import Fraction

    import numpy as np

    from segcam.frame import Frame
    from segcam.source.camera import Camera

    camera, frame = Camera(webcam, SIZE, Fraction(15)), Frame.empty(SIZE)
    camera.open()
    try:
        assert camera.read(frame)
    finally:
        camera.close()
    assert frame.size == SIZE
    assert shows_bars(np.dstack([frame.y, frame.y]).tobytes())


def test_a_halted_program_leaves_the_kernels_placeholder_and_comes_back(webcam, watch):
    with segcam() as process, wait_until_it_writes(watch, process) as reader:
        seen = record(reader, STEADY_S)
        process.send_signal(signal.SIGSTOP)
        halted = record(reader, STEADY_S)
        process.send_signal(signal.SIGCONT)
        back_s = reader.until(lambda frame: frame != halted[-1], 20)
        seen += halted + record(reader, STEADY_S)
    print(f"back after {back_s:.1f} s")
    assert halted[-1] == halted[-2], "the kernel's placeholder stands still"
    assert not any(map(shows_bars, seen))


def test_a_killed_program_leaves_the_kernels_placeholder(webcam, watch):
    with segcam() as process, wait_until_it_writes(watch, process) as reader:
        seen = record(reader, STEADY_S)
        process.kill()
        process.wait()
        left = record(reader, STEADY_S)
    assert left[-1] == left[-2]
    assert not any(map(shows_bars, seen + left))
