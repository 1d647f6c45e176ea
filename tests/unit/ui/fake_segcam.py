"""A running SegCam without an engine: it speaks the real wire and does what a client asks."""

from __future__ import annotations

import mmap
import os
import socket
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from support.waiting import LIMIT_S

from segcam.api import preview as shared
from segcam.api import transport
from segcam.api.folder import runtime_folder
from segcam.api.messages import PROTOCOL
from segcam.api.transport import Connection
from segcam.daemon.preview_memory import PreviewMemory
from segcam.errors import CameraNotFound, DaemonError, SegCamError, UsageError
from segcam.settings import Settings, describe

CAMERAS = [
    {"index": 0, "path": "/dev/video0", "by_id": "", "name": "HD Pro Webcam C920", "formats": []},
    {"index": 2, "path": "/dev/video2", "by_id": "", "name": "Integrated Camera", "formats": []},
]
BACKENDS = [
    {
        "name": "openvino-npu",
        "device": "",
        "usable": False,
        "reason": "there is no NPU",
        "hint": "Use another computer",
        "median_ms": None,
    },
    {"name": "litert-cpu", "device": "CPU", "usable": True, "reason": "", "median_ms": 4.5},
]
BARE = 20, 180, 60
"""Colour of the picture without effect."""
MODELS = [{"name": "selfie-landscape", "role": "segmenter", "title": "Landscape"}]


