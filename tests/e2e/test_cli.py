"""The command as its users have it: a process, its output, its exit code, its files."""

import json
import os
import signal
import subprocess
import wave
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from support.processes import SEGCAM
from support.waiting import until

from segcam import zoo
from segcam.frame import Frame
from segcam.sink.rendering import Rendering
from segcam.source.demo import Demo
from segcam.zoo.library import cards, find, models_directory

pytestmark = pytest.mark.models


@pytest.fixture(autouse=True)
def models():
    missing = [name for name in cards() if not find(name)[1].exists()]
    if missing:
        pytest.skip(f"models not downloaded: {', '.join(missing)}; run: segcam models get NAME")


def segcam(*arguments, cwd, code=0, **changes):
    environment = {**os.environ, "COLUMNS": "200", "NO_COLOR": "1", **changes}
    done = subprocess.run(
        ["segcam", *map(str, arguments)],
        executable=SEGCAM,
        check=False,
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture
def clip(tmp_path):
    """Two seconds of the demo, with silence as sound."""
    with wave.open(str(tmp_path / "sound.wav"), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(48000)
        sound.writeframes(bytes(2 * 96000))
    size, rate_hz = (360, 640), Fraction(30)
    source = Demo(size, rate_hz, live=False)
    sink = Rendering(tmp_path / "clip.mp4", clip=tmp_path / "sound.wav")
    source.open()
    sink.open(size, rate_hz)
    frame = Frame.empty(size)
    for _ in range(60):
        source.read(frame)
        sink.send(frame)
    sink.close()
    sink.publish()
    return tmp_path / "clip.mp4"


def pictures(path):
    with av.open(str(path)) as video:
        return [frame.to_ndarray(format="bgr24") for frame in video.decode(video=0)]


def test_the_main_job_hides_the_room_and_keeps_the_person(tmp_path):
    arguments = ("--camera", "demo", "--size", "640x360", "--duration", "2")
    segcam(
        "run", *arguments, "--background", "color:#00ff00", "--output", "file:a.mp4", cwd=tmp_path
    )
    frame = pictures(tmp_path / "a.mp4")[-1]
    window, face = frame[40:120, 40:140], frame[100:140, 290:350]
    assert np.abs(window.astype(int) - [0, 255, 0]).max() < 40
    assert face[..., 2].mean() > face[..., 0].mean() > 40, "skin"


def test_without_a_virtual_camera_a_preview_is_written_and_the_cure_is_named(tmp_path):
    if Path("/dev/video10").exists():
        pytest.skip("there is a virtual camera here")
    done = segcam("--camera", "demo", "--duration", "1.5", "--size", "320x180", cwd=tmp_path)
    assert "v4l2loopback" in done.stderr
    assert "segcam-preview.mp4" in done.stderr
    assert pictures(tmp_path / "segcam-preview.mp4")


def test_without_a_webcam_auto_shows_the_demo_and_says_so(tmp_path):
    if json.loads(segcam("cameras", "--json", cwd=tmp_path).stdout):
        pytest.skip("there is a webcam here")
    done = segcam("--camera", "auto", "--duration", "0.5", "--output", "null", cwd=tmp_path)
    assert "built-in demo is used" in done.stderr
    assert "No camera" in segcam("--duration", "0.5", cwd=tmp_path, code=1).stderr


def test_verbose_ends_with_json(tmp_path):
    done = segcam(
        "run",
        "--camera",
        "pattern",
        "--size",
        "320x180",
        "--output",
        "null",
        "--duration",
        "1.5",
        "-v",
        cwd=tmp_path,
    )
    totals = json.loads(done.stdout)
    assert totals["sent"] > 0
    assert set(totals["stages_ms"]) >= {"capture", "segment", "refine", "composite", "latency"}
    assert "captured" in done.stderr


def test_render_keeps_every_frame_and_the_sound(tmp_path, clip):
    segcam("render", clip, "out.mp4", "--background", "blur:80", cwd=tmp_path)
    assert len(pictures(tmp_path / "out.mp4")) == len(pictures(clip))
    with av.open(str(tmp_path / "out.mp4")) as video:
        assert video.streams.audio[0].codec_context.name == "aac"
        seconds = sum(f.samples for f in video.decode(audio=0)) / 48000
    assert seconds == pytest.approx(2.0, abs=0.1)


def test_render_stops_where_it_is_told_and_has_the_rate_it_is_told(tmp_path, clip):
    segcam("render", clip, "short.mp4", "--duration", "1", cwd=tmp_path)
    assert len(pictures(tmp_path / "short.mp4")) == 30
    with av.open(str(tmp_path / "short.mp4")) as video:
        assert sum(f.samples for f in video.decode(audio=0)) / 48000 == pytest.approx(1, abs=0.1)
    done = segcam("render", clip, "other.mp4", "--fps", "10", "-v", cwd=tmp_path)
    assert json.loads(done.stdout)["sent"] == 20
    with av.open(str(tmp_path / "other.mp4")) as video:
        assert video.duration / av.time_base == pytest.approx(2, abs=0.1)
        assert sum(f.samples for f in video.decode(audio=0)) / 48000 == pytest.approx(2, abs=0.1)


def test_a_cancelled_render_leaves_the_old_file(tmp_path, clip):
    (tmp_path / "out.mp4").write_bytes(b"precious")
    command = [str(SEGCAM), "render", str(clip), "out.mp4", "--size", "1920x1080"]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
        until(lambda: list(tmp_path.glob("out.part-*")))
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=120)
    assert process.returncode == 130, said
    assert (tmp_path / "out.mp4").read_bytes() == b"precious"
    assert not list(tmp_path.glob("*part*"))


def test_results_never_take_a_picture_s_place(tmp_path):
    (tmp_path / "in").mkdir()
    for name in ("a.png", "a.jpg"):
        cv2.imwrite(str(tmp_path / "in" / name), np.full((8, 8, 3), 100, np.uint8))
    assert "a.jpg and a.png" in segcam("matte", "in", "out", cwd=tmp_path, code=2).stderr
    (tmp_path / "in" / "a.jpg").unlink()
    before = (tmp_path / "in" / "a.png").read_bytes()
    segcam("render", "in", "in", cwd=tmp_path, code=2)
    assert (tmp_path / "in" / "a.png").read_bytes() == before


def test_render_pictures_into_a_folder(tmp_path):
    (tmp_path / "in").mkdir()
    for name, size in (("a.jpg", (120, 90, 3)), ("b.png", (61, 33, 3))):
        cv2.imwrite(str(tmp_path / "in" / name), np.full(size, 100, np.uint8))
    segcam("render", "in", "out", "--still", "--background", "color:#0000ff", cwd=tmp_path)
    sizes = {p.name: cv2.imread(str(p)).shape[:2] for p in (tmp_path / "out").iterdir()}
    assert sizes == {"a.png": (120, 90), "b.png": (61, 33)}


def test_mattes_of_a_clip_are_numbered_gray_and_right(tmp_path, clip):
    segcam("matte", clip, "mattes", cwd=tmp_path)
    files = sorted((tmp_path / "mattes").iterdir())
    assert [f.name for f in files[:2]] == ["00000.png", "00001.png"]
    assert len(files) == len(pictures(clip))
    matte = cv2.imread(str(files[-1]), cv2.IMREAD_UNCHANGED)
    assert (matte.dtype, matte.shape) == (np.uint8, (360, 640))
    assert matte[180, 320] == 255, "the chest"
    assert matte[20:120, 30:140].max() == 0, "the window"


def test_sharp_edges_are_others_in_the_same_place(tmp_path, clip):
    segcam("matte", clip, "fast", "--edges", "fast", cwd=tmp_path)
    done = segcam("matte", clip, "sharp", "--edges", "sharp", cwd=tmp_path)
    assert "using fast edges" not in done.stderr
    fast, sharp = (
        cv2.imread(str(tmp_path / folder / "00059.png"), cv2.IMREAD_UNCHANGED)
        for folder in ("fast", "sharp")
    )
    assert 0.001 < (cv2.absdiff(fast, sharp) > 64).mean() < 0.03
    assert sharp[180, 320] == 255, "the chest"
    assert sharp[20:120, 30:140].max() == 0, "the window"


def test_a_refiner_is_no_segmenter(tmp_path):
    arguments = ("run", "--camera", "pattern", "--output", "null", "--model", "edge-refiner")
    assert "--edges sharp" in segcam(*arguments, cwd=tmp_path, code=2).stderr


def test_still_mattes_do_not_depend_on_their_neighbours(tmp_path, clip):
    (tmp_path / "in").mkdir()
    frames = pictures(clip)
    cv2.imwrite(str(tmp_path / "in" / "one.png"), frames[3])
    cv2.imwrite(str(tmp_path / "in" / "two.png"), frames[-1][:, ::-1])
    segcam("matte", "in", "both", "--still", cwd=tmp_path)
    segcam("matte", "in/two.png", "alone", "--still", cwd=tmp_path)
    both = cv2.imread(str(tmp_path / "both" / "two.png"), cv2.IMREAD_UNCHANGED)
    alone = cv2.imread(str(tmp_path / "alone" / "two.png"), cv2.IMREAD_UNCHANGED)
    assert np.array_equal(both, alone)


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_run_and_finishes_the_file(tmp_path, stop):
    command = [
        str(SEGCAM),
        "run",
        "--camera",
        "pattern",
        "--size",
        "320x180",
        "--output",
        "file:out.mp4",
    ]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
        assert until((tmp_path / "out.mp4").exists), "it takes its name with its first piece"
        process.send_signal(stop)
        _, said = process.communicate(timeout=120)
    assert process.returncode == 0, said
    assert "Traceback" not in said
    assert pictures(tmp_path / "out.mp4")
    assert [p.name for p in tmp_path.iterdir()] == ["out.mp4"]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["run", "--bakground", "blur"], 2, "--background"),
        (["rnu"], 2, "run"),
        (["run", "--camera", "pattern", "--background", "colour:#fff"], 2, "color"),
        (["run", "--camera", "pattern", "--size", "13x7"], 2, "even"),
        (["run", "--camera", "pattern", "--fps", "0"], 2, "fps"),
        (["run", "--camera", "pattern", "--model", "selfie-landscap"], 2, "selfie-landscape"),
        (["run", "--camera", "pattern", "--backend", "liter"], 2, "litert"),
        (["run", "--camera", "pattern", "--output", "nul"], 2, "null"),
        (["run", "--camera", "/dev/video99"], 1, "camera"),
        (["run", "--camera", "no such name"], 1, "camera"),
        (["run", "--camera", "gone.mp4"], 1, "gone.mp4"),
        (["run", "--camera", "pattern", "--output", "/dev/video99"], 1, "/dev/video99"),
        (["run", "--camera", "pattern", "--output", "file:/proc/x.mp4"], 1, "/proc/x.mp4"),
        (["run", "--camera", "pattern", "--background", "image:gone.jpg"], 1, "gone.jpg"),
        (["run", "--camera", "pattern", "--background", "video:gone.mp4"], 1, "gone.mp4"),
        (["run", "--camera", "pattern", "--model", "gone.tflite"], 1, "gone"),
        (["render", "gone.mp4", "out.mp4"], 1, "gone.mp4"),
        (["render", "text.jpg", "out"], 1, "text.jpg"),
        (["render", "text.mp4", "out.mp4"], 1, "text.mp4"),
        (["render", "one.png", "out.txt"], 1, "out.txt"),
        (["matte", "empty", "out"], 1, "empty"),
        (["matte", "one.png", "text.jpg"], 2, "text.jpg"),
    ],
)
def test_bad_requests_get_one_paragraph_with_the_cure(tmp_path, arguments, code, words):
    (tmp_path / "text.jpg").write_text("I am text")
    (tmp_path / "text.mp4").write_text("I am text")
    (tmp_path / "empty").mkdir()
    cv2.imwrite(str(tmp_path / "one.png"), np.zeros((4, 4, 3), np.uint8))
    before = sorted(tmp_path.iterdir())
    done = segcam(*arguments, cwd=tmp_path, code=code)
    said = " ".join(done.stderr.split())
    assert words in said
    assert sorted(p for p in tmp_path.iterdir() if p.name != "out") == before


