"""The options that commands share, each worded once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

Camera = Annotated[
    str | None,
    typer.Option(
        metavar="INDEX|PATH|NAME|CLIP",
        help="Webcam by number, path or part of its name; or a clip, played as a camera would; "
        "or [b]demo[/b], [b]pattern[/b], or [b]auto[/b] (a webcam, else the demo). "
        "Default: the first webcam.",
    ),
]
_BACKEND = typer.Option(
    metavar="auto|gpu|npu|cpu|NAME",
    help="Processor that runs the model; NAME is one of [b]segcam backends[/b].",
)
Backend = Annotated[str, _BACKEND]
OtherBackend = Annotated[str | None, _BACKEND]
Isolate = Annotated[
    Literal["auto", "always", "never"],
    typer.Option(
        help="Run the model in a process of its own, so that a crash or a hang of its runtime "
        "costs two or three seconds instead of the camera. auto: wherever that is possible.",
    ),
]
_BACKGROUND = typer.Option(
    metavar="BACKGROUND",
    help="blur, blur:0..100, image:PATH, video:PATH, color:#RRGGBB, or none (shows the room).",
)
Background = Annotated[str, _BACKGROUND]
OtherBackground = Annotated[str | None, _BACKGROUND]
_EDGES = typer.Option(
    help="How the person's outline is drawn: from the picture alone (fast), or by a network first "
    "(sharp), better at hair and hands for 4 to 6 ms more processor time a frame. auto: sharp "
    "where the room is replaced and the processor quick enough, for the default model.",
)
Edges = Annotated[Literal["auto", "fast", "sharp"], _EDGES]
OtherEdges = Annotated[Literal["auto", "fast", "sharp"] | None, _EDGES]
_MODEL = typer.Option(metavar="NAME|PATH", help="A model of [b]segcam models list[/b], or a file.")
Model = Annotated[str, _MODEL]
OtherModel = Annotated[str | None, _MODEL]
Size = Annotated[
    str | None,
    typer.Option(metavar="WxH", help="Size of the picture. Default: 1280x720, a clip's own."),
]
Fps = Annotated[
    float | None,
    typer.Option(min=1, max=240, help="Frames per second. Default: 30, a clip's own."),
]
Output = Annotated[
    str,
    typer.Option(
        metavar="auto|DEVICE|pipewire|file:PATH|null",
        help="Where the picture goes: a v4l2loopback device, [b]pipewire[/b], a video file, "
        "[b]pyvirtualcam[/b], or nowhere. auto: the device, else PipeWire, else a preview file. "
        "Several with commas between them: auto,pipewire.",
    ),
]
AlwaysOn = Annotated[
    bool,
    typer.Option("--always-on", help="Keep the webcam on, also while no program watches."),
]
Linger = Annotated[
    float,
    typer.Option(
        min=0, metavar="SECONDS", help="Switch the webcam off so long after the last one watched."
    ),
]
Mirror = Annotated[bool, typer.Option("--mirror", help="Swap left and right.")]
OtherMirror = Annotated[
    bool | None, typer.Option("--mirror/--no-mirror", help="Swap left and right, or no more.")
]
Duration = Annotated[
    float | None, typer.Option(min=0, metavar="SECONDS", help="Stop after that long.")
]
Threads = Annotated[
    int, typer.Option(min=1, max=64, help="Threads of one inference, where it runs on the CPU.")
]
Verbose = Annotated[
    bool, typer.Option("--verbose", "-v", help="Counters each second, and all as JSON at the end.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Still = Annotated[
    bool, typer.Option("--still", help="Treat each picture on its own, not as frames of a video.")
]
Input = Annotated[
    Path,
    typer.Argument(
        metavar="INPUT",
        show_default=False,
        help="A clip, a gif, a picture or a folder of pictures.",
    ),
]
