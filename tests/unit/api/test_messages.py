import json

import pytest

from segcam.api import messages
from segcam.api.messages import Change, OutputStatus, Status
from segcam.errors import CameraLost, DaemonError, UsageError

STATUS = Status(
    version="1.2",
    pid=7,
    since="2026-01-02T03:04:05+00:00",
    uptime_s=1.5,
    source="HD Webcam",
    source_on=True,
    width=1280,
    height=720,
    rate_hz=30.0,
    model="selfie",
    backend="litert-cpu",
    background="blur",
    edges="fast",
    mirror=False,
    outputs=[OutputStatus("/dev/video10", True, ["zoom"], None)],
    in_use=True,
    trouble=CameraLost("gone", "pulled out", "plug it in").as_dict(),
    counters={"sent": 3},
    stages_ms={"latency": {"p50": 1.0, "p95": 2.0}},
)


def test_a_status_survives_the_way():
    sent = messages.encode(STATUS.as_dict())
    assert json.loads(sent), "any program can read it"
    assert Status.from_dict(messages.decode(sent)) == STATUS


def test_what_a_newer_one_adds_is_left_out():
    assert Status.from_dict({**STATUS.as_dict(), "mood": "good"}) == STATUS


def test_what_an_older_one_lacks_is_told():
    values = STATUS.as_dict()
    del values["rate_hz"]
    with pytest.raises(DaemonError, match="rate_hz"):
        Status.from_dict(values)


@pytest.mark.parametrize("data", [b"", b"[1]", b"{", b"\x80\x04\x95", b"\xff\xfe"])
def test_what_is_no_message_is_refused(data):
    with pytest.raises(DaemonError):
        messages.decode(data)


@pytest.mark.parametrize(
    "change",
    [Change(), Change(background="none"), Change(model="a", backend="b", edges="c", mirror=False)],
)
def test_a_change_survives_the_way(change):
    assert Change.from_dict(messages.decode(messages.encode(change.as_dict()))) == change


@pytest.mark.parametrize(
    "values",
    [
        {"colour": "red"},
        {"background": None},
        {"background": 3},
        {"background": ["none"]},
        {"background": "image:/a\0b"},
        {"model": True},
        {"mirror": "yes"},
        {"mirror": 1},
        {"": ""},
    ],
)
def test_what_is_no_change_is_refused_with_what_would_be_one(values):
    with pytest.raises(UsageError) as caught:
        Change.from_dict(values)
    assert caught.value.hint
