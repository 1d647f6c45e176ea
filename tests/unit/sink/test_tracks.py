"""A clip's other tracks are copied, and never end the rendering."""

import logging
from fractions import Fraction

import av
import numpy as np
import pytest
from support.sounds import Tone, listen, loud_from, make_clip

from segcam.frame import Frame
from segcam.sink.rendering import Rendering

SIZE = (48, 64)


def render(clip, path, times_s=None, until_s=None):
    """With grey pictures at the times of the clip's."""
    sink = Rendering(path, clip=clip, until_s=until_s)
    sink.open(SIZE, Fraction(30))
    frame = Frame.filled(SIZE, (90, 110, 140))
    for at_s in times_s or pictures(clip):
        frame.captured_ns = round(at_s * 1e9)
        sink.send(frame)
    sink.close()
    sink.publish()
    return path


def pictures(path):
    with av.open(str(path)) as video:
        return [frame.time for frame in video.decode(video=0)]


TONES = [
    Tone("aac", 44100),
    Tone("aac", 8000),
    Tone("aac", 96000, "stereo"),
    Tone("pcm_s16le", 8000),
    Tone("flac", 192000, "stereo"),
    Tone("libopus", 48000, "stereo"),
    Tone("libmp3lame", 22050),
    Tone("ac3", 48000, "5.1"),
    Tone("pcm_f64le", 48000, "stereo"),
]


@pytest.mark.parametrize("ending", [".mp4", ".mov", ".mkv", ".webm", ".avi"])
def test_sound_of_every_rate_and_codec_comes_along(tmp_path, ending):
    clip = make_clip(tmp_path / "in.mkv", TONES)
    path = render(clip, tmp_path / f"out{ending}")
    assert len(pictures(path)) == 30
    picture_s = pictures(clip)[0], pictures(path)[0]
    for tone, before, after in zip(TONES, listen(clip), listen(path), strict=True):
        assert after.seconds == pytest.approx(before.seconds, abs=0.21), tone
        apart_s = before.start_s - picture_s[0]
        assert after.start_s - picture_s[1] == pytest.approx(apart_s, abs=0.06), tone
        assert after.hertz == pytest.approx(440, abs=5), tone


def test_sound_that_the_format_knows_is_copied_as_it_is(tmp_path):
    clip = make_clip(tmp_path / "in.mp4", [Tone("aac", 44100)])
    path = render(clip, tmp_path / "out.mp4")
    with av.open(str(clip)) as before, av.open(str(path)) as after:
        packets = [[bytes(p) for p in media.demux(audio=0) if p.size] for media in (before, after)]
    assert packets[0] == packets[1]


@pytest.mark.parametrize("ending", [".mp4", ".webm"])
def test_all_tracks_come_along_with_their_names(tmp_path, ending):
    tones = [
        Tone(hertz=440, tags={"language": "eng", "title": "Original"}),
        Tone(hertz=880, tags={"language": "fra", "title": "Doublage"}, is_default=True),
        Tone("pcm_s16le", 48000, hertz=1320, tags={"language": "ita", "title": "Commento"}),
    ]
    path = render(make_clip(tmp_path / "in.mkv", tones), tmp_path / f"out{ending}")
    heard = listen(path)
    assert [round(each.hertz, -1) for each in heard] == [440, 880, 1320]
    assert [each.tags["language"] for each in heard] == ["eng", "fra", "ita"]
    titles = [each.tags.get("title") or each.tags.get("handler_name") for each in heard]
    assert titles == ["Original", "Doublage", "Commento"]
    assert [each.is_default for each in heard] == [False, True, False]


