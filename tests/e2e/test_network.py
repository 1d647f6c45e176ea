"""Nothing phones home: no command speaks to a network, or writes outside SegCam's own folders.

Each runs under strace with all its children, those that load a runtime for 20 s: ONNX Runtime once
reported to its maker some ten seconds after the start. The next library that does so is found here.
"""

import importlib.util
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from shutil import which

import pytest
from support.processes import SEGCAM, children
from support.software_gpu import DRIVER, software_gpu
from support.waiting import listens, wait_until
from support.watched import Watch, obstacle

from segcam.cli.lazy import COMMANDS
from segcam.segment.registry import SPECS
from segcam.zoo.library import cards, find, models_directory

pytestmark = pytest.mark.models
LONG_S = 20
MODULES = {"litert": "ai_edge_litert", "onnxruntime": "onnxruntime", "openvino": "openvino"}
RUNTIMES = [name for name, module in MODULES.items() if importlib.util.find_spec(module)]
SOFTWARE_GPUS = [
    name
    for name in ("litert-gpu", "onnxruntime-webgpu")
    if importlib.util.find_spec(SPECS[name].module)
]
SMALL = ("--camera", "demo", "--size", "320x180", "--fps", "10", "--always-on")
MODEL = "selfie_segmentation_landscape.tflite"

TRAINING = """
import sys, time
import segcam_models
import numpy, onnxruntime
session = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
source = session.get_inputs()[0]
end = time.monotonic() + float(sys.argv[2])
while time.monotonic() < end:
    session.run(None, {source.name: numpy.zeros(source.shape, numpy.float32)})
    time.sleep(0.1)
"""
PHONES_HOME = """
import socket, os, pathlib
try:
    socket.create_connection(("events.example.invalid", 443), 1)
except OSError:
    pass
pathlib.Path(os.environ["HOME"], ".cache", "Maker").mkdir(parents=True)
pathlib.Path("/tmp/device-id-of-a-test").touch()
os.unlink("/tmp/device-id-of-a-test")
"""


def long_commands(work):
    """Those that load a runtime, each for 20 s."""
    for runtime in RUNTIMES:
        backend = ("--backend", f"{runtime}-cpu", "--output", "null", "--duration", str(LONG_S))
        yield (
            f"run-{runtime}-replaced",
            [SEGCAM, "run", *SMALL, *backend, "--background", "color:#336699", "--edges", "sharp"],
        )
    if DRIVER.exists():
        for name in SOFTWARE_GPUS:
            shown = ("--output", "null", "--duration", str(LONG_S))
            # For these alone: others would try the slow software GPU as well.
            software = [f"{key}={value}" for key, value in software_gpu().items()]
            command = [SEGCAM, "run", *SMALL, "--backend", name, *shown]
            yield f"run-{name}", ["env", *software, *command]
    if "onnxruntime" in RUNTIMES:
        _, file = find("edge-refiner")
        yield "training", [sys.executable, "-c", TRAINING, str(file), str(LONG_S)]


def short_commands(work):
    """All others, each for as long as it takes."""
    clip, short = work / "clip.mp4", ("--duration", "1")
    yield "run-to-a-file", [SEGCAM, "run", *SMALL, "--output", f"file:{clip}", *short]
    picture = f"image:{work / 'room.png'}"
    yield (
        "run-picture",
        [SEGCAM, "run", *SMALL, "--output", "null", *short, "--background", picture],
    )
    yield "render", [SEGCAM, "render", clip, "out.mp4", "--background", f"video:{clip}"]
    yield "matte", [SEGCAM, "matte", clip, "mattes", "--edges", "fast"]
    yield "backends", [SEGCAM, "backends", "--json"]
    yield "models-list", [SEGCAM, "models", "list"]
    yield "models-verify", [SEGCAM, "models", "verify"]
    yield "models-get", [SEGCAM, "models", "get", "selfie-landscape"]
    yield "cameras", [SEGCAM, "cameras"]
    yield "status", [SEGCAM, "status"]
    yield "set", [SEGCAM, "set", "--background", "blur"]
    yield "background-add", [SEGCAM, "background", "add", work / "room.png"]
    yield "background-list", [SEGCAM, "background", "list"]
    yield "config", [SEGCAM, "config", "path"]
    yield "help", [SEGCAM, "--help"]
    yield "version", [sys.executable, "-m", "segcam", "--version"]
    yield "doctor", [SEGCAM, "doctor"]
    yield "preset-save", [SEGCAM, "preset", "save", "home", "--background", "blur"]
    yield "preset-list", [SEGCAM, "preset", "list"]
    # Any other, which may run for ever or ask root for something.
    for name in sorted(COMMANDS.keys() - set(CALLED)):
        yield name, [SEGCAM, name, "--help"]


