"""Whatever comes through the socket, the next client is answered and the video goes on."""

import os
import socket
import struct
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segcam.api import client, transport
from segcam.api.messages import decode
from segcam.config import Config
from segcam.daemon.engine import Engine
from segcam.daemon.keeper import Keeper
from segcam.daemon.main import answering
from segcam.errors import DaemonError
from segcam.pipeline.sinks import make_destination
from segcam.settings import Settings, describe

EXAMPLES = int(os.environ.get("SEGCAM_FUZZ_EXAMPLES", "20"))
"""For CI; more of them for a night."""
REQUESTS = [
    *("status", "set", "subscribe", "watch", "pause", "resume", "describe", "cameras", "models"),
    *("presets", "preset-save", "preset-use", "preset-remove", "backgrounds", "background-remove"),
]
NAMES = [setting.name for setting in describe()]

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4)
    ),
    max_leaves=12,
)
backgrounds = st.builds(
    "{}:{}".format,
    st.sampled_from(["blur", "image", "video", "color", "none", "x"]),
    st.text(max_size=30)
    | st.sampled_from(["/dev/zero", "/", "~nobody/x", "9" * 5000, "../..", "\0"]),
)
chosen = st.dictionaries(
    st.sampled_from(["background", "mirror", "linger", "edges"]) | st.text(max_size=9),
    backgrounds | values,
    max_size=3,
)
messages = st.fixed_dictionaries(
    {"request": st.sampled_from(REQUESTS) | values},
    optional={"values": chosen | values, "once": values, "name": values, "id": values},
)
raw = st.binary(max_size=200) | st.builds(
    lambda size, data: struct.pack("!i", size) + data,
    st.integers(-(2**31), 2**31 - 1),
    st.binary(max_size=200),
)


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fuzz")
    chosen = Settings(camera="pattern", size="160x90", backend="null", isolate="never")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(folder))
        engine = Engine(chosen, make_output=lambda _: make_destination("null"))
        keeper = Keeper(Config(folder / "settings.toml"), {})
        with answering(engine, keeper, lambda: None), engine:
            yield engine


def still_answers(engine):
    now = client.status(timeout_s=30)
    assert now.phase in ("live", "paused")
    assert engine.pipeline.trouble is None
    assert now.stalled == []


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(message=messages)
def test_any_message_is_answered_in_words(running, message):
    try:
        with transport.connect(30) as connection:
            transport.send(connection, message, 30)
            reply = transport.receive(connection, 60)
            while "progress" in reply:
                reply = transport.receive(connection, 60)
    except (ValueError, DaemonError):  # no text can hold it, or the connection was ended
        pass
    else:
        assert reply.keys() & {"answer", "error", "state", "counters"}
        if "error" in reply:
            assert reply["error"]["title"]
            assert reply["error"]["code"] != "internal", reply
    still_answers(running)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=raw)
def test_any_bytes_are_answered_or_the_connection_ends(running, data):
    with socket.socket(socket.AF_UNIX) as plain, suppress(ConnectionError):
        plain.settimeout(60)
        plain.connect(transport.address())
        plain.sendall(data)
        plain.shutdown(socket.SHUT_WR)
        while plain.recv(1 << 16):
            pass
    still_answers(running)


@settings(max_examples=EXAMPLES, deadline=None)
@given(data=st.binary(max_size=300))
def test_what_cannot_be_read_is_told(data):
    with suppress(DaemonError):
        assert isinstance(decode(data), dict)
