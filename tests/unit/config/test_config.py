"""The file of settings: whatever happens to it, the last good ones stay at work."""

import errno
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from segcam import storage
from segcam.config import Config, config_file
from segcam.errors import ConfigError, UsageError
from segcam.settings import Settings


@pytest.fixture
def config(tmp_path):
    return Config(tmp_path / "segcam" / "settings.toml")


def written(config, text):
    """The file with other text."""
    config.path.parent.mkdir(exist_ok=True)
    config.path.write_text(text)
    return config


def told(config):
    return " ".join(map(str, config.problems))


def files_beside(config):
    return sorted(path.name for path in config.path.parent.iterdir())


def test_without_a_file_the_defaults_hold(config):
    assert config.read() == Settings()
    assert config.problems == ()
    assert not config.path.parent.exists()


def test_what_is_written_is_there_after_a_restart(config):
    config.write({"background": "color:#00FF00", "fps": 25, "mirror": True})
    again = Config(config.path)
    assert again.read() == Settings(background="color:#00ff00", fps=25.0, mirror=True)
    assert again.problems == ()


def test_what_people_wrote_stays(config):
    written(config, '# mine\nmirror = true # so\nfuture = 1\n\n[presets.a]\nedges = "fast"\n')
    config.write({"background": "none"})
    text = config.path.read_text()
    for part in ("# mine\n", "mirror = true # so\n", "future = 1\n", 'edges = "fast"\n'):
        assert part in text
    assert config.settings == Settings(mirror=True, background="none")
    assert config.presets == {"a": {"edges": "fast"}}


def test_an_unknown_key_names_its_line_and_the_nearest(config):
    written(config, '# one\n\nbackgruond = "blur"\nmirror = true\n').read()
    assert config.settings == Settings(mirror=True)
    (problem,) = config.problems
    assert problem.code == "config"
    assert "settings.toml, line 3" in str(problem)
    assert "Did you mean 'background'?" in str(problem)


def test_a_wrong_value_names_its_line_and_keeps_the_last_good_one(config):
    written(config, 'background = "none"\nmirror = true\n').read()
    written(config, 'mirror = false\nbackground = "nnoe"\n')
    assert config.read() == Settings(background="none")
    assert "line 2: 'nnoe' is not a background" in told(config)
    assert "Did you mean 'none'?" in told(config)


def test_a_key_that_is_taken_out_has_its_default_again(config):
    written(config, "mirror = true\n").read()
    assert written(config, "").read() == Settings()


@pytest.mark.parametrize("data", [b'background = "bl', b"\xff\xfe", b"a" * (1 << 20), b"[" * 5000])
def test_a_broken_file_leaves_the_last_good_settings_at_work(config, data):
    written(config, "mirror = true\n").read()
    config.path.write_bytes(data)
    assert config.read() == Settings(mirror=True)
    assert config.problems
    assert config.problems[0].hint
    with pytest.raises(ConfigError):
        config.write({"mirror": False})
    assert config.path.read_bytes() == data
    assert written(config, "linger = 1\n").read() == Settings(linger=1.0)
    assert config.problems == ()


def test_a_syntax_error_names_its_line(config):
    written(config, "mirror = true\n\nbackground = blur\n").read()
    assert "line 3" in told(config)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names")
def test_a_pipe_or_folder_in_its_place_is_not_waited_for(config):
    config.path.parent.mkdir()
    os.mkfifo(config.path)
    assert config.read() == Settings()
    assert "it is a pipe" in told(config)
    config.path.unlink()
    config.path.mkdir()
    assert config.read() == Settings()
    assert "it is a folder" in told(config)


@pytest.mark.skipif(not Path("/proc/kmsg").exists(), reason="there is no such file")
def test_a_file_that_waits_for_data_is_not_waited_for(config):
    config.path.parent.mkdir()
    config.path.symlink_to("/proc/kmsg")
    assert config.read() == Settings()
    assert "cannot be read" in told(config)


def test_a_byte_order_mark_and_windows_line_ends_are_read(config):
    config.path.parent.mkdir()
    config.path.write_bytes(b'\xef\xbb\xbfmirror = true\r\nedges = "fast"\r\n')
    config.write({"linger": 3})
    assert config.settings == Settings(mirror=True, edges="fast", linger=3.0)


