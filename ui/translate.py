"""Updates the translations: finds new texts and compiles the translated ones.

``python ui/translate.py`` after a text has changed; then translate the unfinished entries in
``segcam_ui/translations/*.ts`` (Qt's Linguist or any editor), and run it once more.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from segcam import backgrounds
from segcam.settings import describe

FOLDER = Path(__file__).parent / "segcam_ui"
LANGUAGES = ("de",)
TOOLS = Path(sys.executable).parent


def declared_texts() -> str:
    """Python source with the texts that come from the running SegCam, for Qt's tool."""
    settings = [text for setting in describe() for text in (setting.title, setting.help)]
    pictures = [entry.title for entry in backgrounds.entries() if entry.bundled]
    return _marked("Setting", settings) + _marked("Background", pictures)


def _marked(context: str, texts: Iterable[str]) -> str:
    lines = [f'QT_TRANSLATE_NOOP("{context}", {_quoted(text)})\n' for text in dict.fromkeys(texts)]
    return "".join(lines)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def update(target: Path) -> None:
    """Write all current texts into a .ts file and keep its translations."""
    with tempfile.TemporaryDirectory() as folder:
        declared = Path(folder, "declared.py")
        declared.write_text(declared_texts(), encoding="utf-8")
        sources = [str(path) for path in sorted(FOLDER.glob("*.py"))]
        command = [str(TOOLS / "pyside6-lupdate"), *sources, str(declared)]
        options = ["-locations", "none", "-no-obsolete", "-ts", str(target)]
        subprocess.run([*command, *options], check=True, stdout=subprocess.DEVNULL)


def compile_(source: Path, target: Path) -> None:
    """Compile the .qm file that the program reads."""
    command = [str(TOOLS / "pyside6-lrelease"), "-silent", str(source), "-qm", str(target)]
    subprocess.run(command, check=True)


def main() -> None:
    """Update and compile every language."""
    for language in LANGUAGES:
        source = FOLDER / "translations" / f"segcam_{language}.ts"
        update(source)
        compile_(source, source.with_suffix(".qm"))


if __name__ == "__main__":
    main()
