"""The part ``kernels``: what finding out what changed costs, on still, typed-on, scrolled and all new screens; and
what describing and storing it does.

for table in measure_changes(quick=True, seed=1, say=print):
    ...
"""

from __future__ import annotations

from collections.abc import Callable

from ironcliw.bench.descriptors import measure_calls, measure_descriptors
from ironcliw.bench.harness import Timing, measure, ratio
from ironcliw.bench.ours import COPY, READ, TRACKER, floors, own_cases, reference_cases
from ironcliw.bench.peers import peer_cases
from ironcliw.bench.reels import SCENES, SIZES, Reel, Scene, Truth
from ironcliw.bench.report import Column, Row, Table

COLUMNS = [
    Column("case", "way"),
    Column("answers", "answers"),
    Column("median_ms", "median ms", 3),
    Column("p95_ms", "p95 ms", 3),
    Column("reads", "x one read"),
    Column("copies", "x memcpy"),
    Column("tracker", "x our tracker"),
    Column("trials", "trials"),
    Column("preempted", "dropped"),
    Column("refused", "refused"),
]

ROUNDS = ({"1080p": 15, "4K": 8}, {"1080p": 120, "4K": 60})
"""Of each size: quickly, and in full."""


def measure_changes(quick: bool, seed: int, say: Callable[[str], None]) -> list[Table]:
    """One table for each size and scene; ``say`` gets a line of progress for each."""
    tables: list[Table] = []
    for size, rounds in ROUNDS[not quick].items():
        for scene in SCENES:
            say(f"kernels: {size}, {scene}")
            tables.append(_table(size, scene, rounds, seed))
    say("kernels: describing and storing")
    tables.append(measure_descriptors(ROUNDS[not quick]["1080p"], seed))
    tables.append(measure_calls())
    return tables


def _table(size: str, scene: Scene, rounds: int, seed: int) -> Table:
    height, width = SIZES[size]
    reel = Reel.of(scene, height, width, seed=seed)
    truth = reel.truth()
    peers, missing = peer_cases(reel, truth)
    cases = [*floors(reel), *own_cases(reel, truth), *reference_cases(reel, truth), *peers]
    timings = measure(cases, frames=len(reel.frames), rounds=rounds, seed=seed)
    rows = [_row(timing, timings[READ], timings[COPY], timings[TRACKER]) for timing in timings.values()]
    return Table(f"{size}, {scene}", COLUMNS, rows, [_in_words(reel, truth), *missing])


def _in_words(reel: Reel, truth: Truth) -> str:
    height, width = reel.shape
    memory_mb = len(reel.frames) * reel.size_bytes // 1_000_000
    return (
        f"{width}x{height} BGRX, {int(truth.tiles.sum())} of {truth.tiles.size} tiles and {truth.pixels} pixels change;"
        f" {len(reel.frames)} frames, {memory_mb} MB, in turn; one thread."
    )


def _row(timing: Timing, read: Timing, copy: Timing, tracker: Timing) -> Row:
    """Raw figures of one case; a refused one has none."""
    return {
        "case": timing.case.name,
        "own": timing.case.own,
        "answers": timing.case.answers,
        "median_ms": timing.median_ms,
        "p95_ms": timing.p95_ms,
        "reads": ratio(timing, read),
        "copies": ratio(timing, copy),
        "tracker": ratio(timing, tracker),
        "trials": len(timing.kept_ms),
        "preempted": timing.preempted,
        "refused": timing.refused or "",
    }
