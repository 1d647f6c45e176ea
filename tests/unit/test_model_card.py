"""A model card may come from anybody: every field is checked."""

import copy
import json
import tomllib
from dataclasses import asdict
from pathlib import Path

import pytest

from segcam.errors import ModelCorrupt, ModelMissing
from segcam.model_card import State, load_card, parse_card, plain_fields

CARDS = Path(__file__).parents[2] / "segcam" / "zoo" / "cards"
GOOD = {
    "name": "mine",
    "title": "Mine",
    "licence": "Apache-2.0",
    "origin": "me",
    "file": "mine.tflite",
    "sha256": "ab" * 32,
    "input": {"name": "in", "shape": [1, 48, 64, 3], "layout": "nhwc"},
    "output": {"name": "out", "shape": [1, 48, 64, 1], "layout": "nhwc"},
}


def with_field(path, value):
    """The good card with one field changed: "input.shape"."""
    card = copy.deepcopy(GOOD)
    *tables, name = path.split(".")
    place = card
    for table in tables:
        place = place[table]
    place[name] = value
    return card


def test_a_good_card_is_read():
    card = parse_card(GOOD)
    assert card.input.size == (48, 64)
    assert card.scale == 1 / 255


@pytest.mark.parametrize("path", sorted(CARDS.glob("*.toml")), ids=lambda path: path.stem)
def test_every_published_card_passes_and_survives_its_way_to_another_process(path):
    card = load_card(path)
    again = parse_card(json.loads(json.dumps(plain_fields(card))))
    assert plain_fields(again) == plain_fields(card)
    assert parse_card(asdict(card)) == card


@pytest.mark.parametrize("path", sorted(CARDS.glob("*.toml")), ids=lambda path: path.stem)
def test_every_published_card_says_in_a_line_what_the_model_is_for(path):
    assert 20 < len(load_card(path).purpose) < 100


@pytest.mark.parametrize("field", GOOD)
def test_a_missing_field_is_named(field):
    card = {name: value for name, value in GOOD.items() if name != field}
    with pytest.raises(KeyError, match=field):
        parse_card(card)


@pytest.mark.parametrize("field", ["name", "shape", "layout"])
def test_a_missing_field_of_a_tensor_is_named(field):
    card = copy.deepcopy(GOOD)
    del card["input"][field]
    with pytest.raises(ValueError, match=field):
        parse_card(card)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("name", 5),
        ("name", ""),
        ("name", "a\x1b[2Jb"),
        ("name", "a\nb"),
        ("name", "../up"),
        ("name", "n" * 101),
        ("title", ["a"]),
        ("title", ""),
        ("purpose", "two\nlines"),
        ("title", "gnp.\u202egpj"),
        ("licence", None),
        ("origin", "o" * 2001),
        ("file", "../../etc/passwd"),
        ("file", ".."),
        ("file", "a/b.tflite"),
        ("file", "a\\b.tflite"),
        ("file", ""),
        ("file", 7),
        ("sha256", "AB" * 32),
        ("sha256", "zz" * 32),
        ("sha256", "ab" * 31),
        ("sha256", 12),
        ("input", 5),
        ("input", []),
        ("input", {}),
        ("input.name", 5),
        ("input.name", "\0"),
        ("input.layout", "nwhc"),
        ("input.layout", ["nhwc"]),
        ("input.more", 1),
        ("input.shape", [1, 20000, 20000, 3]),
        ("input.shape", [1, 4096, 4096, 3]),
        ("input.shape", [2, 48, 64, 3]),
        ("input.shape", [1, 48, 64]),
        ("input.shape", [1, 48, 64, 3, 1]),
        ("input.shape", [1, 0, 64, 3]),
        ("input.shape", [1, -48, 64, 3]),
        ("input.shape", [1, 48.0, 64, 3]),
        ("input.shape", [True, 48, 64, 3]),
        ("input.shape", [1, 10**400, 64, 3]),
        ("input.shape", ["1", "48", "64", "3"]),
        ("input.shape", "1234"),
        ("input.shape", 4),
        ("input.shape", [1] * 10**6),
        ("input.shape", [1, 48, 64, 4]),
        ("output.shape", [1, 48, 64, 2]),
        ("scale", float("nan")),
        ("scale", float("inf")),
        ("scale", 0),
        ("scale", 1e300),
        ("scale", 10**400),
        ("scale", True),
        ("scale", "1"),
        ("offset", float("-inf")),
        ("offset", None),
        ("color", "cmyk"),
        ("color", ["rgb"]),
        ("color", {}),
        ("activation", 1),
        ("role", "judge"),
        ("role", "refiner"),
        ("wheel", "--index-url=http://x"),
        ("wheel", "name"),
        ("wheel", "name==1 --pre"),
        ("wheel", "name @ http://x"),
        ("wheel", 5),
        ("member", "../up"),
        ("member", "/etc/passwd"),
        ("onnx_sha256", "1"),
        ("metrics", 5),
        ("metrics", "ab"),
        ("metrics", {"a": "\x1b"}),
        ("metrics", {"\x1b": 1}),
        ("metrics", {"a": [[[[[[[[[[1]]]]]]]]]]}),
        ("surprise", 1),
        ("\x1b[2J", 1),
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_a_field_that_holds_what_it_must_not_is_refused(path, value):
    with pytest.raises(ValueError, match=r"\w") as caught:
        parse_card(with_field(path, value))
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 300
    if path.isprintable():
        assert (
            path.split(".")[0] in str(caught.value)
            or path == "role"
            or "channels" in str(caught.value)
        )


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("name", "selfie_v2.1+fp16"),
        ("title", "Müllers Modell"),
        ("scale", -1),
        ("offset", 127.5),
        ("wheel", ""),
        ("member", "a/b/c.tflite"),
        ("metrics", {"miou": 0.9, "runs": [1, 2], "of": {"a": "b"}, "seen": True}),
    ],
)
def test_what_is_odd_and_harmless_is_taken(path, value):
    assert getattr(parse_card(with_field(path, value)), path) in (
        value,
        tuple(dict(value).items()) if path == "metrics" else value,
    )


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"\0" * 100,
        b"a = " + b"[" * 5000,
        b"a = " + b"9" * 5000,
        b"name = 1979-05-27",
        b"[input]\n[input]",
        b"x" * 300_000,
    ],
    ids=["empty", "not UTF-8", "zeros", "deep", "long number", "date", "twice", "too large"],
)
def test_a_file_that_is_no_card_is_refused(tmp_path, content):
    (tmp_path / "a.toml").write_bytes(content)
    with pytest.raises((ModelCorrupt, ModelMissing)):
        load_card(tmp_path / "a.toml")


