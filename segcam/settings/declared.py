"""All settings, each declared once: options, file, windows and docs are derived from here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from dataclasses import replace as replaced
from pathlib import Path
from typing import Any, Literal

from segcam.errors import UsageError
from segcam.settings.background import check_background, root_background
from segcam.settings.forms import check_output, check_size, root_camera, root_model, root_output
from segcam.settings.setting import Setting, Value
from segcam.settings.words import did_you_mean, shown

Edges = Literal["auto", "fast", "sharp"]
"""How the person's outline is drawn: only from the picture, or by a network first. "auto" uses the
network if the room is replaced (the outline is then clearly visible), the network was trained for
the model, and it is fast enough."""


def _declare(kind: Any, default: Value, title: str, help: str, **more: Any) -> Any:  # noqa: A002
    """A field of `Settings`; its name comes from the class."""
    setting = Setting("", default, title, help, kind, **more)
    return field(default=default, metadata={"setting": setting})


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, checked: texts and numbers exactly as in TOML and JSON.

    Raises:
        UsageError: A value is invalid.
    """

    camera: str = _declare(
        "text",
        "first",
        "Camera",
        "A webcam, by number, path or part of its name; a clip, played in real time; demo; "
        "pattern; first (the first webcam); or auto (a webcam, else the demo).",
        live="restarts",
        page="main",
        metavar="CAMERA",
        choices=("first", "auto", "demo", "pattern"),
        root=root_camera,
    )
    background: str = _declare(
        "text",
        "blur",
        "Background",
        "blur, blur:0..100, image:PATH, video:PATH, color:#RRGGBB, or none (shows the room). "
        "Options also accept a name from: segcam background list.",
        page="main",
        metavar="BACKGROUND",
        choices=("blur", "none"),
        check_text=check_background,
        root=root_background,
    )
    edges: Edges = _declare(  # noqa: RUF009 (it makes a field)
        "choice",
        "auto",
        "Outline",
        "How the person's outline is drawn: from the picture alone (fast), or with a second "
        "network (sharp), which is better at hair and hands but takes 4 to 6 ms more processor "
        "time per frame. auto: sharp if the room is replaced, the processor is fast enough and the "
        "model is the default one.",
        live="loads",
        choices=("auto", "fast", "sharp"),
    )
    model: str = _declare(
        "text",
        "auto",
        "Model",
        "A model from: segcam models list; or a model file.",
        live="loads",
        metavar="NAME|PATH",
        choices=("auto",),
        root=root_model,
    )
    backend: str = _declare(
        "text",
        "auto",
        "Processor",
        "The processor that runs the model: auto, npu, gpu, cpu, or a name from: segcam backends.",
        live="loads",
        metavar="NAME",
        choices=("auto", "npu", "gpu", "cpu"),
    )
    mirror: bool = _declare("switch", False, "Mirror", "Swap left and right.", page="main")
    size: str = _declare(
        "text",
        "auto",
        "Size",
        "Width and height of the picture; auto is 1280x720, or a clip's own size.",
        live="restarts",
        metavar="WxH",
        choices=("auto",),
        check_text=check_size,
    )
    fps: float | str = _declare(
        "number",
        "auto",
        "Frame rate",
        "Frames per second, 1 to 240; auto is 30, or a clip's own rate.",
        live="restarts",
        metavar="NUMBER",
        unit="Hz",
        minimum=1,
        maximum=240,
        choices=("auto",),
    )
    output: str = _declare(
        "text",
        "auto",
        "Output",
        "Where the picture goes: the path of a v4l2loopback device, pipewire, file:PATH, "
        "pyvirtualcam, or null (nowhere). auto: the device, else PipeWire, else a preview file. "
        "Separate several with commas: auto,pipewire.",
        live="restarts",
        metavar="OUTPUT",
        choices=("auto", "pipewire", "pyvirtualcam", "null"),
        check_text=check_output,
        root=root_output,
    )
    always_on: bool = _declare(
        "switch", False, "Camera always on", "Keep the webcam on even while no program is watching."
    )
    linger: float = _declare(
        "number",
        5.0,
        "Camera off after",
        "Turn the webcam off this many seconds after the last program stops watching.",
        metavar="SECONDS",
        unit="s",
        minimum=0,
        maximum=86400,
    )
    start_paused: bool = _declare(
        "switch",
        False,
        "Start with the camera off",
        "Start with the camera off, until you turn it on; programs that watch see that it is off.",
        live="next start",
    )
    threads: int = _declare(
        "whole",
        1,
        "Threads",
        "Threads per inference on the CPU, 1 to 64.",
        live="loads",
        metavar="NUMBER",
        minimum=1,
        maximum=64,
    )
    budget: float | str = _declare(
        "number",
        "auto",
        "Processor budget",
        "How many processor cores SegCam may use: 0.5 is half of one, 0 is no limit. Above that, "
        "or if the frame rate drops, it uses fast edges, then the default model, then every second "
        "frame. auto: 0.5 at 1280x720 and 30 Hz, more for larger or faster pictures.",
        metavar="NUMBER",
        minimum=0,
        maximum=64,
        choices=("auto",),
    )
    isolate: Literal["auto", "always", "never"] = _declare(
        "choice",
        "auto",
        "Model in its own process",
        "Run the model in its own process, so that a crash or hang of its runtime interrupts the "
        "picture for two or three seconds instead of stopping SegCam. auto: wherever possible.",
        live="loads",
        choices=("auto", "always", "never"),
    )

    def __post_init__(self) -> None:
        for name, setting in _DECLARED.items():  # the class is frozen, so this is the only way
            object.__setattr__(self, name, setting.check(getattr(self, name)))

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Settings:
        """The given settings, with defaults for the others.

        Raises:
            UsageError: There is no such setting, or its value is invalid.
        """
        for name in values:
            setting_named(name)
        return cls(**values)

    def as_dict(self) -> dict[str, Any]:
        """All settings as plain JSON values."""
        return asdict(self)

    def replace_with(self, values: Mapping[str, Any]) -> Settings:
        """A copy of these settings with some changes.

        Raises:
            UsageError: There is no such setting, or its value is invalid.
        """
        return self.from_dict({**self.as_dict(), **values})


_DECLARED: dict[str, Setting] = {
    each.name: replaced(each.metadata["setting"], name=each.name) for each in fields(Settings)
}


def describe() -> list[Setting]:
    """The declarations, in the order for the user."""
    return list(_DECLARED.values())


def setting_named(name: str) -> Setting:
    """The declaration of one setting.

    Raises:
        UsageError: There is none with that name.
    """
    if name not in _DECLARED:
        raise UsageError(
            f"There is no setting named {shown(name)}",
            did_you_mean(str(name), _DECLARED),
            f"Use one of {', '.join(_DECLARED)}",
        )
    return _DECLARED[name]


def rooted(values: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The same values; relative paths in them start at ``folder``, and ``~`` is the user's home.

    Args:
        values: Settings by name.
        folder: Absolute.

    Raises:
        UsageError: There is no such setting, or a path starts at a home that does not exist.
    """
    return {
        name: setting_named(name).root(value, folder) if isinstance(value, str) else value
        for name, value in values.items()
    }
