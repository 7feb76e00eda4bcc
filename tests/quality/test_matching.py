"""One-to-one matching: as many pairs as there can be, and of those the nearest."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ironcliw.quality.matching import Spans, Window, match

tenths = st.integers(0, 40).map(lambda number: number / 10)
windows = st.builds(
    lambda due, length, tolerance: Window(due, due + length, tolerance),
    tenths,
    st.sampled_from([0.0, 0.0, 0.3, 1.0]),
    st.sampled_from([0.0, 0.2, 0.5, 1.5]),
)


def best(wanted: list[Window], times: list[float]) -> tuple[int, float]:
    """Most pairs, and the least distance among those, by trying every assignment."""
    places = [*range(len(times)), *[None] * len(wanted)]
    found = (0, 0.0)
    for assignment in set(permutations(places, len(wanted))):
        pairs = [(window, times[at]) for window, at in zip(wanted, assignment, strict=True) if at is not None]
        if all(window.answers(time_s) for window, time_s in pairs):
            score = (len(pairs), -round(sum(window.distance_s(time_s) for window, time_s in pairs), 6))
            found = max(found, score)
    return found[0], -found[1]


@settings(max_examples=150, deadline=None)
@given(st.lists(windows, max_size=3), st.lists(tenths, max_size=4))
def test_as_good_as_the_best_of_all_assignments(wanted, times):
    pairs = match(wanted, times)
    assert len(set(pairs.values())) == len(pairs)
    assert all(wanted[index].answers(times[at]) for index, at in pairs.items())
    distance = sum(wanted[index].distance_s(times[at]) for index, at in pairs.items())
    assert (len(pairs), pytest.approx(distance, abs=1e-5)) == best(wanted, times)


def test_nothing_to_match():
    assert match([], [1.0]) == {}
    assert match([Window(1.0, 1.0, 0.5)], []) == {}


def test_one_firing_answers_one_label_only():
    assert match([Window(1.0, 1.0, 0.5), Window(1.1, 1.1, 0.5)], [1.05]) in ({0: 0}, {1: 0})


def test_the_nearest_of_several_is_taken():
    assert match([Window(2.0, 2.0, 1.0)], [1.2, 1.9, 2.8]) == {0: 1}


def test_the_nearest_is_given_up_where_that_answers_one_more():
    # Taking the nearest first would give 1.4 to the first label and leave the second without.
    assert match([Window(1.3, 1.3, 0.5), Window(1.9, 1.9, 0.5)], [0.8, 1.4]) == {0: 0, 1: 1}


def test_a_chain_of_labels_moves_over():
    row = [Window(float(number), float(number), 1.0) for number in range(30)]
    pairs = match(row, [number + 0.9 for number in range(-1, 29)])
    assert len(pairs) == 30


def test_the_edge_of_the_tolerance_counts():
    window = Window(12.4, 12.4, 0.5)
    assert window.answers(12.9)
    assert window.answers(11.9)
    assert not window.answers(12.9001)


def test_inside_a_range_there_is_no_distance():
    window = Window(15.2, 16.1, 0.5)
    assert window.distance_s(15.9) == 0.0
    assert window.distance_s(15.0) == pytest.approx(0.2)
    assert window.distance_s(16.4) == pytest.approx(0.3)


def test_a_flood_of_firings_is_matched_quickly_enough_to_be_counted():
    wanted = [Window(float(number), float(number), 0.5) for number in range(40)]
    times = [number / 50 for number in range(2000)]
    assert len(match(wanted, times)) == 40


def test_labels_hours_apart_are_matched_each_for_itself():
    wanted = [Window(60.0 * minute + half, 60.0 * minute + half, 0.5) for minute in range(600) for half in (0.0, 0.4)]
    times = [60.0 * minute + late for minute in reversed(range(600)) for late in (-0.2, 0.2, 9.0)]
    pairs = match(wanted, times)
    assert len(pairs) == 1200
    assert {round(times[at] - wanted[index].due_s, 3) for index, at in pairs.items()} == {-0.2}


spans = st.lists(st.tuples(tenths, tenths).map(lambda pair: (min(pair), max(pair))), max_size=6)


@given(spans, tenths)
def test_a_time_lies_in_spans_as_in_any_of_them(given_spans, time_s):
    assert Spans(given_spans).hold(time_s) == any(begin <= time_s <= end for begin, end in given_spans)
    half_open = any(begin <= time_s < end for begin, end in given_spans)
    assert Spans(given_spans, closed=False).hold(time_s) == half_open
