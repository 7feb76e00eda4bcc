"""Durations in constant memory: how many, how long on average, at most, and at which quantile.

histogram = Histogram()
histogram.add(1_250_000)              # nanoseconds
histogram.summary().p95_ms            # never below the true quantile, at most a sixteenth above it

Buckets are log-linear: sixteen to each doubling, so that a bucket is at most a sixteenth of its lower edge wide. One
histogram takes 5 KB, whatever is counted.
"""

from __future__ import annotations

import threading
from array import array
from dataclasses import dataclass

_BITS = 4
_PER_DOUBLING = 1 << _BITS
LARGEST_BITS = 45
"""Durations of 2**45 ns (ten hours) and above share the last bucket; the largest is known exactly all the same."""
_BUCKETS = (LARGEST_BITS - _BITS + 1) * _PER_DOUBLING + 1
RELATIVE_ERROR = 1 / _PER_DOUBLING
"""By how much of its true value a quantile may be reported too large."""

_NS_PER_MS = 1e6


@dataclass(frozen=True, slots=True)
class StageSummary:
    """One stage's durations in milliseconds. Quantiles are at most 6.25 % above the true ones, and never below."""

    count: int
    mean_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float

    def to_dict(self) -> dict[str, int | float]:
        """As it stands in a ``summary`` event."""
        return {name: getattr(self, name) for name in ("count", "mean_ms", "p95_ms", "p99_ms", "max_ms")}


class Histogram:
    """Counts durations in nanoseconds. Every method may be called from any thread."""

    __slots__ = ("_buckets", "_lock", "_max_ns", "_sum_ns")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sum_ns = 0
        self._max_ns = 0
        self._buckets = array("Q", bytes(8 * _BUCKETS))

    def add(self, duration_ns: int) -> None:
        """Count one duration; a negative one counts as 0."""
        at = bucket_of(duration_ns)
        with self._lock:
            self._buckets[at] += 1
            self._sum_ns += duration_ns
            if duration_ns > self._max_ns:
                self._max_ns = duration_ns

    def join(self, other: Histogram) -> None:
        """Count what another has counted as well."""
        buckets, sum_ns, max_ns = other._read()
        with self._lock:
            for at, count in enumerate(buckets):
                if count:
                    self._buckets[at] += count
            self._sum_ns += sum_ns
            self._max_ns = max(self._max_ns, max_ns)

    def _read(self) -> tuple[array[int], int, int]:
        with self._lock:
            return self._buckets[:], self._sum_ns, self._max_ns

    @property
    def count(self) -> int:
        """How many durations were counted."""
        return sum(self._read()[0])

    def summary(self) -> StageSummary:
        """Count, mean, quantiles and largest as of one moment; zeros where nothing was counted."""
        buckets, sum_ns, max_ns = self._read()
        count = sum(buckets)
        mean_ms = sum_ns / count / _NS_PER_MS if count else 0.0
        p95_ms, p99_ms = (_quantile_ns(buckets, count, max_ns, share) / _NS_PER_MS for share in (0.95, 0.99))
        return StageSummary(count, round(mean_ms, 3), round(p95_ms, 3), round(p99_ms, 3), round(max_ns / _NS_PER_MS, 3))

    def quantile_ns(self, share: float) -> float:
        """The least duration that at least ``share`` (0 to 1) of all are no longer than, or up to 6.25 % more."""
        buckets, _, max_ns = self._read()
        return _quantile_ns(buckets, sum(buckets), max_ns, share)

    def cumulative(self, first_bits: int, last_bits: int) -> tuple[list[tuple[int, int]], int, int]:
        """How many durations are at most 2**bits ns, for every second ``bits``; then all of them, and their sum in ns.

        Exact: powers of two are edges of buckets.
        """
        buckets, sum_ns, _ = self._read()
        below = [(bits, sum(buckets[: bucket_of(1 << bits) + 1])) for bits in range(first_bits, last_bits + 1, 2)]
        return below, sum(buckets), sum_ns


def bucket_of(duration_ns: int) -> int:
    """The bucket of a duration: the last whose lower edge, which does not belong to it, is below."""
    below = duration_ns - 1
    if below < _PER_DOUBLING:
        return max(below, 0)
    doublings = below.bit_length() - _BITS - 1
    return min((doublings << _BITS) + (below >> doublings), _BUCKETS - 1)


def edge_ns(bucket: int) -> int:
    """The longest duration that belongs to a bucket."""
    if bucket < 2 * _PER_DOUBLING:
        return bucket + 1
    doublings = (bucket >> _BITS) - 1
    return (bucket - (doublings << _BITS) + 1) << doublings


def _quantile_ns(buckets: array[int], count: int, max_ns: int, share: float) -> float:
    wanted = share * count
    seen = 0
    for bucket, inside in enumerate(buckets):
        seen += inside
        if inside and seen >= wanted:
            return float(max_ns if bucket == _BUCKETS - 1 else min(max_ns, edge_ns(bucket)))
    return float(max_ns)
