"""Adds licences, and the libraries that wheels carry, to a list of parts: sbom.py FILE.

FILE is CycloneDX JSON, made from the lock file, which names packages and hashes only.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import third_party

from packaging.requirements import Requirement
from segcam.model_card import ModelCard
from segcam.zoo.library import cards

CARRIED = {
    "av": {
        "FFmpeg": "GPL-3.0-or-later",
        "x264": "GPL-2.0-or-later",
        "x265": "GPL-2.0-or-later",
    },
    "opencv-python-headless": {"FFmpeg": "LGPL-2.1-or-later"},
}
"""Libraries inside of packages' wheels whose terms differ from the package's; see
docs/licences.md."""
LINUX = {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"}


def main(path: Path) -> None:
    """Complete the file."""
    parts = json.loads(path.read_text(encoding="utf-8"))
    complete(parts)
    path.write_text(json.dumps(parts, indent=2) + "\n", encoding="utf-8")


def complete(parts: dict[str, Any]) -> None:
    """Give each component its licence, and add what has none of its own in the lock file.

    Raises:
        LookupError: The metadata of a package has no licence.
    """
    required = _required()
    for component in parts["components"]:
        name, version = component["name"], component["version"]
        component["licenses"] = _licences(third_party.licence(name))
        component["scope"] = "required" if f"{name}=={version}" in required else "optional"
        carried = CARRIED.get(name, {})
        if carried:
            component["components"] = [_part("library", *each) for each in carried.items()]
    parts["components"] += [_model(card) for card in cards().values()]


def _required() -> set[str]:
    """The pins that Linux and this Python need; the lock file has those of others, too."""
    lines = (third_party.LOCKS / "runtime.txt").read_text().splitlines()
    needed = (Requirement(line.rstrip(" \\")) for line in lines if re.match(r"[\w.-]+==", line))
    return {
        f"{each.name}{each.specifier}"
        for each in needed
        if not each.marker or each.marker.evaluate(LINUX)
    }


def _model(card: ModelCard) -> dict[str, Any]:
    checksum = {"alg": "SHA-256", "content": card.sha256}
    return {**_part("machine-learning-model", card.name, card.licence), "hashes": [checksum]}


def _part(kind: str, name: str, licence: str) -> dict[str, Any]:
    return {"type": kind, "name": name, "licenses": _licences(licence)}


def _licences(expression: str) -> list[dict[str, str]]:
    return [{"expression": expression}]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