@pytest.mark.parametrize("ending", [".mp4", ".mkv", ".mov", ".webm"])
def test_subtitles_chapters_and_tags_come_along(tmp_path, ending):
    clip = make_clip(
        tmp_path / "in.mkv",
        tags={"title": "My film", "artist": "Me", "location": "+48.1+11.6/"},
        chapters=[(0, 0.4, "One"), (0.4, 1, "Two")],
        subtitles=[(0.2, 0.8, "Hello"), (0.5, 0.9, "there")],
    )
    path = render(clip, tmp_path / f"out{ending}")
    with av.open(str(path)) as media:
        tags = {name.lower(): value for name, value in media.metadata.items()}
        chapters = [
            (float(c["start"] * c["time_base"]), c["metadata"]["title"]) for c in media.chapters()
        ]
        lines = [
            (round(float(p.pts * p.time_base), 1), bytes(p))
            for p in media.demux(media.streams.subtitles[0])
            if p.size > 2
        ]
    assert (tags["title"], tags["artist"]) == ("My film", "Me")
    assert "+48" not in str(tags), "where it was filmed stays untold"
    assert chapters == [(0, "One"), (0.4, "Two")]
    assert [start for start, _ in lines] == [0.2, 0.5]
    assert [word in line for (_, line), word in zip(lines, (b"Hello", b"there"), strict=True)]


def test_covers_and_second_films_never_come_along(tmp_path):
    """They would show the room."""
    clip = tmp_path / "in.mkv"
    with av.open(str(clip), "w") as output:
        streams = [output.add_stream("mpeg4", rate=30) for _ in range(2)]
        sound = output.add_stream("aac", rate=48000, layout="mono")
        output.add_attachment("cover.jpg", "image/jpeg", b"a picture of the room")
        for stream in streams:
            stream.height, stream.width = SIZE
            stream.time_base = stream.codec_context.time_base = Fraction(1, 30)
        for index in range(5):
            for stream in streams:
                picture = av.VideoFrame(64, 48, "yuv420p")
                picture.pts, picture.time_base = index, Fraction(1, 30)
                output.mux(stream.encode(picture))
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        silence.sample_rate, silence.pts, silence.time_base = 48000, 0, Fraction(1, 48000)
        output.mux(sound.encode(silence))
        for stream in (*streams, sound):
            output.mux(stream.encode(None))
    path = render(clip, tmp_path / "out.mkv")
    with av.open(str(path)) as media:
        assert [stream.type for stream in media.streams] == ["video", "audio"]
    assert b"a picture of the room" not in path.read_bytes()


@pytest.mark.parametrize("ending", [".mp4", ".webm"])
@pytest.mark.parametrize(("sound_s", "picture_s"), [(3, 2), (3, 3), (0, 2)])
def test_sound_and_pictures_start_as_far_apart_as_in_the_clip(tmp_path, ending, sound_s, picture_s):
    """Broadcasts start anywhere; sound before a late first picture stays."""
    clip = make_clip(
        tmp_path / "in.mkv", [Tone(seconds=5, start_s=sound_s)], first_picture_s=picture_s
    )
    path = render(clip, tmp_path / f"out{ending}")
    (heard,) = listen(path)
    assert heard.start_s - pictures(path)[0] == pytest.approx(sound_s - picture_s, abs=0.06)
    assert heard.seconds == pytest.approx(5, abs=0.1)


@pytest.mark.parametrize("ending", [".mp4", ".webm"])
def test_sound_ends_where_the_rendering_was_told_to(tmp_path, ending):
    clip = make_clip(tmp_path / "in.mkv", [Tone(seconds=3)])
    path = render(clip, tmp_path / f"out{ending}", until_s=1.0)
    (heard,) = listen(path)
    assert heard.seconds == pytest.approx(1.0, abs=0.1)


@pytest.mark.parametrize("ending", [".mp4", ".webm"])
def test_joined_recordings_go_on_where_the_first_one_ended(tmp_path, ending):
    """Their clock jumps back to its start."""
    part = make_clip(tmp_path / "part.ts", [Tone()])
    clip = tmp_path / "in.ts"
    clip.write_bytes(part.read_bytes() * 3)
    path = render(clip, tmp_path / f"out{ending}", [1.4 + index / 30 for index in range(90)])
    (heard,) = listen(path)
    assert heard.seconds == pytest.approx(3, abs=0.3)
    assert len(pictures(path)) == 90


