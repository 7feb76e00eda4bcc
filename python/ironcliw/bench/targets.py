"""The part ``plan``: the original plan's own targets, for Ironcliw and for the plain Python loop it is to improve on.

    tables = measure_plan(quick=True, seed=1, say=print)

The plan states 100 ms a frame and 5 ms a duplicate check as its baseline, without the code; both are measured here with
``PlainLoop``, on the same frames, in the same run. Neither side reads text.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ironcliw import kernels
from ironcliw.bench.harness import Case, Timing, measure
from ironcliw.bench.ours import Check, extent
from ironcliw.bench.plain import PlainLoop
from ironcliw.bench.reels import SIZES, Reel, Truth
from ironcliw.bench.report import Column, Row, Table
from ironcliw.frame import Rect
from ironcliw.monitor import Monitor, Result

FPS = 10
BATCH = 10
OURS, PLAIN = "ironcliw", "plain"
_MS_PER_S = 1000

COLUMNS = [
    Column("target", "target of the plan"),
    Column("aim", "aim"),
    Column("unit", "in"),
    Column("ours", "Ironcliw", 3),
    Column("plain", "plain Python", 2),
    Column("times", "times", 0),
    Column("met", "met"),
]


def measure_plan(quick: bool, seed: int, say: Callable[[str], None]) -> list[Table]:
    """One table with a row for each target."""
    rounds = 10 if quick else 40
    height, width = SIZES["1080p"]
    reels = {scene: Reel.of(scene, height, width, seed=seed) for scene in ("typing", "all new")}
    say("plan: duplicate check")
    still = Reel.of("still", height, width, seed=seed)
    checks = _pair(duplicate_cases(still), len(still.frames), rounds, seed)
    frames: dict[str, tuple[Timing, Timing]] = {}
    for scene, reel in reels.items():
        say(f"plan: frames, {scene}")
        frames[scene] = _pair(frame_cases(reel), len(reel.frames), rounds, seed)
    say("plan: ten random frames")
    batches = _pair(batch_cases(height, width, seed), 2, max(10, rounds // 2), seed)
    return [Table("targets", COLUMNS, rows_of(checks, frames, batches), _notes())]


def duplicate_cases(reel: Reel) -> list[Case]:
    """Was this very frame here before? Frames of one content in different memory: the answer is yes."""
    grid, changed = np.zeros(reel.moving.shape, np.uint64), np.zeros(reel.moving.shape, np.bool_)
    known: set[bytes] = set()
    loop = PlainLoop()

    def ours(i: int) -> bool:
        kernels.fingerprint(reel.frames[i], grid, changed)
        key = grid.tobytes()
        before = key in known
        known.add(key)
        return before

    def right(answer: bool) -> str | None:
        return None if answer else "took a frame that was there for a new one"

    return [Case(OURS, ours, right), Case(PLAIN, lambda i: loop.seen(reel.frames[i]), right)]


def frame_cases(reel: Reel) -> list[Case]:
    """One frame through the whole of either: duplicate check, what changed, kept; events in ours."""
    monitor, loop, truth = Monitor(text=False, channels="bgr"), PlainLoop(), reel.truth()

    def ours(i: int) -> Rect | None:
        (result,) = monitor.process([reel.frames[i]])
        return extent(result.regions)

    def plain(i: int) -> Rect | None:
        # Frames come back in a measurement; each is worked on as if the check had said that it is new.
        loop.seen(reel.frames[i])
        return loop.process(reel.frames[i])

    return [Case(OURS, ours, _extent_right(truth)), Case(PLAIN, plain, _extent_right(truth))]


def batch_cases(height: int, width: int, seed: int) -> list[Case]:
    """The plan's own test: ten frames of random pixels, three bytes each, handed over together; ten results."""
    random = np.random.default_rng(seed)
    pool = [random.integers(0, 255, (height, width, 3), np.uint8) for _ in range(2 * BATCH)]
    batches = [pool[:BATCH], pool[BATCH:]]
    monitor, loop = Monitor(text=False), PlainLoop()

    def ours(i: int) -> list[Result]:
        return list(monitor.process(batches[i]))

    def plain(i: int) -> list[Any]:
        return [(loop.seen(frame), loop.process(frame)) for frame in batches[i]]

    def right(answer: list[Any]) -> str | None:
        return None if len(answer) == BATCH else f"{len(answer)} results for {BATCH} frames"

    return [Case(OURS, ours, right), Case(PLAIN, plain, right)]


def _extent_right(truth: Truth) -> Check:
    boxes = truth.boxes[truth.tiles].tolist()
    wanted = extent(Rect(x0, y0, x1 - x0, y1 - y0) for x0, y0, x1, y1 in boxes)

    def check(answer: Rect | None) -> str | None:
        return None if answer == wanted else f"changed pixels in {answer} instead of {wanted}"

    return check


def _pair(cases: list[Case], frames: int, rounds: int, seed: int) -> tuple[Timing, Timing]:
    timings = measure(cases, frames=frames, rounds=rounds, seed=seed)
    return timings[OURS], timings[PLAIN]


def rows_of(
    checks: tuple[Timing, Timing], frames: dict[str, tuple[Timing, Timing]], batches: tuple[Timing, Timing]
) -> list[Row]:
    """Each target with both figures; ``met`` only where both could be measured."""
    rows = [_row("a duplicate check", "ms", "< 0.5 ms", checks, lambda ours, plain: ours < 0.5)]
    rows.append(_row("a duplicate check, against plain Python", "ms", ">= 10 times", checks, _at_least(10)))
    for scene, pair in frames.items():
        rows.append(_row(f"a frame, {scene}", "ms", "< 20 ms", pair, lambda ours, plain: ours < 20))
        rows.append(_row(f"a frame, {scene}, against plain Python", "ms", ">= 5 times", pair, _at_least(5)))
        rows.append(
            _row(f"CPU at {FPS} frames a second, {scene}", "% of a core", "halved", pair, _at_least(2), cpu=True)
        )
    rows.append(
        _row("ten random frames handed over together", "ms", "< 200 ms", batches, lambda ours, plain: ours < 200)
    )
    return rows


def _at_least(times: float) -> Callable[[float, float], bool]:
    return lambda ours, plain: plain >= times * ours


def _row(
    target: str,
    unit: str,
    aim: str,
    pair: tuple[Timing, Timing],
    met: Callable[[float, float], bool],
    *,
    cpu: bool = False,
) -> Row:
    row: Row = {"target": target, "unit": unit, "aim": aim}
    ours, plain = ((each.median_cpu_ms if cpu else each.median_ms) for each in pair)
    if ours is None or plain is None:
        why = [f"{each.case.name}: {each.refused or 'too few undisturbed trials'}" for each in pair]
        return {**row, "why": "; ".join(why)}
    # Milliseconds of processor time a frame, FPS times a second, as a share of a core's time.
    scale = FPS * 100 / _MS_PER_S if cpu else 1.0
    return {**row, "ours": ours * scale, "plain": plain * scale, "times": plain / ours, "met": met(ours, plain)}


def _notes() -> list[str]:
    return [
        "1920x1080; medians of interleaved trials on one thread; CPU is processor time of the median trial.",
        "Plain Python: bytes of the frame, MD5, Bloom filter of 10 MB with 7 hashes, difference by colour distance in"
        " NumPy, rectangle, frame kept (500 MB). Ironcliw: Monitor.process without text; the check is the 510"
        " fingerprints of a frame looked up in a set.",
    ]
