import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest

from segcam.errors import MediaError
from segcam.media import create_media, open_media
from segcam.media_file import open_file, read_file

NAMES = [
    "2024-11-14T22:57:44.mp4",
    "-y.mp4",
    "http:example.mp4",
    "concat:a.mp4|b.mp4",
    "file:a.mp4",
    "frame%03d.mp4",
    "a{1}*?.mp4",
    "two\nlines.mp4",
    "#?&=.mp4",
    "ä ö.mp4",
    os.fsdecode(b"latin-\xe4.mp4"),
    "x" * 244 + ".mp4",
]


def write(path, tags=None):
    with create_media(path) as output:
        output.metadata.update(tags or {})
        stream = output.add_stream("h264", rate=10)
        stream.height, stream.width, stream.pix_fmt = 48, 64, "yuv420p"
        for _ in range(3):
            picture = av.VideoFrame.from_ndarray(np.full((72, 64), 90, np.uint8), "yuv420p")
            output.mux(stream.encode(picture))
        output.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("name", NAMES, ids=ascii)
@pytest.mark.parametrize("relative", [False, True], ids=["absolute", "relative"])
def test_a_file_of_any_name_is_written_and_read(tmp_path, monkeypatch, name, relative):
    monkeypatch.chdir(tmp_path)
    path = Path(name) if relative else tmp_path / name
    write(path)
    assert [file.name for file in tmp_path.iterdir()] == [name]
    with open_media(path) as clip:
        assert len(list(clip.decode(video=0))) == 3


@pytest.mark.parametrize(
    "name", ["http://127.0.0.1:9/a.mp4", "tcp://127.0.0.1:9", "concat:a.mp4|b.mp4", "fd:", "pipe:0"]
)
def test_a_url_is_a_file_that_is_not_there(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(MediaError, match="There is no file"):
        open_media(Path(name))


@pytest.mark.parametrize(
    "playlist",
    [
        "ffconcat version 1.0\nfile other.mp4\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nother.mp4\n#EXT-X-ENDLIST\n",
    ],
    ids=["concat", "hls"],
)
def test_a_playlist_opens_no_other_file(tmp_path, monkeypatch, playlist):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "other.mp4")
    (tmp_path / "list.mp4").write_text(playlist)
    with pytest.raises(av.FFmpegError), open_media(tmp_path / "list.mp4") as clip:
        next(clip.decode(video=0))


def test_tags_that_are_not_utf8_are_read_as_far_as_they_go(tmp_path):
    path = write(tmp_path / "tagged.mp4", {"title": "Cafe Muenchen"})
    path.write_bytes(path.read_bytes().replace(b"Cafe Muenchen", b"Caf\xe9 M\xfcnchen!"))
    with open_media(path) as clip:
        assert clip.metadata["title"].startswith("Caf")


def make_pipe(path):
    os.mkfifo(path)


def make_socket(path):
    with socket.socket(socket.AF_UNIX) as end:
        end.bind(str(path))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")
@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (make_pipe, "pipe"),
        (make_socket, "socket"),
        (Path.mkdir, "folder"),
        (lambda path: path.symlink_to("/dev/zero"), "device"),
    ],
    ids=["pipe", "socket", "folder", "device"],
)
@pytest.mark.parametrize("read", [open_file, read_file, open_media])
def test_what_is_no_regular_file_is_refused_at_once(tmp_path, make, kind, read):
    path = tmp_path / "special.mp4"
    make(path)
    with pytest.raises(MediaError, match=f"is a {kind}") as caught:
        read(path)
    assert caught.value.hint


def test_a_file_exchanged_for_a_pipe_is_noticed(tmp_path, monkeypatch):
    path = tmp_path / "clip.mp4"
    os.mkfifo(path)
    monkeypatch.setattr(Path, "stat", lambda _: os.stat_result([stat.S_IFREG] + [0] * 9))
    with pytest.raises(MediaError, match="is a pipe"):
        open_file(path)


@pytest.mark.parametrize("name", ["none.mp4", "no/such/folder.mp4", "null\0.mp4"])
def test_what_is_not_there_is_told(tmp_path, name):
    with pytest.raises(MediaError) as caught:
        open_media(tmp_path / name)
    assert caught.value.hint


def test_no_descriptor_stays_open(tmp_path):
    path = write(tmp_path / "clip.mp4")
    (tmp_path / "text.mp4").write_text("no clip")
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(3):
        open_media(path).close()
        with pytest.raises(av.FFmpegError):
            open_media(tmp_path / "text.mp4")
        with pytest.raises(MediaError):
            open_media(tmp_path)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_file_that_claims_a_giant_picture_takes_no_memory(tmp_path):
    """A few hundred bytes of GIF, 16,000 x 16,000 pixels: 2 GB where they are believed."""
    path = tmp_path / "bomb.gif"
    small = tmp_path / "small.gif"
    with create_media(small) as output:
        stream = output.add_stream("gif", rate=10)
        stream.height, stream.width, stream.pix_fmt = 4, 4, "rgb8"
        output.mux(stream.encode(av.VideoFrame(4, 4, "rgb8")))
        output.mux(stream.encode(None))
    data = bytearray(small.read_bytes())
    data[6:10] = (16_000).to_bytes(2, "little") * 2
    path.write_bytes(data)
    script = (
        "import resource, sys; from pathlib import Path; import av;"
        "from segcam.media import open_media\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try:\n"
        "    with open_media(Path(sys.argv[1])) as clip: next(clip.decode(video=0))\n"
        "    print('decoded')\n"
        "except av.FFmpegError as error: print('refused')\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, path], capture_output=True, text=True, check=True
    )
    verdict, grown_kb = done.stdout.split()
    assert verdict == "refused"
    assert int(grown_kb) < 100_000


def test_a_file_larger_than_any_picture_is_not_read_whole(tmp_path):
    path = tmp_path / "large.png"
    with path.open("wb") as file:
        file.truncate(600 * 2**20)  # a hole: takes no room on the disk
    with pytest.raises(MediaError, match="too large"):
        read_file(path)
