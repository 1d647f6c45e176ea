"""The targets of random input. Each must accept it or raise a `SegCamError`.

Another target is a function and a line in `TARGETS`.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from fuzz import samples
from fuzz.control import feed_socket
from fuzz.mutate import damaged
from fuzz.values import text, value

Feed = Callable[[random.Random, Path], None]
"""Makes a random input, in a folder that is empty at first, and feeds it."""

MOST_FRAMES = 6


def feed_clips(chance: random.Random, folder: Path) -> None:
    """A damaged clip, read as `segcam render` reads it."""
    from segcam.frame import Frame
    from segcam.source.clip import Clip

    path = _written(folder / "clip.mp4", damaged(chance.choice(_made("clips")), chance))
    clip = Clip(path)
    try:
        frame = Frame.empty(clip.open().size)
        for _ in range(MOST_FRAMES):
            if not clip.read(frame):
                break
    finally:
        clip.close()


def feed_pictures(chance: random.Random, folder: Path) -> None:
    """A damaged picture, read as a background or a source."""
    from segcam.source.pictures import read_picture

    read_picture(
        _written(folder / "picture.png", damaged(chance.choice(_made("pictures")), chance))
    )


def feed_jpegs(chance: random.Random, folder: Path) -> None:
    """A damaged JPEG picture, as a webcam may send it."""
    import av

    from segcam.frame import Frame
    from segcam.source.jpeg import JpegDecoder

    data = damaged(chance.choice(_made("jpegs")), chance)
    with suppress(av.FFmpegError):
        JpegDecoder().decode(memoryview(data), Frame.empty(samples.SIZE))


def feed_cards(chance: random.Random, folder: Path) -> None:
    """A damaged model card, or one with fields of any kind."""
    from segcam.model_card import load_card, parse_card

    sample = chance.choice((samples.CARD, samples.RECURRENT))
    if chance.random() < 0.5:
        load_card(_written(folder / "card.toml", damaged(sample.encode(), chance)))
        return
    import tomllib

    card = tomllib.loads(sample)
    place = chance.choice((card, card["input"], card["output"], *card.get("state", ())))
    place[chance.choice(list(place))] = value(chance)
    try:
        parse_card(card)
    except (KeyError, TypeError, ValueError):
        return


def feed_models(chance: random.Random, folder: Path) -> None:
    """A damaged TFLite model, converted to ONNX."""
    from segcam.zoo.convert import to_onnx

    to_onnx(_written(folder / "model.tflite", damaged(chance.choice(_made("models")), chance)))


def feed_settings(chance: random.Random, folder: Path) -> None:
    """Values of any kind for every setting, and a damaged settings file."""
    from segcam.config.contents import interpret
    from segcam.errors import SegCamError
    from segcam.settings import describe

    for setting in describe():
        with suppress(SegCamError):
            setting.check(value(chance))
        with suppress(SegCamError):
            setting.read(text(chance))
    interpret(damaged(samples.SETTINGS.encode(), chance).decode(errors="replace"), "a", folder)


def feed_messages(chance: random.Random, folder: Path) -> None:
    """A message on the socket: a change of settings for the daemon, a state for a client."""
    from segcam.api.messages import decode, told
    from segcam.errors import SegCamError
    from segcam.settings import Settings

    values = {"background": "blur", "mirror": True, text(chance): value(chance)}
    message = {"request": "set", "values": values, "state": {text(chance): value(chance)}}
    data = json.dumps(message).encode()
    if chance.random() < 0.5:
        data = damaged(data, chance)
    fields = decode(data)
    with suppress(SegCamError):
        told(fields)
    found = fields.get("values")
    if isinstance(found, dict):
        Settings().replace_with(found)


TARGETS: dict[str, Feed] = {
    "clips": feed_clips,
    "pictures": feed_pictures,
    "jpegs": feed_jpegs,
    "cards": feed_cards,
    "models": feed_models,
    "settings": feed_settings,
    "messages": feed_messages,
    "socket": feed_socket,
}

_SAMPLES: dict[str, list[bytes]] = {}


def _made(kind: str) -> list[bytes]:
    """The samples of a kind, made once per process."""
    import tempfile

    if kind not in _SAMPLES:
        with tempfile.TemporaryDirectory() as folder:
            makers = {
                "clips": samples.clips,
                "pictures": samples.pictures,
                "jpegs": samples.jpegs,
                "models": lambda: samples.models(Path(folder)),
            }
            _SAMPLES[kind] = makers[kind]()
    return _SAMPLES[kind]


def _written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path
