import gc
import resource
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support import faulty_child
from support.processes import children
from support.tiny_tflite import tiny_segmenter
from support.waiting import until

from segcam.errors import BackendFailed, BackendLost, MatteRejected, ModelMismatch, UsageError
from segcam.frame import Frame
from segcam.segment import isolated
from segcam.segment.isolated import IsolatedBackend
from segcam.segment.memory import Tensors
from segcam.segment.registry import create
from segcam.segment.segmenter import ModelSegmenter
from segcam.zoo.library import DEFAULT, find

if sys.platform != "linux":
    pytest.skip("only Linux has the means", allow_module_level=True)

FAULTY = Path(faulty_child.__file__)


@pytest.fixture
def card(tmp_path):
    return tiny_segmenter(tmp_path / "tiny.tflite", (32, 48))


@pytest.fixture
def tensors(card):
    made = Tensors(card)
    made.input[:] = np.random.default_rng(0).random(card.input.shape, np.float32)
    return made


@pytest.fixture
def faulty():
    """Makes backends that go wrong; see ``faulty_child``."""
    made = []

    def make(fault, flag="", **limits):
        program = (sys.executable, str(FAULTY), fault, str(flag))
        made.append(IsolatedBackend("null", program, **limits))
        return made[-1]

    yield make
    for backend in made:
        backend.close()


def run_often(backend):
    """Well past the inference at which a faulty one goes wrong."""
    for _ in range(20):
        backend.run()


def run_once_late(backend):
    """Up to the first inference at which a faulty one is late."""
    for _ in range(faulty_child.WELL - 1):  # one was run while loading
        backend.run()


def open_files():
    return len(list(Path("/proc/self/fd").iterdir()))


def maps():
    """How many models' tensors are mapped, but for what earlier tests have left as garbage."""
    gc.collect()  # an error that was raised keeps what its frames knew
    return Path("/proc/self/maps").read_text().count("memfd:segcam")


def nobody_besides(before):
    """Whether none but these children is left."""
    return not any(alive(pid) for pid in children() if pid not in before)


