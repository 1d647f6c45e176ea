"""A browser that watches SegCam on a test page, and what that page reports."""

from __future__ import annotations

import http.server
import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

WATCH = Path(__file__).parent / "watch.html"


class Page:
    """What the browser's page told last."""

    def __init__(self) -> None:
        self.address = ""
        self._told = threading.Condition()
        self._seen: dict[str, Any] = {}

    def tell(self, seen: dict[str, Any]) -> None:
        """Called twice a second while the page is open."""
        with self._told:
            self._seen = seen
            self._told.notify_all()

    def until(
        self, wanted: Callable[[dict[str, Any]], bool], timeout_s: float = 120
    ) -> dict[str, Any]:
        """Wait until the page sees what is ``wanted``.

        Raises:
            AssertionError: It never did, or the page failed.
        """
        deadline = time.monotonic() + timeout_s
        with self._told:
            while not ("colors" in self._seen and wanted(self._seen)):
                assert "error" not in self._seen, self._seen
                remaining = deadline - time.monotonic()
                assert remaining > 0, f"only saw {self._seen}"
                self._told.wait(remaining)
            return self._seen

    def rate_hz(self, duration_s: float) -> float:
        """Frames a second that the page shows, over the next seconds."""
        first = self.until(lambda _: True)
        last = self.until(lambda seen: seen["at_ms"] >= first["at_ms"] + duration_s * 1e3)
        return float((last["frames"] - first["frames"]) / (last["at_ms"] - first["at_ms"]) * 1e3)


@contextmanager
def serving(shown: Path = WATCH) -> Iterator[Page]:
    """A page at ``page.address``; by default the one that tells what it sees."""
    page = Page()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(200, shown.read_bytes())

        def do_POST(self) -> None:
            page.tell(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self._answer(204)

        def _answer(self, status: int, body: bytes = b"") -> None:
            self.send_response(status)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        page.address = f"http://127.0.0.1:{server.server_port}/"
        try:
            yield page
        finally:
            server.shutdown()


@contextmanager
def running(command: Sequence[str], log: Path) -> Iterator[None]:
    """A program and its children, ended with the block; what they said is told if that fails."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
        )
    try:
        yield
    except AssertionError:
        print(log.read_text(errors="replace")[-4000:])
        raise
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # a child of a browser's has the camera
        process.wait()