class FakeSegCam:
    """Answers on a thread of its own; every request is kept in `asked`.

    Args:
        backgrounds: Folder with the library's pictures.
    """

    def __init__(self, backgrounds: Path) -> None:
        self.asked: list[dict[str, Any]] = []
        self.values = Settings().as_dict()
        self.state: dict[str, Any] = _state()
        self.presets: dict[str, dict[str, Any]] = {}
        self.files = sorted(backgrounds.glob("*.jpg"))
        self.bundled = {path.stem for path in self.files}
        self.refusal: SegCamError | None = None
        self._folder = backgrounds
        self._changed = threading.Condition()
        self._open: set[Connection] = set()
        self._path = runtime_folder() / "preview-test"
        self._memory: mmap.mmap | None = None
        self._running = False
        self.raw_watchers = 0
        self.starts_at_login = False
        self.progress = ""
        self.adds = threading.Event()
        self.adds.set()
        self.gate = threading.Event()
        self.film: Path | None = None

    # Life

    def start(self) -> None:
        """Begin to answer."""
        self._running = True
        self._listener = transport.listen(transport.address())
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self, *, crash: bool = False) -> None:
        """End; after a crash the socket stays behind, and nobody answers there."""
        with self._changed:
            self._running = False
            self._changed.notify_all()
        with suppress(SegCamError):
            transport.connect().close()  # accept returns
        for connection in list(self._open):
            transport.cut(connection)
        with suppress(OSError):
            transport.leave(self._listener)
        if crash:
            with socket.socket(socket.AF_UNIX) as left:
                left.bind(transport.address())

    def update(self, **state: Any) -> None:
        """Change the state, and tell subscribers."""
        with self._changed:
            self.state = {**self.state, **state, "revision": self.state["revision"] + 1}
            self._changed.notify_all()

    def show(self, width: int, height: int, rgb: bytes, serial: int = 1) -> None:
        """Write a picture to the preview's memory."""
        if self._memory is None:
            self._path.write_bytes(bytes(shared.FILE_BYTES))
            with self._path.open("r+b") as file:
                self._memory = mmap.mmap(file.fileno(), 0)
            head = shared.MAGIC, shared.VERSION, 0, shared.PLACE_BYTES, shared.PLACES
            shared.HEADER.pack_into(self._memory, 0, *head)
        at = shared.HEADER.size + serial % shared.PLACES * shared.PLACE_BYTES
        shared.PLACE.pack_into(self._memory, at, serial, width, height)
        self._memory[at + shared.PLACE.size : at + shared.PLACE.size + len(rgb)] = rgb
        shared.SERIAL.pack_into(self._memory, shared.SERIAL_AT, serial)

    def requests(self, name: str) -> list[dict[str, Any]]:
        """Those of one name so far."""
        return [each for each in self.asked if each["request"] == name]

    # Answers

    def _accept(self) -> None:
        while self._running:
            try:
                connection = transport.accept(self._listener)
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: Connection) -> None:
        self._open.add(connection)
        with connection, suppress(DaemonError, OSError):
            message = transport.receive(connection, LIMIT_S)
            self.asked.append(message)
            fields = {key: value for key, value in message.items() if key != "request"}
            name = message["request"]
            try:
                if name == "subscribe":
                    self._tell(connection)
                    return
                if message.get("raw"):
                    self._hand_over(connection)
                    return
                if name == "set" and self.progress:
                    transport.send(connection, {"progress": self.progress})
                    self.gate.wait(LIMIT_S)
                answer = getattr(self, "_" + name.replace("-", "_"))(**fields)
            except SegCamError as error:
                transport.send(connection, {"error": error.as_dict()})
            else:
                transport.send(connection, {"answer": answer})
                if name == "watch":
                    self.update(viewers=["preview"])
                    transport.is_readable(connection, 60)
                    self.update(viewers=[])
            finally:
                self._open.discard(connection)

    def _hand_over(self, connection: Connection) -> None:
        memory = PreviewMemory(None)
        memory.write(np.full((2, 2, 3), BARE, np.uint8))
        answer = {"answer": {"preview": {"path": ""}}}
        transport.hand_over(connection, transport.Handover(answer, memory.duplicate()))
        self.raw_watchers += 1
        transport.is_readable(connection, 60)
        self.raw_watchers -= 1
        memory.close()

    def _tell(self, connection: Connection) -> None:
        told = -1
        while self._running:
            with self._changed:
                if self.state["revision"] == told:
                    self._changed.wait(1.0)
                state = dict(self.state)
            if state["revision"] != told:
                transport.send(connection, {"state": state})
                told = state["revision"]
            else:
                parts = {part: state[part] for part in ("counters", "stages_ms")}
                transport.send(connection, parts)

    def _status(self) -> dict[str, Any]:
        return self.state

    def _set(self, values: dict[str, Any], once: bool) -> dict[str, Any]:
        if self.refusal is not None:
            raise self.refusal
        self.values = Settings.from_dict(self.values).replace_with(values).as_dict()
        self.update(requested=self.values, background=self.values["background"])
        return self.state

    def _describe(self) -> dict[str, Any]:
        return {"settings": [each.as_dict() for each in describe()]}

    def _cameras(self) -> dict[str, Any]:
        return {"cameras": CAMERAS}

    def _backends(self) -> dict[str, Any]:
        return {"backends": BACKENDS}

    def _models(self) -> dict[str, Any]:
        return {"models": MODELS}

    def _presets(self) -> dict[str, Any]:
        return {"presets": self.presets, "current": self.state["preset"]}

    def _preset_save(self, name: str, values: Any = None) -> dict[str, Any]:
        self.presets[name] = dict(self.values)
        self.update(preset=name)
        return self.state

    def _preset_use(self, name: str) -> dict[str, Any]:
        self.update(preset=name)
        return self.state

    def _preset_remove(self, name: str) -> dict[str, Any]:
        del self.presets[name]
        self.update(preset="")
        return self.state

    def _backgrounds(self) -> dict[str, Any]:
        rows = [
            {
                "id": path.stem,
                "title": path.stem.replace("-", " ").capitalize(),
                "value": f"image:{path}",
                "path": str(path),
                "bundled": path.stem in self.bundled,
                "kind": "video" if path.suffix == ".mp4" else "image",
            }
            for path in self.files
        ]
        return {"backgrounds": rows}

    def _background_film(self, **row: str) -> dict[str, Any]:
        if self.film is None:
            raise UsageError("There is no such video", "", "")
        return {"path": str(self.film), "height": 2, "rate_hz": 50}

    def _background_add(self, path: str) -> dict[str, Any]:
        self.adds.wait(LIMIT_S)
        if not Path(path).is_file():
            raise UsageError(f"{path} cannot be used", "There is no such file", "Check the path")
        if Path(path) not in self.files:
            self.files.append(Path(path))
        rows = self._backgrounds()["backgrounds"]
        return {"backgrounds": rows, "added": next(r for r in rows if r["path"] == path)}

    def _background_remove(self, **row: str) -> dict[str, Any]:
        self.files = [path for path in self.files if path.stem != row["id"]]
        return self._backgrounds()

    def _pause(self) -> dict[str, Any]:
        self.update(paused=True, phase="paused", camera_on=False)
        return self.state

    def _resume(self) -> dict[str, Any]:
        self.update(paused=False, phase="live", camera_on=True)
        return self.state

    def _watch(self, raw: bool = False) -> dict[str, Any]:
        if self._memory is None:
            self.show(2, 2, bytes(12))
        return {"preview": {"path": str(self._path), "width_max": 640, "height_max": 640}}

    def _autostart(self, on: bool | None = None) -> dict[str, Any]:
        if on is not None:
            if self.refusal is not None:
                raise self.refusal
            self.starts_at_login = on
        return {"on": self.starts_at_login, "way": "a test"}

    def _stop(self) -> dict[str, Any]:
        threading.Timer(0.05, self.stop).start()
        return {}


def camera_trouble() -> dict[str, Any]:
    """As a running SegCam tells of a camera that was pulled out."""
    return CameraNotFound("No camera was found", "None is connected", "Plug one in").as_dict()


def _state() -> dict[str, Any]:
    return {
        "protocol": PROTOCOL,
        "version": "1",
        "name": "",
        "pid": os.getpid(),
        "since": "2026-01-01T00:00:00+00:00",
        "uptime_s": 1.0,
        "revision": 1,
        "phase": "live",
        "requested": Settings().as_dict(),
        "camera": "HD Pro Webcam C920",
        "camera_on": True,
        "width": 1280,
        "height": 720,
        "rate_hz": 30.0,
        "model": "selfie-landscape",
        "backend": "litert-cpu",
        "background": "blur",
        "edges": "fast",
        "mirror": False,
        "preset": "",
        "outputs": [
            {
                "name": "PipeWire",
                "kind": "camera",
                "in_use": True,
                "viewers": ["Firefox"],
                "trouble": None,
            }
        ],
        "in_use": True,
        "viewers": [],
        "paused": False,
        "trouble": None,
        "stalled": [],
        "notes": [],
        "saving": [],
        "counters": {},
        "stages_ms": {"latency": {"p50": 21.0, "p95": 30.0, "mean": 22.0}},
    }