def alive(pid):
    """Whether the process runs; one that has ended and is waited for by nobody does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_the_answers_are_the_backends_own(card, tmp_path, tensors):
    direct, apart = create("litert-cpu"), IsolatedBackend("litert-cpu")
    own = Tensors(card)
    direct.load(card, tmp_path / card.file, own)
    apart.load(card, tmp_path / card.file, tensors)
    for _ in range(3):
        own.input[:] = tensors.input[:] = np.roll(tensors.input, 1)
        direct.run()
        apart.run()
        assert np.array_equal(tensors.output, own.output)
    assert own.output.std() > 0.01
    assert (apart.name, apart.device) == (direct.name, direct.device)
    direct.close()
    apart.close()


def test_a_runtimes_own_tensors_stay_in_its_process(card, tmp_path, faulty, tensors):
    own = Tensors(card)
    expected = create("null")
    expected.load(card, tmp_path / card.file, own)
    backend = faulty("pinned")
    assert backend.load(card, tmp_path / card.file, tensors) is tensors
    for shade in (0.2, 0.7):
        own.input.fill(shade)
        tensors.input.fill(shade)
        expected.run()
        backend.run()
        assert np.array_equal(tensors.output, own.output)


@pytest.mark.models
def test_a_published_model_answers_the_same():
    card, path = find(DEFAULT)
    tensors = Tensors(card)
    tensors.input[:] = np.random.default_rng(0).random(card.input.shape, np.float32)
    mattes = []
    for backend in (create("litert-cpu"), IsolatedBackend("litert-cpu")):
        backend.load(card, path, tensors)
        backend.run()
        mattes.append(tensors.output.copy())
        backend.close()
    assert np.array_equal(*mattes)


def test_a_crash_is_told_and_loading_again_cures_it(card, tmp_path, faulty, tensors):
    backend = faulty("crash", tmp_path / "flag")
    backend.load(card, tmp_path / card.file, tensors)
    with pytest.raises(BackendLost) as caught:
        run_often(backend)
    error = caught.value
    assert signal.strsignal(signal.SIGSEGV) in error.message
    assert error.hint
    with pytest.raises(BackendLost):  # not an endless wait, nor an old matte
        backend.run()
    start = time.monotonic()
    backend.load(card, tmp_path / card.file, tensors)
    run_often(backend)
    assert time.monotonic() - start < isolated.LOAD_S / 2
    assert tensors.output.max() > 0.9


def test_a_hang_is_ended(card, tmp_path, faulty, tensors):
    backend = faulty("hang")
    before = set(children())
    backend.load(card, tmp_path / card.file, tensors)
    (pid,) = set(children()) - before
    start = time.monotonic()
    with pytest.raises(BackendLost, match="The backend's process was lost") as caught:
        run_often(backend)
    assert isolated.RUN_S <= time.monotonic() - start < isolated.PATIENCE_S
    assert "no answer" in caught.value.message
    backend.close()
    assert not alive(pid)


def test_one_that_is_late_gets_more_time_the_next_time(card, tmp_path, faulty, tensors):
    backend = faulty("late", run_s=0.1)
    lost = 0
    while True:  # with 0.1, 0.2, 0.4 s ...; it needs 0.5 s
        backend.load(card, tmp_path / card.file, tensors)
        try:
            run_once_late(backend)
        except BackendLost:
            lost += 1
            assert lost < 8
        else:
            break
    assert lost >= 1


def test_a_child_that_gets_no_processor_is_waited_for(card, tmp_path, faulty, tensors, monkeypatch):
    monkeypatch.setattr(isolated._Child, "_starves", lambda child: True)
    backend = faulty("late", run_s=0.1)
    backend.load(card, tmp_path / card.file, tensors)
    run_once_late(backend)


def test_but_not_for_ever(card, tmp_path, faulty, tensors, monkeypatch):
    monkeypatch.setattr(isolated._Child, "_starves", lambda child: True)
    backend = faulty("hang", run_s=0.1, patience_s=0.5)
    backend.load(card, tmp_path / card.file, tensors)
    with pytest.raises(BackendLost, match="no answer"):
        run_often(backend)


def test_one_that_uses_its_processor_time_up_hangs(card, tmp_path, faulty, tensors):
    backend = faulty("spin", run_s=0.2, patience_s=50)
    backend.load(card, tmp_path / card.file, tensors)
    start = time.monotonic()
    with pytest.raises(BackendLost, match="no answer"):
        run_often(backend)
    assert time.monotonic() - start < 40


def test_a_second_load_that_hangs_is_not_waited_for_as_long_as_a_first(
    card, tmp_path, faulty, tensors, monkeypatch
):
    backend = faulty("")
    backend.load(card, tmp_path / card.file, tensors)
    monkeypatch.setattr(backend, "_program", (sys.executable, str(FAULTY), "hang at load", ""))
    start = time.monotonic()
    with pytest.raises(BackendLost):
        backend.load(card, tmp_path / card.file, tensors)
    assert time.monotonic() - start < isolated.LOAD_S / 2


def test_a_first_load_that_still_computes_gets_more_time(
    card, tmp_path, faulty, tensors, monkeypatch
):
    monkeypatch.setattr(isolated, "LOAD_S", 1.0)
    monkeypatch.setattr(isolated, "COMPILE_S", 60.0)
    backend = faulty("compile")
    backend.load(card, tmp_path / card.file, tensors)
    backend.run()
    hanging = faulty("hang at load")
    with pytest.raises(BackendLost, match="no answer"):
        hanging.load(card, tmp_path / card.file, tensors)


def test_nonsense_is_rejected_as_anybodys(card, tmp_path, faulty):
    segmenter = ModelSegmenter(card, tmp_path / card.file, faulty("nonsense"))
    segmenter.open()
    picture = Frame.filled((32, 48), (90, 128, 128)), np.empty(segmenter.matte_size, np.float32)
    for _ in range(faulty_child.WELL - 2):  # one was run while loading
        segmenter.segment(*picture)
    with pytest.raises(MatteRejected):
        segmenter.segment(*picture)
    segmenter.close()


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("print('no answer', flush=True); input()", "no answer"),
        ("raise SystemExit(3)", "status 3"),
        ("import os; os.close(1); input()", "stopped answering"),
    ],
)
def test_a_child_that_does_not_keep_to_the_rules(card, tmp_path, program, said, tensors):
    backend, before = IsolatedBackend("null", (sys.executable, "-c", program)), set(children())
    with pytest.raises(BackendLost) as caught:
        backend.load(card, tmp_path / card.file, tensors)
    assert said in caught.value.message
    backend.close()
    assert until(lambda: nobody_besides(before))


def test_a_process_outlives_the_thread_that_loaded_it(card, tmp_path, tensors):
    backend = IsolatedBackend("null")
    loading = threading.Thread(target=backend.load, args=(card, tmp_path / card.file, tensors))
    loading.start()
    loading.join()
    time.sleep(0.1)
    backend.run()
    backend.close()


def test_what_a_runtime_prints_is_no_answer(card, tmp_path, faulty, tensors, capfd):
    backend = faulty("chatter")
    backend.load(card, tmp_path / card.file, tensors)
    run_often(backend)
    assert "greeting" not in capfd.readouterr().out


def test_errors_of_the_backend_arrive_whole(card, tmp_path, faulty, tensors):
    backend = faulty("fail")
    backend.load(card, tmp_path / card.file, tensors)
    with pytest.raises(BackendFailed) as caught:
        run_often(backend)
    error = caught.value
    assert not isinstance(error, BackendLost)
    assert (error.title, error.message, error.hint) == ("told to fail", "now", "Wait")
    wrong = replace(card, output=replace(card.output, name="other"))
    real = IsolatedBackend("litert-cpu")
    with pytest.raises(ModelMismatch):
        real.load(wrong, tmp_path / card.file, Tensors(wrong))
    real.close()
    with pytest.raises(UsageError):
        IsolatedBackend("litert-abacus")


def test_a_model_that_surprises_the_runtime_is_no_crash(card, tmp_path, faulty, tensors):
    with pytest.raises(BackendFailed, match="could not load the model") as caught:
        faulty("surprise at load").load(card, tmp_path / card.file, tensors)
    assert not isinstance(caught.value, BackendLost)
    assert "nobody expected this" in str(caught.value)


def test_nothing_is_left_after_crashes_and_closing_twice(card, tmp_path, faulty):
    mapped, before = maps(), set(children())
    segmenter = ModelSegmenter(card, tmp_path / card.file, faulty("crash"))
    segmenter.open()
    held = open_files()
    for _ in range(3):
        with pytest.raises(BackendLost):
            run_often(segmenter.backend)
        segmenter.open()
    assert open_files() <= held
    segmenter.close()
    segmenter.close()
    assert maps() <= mapped
    assert open_files() < held
    assert until(lambda: nobody_besides(before))


def test_a_crash_writes_no_core_with_the_room_in_it(card, tmp_path, tensors):
    backend = IsolatedBackend("null")
    before = set(children())
    backend.load(card, tmp_path / card.file, tensors)
    (pid,) = set(children()) - before
    assert resource.prlimit(pid, resource.RLIMIT_CORE) == (1, 1)
    backend.close()


PARENT = """
import sys
from pathlib import Path
import numpy as np
tests, model, fault = sys.argv[1:]
sys.path.insert(0, tests)
from support.tiny_tflite import tiny_segmenter
from segcam.segment.isolated import IsolatedBackend
from segcam.segment.memory import Tensors
card = tiny_segmenter(Path(model), (32, 48))
program = (sys.executable, f"{tests}/support/faulty_child.py", fault, "")
backend = IsolatedBackend("null", program, run_s=60)
backend.load(card, Path(model), Tensors(card))
print("loaded", flush=True)
while True:
    if not fault:
        sys.stdin.read()
    backend.run()
"""


@pytest.mark.parametrize("fault", ["", "hang"])
def test_the_child_dies_with_its_parent_however_that_dies(tmp_path, fault):
    """Idle it sees the end of its input; in an inference that hangs, only the kernel can help."""
    command = [
        sys.executable,
        "-c",
        PARENT,
        str(FAULTY.parents[1]),
        str(tmp_path / "m.tflite"),
        fault,
    ]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as parent:
        parent.stdout.readline()
        (pid,) = children(parent.pid)
        time.sleep(0.3)  # it hangs by now
        assert alive(pid)
        parent.kill()
    assert until(lambda: not alive(pid))
