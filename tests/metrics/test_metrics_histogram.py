"""Quantiles beside NumPy's, within the error that is stated; edges; constant memory."""

from __future__ import annotations

import math
import sys
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ironcliw.metrics import RELATIVE_ERROR, Histogram, StageTimes
from ironcliw.metrics.histogram import LARGEST_BITS, bucket_of, edge_ns

DURATIONS = st.one_of(
    st.integers(0, 100),
    st.integers(0, 10**7),
    st.integers(0, (1 << LARGEST_BITS) - 1),
    st.integers(0, LARGEST_BITS - 1).map(lambda bits: 1 << bits),
)


def filled(durations: list[int]) -> Histogram:
    histogram = Histogram()
    for each in durations:
        histogram.add(each)
    return histogram


@given(st.lists(DURATIONS, min_size=1, max_size=300), st.floats(0.01, 1.0))
def test_quantiles_are_numpys_or_up_to_a_sixteenth_more(durations: list[int], share: float) -> None:
    found = filled(durations).quantile_ns(share)
    true = float(np.quantile(np.array(durations, np.int64), share, method="inverted_cdf"))
    assert true <= found <= max(true * (1 + RELATIVE_ERROR), 1)


@given(st.lists(DURATIONS, min_size=1, max_size=100))
def test_a_summary_is_of_what_was_counted(durations: list[int]) -> None:
    summary = filled(durations).summary()
    assert summary.count == len(durations)
    assert math.isclose(summary.mean_ms, sum(durations) / len(durations) / 1e6, rel_tol=1e-9, abs_tol=1e-3)
    assert summary.max_ms == round(max(durations) / 1e6, 3)
    assert summary.p95_ms <= summary.p99_ms <= summary.max_ms


@given(st.lists(DURATIONS, max_size=100))
def test_cumulative_counts_are_exact(durations: list[int]) -> None:
    below, count, sum_ns = filled(durations).cumulative(14, 36)
    assert count == len(durations)
    assert sum_ns == sum(durations)
    assert below == [(bits, sum(each <= 1 << bits for each in durations)) for bits in range(14, 37, 2)]


@given(st.integers(1, 1 << LARGEST_BITS))
def test_a_duration_lies_in_its_bucket_and_in_no_other(duration: int) -> None:
    bucket = bucket_of(duration)
    assert duration <= edge_ns(bucket)
    assert bucket == 0 or edge_ns(bucket - 1) < duration
    assert edge_ns(bucket) - (edge_ns(bucket - 1) if bucket else 0) <= max(1, duration * RELATIVE_ERROR)


def test_what_is_longer_than_ten_hours_shares_a_bucket_and_keeps_its_largest() -> None:
    histogram = filled([1 << 60, 1 << 61])
    assert histogram.count == 2
    assert histogram.quantile_ns(0.99) == float(1 << 61)


def test_nothing_counted_is_zeros() -> None:
    assert Histogram().summary().to_dict() == {"count": 0, "mean_ms": 0, "p95_ms": 0, "p99_ms": 0, "max_ms": 0}


def test_memory_stays_what_it_is() -> None:
    histogram = Histogram()
    before = sys.getsizeof(histogram._buckets)
    for each in range(20_000):
        histogram.add(each * each)
    assert sys.getsizeof(histogram._buckets) == before < 6000


def test_threads_that_hammer_one_stage_lose_nothing() -> None:
    times = StageTimes()
    threads = [threading.Thread(target=lambda: [times.add("work", 1000) for _ in range(5000)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert times.summary() == {
        "work": {"count": 40_000, "mean_ms": 0.001, "p95_ms": 0.001, "p99_ms": 0.001, "max_ms": 0.001}
    }


def test_a_block_that_raises_is_measured_too() -> None:
    times = StageTimes()
    with pytest.raises(KeyError), times.measure("work"):
        raise KeyError
    assert times.summary()["work"]["count"] == 1
