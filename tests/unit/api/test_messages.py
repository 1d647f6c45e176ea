import json

import pytest
from support.states import STATE

from segcam.api import messages
from segcam.api.messages import Counters, State
from segcam.errors import DaemonError


def test_a_state_survives_the_way():
    sent = messages.encode(STATE.as_dict())
    assert json.loads(sent), "any program can read it"
    assert State.from_dict(messages.decode(sent)) == STATE


def test_what_a_newer_one_adds_is_left_out():
    assert State.from_dict({**STATE.as_dict(), "mood": "good"}) == STATE


def test_what_an_older_one_lacks_is_told():
    values = STATE.as_dict()
    del values["rate_hz"]
    with pytest.raises(DaemonError, match="rate_hz"):
        State.from_dict(values)


@pytest.mark.parametrize("data", [b"", b"[1]", b"{", b"\x80\x04\x95", b"\xff\xfe"])
def test_what_is_no_message_is_refused(data):
    with pytest.raises(DaemonError):
        messages.decode(data)


@pytest.mark.parametrize("outputs", [None, 3, "text", [3], [{"name": "x"}]])
def test_outputs_that_are_none_are_told(outputs):
    with pytest.raises(DaemonError):
        State.from_dict({**STATE.as_dict(), "outputs": outputs})


def test_subscribers_tell_states_from_counters():
    assert messages.told({"state": STATE.as_dict()}) == STATE
    counters = Counters({"sent": 3}, {})
    assert messages.told(counters.as_dict()) == counters
    with pytest.raises(DaemonError):
        messages.told({"mood": "good"})


@pytest.mark.parametrize(
    "data",
    [
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"a": "\\ud800"}',
        b'{"\\ud800": 1}',
        b'{"a": [["\\udfff"]]}',
        b"1" * 5000,
    ],
    ids=["lists", "objects", "half a character", "in a key", "deeper", "a long number"],
)
def test_what_no_json_should_hold_is_refused_in_words(data):
    with pytest.raises(DaemonError) as caught:
        messages.decode(data)
    assert caught.value.message


def test_file_names_that_are_no_utf_8_survive_the_way():
    name = b"/b\xe4ch.jpg".decode(errors="surrogateescape")
    assert messages.decode(messages.encode({"path": name})) == {"path": name}
