"""Writes THIRD_PARTY.md: the licence of every locked package, from its own metadata (make docs)."""

from __future__ import annotations

import re
from importlib.metadata import metadata
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "THIRD_PARTY.md"
LOCKS = ROOT / "packaging" / "requirements"

BY_HAND = {"colorama": "BSD-3-Clause", "jinja2": "BSD-3-Clause", "onnxruntime": "MIT"}
"""Packages that are not installed on Linux, or whose metadata says only "BSD"."""
SPDX = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0": "Apache-2.0",
    "BSD 2-Clause License": "BSD-2-Clause",
    "GNU General Public License v2 (GPLv2)": "GPL-2.0-only",
    "ISC License": "ISC",
    "MIT License": "MIT",
    "Apache Software License": "Apache-2.0",
    "OSI Approved :: Apache Software License": "Apache-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
"""Free text in metadata, and its SPDX names."""
HEAD = """# Packages that SegCam installs, and their licences

Made by `make docs` from the lock files in `packaging/requirements` and each package's metadata.
What the licences mean for you, and what wheels carry besides: [docs/licences.md](docs/licences.md).
"""


def locked(name: str) -> list[str]:
    """Names of the packages in a lock file, in its order."""
    text = (LOCKS / name).read_text()
    return list(dict.fromkeys(re.findall(r"^([A-Za-z0-9._-]+)(?:\[.*\])?==", text, re.MULTILINE)))


def licence(name: str) -> str:
    """A package's licence as an SPDX expression.

    Raises:
        LookupError: Its metadata has no licence, or one that `SPDX` does not contain.
        PackageNotFoundError: It is not installed.
    """
    if name in BY_HAND:
        return BY_HAND[name]
    told = metadata(name)
    expression = told.get("License-Expression")
    if expression:
        return expression
    return _expression(told.get("License") or "") or _classified(told.get_all("Classifier") or [])


def _expression(text: str) -> str:
    """Free text as SPDX; "" if it is unknown, or a whole licence text."""
    if text == "UNKNOWN":  # an old setuptools' word for nothing
        return ""
    if text in SPDX or re.fullmatch(r"[A-Z][\w.+-]+( (AND|OR) [A-Z][\w.+-]+)*", text):
        return SPDX.get(text, text)
    return ""


def _classified(classifiers: list[str]) -> str:
    for classifier in classifiers:
        words = classifier.removeprefix("License :: OSI Approved :: ")
        if words != classifier:
            return SPDX[words]
    raise LookupError("no licence in the metadata")


def page() -> str:
    """The current page."""
    users = locked("runtime.txt")
    others = [name for name in locked("dev.txt") if name not in users]
    return f"{HEAD}\n{_table('Installed with SegCam', users)}\n{_table('For developers', others)}"


def _table(title: str, names: list[str]) -> str:
    rows = "".join(f"| {name} | {licence(name)} |\n" for name in names)
    return f"## {title}\n\n| package | licence |\n|---|---|\n{rows}"


if __name__ == "__main__":
    PAGE.write_text(page())
