"""Which film of a file is taken."""

import av
import pytest
from support.clips import add_film, color_at, frames_of, plain, write_clip

from segcam.media import create_media
from segcam.source.clip import Clip


def first_frame(path):
    return frames_of(Clip(path))[0]


def test_the_default_film_is_taken_not_a_thumbnail_before_it(tmp_path):
    path = tmp_path / "thumb.mov"
    with create_media(path) as output:
        thumbnail = plain((24, 32), form="yuvj420p")
        thumb = add_film(output, thumbnail, "mjpeg")
        film = add_film(output, plain((48, 64)))
        output.mux(thumb.encode(thumbnail))
        for _ in range(5):
            output.mux(film.encode(plain((48, 64))))
        for stream in (thumb, film):
            output.mux(stream.encode(None))
    assert [frame.size for frame in frames_of(Clip(path))] == [(48, 64)] * 5


def two_films(path, default):
    with create_media(path) as output:
        pictures = plain((24, 32)), plain((48, 64))
        films = [add_film(output, picture) for picture in pictures]
        films[default].disposition = av.stream.Disposition.default
        films[1 - default].disposition = av.stream.Disposition(0)
        for _ in range(3):
            for film, picture in zip(films, pictures, strict=True):
                picture.pts = None
                output.mux(film.encode(picture))
        for film in films:
            output.mux(film.encode(None))
    return path


@pytest.mark.parametrize("default", [0, 1])
def test_of_several_films_the_default_one_is_taken(tmp_path, default):
    frame = first_frame(two_films(tmp_path / "two.mkv", default))
    assert frame.size == [(24, 32), (48, 64)][default]


def test_an_animated_webp_is_a_clip(tmp_path):
    path = tmp_path / "a.webp"
    pictures = [plain((48, 64), (40 * i, 0, 0), "yuva420p") for i in range(4)]
    write_clip(path, pictures, "libwebp_anim", 10, {"lossless": "1"})
    frames = frames_of(Clip(path))
    assert [frame.captured_ns // 10**6 for frame in frames] == [0, 100, 200, 300]
    assert color_at(frames[3], 20, 20)[0] == pytest.approx(120, abs=12)
