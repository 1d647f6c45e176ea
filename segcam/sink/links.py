"""Which programs take a PipeWire node's frames: asked of PipeWire through its own ``pw-dump``."""

from __future__ import annotations

import json
import subprocess
from typing import Any

_DUMP_S = 3.0


def viewers_of(node: int) -> list[str]:
    """Names of the programs linked to a node, as far as they gave any; none without pw-dump."""
    command = ["pw-dump", "--no-colors"]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_DUMP_S, check=True
        )
        return linked(json.loads(done.stdout), node)
    except (OSError, subprocess.SubprocessError, ValueError):
        return []


def linked(dump: list[dict[str, Any]], node: int) -> list[str]:
    """Names of the programs that a dump of everything shows linked to a node's output."""
    infos = {entry["id"]: entry.get("info") or {} for entry in dump}
    takers = (info["input-node-id"] for info in infos.values() if _leads_from(info, node))
    return sorted({_program(infos, infos.get(taker, {})) for taker in takers})


def _leads_from(info: dict[str, Any], node: int) -> bool:
    return info.get("output-node-id") == node and "input-node-id" in info


def _program(infos: dict[int, dict[str, Any]], taker: dict[str, Any]) -> str:
    own = taker.get("props") or {}
    client = infos.get(own.get("client.id", -1), {}).get("props") or {}
    # As /proc names them, so that a program is the same one for every output.
    told = client.get("application.process.binary"), client.get("application.name")
    return str(next(filter(None, (*told, own.get("node.name"))), "a program"))
