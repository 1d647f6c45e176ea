"""When the pictures of a clip are shown."""

import struct
from contextlib import nullcontext
from fractions import Fraction

import av
import numpy as np
import pytest
from support.clips import add_film, frames_of, plain, planes, times_ms, write_clip

from segcam.errors import MediaError
from segcam.frame import Frame
from segcam.media import create_media
from segcam.source.claims import claimed_bytes
from segcam.source.clip import Clip


def grays(count, step_ms=40, start_ms=0):
    return [
        plain(rgb=(20 + index * 5,) * 3, at_ms=start_ms + index * step_ms) for index in range(count)
    ]


def read_to_end(clip):
    """The times of all frames, and when the clip ends, in ms from its start."""
    clip.open()
    start_ns, times, frame = clip.start_ns, [], Frame.empty((2, 2))
    while clip.read(frame):
        times.append(round((frame.captured_ns - start_ns) / 1e6))
    end_ms = round((clip.end_ns - start_ns) / 1e6)
    clip.close()
    return times, end_ms


def sound_at(output, start_s, seconds=1.0):
    stream = output.add_stream("aac", rate=48000, layout="mono")
    for start in range(0, int(48000 * seconds), 1024):
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        silence.rate, silence.pts = 48000, start + round(start_s * 48000)
        silence.time_base = Fraction(1, 48000)
        output.mux(stream.encode(silence))
    output.mux(stream.encode(None))


@pytest.mark.parametrize("name", ["clip.ts", "clip.mkv", "clip.mp4", "clip.mpg", "clip.avi"])
def test_a_duration_counts_from_where_the_clip_starts(tmp_path, name):
    path = write_clip(tmp_path / name, grays(75, start_ms=7000))
    assert len(frames_of(Clip(path, duration_s=1))) == 25


def test_a_clip_that_starts_with_sound_starts_there(tmp_path):
    path = tmp_path / "late.mkv"
    with create_media(path) as output:
        pictures = grays(10, start_ms=5400)
        stream = add_film(output, pictures[0])
        sound = output.add_stream("aac", rate=48000, layout="mono")
        for start in range(0, 48000, 1024):
            silence = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
            silence.rate, silence.pts = 48000, start + 5 * 48000
            silence.time_base = Fraction(1, 48000)
            output.mux(sound.encode(silence))
        output.mux(sound.encode(None))
        for picture in pictures:
            output.mux(stream.encode(picture))
        output.mux(stream.encode(None))
    times, end_ms = read_to_end(Clip(path))
    assert times[0] == pytest.approx(400, abs=25), "AAC begins with 21 ms of nothing"
    assert end_ms - times[0] == pytest.approx(400, abs=2)


def test_the_end_is_the_last_frame_s_own(tmp_path):
    path = write_clip(tmp_path / "clip.mp4", grays(20))
    assert read_to_end(Clip(path)) == ([40 * index for index in range(20)], 800)
    assert read_to_end(Clip(path, duration_s=0.3)) == ([40 * index for index in range(8)], 300)


def gif_held(path, last_cs):
    """Three pictures of 0.1 s; the last one is shown for ``last_cs``."""
    write_clip(path, [plain(form="rgb8", rgb=(80 * i,) * 3) for i in range(3)], "gif", 10)
    data = bytearray(path.read_bytes())
    at = data.rindex(b"\x21\xf9\x04")  # graphic control extension
    data[at + 4 : at + 6] = last_cs.to_bytes(2, "little")
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("last_cs", [10, 180, 1000])
def test_a_held_last_picture_of_a_gif_is_shown_to_its_end(tmp_path, last_cs):
    path = gif_held(tmp_path / "held.gif", last_cs)
    assert read_to_end(Clip(path)) == ([0, 100, 200], 200 + last_cs * 10)


@pytest.mark.parametrize("name", ["slow.mkv", "slow.mp4", "slow.webm", "slow.avi", "slow.mov"])
def test_clips_of_less_than_a_frame_a_second_do_not_break_off(tmp_path, name):
    codec = "libvpx-vp9" if name.endswith("webm") else "h264"
    rate_hz = Fraction(1, 4)
    pictures = [plain(rgb=(50 * index,) * 3) for index in range(4)]
    path = write_clip(tmp_path / name, pictures, codec, rate_hz)
    assert read_to_end(Clip(path)) == ([0, 4000, 8000, 12000], 16000)


