"""The settings that hold, in the file and for one run."""

import errno
import threading

import pytest
from support.waiting import LIMIT_S, until

from segcam.config import Config
from segcam.daemon.keeper import Keeper, config_of, keeper_of
from segcam.errors import SegCamError, UsageError


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setenv("SEGCAM_CONFIG", str(tmp_path))
    return tmp_path / "settings.toml"


def test_options_of_a_run_hold_above_the_file(file):
    file.write_text('background = "blur:3"\nmirror = true\n')
    keeper = keeper_of("", {"mirror": False})
    assert (keeper.settings.background, keeper.settings.mirror) == ("blur:3", False)


def test_what_is_kept_is_in_the_file_and_overrides_the_option(file):
    keeper = keeper_of("", {"mirror": True})
    keeper.keep({"mirror": False}, once=False)
    keeper.keep({"background": "blur:9"}, once=True)
    assert (keeper.settings.background, keeper.settings.mirror) == ("blur:9", False)
    again = keeper_of("", {})
    assert (again.settings.background, again.settings.mirror) == ("blur", False)
    file.write_text("mirror = true\n")
    keeper.reload()
    assert keeper.settings.mirror, "what was set went into the file, and the file has changed"
    assert keeper.settings.background == "blur:9"


def test_a_file_that_cannot_be_written_is_told_and_the_change_holds_for_this_run(file):
    file.mkdir()
    keeper = keeper_of("", {})
    with pytest.raises(SegCamError, match="is in effect until SegCam stops"):
        keeper.keep({"background": "blur:9"}, once=False)
    assert keeper.settings.background == "blur:9"


def test_a_second_one_has_a_file_of_its_own_above_the_usual_one(file):
    file.write_text('background = "blur:3"\nmirror = true\n')
    office = keeper_of("office", {})
    assert (office.settings.background, office.settings.mirror) == ("blur:3", True)
    office.keep({"background": "none"}, once=False)
    assert keeper_of("", {}).settings.background == "blur:3"
    assert keeper_of("office", {}).settings.background == "none"
    assert config_of("office").path.name == "settings-office.toml"


def test_edits_are_taken_over_and_what_is_refused_is_told(file, monkeypatch):
    monkeypatch.setattr("segcam.daemon.keeper.LOOK_S", 0.01)
    keeper, applied = keeper_of("", {}), []

    def apply(settings):
        applied.append(settings.background)
        if settings.background == "blur:66":
            raise UsageError("told to refuse")

    with keeper.watch(apply):
        file.write_text('background = "blur:9"\n')
        assert until(lambda: applied == ["blur:9"])
        assert keeper.trouble is None
        file.write_text('background = "blur:66"\n')
        assert until(lambda: keeper.trouble is not None)
        assert "told to refuse" in str(keeper.trouble)
        file.write_text("[nonsense")
        assert until(lambda: "TOML" in str(keeper.trouble))
        file.write_text('background = "blur:9"\n')
        assert until(lambda: keeper.trouble is None)


def test_an_edit_is_taken_over_while_another_one_takes_long(file, monkeypatch):
    monkeypatch.setattr("segcam.daemon.keeper.LOOK_S", 0.01)
    keeper, applied, loaded = keeper_of("", {}), [], threading.Event()

    def apply(settings):
        if settings.background == "blur:9":
            loaded.wait(LIMIT_S)
        applied.append(settings.background)

    with keeper.watch(apply):
        file.write_text('background = "blur:9"\n')
        keeper.reload()
        file.write_text('background = "none"\n')
        assert until(lambda: applied == ["none"])
        loaded.set()
        assert until(lambda: applied == ["none", "blur:9"])


def test_a_file_that_cannot_be_looked_at_is_looked_at_again(file, monkeypatch, caplog):
    monkeypatch.setattr("segcam.daemon.keeper.LOOK_S", 0.01)
    keeper, applied = keeper_of("", {}), []
    looks = iter([OSError(errno.EMFILE, "Too many open files"), True])

    def changed():
        look = next(looks, False)
        if isinstance(look, Exception):
            raise look
        return look

    monkeypatch.setattr(keeper._config, "changed", changed)
    with keeper.watch(applied.append):
        assert until(lambda: applied)
    assert "cannot open more files" in caplog.text


def test_the_preset_at_work_is_the_one_whose_settings_all_hold(tmp_path):
    keeper = Keeper(Config(tmp_path / "settings.toml"), {})
    keeper.save_preset("calm", {"background": "blur:9"})
    keeper.save_preset("same", {"background": "blur:9", "mirror": True})
    now = keeper.settings.as_dict()
    assert keeper.current_preset(now) == ""
    assert keeper.current_preset({**now, "background": "blur:9"}) == "calm"
    both = {**now, "background": "blur:9", "mirror": True}
    assert keeper.current_preset(both) == "same", "the last one that was used"
    keeper.used("calm")
    assert keeper.current_preset(both) == "calm"