def camera_commands(work):
    """Those that speak to a camera of PipeWire's which runs, the camera first."""
    yield "camera", [SEGCAM, "run", *SMALL, "--output", "pipewire"]
    yield "camera-status", [SEGCAM, "status", "--json"]
    yield "camera-set", [SEGCAM, "set", "--background", f"image:{work / 'room.png'}"]


CALLED = (
    *("run", "render", "matte", "backends", "models", "cameras", "status", "set"),
    *("background", "config", "doctor", "preset"),
)
CODES = {"status": (3,), "doctor": (0, 1)}
NAMES = [
    name
    for make in (long_commands, short_commands, *([camera_commands] if which("pipewire") else []))
    for name, _ in make(Path())
]


@pytest.fixture(scope="module")
def watch(tmp_path_factory):
    if reason := obstacle():
        pytest.skip(reason)
    missing = [name for name in cards() if not find(name)[1].exists()]
    if missing:
        pytest.skip(f"models not downloaded: {', '.join(missing)}; run: segcam models get NAME")
    made = Watch(tmp_path_factory.mktemp("watched"), models_directory())
    picture = Path(find("edge-refiner")[1]).parents[2] / "source" / "assets"
    import cv2

    cv2.imwrite(str(made.work / "room.png"), cv2.imread(str(next(picture.glob("*.jpg")))))
    return made


@pytest.fixture(scope="module")
def records(watch):
    """The record of each command; the long ones ran in parallel with the others."""
    running = {name: watch.start(name, command) for name, command in long_commands(watch.work)}
    done = {}
    for name, command in short_commands(watch.work):
        done[name] = watch.finish(name, watch.start(name, command))
    done |= camera_records(watch)
    for name, process in running.items():
        done[name] = watch.finish(name, process)
    return done


def camera_records(watch):
    """The record of a PipeWire camera, and of its clients."""
    if not which("pipewire"):
        return {}
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(["pipewire"], env=watch.environment, **silent) as server:
        try:
            wait_until(lambda: listens(watch.runtime / "pipewire-0"), "PipeWire")
            (name, command), *others = camera_commands(watch.work)
            camera, end_s = watch.start(name, command), time.monotonic() + LONG_S
            wait_until(lambda: answers(watch) or camera.poll() is not None, "the camera")
            done = {each: watch.finish(each, watch.start(each, what)) for each, what in others}
            time.sleep(max(0.0, end_s - time.monotonic()))
            for watched in children(camera.pid):
                os.kill(watched, signal.SIGINT)
            return done | {name: watch.finish(name, camera)}
        finally:
            server.kill()


def answers(watch):
    """Whether a camera answers to ``segcam status``."""
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    command = [SEGCAM, "status"]
    return subprocess.run(command, env=watch.environment, check=False, **silent).returncode == 0


def test_every_installed_runtime_is_watched():
    assert RUNTIMES


@pytest.mark.parametrize("name", NAMES)
def test_no_command_speaks_to_a_network(records, name):
    watched = records[name]
    assert watched.code in CODES.get(name, (0,)), watched.said
    assert any(call == "openat" for call, _ in watched.calls), "strace has seen nothing"
    assert watched.network() == []


@pytest.mark.parametrize("name", NAMES)
def test_no_command_writes_outside_its_own_folders(watch, records, name):
    if os.getuid() != 0:
        pytest.skip("SegCam hides its memory: only root can read there which files it names")
    assert watch.strangers(records[name]) == []


def test_the_home_folder_holds_nothing_but_folders_of_segcam(watch, records):
    assert watch.left_in_home() == []


def test_what_a_library_could_do_would_be_seen(watch, records):
    program = [sys.executable, "-c", PHONES_HOME]
    watched = watch.finish("phones-home", watch.start("phones-home", program))
    (watch.home / ".cache" / "Maker").rmdir()
    assert watched.code == 0, watched.said
    assert any("AF_INET" in call or "resolv.conf" in call for call in watched.network())
    strangers = watch.strangers(watched)
    assert str(watch.home / ".cache" / "Maker") in strangers
    assert "/tmp/device-id-of-a-test" in strangers


@pytest.mark.skipif("onnxruntime" not in RUNTIMES, reason="ONNX Runtime is not installed")
def test_the_processes_of_a_camera_have_telemetry_off(watch, tmp_path):
    """The variable reaches the child that loads the runtime, whatever the user's shell says."""
    command = [SEGCAM, "run", *SMALL, "--backend", "onnxruntime-cpu", "--output", "null"]
    environment = {**watch.environment, "ORT_DISABLE_TELEMETRY": "0"}
    said = subprocess.run(
        ["strace", "-f", "-qq", "-v", "-s", "4096", "-e", "trace=execve", *map(str, command),
         "--duration", "0.5"],
        env=environment, cwd=watch.work, capture_output=True, text=True, check=True,
    ).stderr  # fmt: skip
    children = [line for line in said.splitlines() if "segcam.segment.child" in line]
    assert children
    assert all("ORT_DISABLE_TELEMETRY=1" in line for line in children)