def test_a_held_last_picture_of_a_matroska_file_is_shown_to_its_end(tmp_path):
    """Its length stands in a tag alone; the blocks of a film have none."""
    path = tmp_path / "held.mkv"
    with create_media(path) as output:
        stream = add_film(output, plain(at_ms=0), "ffv1", 10)
        for picture in grays(3, step_ms=100):
            for packet in stream.encode(picture):
                packet.duration = 3000 if picture.pts == 200 else 100
                output.mux(packet)
        output.mux(stream.encode(None))
    assert read_to_end(Clip(path)) == ([0, 100, 200], 3200)


@pytest.mark.parametrize("part", [0.3, 0.6, 0.9])
def test_a_truncated_matroska_file_breaks_off(tmp_path, part):
    noise = np.random.default_rng(0)
    sizes = (48, 64), (24, 32), (24, 32)
    pictures = [planes(*(noise.integers(0, 255, s, np.uint8) for s in sizes)) for _ in range(100)]
    path = write_clip(tmp_path / "cut.mkv", pictures)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * part)])
    with pytest.raises(MediaError, match="ends after"):
        read_to_end(Clip(path))


@pytest.mark.parametrize(
    ("rate_hz", "count"), [(10, 8), (12, 10), (25, 20), (30, 24), (50, 40), (100, 80)]
)
def test_another_rate_repeats_or_leaves_out_and_keeps_the_time(tmp_path, rate_hz, count):
    path = write_clip(tmp_path / "clip.mp4", grays(20))
    frames = frames_of(Clip(path, rate_hz=Fraction(rate_hz)))
    assert times_ms(frames) == [round(1000 * index / rate_hz) for index in range(count)]
    levels = [frame.y[0, 0] for frame in frames_of(Clip(path))]
    shown = [levels.index(frame.y[0, 0]) for frame in frames]
    slack_ms = 1000 / rate_hz / 8
    assert shown == [int(time + slack_ms) // 40 for time in times_ms(frames)]
    assert read_to_end(Clip(path, rate_hz=Fraction(rate_hz)))[1] == 800


def test_pictures_of_uneven_times_are_shown_at_theirs_at_another_rate(tmp_path):
    pictures = [plain(rgb=(g, g, g), at_ms=t) for g, t in ((0, 0), (100, 100), (200, 700))]
    path = write_clip(tmp_path / "uneven.mkv", pictures)
    frames = frames_of(Clip(path, rate_hz=Fraction(10)))
    levels = [int(frame.y[0, 0]) for frame in frames]
    assert levels[1:7] == [levels[1]] * 6
    assert levels[7] > levels[1] + 50
    assert times_ms(frames)[:8] == [index * 100 for index in range(8)]


def test_live_a_slow_clip_is_as_quick_as_a_camera(tmp_path):
    path = gif_held(tmp_path / "slow.gif", 20)
    source = Clip(path, live=True)
    assert source.open().rate_hz == 30
    frame = Frame.empty((2, 2))
    levels = [source.read(frame) and int(frame.y[0, 0]) for _ in range(15)]
    source.close()
    assert levels == [levels[0]] * 3 + [levels[3]] * 3 + [levels[6]] * 6 + [levels[0]] * 3
    assert len(set(levels)) == 3


CUT = [
    ("avi", "mpeg4"),
    ("flv", "flv"),
    ("wmv", "wmv2"),
    ("apng", "apng"),
]


@pytest.mark.parametrize(("ending", "codec"), CUT)
@pytest.mark.parametrize("part", [0.5, 0.8, 1.0])
def test_a_clip_that_was_cut_off_breaks_off_in_every_format_that_tells(
    tmp_path, ending, codec, part
):
    form = "rgb24" if codec == "apng" else "yuv420p"
    path = tmp_path / f"clip.{ending}"
    chance = np.random.default_rng(1)
    noise = [chance.integers(0, 256, (96, 128, 3), np.uint8) for _ in range(20)]
    pictures = [av.VideoFrame.from_ndarray(each, "rgb24").reformat(format=form) for each in noise]
    write_clip(path, pictures, codec)
    path.write_bytes(path.read_bytes()[: int(part * path.stat().st_size)])
    clip, frame = Clip(path), Frame.empty((2, 2))
    clip.open()
    count = 0
    with nullcontext() if part == 1 else pytest.raises(MediaError, match="ends"):
        while clip.read(frame):
            count += 1
    assert count == 20 if part == 1 else 2 <= count < 20


@pytest.mark.parametrize(
    "head",
    [
        b"RIFF\0\0\0\0AVI LIST",
        b"RIFF\xff\xff\xff\xffAVI LIST",
        b"RIFF\1\0\0\0WEBP",
        bytes.fromhex("3026B2758E66CF11A6D900AA0062CE6C"),
        b"FLV\1\5\0\0\0\x09" + b"\0\x08filesize\0" + struct.pack(">d", float("nan")),
        b"FLV\1\5\0\0\0\x09" + b"\0\x08filesize\0" + bytes(8),
        b"FLV\1\5\0\0\0\x09" + b"\0\x08filesize\0" + bytes(3),
        b"",
    ],
)
def test_a_file_that_claims_no_length_counts_as_whole(head):
    assert claimed_bytes(head) is None


@pytest.mark.parametrize(("first", "second"), [(25, 25), (75, 25), (25, 75)])
def test_a_joined_recording_goes_on_where_the_first_part_ends(tmp_path, first, second):
    """As two broadcasts in one file: the clock of the second starts anew."""
    parts = [
        write_clip(tmp_path / f"{index}.ts", grays(count)).read_bytes()
        for index, count in enumerate((first, second))
    ]
    path = tmp_path / "joined.ts"
    path.write_bytes(b"".join(parts))
    times, end_ms = read_to_end(Clip(path))
    assert times == [40 * index for index in range(first + second)]
    assert end_ms == 40 * (first + second)


@pytest.mark.parametrize("damaged_ms", [0, 1_000_000])
def test_one_damaged_time_leaves_the_others_as_they_are(tmp_path, damaged_ms):
    """Neither a jump back nor one far ahead moves the pictures after it."""
    path = write_clip(tmp_path / "clip.ts", grays(75))
    data = bytearray(path.read_bytes())
    starts = [at for at in range(0, len(data), 188) if data[at + 1] & 0x40 and _is_video(data, at)]
    _set_time(data, starts[40], 90 * damaged_ms)
    path.write_bytes(data)
    times, end_ms = read_to_end(Clip(path))
    assert len(times) == 75
    assert [time for time in times if time % 40 == 0] == [40 * index for index in range(75)]
    assert end_ms == 3000


def _is_video(data, at):
    start = _payload(data, at)
    return data[start : start + 4] == b"\0\0\1\xe0"


def _payload(data, at):
    return at + 4 + (1 + data[at + 4] if data[at + 3] & 0x20 else 0)


def _set_time(data, at, ticks):
    """Presentation and decoding time of a packet, ISO/IEC 13818-1, section 2.4.3.6."""
    start = _payload(data, at) + 9
    fields = (3, 1) if data[start - 2] >> 6 == 3 else (2,)
    for index, mark in enumerate(fields):
        parts = ticks >> 30 << 1 | 1, ticks >> 15 << 1 & 0xFFFF | 1, ticks << 1 & 0xFFFF | 1
        field = bytes([mark << 4 | parts[0] & 0xF]) + b"".join(p.to_bytes(2) for p in parts[1:])
        data[start + 5 * index : start + 5 * index + 5] = field


@pytest.mark.parametrize("said", ["00:00:00.12.1.4800", "00:00:.", "x", "999999999999:0:1.0"])
def test_a_length_that_is_no_number_counts_as_unknown(tmp_path, said):
    path = write_clip(tmp_path / "clip.mkv", grays(5), "ffv1")
    data = path.read_bytes()
    assert data.count(b"00:00:00.200000000") == 1
    path.write_bytes(data.replace(b"00:00:00.200000000", said.encode()[:18].ljust(18, b"\0")))
    assert read_to_end(Clip(path)) == ([0, 40, 80, 120, 160], 200)


def test_damaged_pictures_are_left_out_with_a_word(tmp_path, caplog):
    path = write_clip(tmp_path / "clip.mkv", grays(30), "ffv1")
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 40] = bytes(40)
    path.write_bytes(data)
    frames = frames_of(Clip(path))
    assert 25 <= len(frames) <= 30
    assert len(frames) == 30 or "damaged" in caplog.text
