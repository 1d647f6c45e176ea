"""Governed loads, simulated: what a machine costs depends on the steps at work."""

import itertools
import random

import pytest

from segcam.daemon.governor import FIRST_WAIT_S, STEPS, Governor, Load

COSTS = {"fast edges": 0.12, "smaller model": 0.1, "fewer frames": 0.15}


def simulate(governor, seconds, cores, *, budget=0.5, offered=STEPS, drops=0.0, noise=0.0, seed=0):
    """Run for so long; returns the steps at work after each second.

    ``cores`` and ``drops`` are what it costs with nothing done without, or functions of the second.
    """
    chance, history = random.Random(seed), []
    for second in range(seconds):
        full = cores(second) if callable(cores) else cores
        dropped = drops(second) if callable(drops) else drops
        saved = sum(COSTS[step] for step in governor.steps)
        load = Load(full - saved + chance.uniform(-noise, noise), dropped)
        history.append(tuple(governor.decide(load, budget, offered, float(second))))
    return history


def changes(history):
    return sum(one != other for one, other in itertools.pairwise(history))


def test_inside_the_budget_nothing_is_done_without():
    assert set(simulate(Governor(), 600, 0.45, noise=0.04)) == {()}


def test_steps_are_taken_in_their_order_until_the_budget_holds():
    history = simulate(Governor(), 60, 0.8)
    assert history[-1] == STEPS
    assert [len(steps) for steps in history] == sorted(len(steps) for steps in history)
    assert simulate(Governor(), 60, 0.6)[-1] == STEPS[:1]


def test_a_spike_changes_nothing():
    assert set(simulate(Governor(), 100, lambda s: 2.0 if s % 10 < 2 else 0.3)) == {()}


def test_a_rate_that_does_not_hold_is_over_the_budget_too():
    assert simulate(Governor(), 5, 0.3, drops=0.2)[-1] == STEPS[:1]


def test_steps_that_save_nothing_are_left_out():
    history = simulate(Governor(), 60, 0.9, offered=["fewer frames"])
    assert history[-1] == ("fewer frames",)


def test_steps_are_undone_in_turn_when_there_is_room():
    governor = Governor()
    assert simulate(governor, 60, 0.8)[-1] == STEPS
    history = simulate(governor, 300, 0.3)
    assert history[-1] == ()
    lengths = [len(steps) for steps in history]
    assert lengths == sorted(lengths, reverse=True)


def test_nothing_is_undone_that_would_not_fit():
    """Without the step it would cost 0.55: over the budget, although 0.43 is far below."""
    history = simulate(Governor(), 3600, 0.55)
    assert changes(history) == 1


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("full", [0.4, 0.45, 0.49, 0.5, 0.51, 0.55, 0.6, 0.65, 0.8])
def test_a_steady_load_settles_whatever_its_noise(full, seed):
    history = simulate(Governor(), 3600, full, noise=0.05, seed=seed)
    assert changes(history) <= 4
    assert changes(history[600:]) <= 1


def test_a_load_that_comes_and_goes_is_followed_ever_more_rarely():
    """Every minute heavy, every minute light: the worst for a governor."""
    history = simulate(Governor(), 4 * 3600, lambda s: 0.7 if s // 60 % 2 else 0.3)
    assert changes(history) < 40
    assert changes(history[3600:]) < 10


def test_an_undone_step_that_has_to_be_taken_again_waits_longer():
    governor, without = Governor(), [0]

    def light_until_the_step_is_undone(_):
        without[0] = without[0] + 1 if governor.steps else 0
        return 0.3 if without[0] > 5 else 0.7

    lengths = [
        len(steps)
        for steps in simulate(governor, 400, light_until_the_step_is_undone, offered=STEPS[:1])
    ]
    pairs = list(enumerate(itertools.pairwise(lengths)))
    taken = [second for second, (before, after) in pairs if after > before]
    undone = [second for second, (before, after) in pairs if after < before]
    waits = [end - start for start, end in zip(taken, undone, strict=False)]
    assert len(waits) >= 3
    assert waits[0] >= FIRST_WAIT_S
    assert all(later > 1.3 * earlier for earlier, later in itertools.pairwise(waits))


def test_a_load_that_falls_by_itself_while_a_step_settles_is_no_saving():
    governor = Governor()
    history = simulate(governor, 120, lambda s: 0.7 if s < 3 else 0.25, offered=STEPS[-1:])
    assert (history[5], history[-1]) == (STEPS[-1:], ())


def test_other_wishes_are_met_at_once_and_judged_anew():
    governor = Governor()
    assert simulate(governor, 60, 0.6)[-1] == STEPS[:1]
    governor.begin_anew()
    assert governor.steps == ()
    assert set(simulate(governor, 60, 0.4)) == {()}
