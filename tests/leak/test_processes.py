"""The whole command, stopped and killed while a client records."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from leak import faults
from leak.detector import leaks
from leak.room import FIGURE_YUV, RATE_HZ, SIZE, wall
from leak.unprotected import Unprotected
from pipewire.conftest import session  # noqa: F401
from support.processes import SEGCAM
from support.waiting import wait_until
from watching.gstreamer import Recording

from segcam.composite.background import Blurred
from segcam.composite.compositor import RoomHidden
from segcam.frame import Frame
from segcam.refine.refiner import MatteRefiner
from segcam.segment.backends.null import NullBackend
from segcam.segment.memory import Tensors
from segcam.sink.file import FileSink
from segcam.source.clip import Clip
from segcam.zoo.library import DEFAULT, find

pytestmark = [
    pytest.mark.models,
    pytest.mark.skipif(
        os.environ.get("SEGCAM_LEAK") != "all", reason="starts slowly: make test-leak"
    ),
]
HOME = os.environ.get("HOME", "")  # before the session's own is set
START_S = 60
MARGIN_PX = 14


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """A person in front of the wall, sitting where the null backend finds one; lossless."""
    if not find(DEFAULT)[1].exists():
        pytest.skip("needs the downloaded model: segcam models get")
    path = tmp_path_factory.mktemp("clip") / "sitting.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=RATE_HZ)
        stream.height, stream.width, stream.pix_fmt = *SIZE, "yuv420p"
        for index in range(60):
            picture = av.VideoFrame.from_ndarray(sitting().data, format="yuv420p")
            picture.pts, picture.time_base = index, 1 / RATE_HZ
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return path


def sitting():
    """The wall, with a person larger than the null backend's."""
    backend = NullBackend()
    tensors = Tensors(faults.CARD)
    backend.load(faults.CARD, Path(), tensors)
    backend.run()
    matte = cv2.resize(tensors.output.reshape(faults.CARD.output.size), SIZE[::-1])
    grown = cv2.dilate(matte, np.ones((2 * MARGIN_PX + 1,) * 2)) > 0.01
    frame = wall()
    frame.y[grown] = FIGURE_YUV[0]
    frame.u[grown[::2, ::2]], frame.v[grown[::2, ::2]] = FIGURE_YUV[1:]
    return frame


def shows_somebody(frame):
    """Whether it is not a placeholder."""
    return abs(int(frame.v[SIZE[0] // 4, SIZE[1] // 4]) - FIGURE_YUV[2]) < 8


@contextmanager
def segcam(clip, output):
    """``segcam run`` with the null backend and the weakest blur; killed at the end."""
    options = ["--camera", clip, "--backend", "null", "--background", "blur:0", "--output", output]
    environment = {**os.environ, "HOME": HOME, "NO_COLOR": "1"}
    with subprocess.Popen(
        [SEGCAM, "run", *options],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_for_more(client, process):
    """Wait until a client of a running process has 20 more frames."""
    enough = client.count + 20
    wait_until(lambda: client.count > enough, alive=process)


def halt(process):
    """Stop the process for a second, like a debugger or a swapping machine."""
    process.send_signal(signal.SIGSTOP)
    time.sleep(1)
    process.send_signal(signal.SIGCONT)


def film(path):
    """The frames of a video file."""
    with av.open(str(path)) as container:
        for picture in container.decode(video=0):
            yield Frame(picture.to_ndarray(format="yuv420p"))


def test_a_file_of_a_halted_and_interrupted_run_shows_no_room(clip, tmp_path):
    output = tmp_path / "call.mkv"
    with segcam(clip, f"file:{output}") as process:
        wait_until(output.exists, alive=process)  # with the first second of it
        time.sleep(1)
        halt(process)
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0, process.stdout.read()
    frames = list(film(output))
    assert len(frames) > 10
    assert any(map(shows_somebody, frames))
    assert not any(map(leaks, frames))


def test_a_file_of_the_unprotected_loop_shows_it(clip, tmp_path):
    output = tmp_path / "call.mkv"
    source = Clip(clip, live=True, rate_hz=Fraction(30))
    compositor = RoomHidden(Blurred(0))
    sink = FileSink(output)
    loop = Unprotected(source, faults.CARD, NullBackend(), MatteRefiner(), compositor, sink)
    loop.start()
    time.sleep(1)
    loop.stop()
    assert any(map(leaks, film(output)))


def test_a_client_never_sees_the_room_of_a_killed_run(clip, session):  # noqa: F811
    seen = []
    for _ in range(2):
        with segcam(clip, "pipewire") as process:
            wait_until(lambda: '"segcam"' in session.dump(), alive=process)
            with Recording(SIZE) as client:
                wait_for_more(client, process)
                halt(process)
                wait_for_more(client, process)
                process.kill()
                process.wait()
                time.sleep(0.5)
                seen += client.pictures()
    assert sum(map(shows_somebody, seen)) > 20
    assert not any(map(leaks, seen))
