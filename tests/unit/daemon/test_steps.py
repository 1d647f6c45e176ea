"""A setting that is declared and changes nothing while SegCam runs would be ignored in silence."""

from segcam.daemon.devices import DEVICES
from segcam.daemon.steps import DEMAND, LOOK, NETWORKS, STEPS
from segcam.settings import describe


def test_each_setting_is_changed_by_one_step():
    assert sorted(name for step in STEPS for name in step) == sorted(s.name for s in describe())


def test_each_step_does_what_its_settings_promise():
    promised = {
        "at once": {*LOOK, *DEMAND},
        "next start": {*DEMAND},
        "loads": {*NETWORKS},
        "restarts": {*DEVICES},
    }
    broken = [s.name for s in describe() if s.name not in promised[s.live]]
    assert not broken
