"""The outputs of ``render`` and ``matte``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from segcam import settings
from segcam.composite.compositor import MatteShown
from segcam.errors import UsageError
from segcam.pipeline.assemble import Assembled, Tell, assemble, make_compositor
from segcam.pipeline.overwriting import paths_of, refuse_overwriting
from segcam.pipeline.pipeline import ignore
from segcam.pipeline.sinks import Destination
from segcam.pipeline.sources import make_file_source
from segcam.sink.base import Sink
from segcam.sink.pictures import PictureSink
from segcam.sink.rendering import Rendering
from segcam.source.clip import Clip
from segcam.source.pictures import Pictures


def assemble_render(
    chosen: settings.Settings,
    read: Path,
    path: Path,
    tell: Tell = ignore,
    *,
    still: bool = False,
    duration_s: float | None = None,
) -> Assembled:
    """The pipeline of ``segcam render``: the room hidden in every frame of a file.

    Args:
        chosen: The settings; camera and output are ignored.
        read: A clip, a picture or a folder of pictures.
        path: A video file, or a folder for pictures.
        tell: As in `assemble`.
        still: Each picture is independent.
        duration_s: Stop after that much, None for all.

    Raises:
        SegCamError: Something is missing, or would be overwritten.
    """
    behind = settings.parse_background(chosen.background)
    source = make_file_source(
        read,
        still,
        size=settings.parse_size(chosen.size),
        rate_hz=settings.parse_rate(chosen.fps),
        duration_s=duration_s,
    )
    sink = make_file_sink(path, source, read, until_s=duration_s, background=behind)
    return assemble(
        chosen,
        tell,
        source=source,
        destination=Destination(sink),
        compositor=make_compositor(chosen, live=False),
        isolate="devices",
        fit=is_video(path),
    )


def assemble_mattes(
    chosen: settings.Settings, read: Path, folder: Path, tell: Tell = ignore, still: bool = False
) -> Assembled:
    """The pipeline of ``segcam matte``: the matte of every frame of a file as a picture.

    Arguments as for `assemble_render`; ``folder`` is for the mattes.
    """
    source = make_file_source(read, still)
    return assemble(
        chosen,
        tell,
        source=source,
        destination=Destination(make_matte_sink(folder, source)),
        compositor=MatteShown(),
        isolate="devices",
        fit=False,
    )


def make_file_sink(
    path: Path,
    source: Pictures | Clip,
    input_path: Path,
    *,
    until_s: float | None = None,
    background: settings.Background | None = None,
) -> Sink:
    """The sink of ``segcam render``: pictures in a folder, or a video with the clip's sound.

    Args:
        path: A video file, known by its extension; else a folder, only for pictures.
        source: The source to render.
        input_path: The path of the source.
        until_s: Render up to that time, None for all.
        background: The background's file: it is read, so it is never overwritten.

    Raises:
        UsageError: Pictures go into a folder and a clip into a file, or an input file would be
            overwritten.
        OutputUnwritable: SegCam cannot write files with that extension.
    """
    inputs = [input_path, *paths_of(background)]
    if isinstance(source, Pictures):
        _refuse_picture(path)
    if is_video(path):
        refuse_overwriting(path, [*inputs, *_pictures_of(source)])
        if isinstance(source, Clip):
            return Rendering(path, input_path, until_s, lambda: source.end_ns)
        return Rendering(path)
    if isinstance(source, Pictures):
        _refuse_collisions(path, source, inputs)
        return PictureSink(path, source.name_of, source.size_of)
    raise UsageError(
        f"{path} is not a video file",
        "A clip is rendered to a video file",
        "Choose an OUTPUT with an ending like .mp4",
    )


def is_video(path: Path) -> bool:
    """Whether ``segcam render`` makes a video of that name; else it makes a folder of pictures."""
    return bool(path.suffix) and not path.is_dir()


def _refuse_picture(path: Path) -> None:
    """Refuse the name of a picture where a folder for pictures is needed."""
    if path.suffix.lower() in settings.PICTURE_SUFFIXES and not path.is_dir():
        raise UsageError(
            f"{path} is not a folder",
            "Pictures are written into a folder, each under its own name",
            f"Choose a folder, for example {path.with_suffix('')}",
        )


def _pictures_of(source: Pictures | Clip) -> Sequence[Path]:
    return source.files if isinstance(source, Pictures) else ()


def _refuse_collisions(folder: Path, source: Pictures, inputs: Sequence[Path]) -> None:
    """Refuse results with equal names, or with the name of an input.

    Raises:
        UsageError: Two pictures have the same stem, they lie in ``folder`` themselves, or an input
            file there has a result's name.
    """
    if source.folder.resolve() == folder.resolve():
        raise UsageError(
            f"{folder} contains the input pictures", "", "Choose another folder for the results"
        )
    if source.namesakes:
        raise UsageError(
            f"{' and '.join(source.namesakes)} would become the same file",
            "A result has the picture's name without its ending",
            "Rename one of them",
        )
    for frame_id in range(len(source.files)):
        result = folder / f"{source.name_of(frame_id)}.png"
        refuse_overwriting(result, [*inputs, source.files[frame_id]])


def make_matte_sink(folder: Path, source: Pictures | Clip) -> Sink:
    """The sink of ``segcam matte``: a grey PNG per frame, named after its picture or number.

    Raises:
        UsageError: ``folder`` is a file, or has the name of a picture.
    """
    if folder.is_file():
        raise UsageError(f"{folder} is a file", "", "Choose a folder for the mattes")
    _refuse_picture(folder)
    if isinstance(source, Pictures):
        _refuse_collisions(folder, source, [])
    return PictureSink(folder, source.name_of, source.size_of, gray=True)
