"""Where files go: the outputs of ``render`` and ``matte``, and what no output may overwrite."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from segcam import settings
from segcam.errors import UsageError
from segcam.sink.base import Sink
from segcam.sink.pictures import PictureSink
from segcam.sink.rendering import Rendering
from segcam.source.clip import Clip
from segcam.source.pictures import Pictures


def make_file_sink(
    path: Path,
    source: Pictures | Clip,
    input_path: Path,
    *,
    until_s: float | None = None,
    background: settings.Background | None = None,
) -> Sink:
    """Where ``segcam render`` writes: pictures into a folder, or a video with the clip's sound.

    Args:
        path: A video file by its ending; else a folder, possible for pictures alone.
        source: What is rendered.
        input_path: Where it is from.
        until_s: As far as that, None for all.
        background: What the room is replaced by: read, so never overwritten.

    Raises:
        UsageError: A clip cannot go into a folder, or something that is read would be overwritten.
        OutputUnwritable: SegCam writes no files of that ending.
    """
    inputs = [input_path, *_paths_of(background)]
    if is_video(path):
        refuse_overwriting(path, [*inputs, *_pictures_of(source)])
        if isinstance(source, Clip):
            return Rendering(path, input_path, until_s, lambda: source.end_ns)
        return Rendering(path)
    if isinstance(source, Pictures):
        _refuse_collisions(path, source, inputs)
        return PictureSink(path, source.name_of, source.size_of)
    raise UsageError(
        f"{path} is no video file", "A clip becomes a video", "Give OUTPUT an ending like .mp4"
    )


def is_video(path: Path) -> bool:
    """Whether ``segcam render`` makes a video of that name; else it makes a folder of pictures."""
    return bool(path.suffix) and not path.is_dir()


def refuse_overwriting(path: Path, inputs: Sequence[Path]) -> None:
    """Nothing that is read may be overwritten, by whatever name or link it is found.

    Raises:
        UsageError: ``path`` is one of ``inputs``.
    """
    for read in inputs:
        if path.exists() and read.exists() and path.samefile(read):
            same = "" if path == read else f"It is the same file as {read}"
            raise UsageError(
                f"{path} would be overwritten", same, "Give OUTPUT another name than INPUT"
            )


def check_outputs(chosen: settings.Settings) -> None:
    """No file that is recorded may be one that is read, or another output.

    Raises:
        UsageError: One is.
    """
    camera = Path(chosen.camera).expanduser()
    inputs = [camera, *_paths_of(settings.parse_background(chosen.background))]
    for spec in chosen.output.split(","):
        if spec.startswith("file:"):
            path = Path(spec.removeprefix("file:")).expanduser()
            refuse_overwriting(path, inputs)
            inputs.append(path)


def _paths_of(background: settings.Background | None) -> list[Path]:
    """The files that a background is read from."""
    if isinstance(background, settings.Picture | settings.Video):
        return [background.path]
    return []


def _pictures_of(source: Pictures | Clip) -> Sequence[Path]:
    return source.files if isinstance(source, Pictures) else ()


def _refuse_collisions(folder: Path, source: Pictures, inputs: Sequence[Path]) -> None:
    """Every picture needs a name of its own, and none may take an original's place.

    Raises:
        UsageError: Two pictures have the same stem, or they lie in ``folder`` themselves, or what
            is read lies there under a result's name.
    """
    if source.folder.resolve() == folder.resolve():
        raise UsageError(
            f"{folder} holds the pictures themselves", "", "Name another folder for the results"
        )
    if source.namesakes:
        raise UsageError(
            f"{' and '.join(source.namesakes)} would become the same file",
            "Results are named after the picture without its ending",
            "Rename one of them",
        )
    for frame_id in range(len(source.files)):
        result = folder / f"{source.name_of(frame_id)}.png"
        refuse_overwriting(result, [*inputs, source.files[frame_id]])


def make_matte_sink(folder: Path, source: Pictures | Clip) -> Sink:
    """Where ``segcam matte`` writes: one grey PNG a frame, named after its picture or its number.

    Raises:
        UsageError: ``folder`` is a file.
    """
    if folder.is_file():
        raise UsageError(f"{folder} is a file", "", "Name a folder for the mattes")
    if isinstance(source, Pictures):
        _refuse_collisions(folder, source, [])
    return PictureSink(folder, source.name_of, source.size_of, gray=True)
