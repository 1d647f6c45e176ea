"""Feeds the socket of a running SegCam, which must answer every client."""

from __future__ import annotations

import atexit
import functools
import json
import os
import random
import socket
import struct
import tempfile
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from support.tiny_tflite import write_segmenter
from support.waiting import until

from fuzz.mutate import damaged
from fuzz.values import text, value

REQUESTS = (
    *("status", "set", "subscribe", "watch", "pause", "resume", "describe", "models"),
    *("presets", "preset-save", "preset-use", "preset-remove"),
    *("backgrounds", "background-add", "background-remove"),
)
"""All requests except those that would try this machine's cameras and runtimes, or end the run."""
DEVICES = ("camera", "output", "model", "backend")
"""Settings that would open this machine's devices, or load for seconds."""
ANSWER_S = 50.0


def feed_socket(chance: random.Random, folder: Path) -> None:
    """Send a message, a damaged one, or any bytes to a SegCam in this process."""
    engine = _running()
    data = json.dumps(_message(chance, folder)).encode(errors="surrogatepass")
    length = len(data)
    if chance.random() < 0.3:
        data = damaged(data, chance)
        length = chance.choice((len(data), len(data) + 7, 0, -1, 2**31 - 1))
    if chance.random() < 0.2:
        data = data[: chance.randrange(len(data) + 1)]  # then the client disconnects
    for reply in _replies(struct.pack("!i", length) + data):
        error = reply.get("error") or {}
        assert reply.keys() & {"answer", "error", "progress", "state", "counters", "preview"}, reply
        assert error.get("code") != "internal", reply
    _still_answers(engine)


def _message(chance: random.Random, folder: Path) -> dict[str, Any]:
    from segcam.settings import describe

    names = [each.name for each in describe() if each.name not in DEVICES]
    path = folder / "picture.png"
    path.write_bytes(chance.randbytes(chance.randrange(200)))
    values = {chance.choice(names): value(chance) for _ in range(chance.randrange(3))}
    if chance.random() < 0.5:
        kind = chance.choice(("image:", "video:", "blur:", "color:#", "", "~"))
        values["background"] = kind + chance.choice((str(path), str(folder), text(chance)))
    message = {"request": chance.choice(REQUESTS), "values": values}
    message["path"] = chance.choice((str(path), "/dev/zero", str(folder), text(chance)))
    message["name"] = message["id"] = text(chance)
    if chance.random() < 0.4:
        message[chance.choice(list(message))] = value(chance)
    return message


def _replies(data: bytes) -> list[dict[str, Any]]:
    """All answers until the connection ends; for streams, only the first ones."""
    from segcam.api import transport

    with socket.socket(socket.AF_UNIX) as plain, suppress(ConnectionError):
        plain.settimeout(ANSWER_S)
        plain.connect(transport.address())
        plain.sendall(data)
        plain.shutdown(socket.SHUT_WR)
        return _messages(plain)
    return []


def _messages(plain: socket.socket) -> list[dict[str, Any]]:
    got = b""
    while more := plain.recv(1 << 16):
        got += more
    found = []
    while len(got) >= 4:
        (length,) = struct.unpack("!i", got[:4])
        found.append(json.loads(got[4 : 4 + length]))
        got = got[4 + length :]
    return found


def _still_answers(engine: Any) -> None:
    from segcam.api import client

    def well() -> bool:
        nonlocal now
        now = client.status(timeout_s=ANSWER_S)
        phases = ("live", "paused", "idle")
        return now.phase in phases and not now.stalled and engine.pipeline.trouble is None

    now = None
    assert until(well, ANSWER_S), (now, engine.pipeline.trouble)  # a busy machine is late at times


@functools.cache
def _running() -> Any:
    """A SegCam in this process, with its own folders."""
    stack = ExitStack()
    atexit.register(stack.close)
    home = stack.enter_context(tempfile.TemporaryDirectory(prefix="segcam-fuzz-"))
    for name in ("HOME", "XDG_RUNTIME_DIR", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        os.environ[name] = home
    from segcam.config import Config
    from segcam.daemon.engine import Engine
    from segcam.daemon.keeper import Keeper
    from segcam.daemon.main import answering
    from segcam.pipeline.sinks import make_destination
    from segcam.settings import Settings

    model = Path(home) / "tiny.tflite"
    write_segmenter(model)  # the default one would be fetched into this home
    chosen = Settings(
        camera="pattern", size="160x90", model=str(model), backend="null", isolate="never"
    )
    engine = Engine(chosen, make_output=lambda _: make_destination("null"))
    keeper = Keeper(Config(Path(home) / "settings.toml"), {})
    stack.enter_context(answering(engine, keeper, lambda: None))
    return stack.enter_context(engine)
