"""What OpenVINO does to the process it runs in."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from support.tiny_tflite import write_segmenter

from segcam.model_card import load_card
from segcam.zoo.library import path_for

CODE = """
import gc, os, signal, sys, threading
from pathlib import Path
from segcam.model_card import load_card
from segcam.segment.memory import Tensors
from segcam.segment.registry import create

def close():
    backend.close()
    gc.collect()

card = load_card(Path(sys.argv[1]))
backend = create("openvino-cpu")
backend.load(card, Path(sys.argv[2]), Tensors(card))
thread = threading.Thread(target=close)
thread.start()
thread.join()
signal.signal(signal.SIGUSR1, lambda *_: print("received"))
os.kill(os.getpid(), signal.SIGUSR1)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGUSR1"), reason="Windows has no such signals")
def test_signals_still_arrive_after_another_thread_has_closed_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("openvino")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    write_segmenter(tmp_path / "tiny.tflite")
    card = load_card(tmp_path / "tiny.toml")
    model = path_for(card, tmp_path / card.file, "onnx")
    done = subprocess.run(
        [sys.executable, "-P", "-c", CODE, str(tmp_path / "tiny.toml"), str(model)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (0, "received\n"), done.stderr
