"""Test the usual path in a guest, or say why none can run here: python tests/vm/quick.py"""

from __future__ import annotations

import sys

import boot
import prepare

VERSION = "0.12.7"
"""Debian 12's own v4l2loopback, and the one that is easiest to wedge."""
PYTEST = ("-m", "pytest", "--color=no", "-p", "no:cacheprovider", "tests/vm/test_quick.py")


def main() -> int:
    """0: it works, or this machine cannot boot a guest."""
    try:
        prepare.main([VERSION])
    except prepare.NotHere as reason:
        print(f"skipped: {reason}")
        return 0
    return boot.boot(VERSION, [sys.executable, *PYTEST])


if __name__ == "__main__":
    sys.exit(main())
