"""Text from outside is shown, and steers nothing."""

import logging
import sys

import pytest

from segcam.text import OneLine, is_plain, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2Jcleared", "\\x1b[2Jcleared"),
        ("title\x07", "title\\x07"),
        ("one\ntwo\rthree", "one\\ntwo\\rthree"),
        ("csi\x9b31m", "csi\\x9b31m"),
        ("gnp.\u202egpj", "gnp.\\u202egpj"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("line\u2028end", "line\\u2028end"),
        ("\udcff", "\\udcff"),
        ("nul\0", "nul\\x00"),
    ],
)
def test_what_cannot_be_seen_is_written_out(text, shown):
    assert visible(text) == shown
    assert not is_plain(text)


@pytest.mark.parametrize("text", ["", "Müller's café", "カメラ", "[bold]100 %[/]", "a b", "🎥"])
def test_what_can_be_seen_stays(text):
    assert visible(text) == text
    assert is_plain(text)


def test_a_log_record_is_one_line_without_steering():
    record = logging.LogRecord("a", logging.INFO, "", 0, "opened %s", ("a\n\x1b[2Jb",), None)
    assert OneLine("%(name)s: %(message)s").format(record) == "a: opened a\\n\\x1b[2Jb"


def test_a_traceback_keeps_its_lines_and_steers_nothing():
    try:
        {}["\x1b[2J"]
    except KeyError:
        record = logging.LogRecord("a", logging.INFO, "", 0, "no", (), sys.exc_info())
    text = OneLine("%(message)s").format(record)
    assert len(text.splitlines()) > 3
    assert "\x1b" not in text
