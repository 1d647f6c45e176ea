import threading

from segcam.pipeline.pool import DEPTH, FILE_DEPTH, Pool, file_depth


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


def test_files_get_more_leases_where_frames_are_small():
    assert file_depth((720, 1280)) == FILE_DEPTH
    assert DEPTH < file_depth((1620, 2880)) < FILE_DEPTH
    assert file_depth((4320, 7680)) == DEPTH


def test_pictures_that_turn_out_large_do_not_fill_the_memory():
    pool = Pool((4, 4), (2, 2), depth=FILE_DEPTH)
    leases = [pool.acquire() for _ in range(FILE_DEPTH)]
    for lease in leases:
        lease.frame.resize((4320, 7680))
    for lease in leases:
        pool.release(lease)
    assert pool.depth == pool.free == DEPTH