def join(path, *parts):
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    return path


@pytest.mark.parametrize("ending", [".mp4", ".webm"])
@pytest.mark.parametrize("first_sound_s", [0, 0.5, 2, 2.05])
def test_sound_of_a_joined_recording_stays_in_step_with_the_pictures(
    tmp_path, ending, first_sound_s
):
    """Also if the first part has none, or it ends earlier there."""
    tones = [Tone(seconds=first_sound_s, hertz=220)] if first_sound_s else []
    first = make_clip(tmp_path / "first.ts", tones, pictures=60)
    second = make_clip(tmp_path / "second.ts", [Tone(start_s=0.5, hertz=880)], pictures=45)
    clip = join(tmp_path / "in.ts", first, second)
    start_s = pictures(clip)[0]
    path = render(clip, tmp_path / f"out{ending}", [start_s + index / 30 for index in range(105)])
    heard_s, seconds = loud_from(path, 880)
    assert heard_s - pictures(path)[0] == pytest.approx(2.5, abs=0.05)
    assert seconds == pytest.approx(1, abs=0.1)


def test_a_later_part_whose_clock_is_behind_does_not_delay_the_pictures(tmp_path):
    first = make_clip(tmp_path / "first.ts", [], pictures=30, first_picture_s=20)
    second = make_clip(tmp_path / "second.ts", [Tone(seconds=2)], pictures=60)
    clip = join(tmp_path / "in.ts", first, second)
    path = render(clip, tmp_path / "out.mp4", [20 + index / 30 for index in range(90)])
    starts, seconds = loud_from(path, 440)
    assert starts - pictures(path)[0] == pytest.approx(1, abs=0.08)
    assert seconds == pytest.approx(2, abs=0.1)


@pytest.mark.parametrize("ending", [".mp4", ".webm"])
def test_damaged_sound_is_left_out_where_it_is_damaged(tmp_path, ending, caplog):
    part = make_clip(tmp_path / "part.ts", [Tone(seconds=4)], pictures=120)
    packets = part.read_bytes()
    packets = [packets[start : start + 188] for start in range(0, len(packets), 188)]
    clip = tmp_path / "in.ts"
    clip.write_bytes(b"".join(p for i, p in enumerate(packets) if i < 10 or i % 9))
    caplog.set_level(logging.WARNING)
    path = render(clip, tmp_path / f"out{ending}", [1.4 + index / 30 for index in range(120)])
    (heard,) = listen(path)
    assert 1.5 < heard.seconds < 4.3
    assert len(pictures(path)) == 120
    assert "Sound track 1" in caplog.text


@pytest.mark.parametrize("ending", [".mp4", ".avi"])
def test_sound_that_nobody_can_decode_is_left_out_by_name(tmp_path, ending, caplog):
    """A track whose bytes are no sound, in a codec that must be decoded for most formats."""
    clip = make_clip(tmp_path / "in.mkv", [Tone("libopus"), Tone("tta", 44100)])
    data = bytearray(clip.read_bytes())
    with av.open(str(clip)) as media:
        for packet in media.demux(media.streams.audio[1]):
            if packet.size > 20:
                start = bytes(data).find(bytes(packet))
                data[start : start + packet.size] = b"\xff" * packet.size
    clip.write_bytes(data)
    path = render(clip, tmp_path / f"out{ending}")
    assert len(pictures(path)) == 30
    assert listen(path)[0].hertz == pytest.approx(440, abs=5)
    assert "Sound track 2" in caplog.text


def test_sound_in_a_format_without_any_is_left_out(tmp_path):
    path = render(make_clip(tmp_path / "in.mp4"), tmp_path / "out.gif")
    with av.open(str(path)) as media:
        assert not media.streams.audio