def test_relative_paths_start_at_home(config, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    written(config, 'background = "image:Pictures/a.jpg"\n[presets.b]\ncamera = "~/b.mp4"\n').read()
    assert config.settings.background == f"image:{tmp_path}/Pictures/a.jpg"
    assert config.presets == {"b": {"camera": f"{tmp_path}/b.mp4"}}


def test_a_wrong_change_changes_nothing(config):
    written(config, "mirror = true\n")
    for wrong in ({"mirror": 1}, {"miror": True}, {"mirror": False, "edges": "sharpp"}):
        with pytest.raises(UsageError):
            config.write(wrong)
    assert config.path.read_text() == "mirror = true\n"


def test_a_link_is_written_through_and_the_mode_is_kept(config, tmp_path):
    config.path.parent.mkdir()
    (tmp_path / "dotfiles").mkdir()
    real = tmp_path / "dotfiles" / "segcam.toml"
    real.write_text("mirror = true\n")
    real.chmod(0o640)
    config.path.symlink_to(Path("..", "dotfiles", "segcam.toml"))
    config.write({"linger": 1})
    assert config.path.is_symlink()
    assert config.settings == Settings(mirror=True, linger=1.0)
    assert "linger" in real.read_text()
    assert real.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in (tmp_path / "dotfiles").iterdir()] == ["segcam.toml"]


def test_links_in_a_circle_are_an_error_with_its_cure(config):
    config.path.parent.mkdir()
    config.path.symlink_to("settings.toml")
    assert config.read() == Settings()
    with pytest.raises(ConfigError):
        config.write({"mirror": True})


@pytest.mark.parametrize(
    ("reason", "cure"),
    [
        (errno.ENOSPC, "Free some space where"),
        (errno.EROFS, "set SEGCAM_CONFIG to another folder"),
        (errno.EACCES, 'sudo chown -R "$USER"'),
        (errno.EIO, "a folder that you can write"),
    ],
)
@pytest.mark.parametrize("step", ["fsync", "replace", "fchmod"])
def test_a_full_or_read_only_disk_loses_nothing(config, monkeypatch, reason, cure, step):
    written(config, "mirror = true\n").read()

    def refuse(*_):
        raise OSError(reason, os.strerror(reason))

    with monkeypatch.context() as patched:
        patched.setattr(storage.os, step, refuse)
        with pytest.raises(ConfigError, match="cannot be written") as caught:
            config.write({"linger": 1})
    assert os.strerror(reason) in str(caught.value)
    assert cure in caught.value.hint
    assert config.path.read_text() == "mirror = true\n"
    assert files_beside(config) == [".settings.toml.lock", "settings.toml"]
    assert config.settings == Settings(mirror=True)
    assert config.write({"linger": 1}) == Settings(mirror=True, linger=1.0)


def test_a_file_of_another_user_is_told_with_its_cure(config, monkeypatch):
    def refuse(*_):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr("segcam.config.config.read_regular", refuse)
    assert config.read() == Settings()
    assert 'sudo chown -R "$USER"' in told(config)


def test_a_folder_that_cannot_be_made_is_an_error_with_its_cure(tmp_path):
    (tmp_path / "file").touch()
    config = Config(tmp_path / "file" / "segcam" / "settings.toml")
    assert config.read() == Settings()
    with pytest.raises(ConfigError, match="cannot be written"):
        config.write({"mirror": True})


