"""Carries out the requests of clients."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from segcam import backgrounds
from segcam.api import messages
from segcam.api.start import service_command
from segcam.api.transport import Handover
from segcam.daemon import autostart, lists, preview
from segcam.daemon.background import shown_size
from segcam.daemon.beside import beside
from segcam.daemon.board import Board
from segcam.daemon.engine import Engine
from segcam.daemon.keeper import KEPT_IN_PRESETS, Keeper
from segcam.daemon.server import Answer, Request, Requests, Tell
from segcam.errors import UsageError
from segcam.pipeline.library import Preparer, add_background, remove_background
from segcam.pipeline.sources import DEFAULT_SIZE
from segcam.settings import describe
from segcam.size import Size

FILM_S = 60.0
"""Time limit for decoding three seconds of a large video."""
ADD_S = 60.0
"""Time limit for copying a video of gigabytes."""
CALM_S = 20.0
"""After a start or a change of size, the call comes first."""


class Desk:
    """Carries out clients' requests.

    Args:
        engine: Gives the answers and makes the changes.
        keeper: Stores changes.
        board: Publishes the state.
        end: Ends the run soon; returns at once.
    """

    def __init__(
        self, engine: Engine, keeper: Keeper, board: Board, end: Callable[[], object]
    ) -> None:
        self._engine, self._keeper, self._board, self._end = engine, keeper, board, end
        self._preparer = Preparer()
        self._prepared: Size | None = None

    def prepare(self) -> None:
        """Prepare the library's pictures if the camera's size has changed. Returns at once."""
        pipeline = self._engine.pipeline
        if pipeline is not None and pipeline.source_info is not None and not self._engine.starting:
            size = self._size
            if size != self._prepared:
                self._prepared = size
                self._preparer.start(size, CALM_S)

    def requests(self) -> Requests:
        """All requests, by kind."""
        engine = self._engine
        return Requests(
            quick={
                messages.STATUS: self._then_state(lambda *_: None),
                messages.DESCRIBE: lambda *_: {"settings": [each.as_dict() for each in describe()]},
                messages.STOP: self._stop,
            },
            long={
                messages.SET: self._then_state(self._change),
                messages.PAUSE: self._then_state(lambda *_: engine.pause()),
                messages.RESUME: self._then_state(lambda *_: engine.resume()),
                messages.PRESETS: self._presets,
                messages.PRESET_SAVE: self._then_state(self._save_preset),
                messages.PRESET_USE: self._then_state(self._use_preset),
                messages.PRESET_REMOVE: self._then_state(self._remove_preset),
                messages.BACKGROUNDS: self._backgrounds,
                messages.BACKGROUND_ADD: self._add_background,
                messages.BACKGROUND_REMOVE: self._remove_background,
                messages.BACKGROUND_FILM: lambda request, _: _film(_field(request, "id", str)),
                messages.AUTOSTART: lambda request, _: _autostart(request),
                messages.CAMERAS: lambda *_: {"cameras": lists.cameras()},
                messages.BACKENDS: self._backends,
                messages.MODELS: lambda *_: {"models": lists.models()},
            },
            streams={
                messages.SUBSCRIBE: lambda _: self._board.news(),
                messages.WATCH: self._watch,
            },
        )

    def _then_state(self, work: Callable[[Request, Tell], object]) -> Answer:
        def answer(request: Request, tell: Tell) -> Mapping[str, Any]:
            work(request, tell)
            return self._board.state().as_dict()

        return answer

    def _change(self, request: Request, tell: Tell) -> None:
        keep = partial(self._keeper.keep, once=_field(request, "once", bool, False))
        self._engine.change(_field(request, "values", dict), tell, keep)

    def _stop(self, _: Request, __: Tell) -> Mapping[str, Any]:
        self._end()
        return {}

    def _presets(self, _: Request, __: Tell) -> Mapping[str, Any]:
        current = self._keeper.current_preset(self._engine.requested.as_dict())
        return {"presets": self._keeper.presets, "current": current}

    def _use_preset(self, request: Request, tell: Tell) -> None:
        name = _field(request, "name", str)
        values = self._keeper.preset(name)
        self._engine.change(values, tell, partial(self._keeper.keep, once=False))
        self._keeper.used(name)

    def _save_preset(self, request: Request, _: Tell) -> None:
        now = self._engine.requested.as_dict()
        values = request.get("values")
        if values is None:
            values = {name: now[name] for name in KEPT_IN_PRESETS}
        self._keeper.save_preset(_field(request, "name", str), _dict(values))

    def _remove_preset(self, request: Request, _: Tell) -> None:
        self._keeper.remove_preset(_field(request, "name", str))

    @property
    def _size(self) -> Size:
        return shown_size(self._engine.assembled.pipeline) or DEFAULT_SIZE

    def _backgrounds(self, _: Request, __: Tell) -> Mapping[str, Any]:
        self._preparer.start(self._size)  # a client that lists them may choose one soon
        return _library()

    def _add_background(self, request: Request, _: Tell) -> Mapping[str, Any]:
        path = Path(_field(request, "path", str))
        entry = beside(lambda: add_background(path, self._size), ADD_S, str(path))
        return {**_library(), "added": entry.as_dict()}

    def _remove_background(self, request: Request, _: Tell) -> Mapping[str, Any]:
        remove_background(_field(request, "id", str))
        return _library()

    def _backends(self, _: Request, tell: Tell) -> Mapping[str, Any]:
        return {"backends": lists.backends(self._engine.requested, tell)}

    def _watch(self, request: Request) -> Iterator[Mapping[str, Any] | Handover | None]:
        if _field(request, "raw", bool, False):
            return preview.raw_stream(self._engine.raw_preview)
        return preview.stream(self._engine.preview)


def _library() -> Mapping[str, Any]:
    return {"backgrounds": [entry.as_dict() for entry in backgrounds.entries()]}


def _film(identifier: str) -> Mapping[str, Any]:
    from segcam.daemon.filmstrip import filmstrip  # imports FFmpeg, which must not delay the start

    entry = backgrounds.find(identifier)
    if entry.kind != "video":
        raise UsageError(f"{identifier} is not a video", "", "Choose a video from the library")
    return beside(lambda: filmstrip(entry, backgrounds.entries()), FILM_S, entry.path)


def _autostart(request: Request) -> Mapping[str, Any]:
    way = autostart.find_autostart()
    if "on" in request:
        if _field(request, "on", bool):
            way.turn_on(service_command())
        else:
            way.turn_off()
    return {"on": way.is_on(), "way": way.way}


def _field(request: Request, name: str, kind: type[Any], default: Any = None) -> Any:
    """A field of a request.

    Raises:
        UsageError: It is missing or has another type.
    """
    value = request.get(name, default)
    if not isinstance(value, kind):
        raise UsageError(f"The request's {name} is missing or has the wrong type", kind.__name__)
    return value


def _dict(value: object) -> dict[str, Any]:
    return dict(_field({"values": value}, "values", dict))
