"""How long the filter takes, and how often it is wrong, against what else there is.

    pip install 'ironcliw[bench]'
    python benches/bloom.py [--rounds 80] [--keys 40000]

All filters have 10 MiB of bits and 7 of them for each key (the peers are asked for as many keys and as few errors as
come to that). One call from Python is timed as a loop of calls, with the loop: over keys that were never in the cache
together ("far": the filter is larger than the caches) and over few ("near"). Cases are interleaved in shuffled order,
and trials are dropped where the thread was off the processor for more than 6 % of the time. Whether the filters answer
alike is checked first. Prints tables in Markdown.

abloom hashes bytes and text anew for every call only if it is told that it will be saved; without it uses the hash that
Python keeps in the object and that is another in the next process, as rbloom does. Ours is always the former.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from ironcliw import kernels
from ironcliw.dedup import BloomFilter
from ironcliw.dedup.estimate import formula_rate
from ironcliw.kernels import reference

SIZE_MB, HASHES = 10, 7
BITS = SIZE_MB * 2**20 * 8
CAPACITY = int(BITS * np.log(2) / HASHES)
RATE = 2.0**-HASHES
CALLS, FEW = 2000, 50
BATCH = 1_000_000
OFF_PROCESSOR_MAX = 0.06
PEERS = ("rbloom", "abloom", "fastbloom-rs")
Case = Callable[[], Any]


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


def single_cases(count: int) -> dict[tuple[str, ...], Case]:
    """One call, for each filter, kind of key, operation, and far or near."""
    cases: dict[tuple[str, ...], Case] = {}
    for kind, keys in some_keys(count).items():
        for name, target in filters().items():
            starts = iter(range(10**9))

            def far(
                work: Any, target: Any = target, keys: list[Any] = keys, starts: Any = starts, few: int = CALLS
            ) -> Case:
                def case() -> None:
                    start = next(starts) * CALLS % len(keys)
                    work(target, keys[start : start + few] * (CALLS // few))

                return case

            for operation, work in (("add", add_all), ("in", find_all)):
                cases[name, kind, operation, "far"] = far(work)
                cases[name, kind, operation, "near"] = far(work, few=FEW)
    return cases


def batch_cases() -> dict[str, Case]:
    """A million keys at once."""
    keys = np.random.default_rng(2).integers(0, 2**64, BATCH, np.uint64)
    listed = keys.tolist()
    one, two = BloomFilter(SIZE_MB, HASHES), BloomFilter(SIZE_MB, HASHES, rotate_at_fill=0.5)
    cases: dict[str, Case] = {}
    for name, target in (("ours", one), ("ours, two generations", two)):
        cases[f"{name}: add_many"] = lambda target=target: target.add_many(keys)
        cases[f"{name}: contains_many"] = lambda target=target: target.contains_many(keys)
        cases[f"{name}: check_and_add_many"] = lambda target=target: target.check_and_add_many(keys)
    try:
        import abloom
        import rbloom

        abloom_filter, rbloom_filter = abloom.BloomFilter(CAPACITY, RATE), rbloom.Bloom(CAPACITY, RATE)
        cases["rbloom: update(list)"] = lambda: rbloom_filter.update(listed)
        cases["rbloom: issuperset(list)"] = lambda: rbloom_filter.issuperset(listed)
        cases["abloom: update(list)"] = lambda: abloom_filter.update(listed)
    except ImportError:
        pass
    try:
        import fastbloom_rs

        fast = fastbloom_rs.FilterBuilder(CAPACITY, RATE).build_bloom_filter()
        signed = keys.view(np.int64).tolist()
        cases["fastbloom-rs: add_int_batch(list)"] = lambda: fast.add_int_batch(signed)
        cases["fastbloom-rs: contains_int_batch(list)"] = lambda: fast.contains_int_batch(signed)
    except ImportError:
        pass
    return cases


def measure(cases: dict[Any, Case], rounds: int) -> dict[Any, list[int]]:
    """Nanoseconds of every trial that was not disturbed."""
    trials: dict[Any, list[int]] = {name: [] for name in cases}
    order = list(cases)
    for number in range(rounds + 1):
        random.shuffle(order)
        for name in order:
            began_ns, began_cpu_ns = time.perf_counter_ns(), time.thread_time_ns()
            cases[name]()
            cpu_ns, wall_ns = time.thread_time_ns() - began_cpu_ns, time.perf_counter_ns() - began_ns
            if number >= 1 and cpu_ns >= wall_ns * (1 - OFF_PROCESSOR_MAX):
                trials[name].append(wall_ns)
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


def machine() -> str:
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        models = [line.split(":")[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")]
        model = f"{len(models)} x {models[0]}" if models else model
    ran = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    versions: list[str] = []
    for name in ("numpy", *PEERS):
        try:
            versions.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            versions.append(f"no {name}")
    load = " ".join(f"{load:.1f}" for load in os.getloadavg())
    return (
        f"{model}, load {load}; Python {platform.python_version()}, {', '.join(versions)}; "
        f"commit {ran.stdout.strip()}; {kernels.REASON}"
    )


def print_single(trials: dict[Any, list[int]]) -> None:
    peers = ("rbloom", "abloom, to be saved", "abloom")
    print("| one call | " + " | ".join(("ours", *peers)) + " | rbloom / ours | ours / abloom, to be saved | trials |")
    print("|---" * 8 + "|")
    names = sorted({name for name, *_ in trials})
    medians = {case: statistics.median(samples) / CALLS for case, samples in trials.items() if samples}
    for case in sorted({case[1:] for case in trials}, key=lambda case: (case[2], case[1], case[0])):
        row = [medians.get((name, *case), float("nan")) for name in ("ours", *peers)]
        label = " ".join((*case[1::-1], f"({case[2]})"))
        cells = " | ".join(f"{ns:.0f} ns" for ns in row)
        kept = len(trials["ours", *case])
        print(f"| {label} | {cells} | {row[1] / row[0]:.2f} | {row[0] / row[2]:.2f} | {kept} |")
    print("\n| filter | " + " | ".join(f"{kind} {op} ({where})" for kind, op, where in ORDER) + " |")
    print("|---" * (len(ORDER) + 1) + "|")
    for name in names:
        print(f"| {name} | " + " | ".join(f"{medians.get((name, *case), float('nan')):.0f}" for case in ORDER) + " |")


ORDER = [(kind, op, where) for where in ("far", "near") for kind in ("int", "bytes", "str") for op in ("add", "in")]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=80)
    parser.add_argument("--keys", type=int, default=40_000, help="different keys of each kind for single calls")
    options = parser.parse_args()
    check()
    print(machine(), end="\n\n")
    print_single(measure(single_cases(options.keys), options.rounds))
    print("\n| a batch of a million | ns a key, median | p95 | trials |\n|---|---|---|---|")
    for name, samples in measure(batch_cases(), options.rounds // 4).items():
        if samples:
            p95 = sorted(samples)[int(0.95 * (len(samples) - 1))]
            print(f"| {name} | {statistics.median(samples) / BATCH:.1f} | {p95 / BATCH:.1f} | {len(samples)} |")
    print("\n| hashes | formula | counted | x | says of itself |\n|---|---|---|---|---|")
    for hashes, formula, counted, estimated in false_positives():
        print(f"| {hashes} | {formula:.3%} | {counted:.3%} | {counted / formula:.2f} | {estimated:.3%} |")


if __name__ == "__main__":
    main()