def test_without_a_home_nothing_can_be_kept_and_all_goes_on(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    config = Config(Path("~", ".config", "segcam", "settings.toml"))
    assert config.read() == Settings()
    with pytest.raises(ConfigError, match="no home"):
        config.write({"mirror": True})
    assert list(tmp_path.iterdir()) == []


def test_the_folder_can_be_named(monkeypatch, tmp_path):
    monkeypatch.setenv("SEGCAM_CONFIG", str(tmp_path))
    assert config_file() == tmp_path / "settings.toml"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SEGCAM_CONFIG", "here")
    assert config_file() == tmp_path / "here" / "settings.toml"
    monkeypatch.delenv("SEGCAM_CONFIG")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    assert config_file().parent.name == "segcam"


def test_two_writers_lose_nothing(config):
    def write(number):
        mine = Config(config.path)
        for step in range(3):
            mine.save_preset(f"{number} {step}", {"threads": number + 1})
        mine.write({"linger": number})

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    config.read()
    assert len(config.presets) == 12
    assert config.problems == ()
    assert files_beside(config) == [".settings.toml.lock", "settings.toml"]


def test_what_an_editor_writes_meanwhile_is_not_lost(config, monkeypatch):
    """Editors know no lock: the file becomes another one between reading and writing."""
    written(config, "mirror = true\n").read()
    real = config._signature
    looks = []

    def look():
        looks.append(1)
        if len(looks) == 2:  # the change is made; now it would be written
            config.path.write_text("mirror = true\nlinger = 9\n# from the editor\n")
        return real()

    monkeypatch.setattr(config, "_signature", look)
    assert config.write({"threads": 2}) == Settings(mirror=True, linger=9.0, threads=2)
    assert "# from the editor" in config.path.read_text()


def test_a_lock_that_is_never_released_ends_in_an_error(config):
    lock = config.path.with_name(".settings.toml.lock")
    with storage.locked(lock), pytest.raises(TimeoutError), storage.locked(lock, 0.05):
        pass
    with storage.locked(lock, 0.05):
        pass


def test_a_change_from_elsewhere_is_seen_when_it_stands_still(config):
    config.read()
    assert not config.changed()
    written(config, "mirror = true\n")
    assert not config.changed(), "it may be half of what comes"
    assert config.changed()
    config.read()
    assert not config.changed()
    written(config, "mirror = true\nlinger = 2\n")
    assert not config.changed()
    written(config, "mirror = true\nlinger = 2\nthreads = 2\n")
    assert not config.changed()
    assert config.changed()


def test_a_file_that_is_away_for_a_moment_is_no_change(config):
    written(config, "mirror = true\n").read()
    aside = config.path.rename(config.path.with_name("aside"))
    assert not config.changed()
    aside.rename(config.path)
    assert not config.changed()
    assert not config.changed()
    config.path.unlink()
    assert not config.changed()
    assert config.changed()
    assert config.read() == Settings()


def test_its_own_change_is_none_from_elsewhere(config):
    config.write({"mirror": True})
    assert not config.changed()
    assert not config.changed()


def test_presets_are_kept_replaced_and_forgotten(config):
    config.save_preset(" At work ", {"background": "none", "mirror": True})
    config.save_preset("home.office", {"background": "color:00FF00"})
    assert Config(config.path).presets == {}
    config.read()
    assert config.presets == {
        "At work": {"background": "none", "mirror": True},
        "home.office": {"background": "color:#00ff00"},
    }
    config.save_preset("At work", {"background": "blur:3"})
    assert config.preset("At work") == {"background": "blur:3"}
    config.remove_preset("At work")
    assert list(config.presets) == ["home.office"]
    assert config.settings == Settings()


def test_a_preset_that_is_not_there_names_the_nearest(config):
    with pytest.raises(UsageError, match="no preset named 'work'") as caught:
        config.preset("work")
    assert "segcam preset save" in str(caught.value)
    config.save_preset("works", {"mirror": True})
    for ask in (config.preset, config.remove_preset):
        with pytest.raises(UsageError, match="Did you mean 'works'"):
            ask("work")


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "\x1b[31m", "n" * 61, "\udc80"])
def test_a_presets_name_can_be_shown_in_one_line(config, name):
    with pytest.raises(UsageError, match="not a valid preset name"):
        config.save_preset(name, {"mirror": True})


def test_a_wrong_preset_is_told_and_harms_nothing_else(config):
    written(
        config, 'mirror = true\n[presets.a]\nedges = "no"\nlinger = 2\n[presets]\nb = 3\n'
    ).read()
    assert config.settings == Settings(mirror=True)
    assert config.presets == {"a": {"linger": 2.0}}
    assert "line 3: edges cannot be 'no'" in told(config)
    assert "'b' is not a preset" in told(config)


def test_reading_and_writing_from_many_threads_at_once_is_safe(config):
    stop = threading.Event()

    def look():
        while not stop.is_set():
            config.changed()
            config.read()
            assert config.problems == ()

    with ThreadPoolExecutor(3) as pool:
        lookers = [pool.submit(look) for _ in range(2)]
        try:
            for number in range(1, 20):
                config.write({"threads": number})
        finally:
            stop.set()
        for looker in lookers:
            looker.result()
    assert config.settings.threads == 19
