"""Streams that fail before they begin."""

import socket

import pytest

from segcam.api import transport
from segcam.api.streams import Watch
from segcam.errors import DaemonError, SegCamError, UsageError


def test_who_is_refused_leaves_no_connection_behind():
    here, there = socket.socketpair()
    with there:
        transport.send(there, {"error": UsageError("The preview is off").as_dict()})
        with pytest.raises(SegCamError, match="The preview is off"):
            Watch(here)
    assert here.fileno() == -1


def test_who_gets_no_answer_leaves_no_connection_behind():
    here, there = socket.socketpair()
    there.close()
    with pytest.raises(DaemonError):
        Watch(here)
    assert here.fileno() == -1
