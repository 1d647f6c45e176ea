import pytest

from segcam.sink.links import linked, viewers_of

CAMERA, OTHER = 36, 50


def node(number, name, client):
    return {"id": number, "info": {"props": {"node.name": name, "client.id": client}}}


def client(number, **properties):
    return {"id": number, "info": {"props": properties}}


def link(number, output, taker):
    return {"id": number, "info": {"output-node-id": output, "input-node-id": taker}}


DUMP = [
    {"id": 0, "info": None},
    {"id": 1},
    node(CAMERA, "segcam", 35),
    node(OTHER, "webcam", 35),
    client(38, **{"application.name": "Firefox", "application.process.binary": "firefox-esr"}),
    node(39, "consumer", 38),
    client(40, **{"application.name": "Recorder"}),
    node(41, "consumer", 40),
    node(42, "nameless", 99),
    client(43, **{"application.process.binary": "cheese"}),
    node(44, "consumer", 43),
    link(60, CAMERA, 39),
    link(61, CAMERA, 41),
    link(62, CAMERA, 42),
    link(63, CAMERA, 39),
    link(64, OTHER, 44),
]


def test_programs_are_named_once_by_the_best_name_they_have():
    assert linked(DUMP, CAMERA) == ["Recorder", "firefox-esr", "nameless"]
    assert linked(DUMP, OTHER) == ["cheese"]
    assert linked(DUMP, 7) == []


@pytest.mark.parametrize("script", [None, "exit 1", "echo not-json"])
def test_without_an_answer_nobody_is_named(tmp_path, monkeypatch, script):
    monkeypatch.setenv("PATH", str(tmp_path))
    if script:
        program = tmp_path / "pw-dump"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
    assert viewers_of(CAMERA) == []
