"""Building sinks. For a service, missing outputs are added later."""

from fractions import Fraction

import pytest

from segcam.daemon.devices import records
from segcam.pipeline import sinks as sinks_module
from segcam.pipeline.sinks import make_destination
from segcam.sink.loopback import DeviceMissing
from segcam.sink.pipewire import PipeWireSink


def sinks(destination):
    return [output.sink for output in destination.sink.outputs(True)]


@pytest.fixture(autouse=True)
def no_server(monkeypatch):
    monkeypatch.setenv("PIPEWIRE_REMOTE", "/nowhere")


def opens(destination):
    """Whether it can be opened, though nothing that it needs is there."""
    sink = destination.sink
    sink.open((90, 160), Fraction(30))
    try:
        return sink.is_camera and not sink.in_use()
    finally:
        sink.close()


@pytest.fixture(params=[True, False], ids=["PipeWire", "no PipeWire"])
def nothing_there(request, monkeypatch):
    def find_loopback():
        raise DeviceMissing("no device", "none", "install v4l2loopback")

    from segcam.sink import loopback

    monkeypatch.setattr(loopback, "find_loopback", find_loopback)
    monkeypatch.setattr(sinks_module, "pipewire_runs", lambda: request.param)
    return request.param


def test_without_any_camera_it_runs_and_says_what_is_missing(nothing_there):
    found = make_destination("auto", lasting=True)
    assert len(sinks(found)) == 1, "it is tried again and again"
    assert opens(found)
    assert "v4l2loopback" in found.note
    assert found.duration_s is None


def test_what_was_asked_for_may_come_later():
    found = make_destination("pipewire", lasting=True)
    (pipewire,) = sinks(found)
    assert isinstance(pipewire, PipeWireSink)
    assert found.sink.name == pipewire.name
    assert opens(found)


def test_files_are_files_as_ever(tmp_path):
    (only,) = sinks(make_destination(f"file:{tmp_path}/a.mp4", lasting=True))
    assert not only.is_camera
    assert records(make_destination(f"file:{tmp_path}/a.mp4", lasting=True))
    assert records(make_destination(f"pipewire,file:{tmp_path}/a.mp4", lasting=True))
    assert not records(make_destination("null", lasting=True))
    assert not records(make_destination("pipewire", lasting=True))


@pytest.mark.parametrize("lasting", [True, False])
def test_a_second_segcams_camera_has_its_name(lasting):
    name = "SegCam office"
    named = sinks(make_destination("pipewire,null", lasting=lasting, camera_name=name))[0]
    usual = sinks(make_destination("pipewire,null", lasting=lasting))[0]
    assert (named.camera_name, usual.camera_name) == ("SegCam office", "SegCam")


@pytest.mark.parametrize("spec", ["null,file:x.mp4", "null,null,file:x.mp4"])
def test_commas_lie_between_outputs(spec):
    sink = make_destination(spec).sink
    assert [each.sink.name for each in sink.outputs(False)] == ["null", "x.mp4"]


def test_one_output_named_twice_is_one():
    assert make_destination("null,null").sink.name == "null"


def test_auto_among_others_is_a_camera_and_no_preview():
    sink = make_destination("auto,null").sink
    assert [each.sink.is_camera for each in sink.outputs(False)] == [True, False]
