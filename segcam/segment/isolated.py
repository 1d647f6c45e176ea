"""Runs a backend in its own process, so that its crashes and hangs do not stop the camera."""

from __future__ import annotations

import json
import select
import signal
import subprocess
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

from segcam import launch
from segcam.errors import BackendFailed, BackendLost, BackendUnavailable, ModelMismatch
from segcam.model_card import ModelCard, plain_fields
from segcam.segment.base import Asynchronous
from segcam.segment.caches import driver_caches
from segcam.segment.child import RUN, RUN_ANEW
from segcam.segment.memory import Tensors
from segcam.segment.patience import COMPILE_S, done_in_its_own_time
from segcam.segment.registry import find

CHILD = tuple(launch.command("segcam.segment.child"))
LOAD_S, RELOAD_S = 90.0, 1.0
"""NPU compilers take tens of seconds, once; a child that still computes then gets more time. Later
loads may take the second value, and in addition twice the time of the last load."""
RUN_S, SLACK = 1.0, 10.0
"""Time limit of an inference, in addition to ``SLACK`` times the one after loading. Viewers see a
placeholder after half a second; this limit decides when the picture is back."""
PATIENCE_S = 30.0
"""Time limit for a child that is ready to run but gets no processor, which is not its fault."""
_LOOK_S = 0.05
_DYING_S = 0.5
"""A killed process that has not ended by then is stuck in a driver and is abandoned."""
_HINT = "If this keeps happening, update the device's driver or try another --backend"
_SPAWNER = ThreadPoolExecutor(1, "isolation")
"""Starts the children. It lives as long as this process, because the kernel ends a child with the
thread that started it."""
_ERRORS = {error.code: error for error in (BackendUnavailable, BackendFailed, ModelMismatch)}


