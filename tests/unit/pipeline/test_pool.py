import threading
from fractions import Fraction

import pytest

from segcam.pipeline.pool import DEPTH, FILE_DEPTH, Pool, depth_for
from segcam.source.base import SourceInfo


def test_an_empty_pool_says_so_at_once():
    pool = Pool((4, 4), (2, 2))
    leases = [pool.acquire() for _ in range(DEPTH)]
    assert all(leases)
    assert pool.acquire() is None
    pool.release(leases[0])
    assert pool.acquire() is leases[0]


def test_a_waiting_acquire_gets_what_comes_back():
    pool = Pool((4, 4), (2, 2), depth=1)
    lease = pool.acquire()
    threading.Timer(0.02, pool.release, [lease]).start()
    assert pool.acquire(timeout_s=5) is lease


def test_a_returned_lease_forgets_its_matte():
    pool = Pool((4, 4), (2, 2), depth=1)
    lease = pool.acquire()
    lease.has_matte = True
    pool.release(lease)
    assert not pool.acquire().has_matte


def test_a_matte_of_another_size_gets_its_place_once():
    lease = Pool((4, 4), (2, 2), depth=1).acquire()
    lease.fit((3, 5))
    place = lease.matte
    lease.fit((3, 5))
    assert place.shape == (3, 5)
    assert lease.matte is place


@pytest.mark.parametrize(
    ("size", "changes", "depth"),
    [
        ((720, 1280), {}, FILE_DEPTH),
        ((1080, 1920), {}, 21),
        ((1620, 2880), {}, 9),
        ((4320, 7680), {}, DEPTH),
        ((720, 1280), {"live": True}, DEPTH),
        ((720, 1280), {"size_varies": True}, DEPTH),
    ],
)
def test_files_get_more_leases_where_frames_are_small_and_stay_so(size, changes, depth):
    assert depth_for(SourceInfo("", size, Fraction(30), **{"live": False, **changes})) == depth
