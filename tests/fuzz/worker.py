"""Feeds one target with inputs, one after another, in its own process.

    python -m fuzz.worker TARGET FIRST COUNT FOLDER

Each input is determined by its number. The number is printed first, so that the parent knows which
input crashed the process or made it hang.
"""

from __future__ import annotations

import faulthandler
import logging
import random
import resource
import shutil
import sys
from pathlib import Path

from fuzz.targets import TARGETS
from segcam.errors import SegCamError

MOST_BYTES = 3 * 2**30
"""Limit of address space. An input of these sizes that needs more is a bomb."""
LIMIT_S = 120
"""Time limit for one input, also on a busy machine."""


def main() -> None:
    target, first, count, folder = (
        sys.argv[1],
        int(sys.argv[2]),
        int(sys.argv[3]),
        Path(sys.argv[4]),
    )
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    logging.disable()
    import av

    av.logging.set_level(None)
    for number in range(first, first + count):
        print(number, flush=True)
        faulthandler.dump_traceback_later(LIMIT_S, exit=True)
        feed(target, number, folder)
    faulthandler.cancel_dump_traceback_later()
    print("done", flush=True)


def feed(target: str, number: int, folder: Path) -> None:
    """Feed a target with the input of that number."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        TARGETS[target](random.Random(f"{target} {number}"), folder)
    except SegCamError as error:
        str(error)


if __name__ == "__main__":
    main()
