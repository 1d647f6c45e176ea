"""Files are finished however long their encoder needs, and whoever presses Ctrl-C meanwhile."""

import threading
from fractions import Fraction

import av
import pytest
from support.waiting import wait_until

from segcam.composite.compositor import RoomShown
from segcam.errors import OutputUnwritable
from segcam.pipeline import crew
from segcam.pipeline.crew import Crew
from segcam.pipeline.finish import Finish
from segcam.pipeline.pipeline import Pipeline
from segcam.sink.file import FileSink
from segcam.sink.null import NullSink
from segcam.sink.several import Several
from segcam.source.pattern import Pattern

SIZE = (90, 160)


class SlowFile(FileSink):
    """Its encoder needs as long for the end as a test wants."""

    def __init__(self, path):
        super().__init__(path)
        self.closing, self.may_end = threading.Event(), threading.Event()

    def close(self):
        if self.unfinished:
            self.closing.set()
            assert self.may_end.wait(60)
        super().close()


@pytest.fixture(params=["alone", "beside another"])
def file_and_sink(request, tmp_path):
    file = SlowFile(tmp_path / "out.mp4")
    return file, file if request.param == "alone" else Several([NullSink(), file])


@pytest.fixture
def pipeline(file_and_sink, figure_segmenter, plain_refiner, monkeypatch):
    monkeypatch.setattr(crew, "JOIN_S", 0.1)
    return Pipeline(
        Pattern(SIZE, Fraction(30)),
        segmenters=[figure_segmenter],
        refiner=plain_refiner,
        compositor=RoomShown(),
        sink=file_and_sink[1],
    )


def press_ctrl_c_after_frames(pipeline):
    wait_until(lambda: pipeline.stats.sent > 5, "a frame")
    raise KeyboardInterrupt


def frames(path):
    with av.open(str(path)) as video:
        return len(list(video.decode(video=0)))


def test_the_end_of_a_file_is_waited_for_and_told(pipeline, file_and_sink, tmp_path):
    file, told = file_and_sink[0], []

    def tell(name):
        told.append(name)
        assert file.closing.is_set()
        file.may_end.set()

    pipeline.finish.on_finishing = tell
    with pipeline:
        wait_until(lambda: pipeline.stats.sent > 5, "a frame")
    assert told == [str(tmp_path / "out.mp4")]
    assert frames(tmp_path / "out.mp4") > 4
    assert [p.name for p in tmp_path.iterdir()] == ["out.mp4"]


def test_ctrl_c_ends_the_run_and_finishes_the_file(pipeline, file_and_sink, tmp_path):
    file_and_sink[0].may_end.set()
    with pytest.raises(KeyboardInterrupt), pipeline:
        press_ctrl_c_after_frames(pipeline)
    assert frames(tmp_path / "out.mp4") > 4


def test_a_file_that_is_given_up_is_told_as_lost(pipeline, file_and_sink, tmp_path):
    def give_up(_):
        raise KeyboardInterrupt

    pipeline.finish.on_finishing = give_up
    with pytest.raises(OutputUnwritable, match="was not finished"), pipeline:
        wait_until(lambda: pipeline.stats.sent > 5, "a frame")
    hidden = [p.name for p in tmp_path.iterdir() if p.name != "out.mp4"]
    file_and_sink[0].may_end.set()
    assert hidden == []


def test_a_file_that_could_not_be_finished_is_told_after_ctrl_c_as_well(
    figure_segmenter, plain_refiner, tmp_path
):
    class Failing(FileSink):
        def close(self):
            if self.unfinished:
                super().close()
                raise OutputUnwritable("the disk is full")

    pipeline = Pipeline(
        Pattern(SIZE, Fraction(30)),
        segmenters=[figure_segmenter],
        refiner=plain_refiner,
        compositor=RoomShown(),
        sink=Several([NullSink(), Failing(tmp_path / "out.mp4")]),
    )
    with pytest.raises(OutputUnwritable, match="full"), pipeline:
        press_ctrl_c_after_frames(pipeline)


def test_without_files_nothing_is_waited_for():
    end = Finish()
    end.on_finishing = lambda _: pytest.fail("nothing to wait for")
    end.wait(Crew(), NullSink())
    assert end.error is None