def test_metrics_may_hold_no_dates():
    with pytest.raises(ValueError, match="metrics"):
        parse_card(with_field("metrics", tomllib.loads("day = 1979-05-27")))


RECURRENT = {
    **GOOD,
    "file": "mine.onnx",
    "state": [
        {"in": "r1i", "out": "r1o", "shape": [1, 4, 24, 32]},
        {"in": "r2i", "out": "r2o", "shape": [1, 8, 12, 16]},
    ],
}


def test_a_recurrent_models_state_is_read_and_survives_its_way_to_another_process():
    card = parse_card(RECURRENT)
    assert card.state[1] == State("r2i", "r2o", (1, 8, 12, 16))
    assert parse_card(json.loads(json.dumps(plain_fields(card)))) == card
    assert parse_card(asdict(card)) == card


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"state": "r1i"}, "state is not a list"),
        ({"state": ["r1i"]}, "state is not a list of tables"),
        ({"state": [{"in": "a", "out": "b"}]}, "state needs in, out and shape"),
        ({"state": [{"in": "a", "out": 3, "shape": [1, 1, 1, 1]}]}, "state output is 3"),
        ({"state": [{"in": "a", "out": "b", "shape": [2, 1, 1, 1]}]}, "state shape is"),
        ({"state": [{"in": "a", "out": "b", "shape": [1, 1, 1, 1], "to": 1}]}, "no field 'to'"),
        ({"state": [{"in": "in", "out": "b", "shape": [1, 1, 1, 1]}]}, "names a tensor twice"),
        ({"state": [{"in": "a", "out": "out", "shape": [1, 1, 1, 1]}]}, "names a tensor twice"),
        ({"state": RECURRENT["state"] * 2}, "names a tensor twice"),
        ({"state": RECURRENT["state"] * 20}, "list of up to 16 tables"),
        ({"state": [{"in": "a", "out": "b", "shape": [1, 4, 2048, 2048]},
                    {"in": "c", "out": "d", "shape": [1, 1, 1, 1]}]}, "more than 16777216 numbers"),
        ({"file": "mine.tflite"}, "only a segmenter in an .onnx file has a state"),
    ],
)  # fmt: skip
def test_a_state_that_holds_what_it_must_not_is_refused(change, reason):
    with pytest.raises(ValueError, match=reason):
        parse_card({**RECURRENT, **change})
