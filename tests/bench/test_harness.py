"""Trials: what counts, what is dropped, who is refused."""

import itertools
import statistics
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ironcliw.bench.harness import (
    ENOUGH,
    EXTRA_ROUNDS,
    LONG_NS,
    Case,
    Clocks,
    Rotation,
    Timing,
    measure,
    quantile,
    ratio,
)

MS = 1_000_000


class Time:
    """Clocks that stand still unless a case takes time; ``stolen`` passes on the wall only."""

    def __init__(self) -> None:
        self.wall = self.thread = 0

    def pass_ns(self, cpu: int, stolen: int = 0) -> None:
        self.thread += cpu
        self.wall += cpu + stolen

    @property
    def clocks(self) -> Clocks:
        return Clocks(lambda: self.wall, lambda: self.thread)


def timed(time: Time, cases: list[Case], rounds: int = 30, frames: int = 5, seed: int = 1) -> dict[str, Timing]:
    return measure(cases, frames=frames, rounds=rounds, seed=seed, clocks=time.clocks)


def steady(time: Time, name: str, cpu_ns: int, stolen_ns: int = 0) -> Case:
    return Case(name, lambda i: time.pass_ns(cpu_ns, stolen_ns))


def test_medians_and_ratios_are_of_the_time_that_passed():
    time = Time()
    timings = timed(time, [steady(time, "one", 2 * MS), steady(time, "three", 6 * MS)])
    assert (timings["one"].median_ms, timings["three"].median_ms) == (2.0, 6.0)
    assert ratio(timings["three"], timings["one"]) == 3.0
    assert timings["one"].p95_ms == timings["one"].median_cpu_ms == 2.0
    assert len(timings["one"].kept_ms) == 30


def test_a_trial_off_the_processor_is_dropped_and_counted():
    time = Time()
    calls = Counter[str]()

    def sometimes(i: int) -> None:
        calls["all"] += 1
        stolen = calls["all"] % 3 == 0
        calls["stolen"] += stolen
        time.pass_ns(MS, MS if stolen else 0)

    timing = timed(time, [Case("disturbed", sometimes)])["disturbed"]
    assert set(timing.kept_ms) == {1.0}
    assert timing.preempted == 10
    assert len(timing.kept_ms) == 20


@pytest.mark.parametrize(("stolen_ns", "dropped"), [(60_000, 0), (70_000, 30)])
def test_the_border_is_six_in_a_hundred_of_the_wall(stolen_ns, dropped):
    time = Time()
    case = steady(time, "near", MS, stolen_ns)
    timing = timed(time, [case], rounds=30)["near"]
    assert (timing.preempted >= 30) == bool(dropped)
    assert bool(timing.kept_ms) != bool(dropped)


def test_nothing_is_said_about_a_case_that_is_always_disturbed():
    time = Time()
    timings = timed(time, [steady(time, "always", MS, MS), steady(time, "never", MS)], rounds=10)
    assert timings["always"].median_ms is None
    assert timings["always"].p95_ms is None
    assert timings["always"].median_cpu_ms is None
    assert ratio(timings["never"], timings["always"]) is None
    assert ratio(timings["always"], timings["never"]) is None
    assert timings["always"].preempted == 10 + EXTRA_ROUNDS
    assert len(timings["never"].kept_ms) == 10, "only those in want get more rounds"


def test_what_takes_long_takes_part_less_often_and_still_often_enough():
    time = Time()
    timings = timed(time, [steady(time, "long", 5 * LONG_NS), steady(time, "short", MS)], rounds=20)
    assert ENOUGH <= len(timings["long"].kept_ms) < len(timings["short"].kept_ms) == 20