def test_pictures_of_every_size(tmp_path):
    (tmp_path / "in").mkdir()
    for name, size in (
        ("dot", (1, 1)),
        ("line", (1, 500)),
        ("odd", (33, 17)),
        ("8k", (4320, 7680)),
    ):
        cv2.imwrite(str(tmp_path / "in" / f"{name}.png"), np.full((*size, 3), 120, np.uint8))
    segcam("matte", "in", "out", "--still", cwd=tmp_path)
    sizes = {p.stem: cv2.imread(str(p), -1).shape for p in (tmp_path / "out").iterdir()}
    assert sizes == {"dot": (1, 1), "line": (1, 500), "odd": (33, 17), "8k": (4320, 7680)}


def test_a_tampered_model_is_refused(tmp_path):
    card = cards()["selfie-landscape"]
    data = bytearray((models_directory() / card.file).read_bytes())
    data[1000] ^= 1
    (tmp_path / card.file).write_bytes(data)
    done = segcam(
        "run",
        "--camera",
        "pattern",
        "--output",
        "null",
        "--duration",
        "1",
        cwd=tmp_path,
        code=1,
        SEGCAM_MODELS=str(tmp_path),
    )
    assert "SHA-256" in done.stderr


def test_a_model_of_another_shape_than_its_card_is_refused(tmp_path):
    card = cards()["selfie-landscape"]
    (tmp_path / "mine.tflite").write_bytes((models_directory() / card.file).read_bytes())
    text = (Path(zoo.__file__).parent / "cards" / "selfie-landscape.toml").read_text()
    (tmp_path / "mine.toml").write_text(text.replace("144, 256", "256, 256"))
    arguments = ("run", "--camera", "pattern", "--output", "null", "--duration", "1")
    done = segcam(*arguments, "--model", "mine.tflite", cwd=tmp_path, code=1)
    assert "256" in done.stderr
    (tmp_path / "mine.toml").write_text(text)
    segcam(*arguments, "--model", "mine.tflite", cwd=tmp_path)
    (tmp_path / "mine.toml").unlink()
    assert "card" in segcam(*arguments, "--model", "mine.tflite", cwd=tmp_path, code=1).stderr


