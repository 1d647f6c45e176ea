"""Which of PipeWire's buffers are written, as programs hold them or die with them."""

import ctypes
from collections import deque

from segcam.sink import libpipewire as pw
from segcam.sink import spa
from segcam.sink.buffers import Buffers

COUNT = 8


class Stream:
    """Buffers in a queue, of which those that are held are passed over: what PipeWire does."""

    def __init__(self, count=COUNT, counted=True):
        self.busy = [pw.Busy() for _ in range(count)]
        self._kept = []
        self.all = [self._buffer(busy if counted else None) for busy in self.busy]
        self._back, self._on_its_way = deque(self.all), None
        self.buffers = Buffers()
        for buffer in self.all:
            self.buffers.add(buffer)

    def _buffer(self, busy):
        metas = (pw.Meta * 1)()
        if busy is not None:
            metas[0] = pw.Meta(spa.META_BUSY, ctypes.sizeof(busy), ctypes.addressof(busy))
        inner = pw.SpaBuffer(n_metas=len(metas) if busy is not None else 0, metas=metas)
        outer = pw.Buffer(buffer=ctypes.pointer(inner))
        self._kept += [metas, inner, outer]
        return ctypes.pointer(outer)

    def count_of(self, buffer):
        places = [ctypes.addressof(each.contents) for each in self.all]
        return self.busy[places.index(ctypes.addressof(buffer.contents))]

    def dequeue(self):
        if not self._back:
            return None
        buffer = self._back.popleft()
        busy = self.count_of(buffer)
        if busy.count + 1 > 1 and busy.count < 1 << 31:
            self._back.append(buffer)
            return None
        busy.count = (busy.count + 1) % (1 << 32)
        return buffer

    def send(self, readers=0):
        """Send a frame that programs take and hold; None where no buffer could be had."""
        buffer = self.buffers.take(self.dequeue)
        if buffer is None:
            return None
        busy = self.count_of(buffer)
        assert busy.count == 1
        busy.count = readers
        self.buffers.sent(buffer)
        if self._on_its_way is not None:
            self._back.append(self._on_its_way)
        self._on_its_way = buffer
        return ctypes.addressof(buffer.contents)


def test_healthy_programs_see_all_buffers_go_round():
    stream = Stream()
    assert len({stream.send() for _ in range(COUNT)}) == COUNT


def test_whoever_holds_them_all_stops_nobody():
    stream = Stream()
    assert all(stream.send(readers=2) for _ in range(100))


def test_half_of_the_buffers_go_round_however_many_are_lost():
    stream = Stream()
    for _ in range(COUNT):
        stream.send(readers=1)
    later = [stream.send() for _ in range(50)][-20:]
    assert len(set(later)) >= COUNT // 2
    assert all(later[place] not in later[place - 3 : place] for place in range(3, 20))


def test_one_that_counts_back_late_leaves_a_count_that_is_mended():
    stream = Stream()
    stream.busy[0].count = (1 << 32) - 1  # one reader less than none
    assert all(stream.send() for _ in range(2 * COUNT))
    assert stream.busy[0].count == 0


def test_without_viewers_all_are_free():
    stream = Stream()
    for _ in range(COUNT):
        stream.send(readers=1)
    stream.buffers.nobody_reads()
    assert [busy.count for busy in stream.busy] == [0] * COUNT


def test_programs_that_count_nothing_and_few_buffers_do_no_harm():
    assert all(Stream(counted=False).send() for _ in range(20))
    stream = Stream(count=2)
    assert all(stream.send(readers=1) for _ in range(20))


def test_without_a_buffer_there_is_none_to_take():
    assert Buffers().take(lambda: None) is None
    stream = Stream()
    for buffer in stream.all:
        stream.buffers.remove(buffer)
    assert stream.buffers.take(stream.dequeue) is None