def test_a_wrong_candidate_is_refused_and_never_timed():
    time, frames = Time(), list[int]()

    def wrong(i: int) -> int:
        frames.append(i)
        return i + 1

    cases = [Case("wrong", wrong, lambda answer: None if answer == 1 else f"says {answer}"), steady(time, "right", MS)]
    timings = timed(time, cases)
    assert timings["wrong"].refused == "says 2"
    assert frames == [0, 1], "frame 0, then 1, which is checked; then no more"
    assert timings["wrong"].kept_ms == []
    assert timings["wrong"].median_ms is None


def test_a_right_candidate_is_checked_on_frame_one_after_frame_zero():
    time, last = Time(), [-1]

    def step(i: int) -> int:
        before, last[0] = last[0], i
        time.pass_ns(MS)
        return before

    timing = timed(time, [Case("step", step, lambda answer: None if answer == 0 else "wrong")])["step"]
    assert timing.refused is None


def test_no_case_gets_the_frame_it_had_before_and_all_frames_take_turns():
    time, seen = Time(), dict[str, list[int]]()

    def case(name: str) -> Case:
        def run(i: int) -> None:
            seen.setdefault(name, []).append(i)
            time.pass_ns(MS)

        return Case(name, run)

    timed(time, [case(name) for name in "abc"], rounds=40, frames=4)
    for frames in seen.values():
        assert all(one != other for one, other in itertools.pairwise(frames))
        assert set(frames) == {0, 1, 2, 3}


def test_the_order_is_shuffled_and_the_seed_repeats_it():
    def order(seed: int) -> list[str]:
        time, ran = Time(), list[str]()

        def case(name: str) -> Case:
            def run(i: int) -> None:
                ran.append(name)
                time.pass_ns(MS)

            return Case(name, run)

        timed(time, [case(name) for name in "abcd"], rounds=10, seed=seed)
        return ran

    assert order(1) == order(1) != order(2)
    rounds = [tuple(order(1)[12 + 4 * n : 16 + 4 * n]) for n in range(10)]
    assert len(set(rounds)) > 3, "shuffled anew in every round"
    assert all(sorted(each) == list("abcd") for each in rounds), "interleaved"


@given(st.lists(st.none() | st.integers(0, 5), min_size=1, max_size=40))
def test_rotation_gives_the_frame_that_waited_longest(lasts):
    rotation, given_out = Rotation(6), list[int]()
    for last in lasts:
        frame = rotation.take(last)
        assert frame != last
        assert frame not in given_out[-4:], "five others had a turn since"
        given_out.append(frame)


@given(st.lists(st.floats(0, 1000), min_size=1, max_size=60), st.floats(0.01, 1))
def test_quantiles_are_values_that_enough_others_do_not_exceed(values, share):
    found = quantile(values, share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values) - 1e-6
    below = [value for value in values if value < found]
    assert len(below) < share * len(values) + 1e-6


def test_quantiles_of_known_values():
    values = [float(n) for n in range(1, 21)]
    assert (quantile(values, 0.95), quantile(values, 0.5), quantile(values, 1.0)) == (19.0, 10.0, 20.0)
    assert quantile([3.0], 0.95) == 3.0
    assert quantile(values, 0.5) <= statistics.median(values)


def test_what_cannot_be_measured_is_refused():
    case = Case("a", lambda i: None)
    with pytest.raises(ValueError, match="no values"):
        quantile([], 0.5)
    with pytest.raises(ValueError, match="at least 2"):
        measure([case], frames=1, rounds=3, seed=1)
    with pytest.raises(ValueError, match="at least 1"):
        measure([case], frames=3, rounds=0, seed=1)
    with pytest.raises(ValueError, match="same name"):
        measure([case, case], frames=3, rounds=3, seed=1)


def test_real_clocks_measure_work():
    def work(i: int) -> int:
        return sum(range(20_000))

    timing = measure([Case("sum", work, lambda answer: None)], frames=2, rounds=15, seed=1)["sum"]
    assert all(value > 0 for value in timing.kept_ms)
    assert len(timing.kept_ms) + timing.preempted >= 15