def test_a_truncated_clip_is_rendered_as_far_as_it_goes(tmp_path, clip):
    segcam("render", clip, "whole.mkv", cwd=tmp_path)
    data = (tmp_path / "whole.mkv").read_bytes()
    (tmp_path / "short.mkv").write_bytes(data[: len(data) // 2])
    done = segcam("matte", "short.mkv", "out", cwd=tmp_path, code=1)
    assert "ends after" in done.stderr
    assert 5 < len(list((tmp_path / "out").iterdir())) < 60


def test_lists_are_tables_and_json(tmp_path):
    listed = json.loads(segcam("models", "list", "--json", cwd=tmp_path).stdout)
    assert {m["name"] for m in listed} >= {"selfie-landscape", "selfie-general"}
    assert "selfie-landscape" in segcam("models", "list", cwd=tmp_path).stdout
    assert isinstance(json.loads(segcam("cameras", "--json", cwd=tmp_path).stdout), list)
    results = json.loads(segcam("backends", "--json", cwd=tmp_path).stdout)
    by_name = {r["name"]: r for r in results}
    assert by_name["litert-cpu"]["usable"]
    for result in results:
        assert result["usable"] or (result["reason"] and result["hint"])
    verified = json.loads(segcam("models", "verify", "--json", cwd=tmp_path).stdout)
    assert {m["name"]: m["sha256"] for m in verified} == {
        c.name: c.sha256 for c in cards().values()
    }
    (got,) = json.loads(segcam("models", "get", "selfie-general", "--json", cwd=tmp_path).stdout)
    assert Path(got["path"]).exists()
    assert "selfie-landscape" in segcam("models", "verify", cwd=tmp_path).stdout
