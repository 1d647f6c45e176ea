"""The window speaks the user's language."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PySide6.QtCore import QCoreApplication, QLocale, QTranslator
from support.scripts import load

from segcam import backgrounds

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "ui" / "segcam_ui" / "translations"
SOURCES = sorted(FOLDER.glob("*.ts"))


@pytest.fixture(scope="module")
def tools():
    return load("ui/translate.py")


def texts(path):
    """The window's own; what a setting's declaration says may still be in English."""
    contexts = ElementTree.parse(path).iter("context")
    return {
        message.findtext("source")
        for context in contexts
        if context.findtext("name") != "Setting"
        for message in context.iter("message")
    }


def test_there_is_german():
    assert [path.name for path in SOURCES] == ["segcam_de.ts"]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_every_text_is_known_to_the_translation(tools, path, tmp_path):
    today = tmp_path / "today.ts"
    tools.update(today)

    assert texts(today) == texts(path), "run: make translations"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_every_text_is_translated(path):
    for context in ElementTree.parse(path).iter("context"):
        for message in context.iter("message"):
            translation = message.find("translation")
            done = translation.text and translation.get("type") is None
            assert done or context.findtext("name") == "Setting", message.findtext("source")


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_compiled_translation_is_the_newest(tools, path, tmp_path):
    compiled = tmp_path / "today.qm"
    tools.compile_(path, compiled)

    assert compiled.read_bytes() == path.with_suffix(".qm").read_bytes(), "run: make translations"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_placeholders_survive_the_translation(path):
    pairs = re.findall(
        r"<source>(.*?)</source>\s*<translation>(.*?)</translation>",
        path.read_text(encoding="utf-8"),
        re.DOTALL,
    )
    assert len(pairs) > 50
    for source, translation in pairs:
        assert source.count("{}") == translation.count("{}"), source


def test_german_is_spoken_where_the_system_does(qapp):
    translator = QTranslator()
    assert translator.load(QLocale("de_AT"), "segcam", "_", str(FOLDER))
    qapp.installTranslator(translator)
    try:
        text = QCoreApplication.translate("Line", "Camera off: nobody is watching")
    finally:
        qapp.removeTranslator(translator)
    assert text == "Kamera aus: Niemand sieht zu"


def test_pictures_that_come_with_segcam_have_german_names(qapp):
    translator = QTranslator()
    assert translator.load(QLocale("de"), "segcam", "_", str(FOLDER))
    titles = [entry.title for entry in backgrounds.entries() if entry.bundled]

    assert len(titles) >= 8
    assert all(translator.translate("Background", title) for title in titles)
