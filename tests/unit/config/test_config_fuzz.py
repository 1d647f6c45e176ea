"""Reading the settings file never fails, whatever it contains."""

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from segcam.config import Config
from segcam.errors import ConfigError, UsageError
from segcam.settings import Settings

# The folder is the same in every round of a property, and so is the file in it.
same_folder = hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "camera": st.text(min_size=1).map("n{} cam".format),
        "background": st.integers(0, 100).map("blur:{}".format)
        | st.text(min_size=1).map("image:/{}".format)
        | st.just("none"),
        "edges": st.sampled_from(["auto", "fast", "sharp"]),
        "mirror": st.booleans(),
        "fps": st.floats(1, 240) | st.just("auto"),
        "linger": st.floats(0, 86400),
        "threads": st.integers(1, 64),
    },
)


@same_folder
@given(FIELDS)
@example({"background": "image:/a/"})
@pytest.mark.slow
def test_settings_survive_the_file(tmp_path, values):
    try:
        settings = Settings.from_dict(values)
    except UsageError:  # a text with NUL
        return
    path = tmp_path / "settings.toml"
    path.unlink(missing_ok=True)
    assert Config(path).write(settings.as_dict()) == settings
    again = Config(path)
    assert again.read() == settings
    assert again.problems == ()


START = b"""# words
background = "image:~/a.jpg"
fps = 30.5
mirror = true

[presets."at work"]
linger = 5
"""


PIECES = st.binary(max_size=5) | st.sampled_from(
    [
        b"[presets]\n",
        b"[[x]]\n",
        b"=",
        b'"""',
        b"'",
        b"\n",
        b"presets.a.b",
        b"fps = nan\n",
        b"{",
        b"]",
    ]
)


CUTS = st.lists(st.tuples(st.integers(0, len(START)), st.integers(0, 9), PIECES), max_size=4)


@same_folder
@given(CUTS)
def test_no_edit_of_the_file_makes_the_reader_fail(tmp_path, cuts):
    data = START
    for place, length, piece in cuts:
        data = data[:place] + piece + data[place + length :]
    path = tmp_path / "settings.toml"
    path.write_bytes(data)
    config = Config(path)
    settings = config.read()
    assert Settings.from_dict(settings.as_dict()) == settings
    for problem in config.problems:
        str(problem).encode()
        assert problem.hint
    try:
        config.write({"mirror": False})
    except ConfigError:
        assert path.read_bytes() == data
    else:
        assert config.settings == settings.replace_with({"mirror": False})
