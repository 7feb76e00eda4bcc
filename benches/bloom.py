"""How long the filter takes, and how often it is wrong, against what else there is.

    pip install 'ironcliw[bench]'
    python benches/bloom.py [--rounds 80] [--out benches/results]

All filters have 10 MiB of bits and 7 of them for each key (the peers are asked for as many keys and as few errors as
come to that). One call from Python is timed as a loop of calls, with the loop: over keys of which the filter has not
the bits in the cache, but the processor has the keys ("far": new keys are added, and keys that are there are looked
for), and over few again and again ("near"). Cases are interleaved in shuffled order. A trial is the processor time of
its thread; trials are dropped where the thread was off the processor for more than 6 % of the time (batches, which are
long: for more than half). Whether both implementations set the same bits is checked first. Prints tables in Markdown;
with ``--out`` it writes bench-bloom.md and bench-bloom.json there.

abloom hashes bytes and text anew for every call only if it is told that it will be saved; without it uses the hash that
Python keeps in the object and that is another in the next process, as rbloom does. Ours is always the former.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from ironcliw import kernels
from ironcliw.bench import machine
from ironcliw.bench.report import Column, Report, Row, Table, dumps, markdown
from ironcliw.dedup import BloomFilter
from ironcliw.dedup.estimate import formula_rate
from ironcliw.kernels import reference

SIZE_MB, HASHES = 10, 7
BITS = SIZE_MB * 2**20 * 8
CAPACITY = int(BITS * np.log(2) / HASHES)
RATE = 2.0**-HASHES
CALLS, FEW, THERE = 2000, 50, 40_000
BATCH = 1_000_000
OFF_PROCESSOR_MAX, OFF_PROCESSOR_MAX_LONG = 0.06, 0.5
PEERS = ("rbloom", "abloom", "fastbloom-rs")
Work = Callable[[], Any]
Case = Callable[[], Work]
"""Makes ready, untimed, and says what is timed."""


def filters() -> dict[str, Any]:
    """Everything that takes keys of all kinds with ``add`` and ``in``."""
    found: dict[str, Any] = {
        "ours": BloomFilter(SIZE_MB, HASHES),
        "ours, two generations": BloomFilter(SIZE_MB, HASHES, rotate_at_fill=0.5),
        "set": set(),
    }
    try:
        import rbloom

        found["rbloom"] = rbloom.Bloom(CAPACITY, RATE)
    except ImportError:
        print("rbloom is not installed")
    try:
        import abloom

        found["abloom, to be saved"] = abloom.BloomFilter(CAPACITY, RATE, serializable=True)
        found["abloom"] = abloom.BloomFilter(CAPACITY, RATE)
    except ImportError:
        print("abloom is not installed")
    return found


def add_all(target: Any, keys: Sequence[Any]) -> None:
    for key in keys:
        target.add(key)


def find_all(target: Any, keys: Sequence[Any]) -> None:
    for key in keys:
        key in target  # noqa: B015 - it is what is timed


def some_keys(count: int) -> dict[str, list[Any]]:
    rng = random.Random(1)
    blobs = [rng.randbytes(16) for _ in range(count)]
    return {"int": [rng.getrandbits(64) for _ in blobs], "bytes": blobs, "str": [blob.hex() for blob in blobs]}


def warmed(work: Callable[[Any, Sequence[Any]], None], target: Any, keys: Sequence[Any]) -> Work:
    """``work`` on keys that the processor has just seen."""
    any(not key for key in keys)
    return partial(work, target, keys)


def single_cases(rounds: int) -> dict[tuple[str, ...], Case]:
    """One call, for each filter, kind of key, operation, and far or near."""
    cases: dict[tuple[str, ...], Case] = {}
    for kind, keys in some_keys(THERE + CALLS * (rounds + 1)).items():
        there, new = keys[:THERE], keys[THERE:]
        for name, target in filters().items():
            add_all(target, there)
            unseen = iter(range(0, len(new), CALLS))
            seen = iter(range(10**9))

            def add_far(target: Any = target, new: list[Any] = new, unseen: Any = unseen) -> Work:
                start = next(unseen)
                return warmed(add_all, target, new[start : start + CALLS])

            def find_far(target: Any = target, there: list[Any] = there, seen: Any = seen) -> Work:
                start = next(seen) * CALLS % THERE
                return warmed(find_all, target, there[start : start + CALLS])

            cases[name, kind, "add", "far"] = add_far
            cases[name, kind, "in", "far"] = find_far
            few = there[:FEW] * (CALLS // FEW)
            cases[name, kind, "add", "near"] = partial(warmed, add_all, target, few)
            cases[name, kind, "in", "near"] = partial(warmed, find_all, target, few)
    return cases


def own_batches(keys: Any) -> dict[str, Case]:
    """Ours, with one generation and two: keys that are new, and the same again."""
    cases: dict[str, Case] = {}
    for name, options in (("ours", {}), ("ours, two generations", {"rotate_at_fill": 0.5})):
        for operation in ("add_many", "check_and_add_many", "contains_many"):
            target = BloomFilter(SIZE_MB, HASHES, **options)
            target.add_many(keys)
            work = partial(getattr(target, operation), keys)

            def emptied(target: BloomFilter = target, work: Work = work) -> Work:
                target.turn()
                target.turn()
                return work

            cases[f"{name}: {operation}, keys that are there"] = lambda work=work: work
            if operation != "contains_many":
                empty = BloomFilter(SIZE_MB, HASHES, **options)
                cases[f"{name}: {operation}, new keys"] = partial(
                    emptied, empty, partial(getattr(empty, operation), keys)
                )
    return cases


def batch_cases() -> dict[str, Case]:
    """A million keys at once."""
    keys = np.random.default_rng(2).integers(0, 2**64, BATCH, np.uint64)
    listed = keys.tolist()
    cases = own_batches(keys)
    try:
        import abloom
        import rbloom

        abloom_filter, rbloom_filter = abloom.BloomFilter(CAPACITY, RATE), rbloom.Bloom(CAPACITY, RATE)
        cases["rbloom: update(list)"] = lambda: partial(rbloom_filter.update, listed)
        cases["rbloom: issuperset(list)"] = lambda: partial(rbloom_filter.issuperset, listed)
        cases["abloom: update(list)"] = lambda: partial(abloom_filter.update, listed)
    except ImportError:
        print("rbloom or abloom is not installed", file=sys.stderr)
    try:
        import fastbloom_rs

        fast = fastbloom_rs.FilterBuilder(CAPACITY, RATE).build_bloom_filter()
        signed = keys.view(np.int64).tolist()
        cases["fastbloom-rs: add_int_batch(list)"] = lambda: partial(fast.add_int_batch, signed)
        cases["fastbloom-rs: contains_int_batch(list)"] = lambda: partial(fast.contains_int_batch, signed)
    except ImportError:
        print("fastbloom-rs is not installed", file=sys.stderr)
    return cases


def measure(cases: dict[Any, Case], rounds: int, off_processor_max: float) -> dict[Any, list[int]]:
    """Nanoseconds of processor time of every trial that was not disturbed."""
    trials: dict[Any, list[int]] = {name: [] for name in cases}
    order = list(cases)
    for number in range(rounds + 1):
        random.shuffle(order)
        for name in order:
            work = cases[name]()
            began_ns, began_cpu_ns = time.perf_counter_ns(), time.thread_time_ns()
            work()
            cpu_ns, wall_ns = time.thread_time_ns() - began_cpu_ns, time.perf_counter_ns() - began_ns
            if number >= 1 and cpu_ns >= wall_ns * (1 - off_processor_max):
                trials[name].append(cpu_ns)
    return trials


def false_positives() -> list[tuple[int, float, float, float]]:
    """For each number of hashes: formula, counted, and what the filter says of itself, at half of all bits set."""
    rng = np.random.default_rng(3)
    found: list[tuple[int, float, float, float]] = []
    for hashes in (3, 4, 5, 7, 8, 10):
        ours = BloomFilter(1, hashes)
        bits = ours.blocks * 512
        count = int(bits * np.log(2) / hashes)
        ours.add_many(rng.integers(0, 2**64, count, np.uint64))
        counted = float(
            np.mean([ours.contains_many(rng.integers(0, 2**64, BATCH, np.uint64)).mean() for _ in range(8)])
        )
        found.append((hashes, formula_rate(bits, hashes, count), counted, ours.false_positive_rate))
    return found


def check() -> None:
    """Both implementations set the same bits."""
    keys = np.random.default_rng(4).integers(0, 2**64, 20_000, np.uint64)
    words = [np.zeros(1000 * 8, np.uint64) for _ in range(2)]
    for kind, memory in zip((kernels.BloomBits, reference.BloomBits), words, strict=True):
        bits = kind(1000, HASHES, 1)
        bits.add_many(keys)
        bits.read(0, memory)
    assert np.array_equal(*words)


def packages() -> dict[str, str]:
    found: dict[str, str] = {}
    for name in ("numpy", *PEERS):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


def single_table(trials: dict[Any, list[int]]) -> Table:
    medians = {case: statistics.median(samples) / CALLS for case, samples in trials.items() if samples}
    names = list(dict.fromkeys(name for name, *_ in trials))
    rows: list[Row] = []
    for kind, operation, where in sorted({case[1:] for case in trials}, key=lambda case: (case[2], case[1], case[0])):
        row: Row = {"call": f"{operation} {kind} ({where})"}
        row |= {name: medians.get((name, kind, operation, where)) for name in names}
        ours, rbloom, abloom = (row.get(name) for name in ("ours", "rbloom", "abloom, to be saved"))
        row["rbloom / ours"] = rbloom / ours if ours and rbloom else None
        row["ours / abloom"] = ours / abloom if ours and abloom else None
        row["trials"] = len(trials["ours", kind, operation, where])
        rows.append(row)
    columns = [Column("call", "one call"), *(Column(name, name, 0, " ns") for name in names)]
    columns += [Column("rbloom / ours", "rbloom / ours"), Column("ours / abloom", "ours / abloom, to be saved")]
    return Table("One call from Python", [*columns, Column("trials", "trials")], rows, ["Medians, with the loop."])


def batch_table(trials: dict[Any, list[int]]) -> Table:
    rows: list[Row] = []
    for name, samples in trials.items():
        row: Row = {"case": name, "trials": len(samples)}
        if samples:
            p95 = sorted(samples)[int(0.95 * (len(samples) - 1))]
            row |= {"median": statistics.median(samples) / BATCH, "p95": p95 / BATCH, "least": min(samples) / BATCH}
        rows.append(row)
    columns = [Column("case", "a batch of a million"), Column("median", "ns a key, median", 1)]
    columns += [Column("p95", "p95", 1), Column("least", "least", 1), Column("trials", "trials")]
    return Table("Batches", columns, rows)


def rates_table() -> Table:
    rows: list[Row] = [
        {"hashes": hashes, "formula": 100 * formula, "counted": 100 * counted, "x": counted / formula, "own": 100 * own}
        for hashes, formula, counted, own in false_positives()
    ]
    columns = [Column("hashes", "hashes"), Column("formula", "formula", 3, " %"), Column("counted", "counted", 3, " %")]
    columns += [Column("x", "x"), Column("own", "says of itself", 3, " %")]
    return Table("False positives, half of all bits set", columns, rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=80)
    parser.add_argument("--out", type=Path, help="a folder for bench-bloom.md and bench-bloom.json")
    options = parser.parse_args()
    check()
    report = Report.new("bloom", " ".join(["python", *sys.argv]), quick=options.rounds < 40)
    report.packages = packages()
    single = measure(single_cases(options.rounds), options.rounds, OFF_PROCESSOR_MAX)
    batches = measure(batch_cases(), options.rounds // 4, OFF_PROCESSOR_MAX_LONG)
    report.tables = [single_table(single), batch_table(batches), rates_table()]
    report.load_after = machine.load()
    print(markdown(report), end="")
    if options.out:
        (options.out / "bench-bloom.md").write_text(markdown(report))
        (options.out / "bench-bloom.json").write_text(dumps(report))


if __name__ == "__main__":
    main()