class IsolatedBackend(Asynchronous):
    """Runs another backend in a child process. Linux only. See ``segcam.segment.base.Backend``.

    Both processes map the tensors. Pipes carry a byte as the request and a line as the answer. The
    child ends with this process, however that ends.

    Args:
        name: The other backend.
        program: Module to run as the child; it calls `segcam.segment.child.serve`.
        run_s: Time limit of an inference, in addition to ``SLACK`` times the one after loading.
            Doubled after each late answer.
        patience_s: Time limit while other programs keep the processor busy.

    Raises:
        UsageError: There is no such backend.
    """

    def __init__(
        self,
        name: str,
        program: Sequence[str] = CHILD,
        run_s: float = RUN_S,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self.name, self.device = name, find(name).device
        self._run_s, self._patience_s = run_s, patience_s
        self._program = program
        self._child: _Child | None = None
        self._load_limit_s, self._run_limit_s = LOAD_S, run_s
        self._allowed_s = run_s
        self._request = RUN

    def load(self, card: ModelCard, path: Path, tensors: Tensors, threads: int = 1) -> Tensors:
        """See ``Backend.load``. Always uses the offered tensors, which both processes map.

        Raises:
            BackendLost: The child crashed or hung.
        """
        self.close()
        start = time.monotonic()
        request = {
            "name": self.name,
            "card": plain_fields(card),
            "path": str(path),
            "memory": tensors.memory,
            "threads": threads,
        }
        self._child = _Child([*self._program, json.dumps(request)], tensors.memory)
        first = self._load_limit_s == LOAD_S
        answer = self._answer(self._load_limit_s, COMPILE_S if first else 0.0)
        self.device = answer["device"]
        self._run_limit_s = self._allowed_s + SLACK * answer["run_s"]
        self._load_limit_s = min(LOAD_S, RELOAD_S + 2 * (time.monotonic() - start))
        return tensors

    def submit(self) -> None:
        """See ``Backend.submit``."""
        assert self._child is not None
        self._child.ask(self._request)
        self._request = RUN

    def wait(self) -> None:
        """See ``Backend.wait``.

        Raises:
            BackendLost: The child crashed or hung. Call ``load`` to start another one.
        """
        self._answer(self._run_limit_s)

    def forget(self) -> None:
        """See ``Backend.forget``. The next request says so."""
        self._request = RUN_ANEW

    def close(self) -> None:
        """See ``Backend.close``."""
        if self._child is not None:
            self._child.close()
        self._child = None

    def _answer(self, limit_s: float, computing_s: float = 0.0) -> dict[str, Any]:
        assert self._child is not None
        try:
            answer = self._child.answer(limit_s, max(limit_s, self._patience_s), computing_s)
        except TimeoutError as error:
            self._allowed_s = min(max(self._run_s, self._patience_s), 2 * self._allowed_s)
            raise BackendLost("The backend's process was lost", str(error), _HINT) from error
        if "code" in answer:
            kind = _ERRORS.get(answer["code"], BackendFailed)
            raise kind(answer["title"], answer["message"], answer["hint"])
        return answer


class _Child:
    """A process that answers each byte with a line of JSON.

    Args:
        command: Starts it.
        memory: File descriptor that it inherits with the same number.
    """

    def __init__(self, command: Sequence[str], memory: int) -> None:
        self._process = _SPAWNER.submit(
            subprocess.Popen[bytes],
            command,
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=(memory,),
            env=launch.environment(driver_caches()),
            process_group=0,  # Ctrl-C in a terminal is only for the parent
        ).result()
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._asks, self._answers = self._process.stdin, self._process.stdout
        self._answered = select.poll()
        self._answered.register(self._answers, select.POLLIN)

    def ask(self, request: bytes) -> None:
        """Send a request, one byte. If the child is gone, ``answer`` reports it."""
        with suppress(BrokenPipeError):
            self._asks.write(request)

    def answer(self, limit_s: float, patience_s: float, computing_s: float) -> dict[str, Any]:
        """Wait for the answer.

        Args:
            limit_s: Seconds of time, or of the process's own processor time if it gets too little.
            patience_s: Seconds of time in any case.
            computing_s: Seconds of its processor time that do not count, if it computes.

        Raises:
            BackendLost: No answer came, or an unreadable one; the process has been ended.
            TimeoutError: It did not come in time; the process has been ended.
        """
        line = b""
        while not line.endswith(b"\n"):
            self._wait(limit_s, patience_s, computing_s)
            part = self._answers.read(2**16)
            if not part:
                raise self._lost(self._ending())
            line += part
        try:
            answer: dict[str, Any] = json.loads(line) if line != b"\n" else {}
        except ValueError as error:
            raise self._lost(f"it answered {line[:40]!r}") from error
        return answer

    def _wait(self, limit_s: float, patience_s: float, computing_s: float) -> None:
        start, used_s, wait_s = time.monotonic(), self._used_s(), limit_s
        if computing_s:
            if self._compiles(limit_s, computing_s):
                return
            wait_s = 0.0
        while not self._answered.poll(1e3 * wait_s):
            waited_s, wait_s = time.monotonic() - start, _LOOK_S
            hangs = self._used_s() - used_s > limit_s or not self._starves()
            if (waited_s > patience_s or hangs) and not self._answered.poll(0):
                self._process.kill()
                raise TimeoutError(f"it gave no answer within {waited_s:.1f} s")

    def _compiles(self, limit_s: float, computing_s: float) -> bool:
        """Whether the answer comes, from a process that may compute for long."""

        def answered(within_s: float) -> bool:
            return bool(self._answered.poll(1e3 * within_s))

        pid, spare_s = self._process.pid, limit_s / 2
        return answered(limit_s) or done_in_its_own_time(pid, answered, spare_s, computing_s)

    def _used_s(self) -> float:
        """Processor time of the process so far."""
        try:
            return time.clock_gettime(~self._process.pid << 3 | 2)  # as clock_getcpuclockid(3)
        except OSError:  # it has ended
            return 0.0

    def _starves(self) -> bool:
        """Whether one of its threads is ready to run: it waits for a processor, not in a driver."""
        for stat in Path(f"/proc/{self._process.pid}/task").glob("*/stat"):
            with suppress(OSError):  # a thread has ended meanwhile
                if stat.read_text().rpartition(")")[2].split()[0] == "R":
                    return True
        return False

    def close(self) -> None:
        """End the process, if it has not ended. Never fails; may be called twice."""
        self._process.kill()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_DYING_S)
        self._asks.close()
        self._answers.close()

    def _lost(self, reason: str) -> BackendLost:
        self._process.kill()
        return BackendLost("The backend's process was lost", reason, _HINT)

    def _ending(self) -> str:
        try:
            status = self._process.wait(_DYING_S)
        except subprocess.TimeoutExpired:
            return "it stopped answering"
        if status < 0:
            return f"it was ended by a signal ({signal.strsignal(-status)})"
        return f"it exited with status {status}"
