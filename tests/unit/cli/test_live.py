"""What ``segcam run`` says at its end."""

from types import SimpleNamespace

import pytest

from segcam.cli import live
from segcam.errors import OutputUnwritable


def engine(sent, name, duration_s=None):
    totals = {"sent": sent, "elapsed_s": 2.0, "cpu_ms_per_frame": 9.5}
    return SimpleNamespace(
        pipeline=SimpleNamespace(stats=SimpleNamespace(snapshot=lambda: totals)),
        destination=SimpleNamespace(sink=SimpleNamespace(name=name), duration_s=duration_s),
    )


@pytest.mark.parametrize(
    ("output", "duration_s"), [("file:a.mp4", None), ("null,file:a.mp4", None), ("auto", 20.0)]
)
def test_recording_that_got_no_picture_is_an_error(output, duration_s):
    with pytest.raises(OutputUnwritable, match=r"Nothing was recorded to a\.mp4"):
        live._sum_up(engine(0, "a.mp4", duration_s), output, verbose=False)


@pytest.mark.parametrize(
    ("sent", "output", "name"), [(7, "file:a.mp4", "a.mp4"), (0, "pipewire", "SegCam")]
)
def test_what_was_sent_is_counted(capsys, sent, output, name):
    live._sum_up(engine(sent, name), output, verbose=False)
    said = " ".join(capsys.readouterr().err.split())
    assert said == f"Sent {sent} frames to {name} in 2.0 s, 9.5 ms of processor time each."
