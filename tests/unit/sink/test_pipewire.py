import ctypes
import socket
import struct
from fractions import Fraction

import pytest

from segcam.sink import libpipewire, pipewire, spa

# spa_pod_builder's own bytes for INT 7: size 4, type 4, the value, padding to 8.
INT_7 = bytes.fromhex("04000000 04000000 07000000 00000000")


def properties(pod):
    """Key, type and body of each property of an object."""
    size, kind = struct.unpack_from("=II", pod)
    assert (kind, len(pod)) == (15, size + 8)
    found, place = {}, 16
    while place < len(pod):
        key, _, length, entry = struct.unpack_from("=IIII", pod, place)
        found[key] = (entry, pod[place + 16 : place + 16 + length])
        place += 16 + length + -length % 8
    return found


def test_an_int_is_as_pipewire_builds_it():
    assert spa._int(7) == INT_7


def test_the_format_names_size_and_rate():
    offered = properties(spa.yuyv_format((720, 1280), Fraction(30000, 1001)))
    assert offered[0x20001] == (3, struct.pack("=I", 4))  # YUY2
    assert offered[0x20003] == (10, struct.pack("=II", 1280, 720))
    assert offered[0x20004] == (11, struct.pack("=II", 30000, 1001))


@pytest.mark.parametrize(
    ("camera", "node"),
    [("SegCam", "segcam"), ("SegCam 2", "segcam-2"), ("Büro!", "büro"), ("!", "segcam")],
)
def test_a_node_is_named_after_its_camera(camera, node):
    assert pipewire.node_name(camera) == node


def test_buffers_are_one_block_of_the_frames_size():
    needs = properties(spa.buffers(1843200, 2560))
    assert [struct.unpack("=i", needs[key][1])[0] for key in (2, 3, 4)] == [1, 1843200, 2560]
    assert struct.unpack("=IIIIiii", needs[1][1])[4:] == (4, 2, 8)


def test_structures_are_as_large_as_pipewires_on_64_bit():
    sizes = {
        libpipewire.Chunk: 16,
        libpipewire.Data: 40,
        libpipewire.Meta: 16,
        libpipewire.Header: spa.META_HEADER_BYTES,
        libpipewire.SpaBuffer: 24,
        libpipewire.Events: 96,
    }
    assert {kind: ctypes.sizeof(kind) for kind in sizes} == sizes


def test_only_a_session_of_ones_own_has_a_pipewire(tmp_path, monkeypatch):
    monkeypatch.setattr(libpipewire, "load", lambda: None)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PIPEWIRE_RUNTIME_DIR", raising=False)
    monkeypatch.delenv("PIPEWIRE_REMOTE", raising=False)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("pipewire-0")
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
        assert pipewire.pipewire_runs()
        monkeypatch.delenv("XDG_RUNTIME_DIR")
        assert not pipewire.pipewire_runs(), "not the folder one happens to be in"
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / ("n" * 300)))
        assert not pipewire.pipewire_runs(), "a folder that may not be looked at"
