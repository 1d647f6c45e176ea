"""Where a service's pictures go: what is missing at the start comes later."""

import pytest

from segcam.daemon.devices import records
from segcam.pipeline import lasting
from segcam.pipeline.lasting import make_lasting_destination, output_maker
from segcam.sink.absent import AbsentCamera
from segcam.sink.loopback import DeviceMissing
from segcam.sink.pipewire import PipeWireSink


def sinks(destination):
    return [output.sink for output in destination.sink.outputs(True)]


@pytest.fixture(params=[True, False], ids=["PipeWire", "no PipeWire"])
def nothing_there(request, monkeypatch):
    def find_loopback():
        raise DeviceMissing("no device", "none", "install v4l2loopback")

    from segcam.pipeline import assemble
    from segcam.sink import loopback

    monkeypatch.setattr(loopback, "find_loopback", find_loopback)
    for module in (lasting, assemble):
        monkeypatch.setattr(module, "pipewire_runs", lambda: request.param)
    return request.param


def test_without_any_camera_it_runs_and_says_what_is_missing(nothing_there):
    found = make_lasting_destination("auto")
    assert isinstance(sinks(found)[-1], AbsentCamera)
    assert len(sinks(found)) == 2, "and the other is tried again and again"
    assert "v4l2loopback" in found.note
    assert found.duration_s is None


def test_what_was_asked_for_may_come_later():
    pipewire, absent = sinks(make_lasting_destination("pipewire"))
    assert isinstance(pipewire, PipeWireSink)
    assert isinstance(absent, AbsentCamera)


def test_files_are_files_as_ever(tmp_path):
    (only,) = sinks(make_lasting_destination(f"file:{tmp_path}/a.mp4"))
    assert not only.is_camera
    assert records(make_lasting_destination(f"file:{tmp_path}/a.mp4"))
    assert records(make_lasting_destination(f"pipewire,file:{tmp_path}/a.mp4"))
    assert not records(make_lasting_destination("null"))
    assert not records(make_lasting_destination("pipewire"))


@pytest.mark.parametrize("service", [True, False])
def test_a_second_segcams_camera_has_its_name(service):
    named = sinks(output_maker(service, "office")("pipewire,null"))[0]
    usual = sinks(output_maker(service, "")("pipewire,null"))[0]
    assert (named.camera_name, usual.camera_name) == ("SegCam office", "SegCam")
