import os
import stat
import threading

import pytest

from segcam.sink.place import Place, write_file


def write(path, data=b"new"):
    place = Place(path)
    part = place.open()
    part.write(data)
    return place, part


def names(folder):
    return sorted(p.name for p in folder.iterdir())


@pytest.fixture
def umask():
    before = os.umask(0o027)
    yield 0o027
    os.umask(before)


def test_a_new_file_has_the_rights_that_the_umask_leaves(tmp_path, umask):
    place, _ = write(tmp_path / "a.mp4")
    place.publish()
    assert stat.S_IMODE((tmp_path / "a.mp4").stat().st_mode) == 0o640


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o664])
def test_a_file_keeps_its_rights_and_the_part_never_has_more(tmp_path, umask, mode):
    path = tmp_path / "a.mp4"
    path.write_bytes(b"old")
    path.chmod(mode)
    place, part = write(path)
    assert stat.S_IMODE(os.fstat(part.fileno()).st_mode) == mode
    place.publish()
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert path.read_bytes() == b"new"


def test_a_link_is_written_through(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "b.mp4").write_bytes(b"old")
    (tmp_path / "a.mp4").symlink_to("real/b.mp4")
    place, _ = write(tmp_path / "a.mp4")
    assert names(tmp_path) == ["a.mp4", "real"], "the part lies beside the file itself"
    place.publish()
    assert (tmp_path / "a.mp4").is_symlink()
    assert (tmp_path / "real" / "b.mp4").read_bytes() == b"new"


def test_a_link_to_nothing_yet_is_written_through(tmp_path):
    (tmp_path / "a.mp4").symlink_to("b.mp4")
    write_file(tmp_path / "a.mp4", b"new")
    assert (tmp_path / "a.mp4").is_symlink()
    assert (tmp_path / "b.mp4").read_bytes() == b"new"


def test_a_part_cannot_be_guessed(tmp_path):
    found = set()
    for _ in range(20):
        place, _ = write(tmp_path / "a.mp4")
        found |= set(names(tmp_path))
        place.discard()
        place.close()
    assert len(found) == 20
    assert names(tmp_path) == []


@pytest.mark.parametrize("letters", [244, 251])
@pytest.mark.parametrize("letter", ["n", "é", "影"])
def test_every_name_that_the_disk_takes_is_written(tmp_path, letters, letter):
    stem = letter * (letters // len(letter.encode()))
    path = tmp_path / f"{stem}.mp4"
    path.write_bytes(b"old")
    place, _ = write(path)
    assert place.publish_apart() != path
    place.close()
    place, _ = write(path)
    place.publish()
    assert path.read_bytes() == b"new"
    assert len(names(tmp_path)) == 2


def test_what_broke_off_takes_no_file_s_name(tmp_path):
    kept = [write(tmp_path / "a.mp4", str(n).encode())[0].publish_apart() for n in range(3)]
    assert [p.name for p in kept] == ["a.mp4", "a.incomplete.mp4", "a.incomplete-2.mp4"]
    assert [p.read_bytes() for p in kept] == [b"0", b"1", b"2"]
    assert names(tmp_path) == sorted(p.name for p in kept)


def test_after_a_failed_write_nothing_more_is_written(tmp_path):
    resource = pytest.importorskip("resource")
    path = tmp_path / "a.mp4"
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        place, part = write(path, b"x" * 800)
        part.mark()
        for _ in range(2):
            with pytest.raises(OSError, match="large"):
                part.write(b"y" * 400)
        with pytest.raises(OSError, match="large"):
            part.write(b"z")
        part.roll_back()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    place.publish()
    assert path.read_bytes() == b"x" * 800


def test_what_is_no_regular_file_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe.mp4")
    (tmp_path / "folder.mp4").mkdir()
    for name in ("pipe.mp4", "folder.mp4"):
        with pytest.raises(OSError, match=name):
            Place(tmp_path / name).open()
    assert names(tmp_path) == ["folder.mp4", "pipe.mp4"]


def test_a_folder_that_moves_takes_the_file_along(tmp_path):
    (tmp_path / "here").mkdir()
    place, _ = write(tmp_path / "here" / "a.mp4")
    (tmp_path / "here").rename(tmp_path / "there")
    place.publish()
    assert (tmp_path / "there" / "a.mp4").read_bytes() == b"new"
    assert not place.lost


def test_what_was_deleted_is_written_anew(tmp_path):
    (tmp_path / "here").mkdir()
    path = tmp_path / "here" / "a.mp4"
    place, _ = write(path, b"x" * 3_000_000)
    for file in (tmp_path / "here").iterdir():
        file.unlink()
    (tmp_path / "here").rmdir()
    assert place.lost
    place.restore()
    place.close()
    assert path.read_bytes() == b"x" * 3_000_000
    assert names(tmp_path / "here") == ["a.mp4"]


def test_readers_see_the_old_file_or_the_new_one(tmp_path):
    path, seen, done = tmp_path / "a.png", set(), threading.Event()
    write_file(path, b"a" * 100_000)

    def read():
        while not done.is_set():
            seen.add(path.read_bytes())

    reader = threading.Thread(target=read)
    reader.start()
    for letter in (b"b", b"c", b"d"):
        write_file(path, letter * 100_000)
    done.set()
    reader.join()
    assert all(len(content) == 100_000 and len(set(content)) == 1 for content in seen)
