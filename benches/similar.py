"""What describing a screen and finding the nearest among many costs, and whether "looks the same" is right.

    python benches/similar.py [DATA] [--rounds 40] [--out benches/results]

Times are medians of the thread's processor time, cases in shuffled order, each beside one read of the frame in the same
run. DATA is a folder of labelled recordings: its ``sequences/*`` hold key frames and say which are near duplicates.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from ironcliw.bench import machine
from ironcliw.bench.report import Column, Report, Row, Table, dumps, markdown
from ironcliw.features import SAME, Describer, Descriptor, ScreenIndex, describe_pixels
from ironcliw.features.descriptor import SIZE_BYTES
from ironcliw.features.index import SCREEN_BYTES

HEIGHT, WIDTH, TYPED_TILES = 1080, 1920, 24
SCREENS = 100_000
Case = tuple[str, Callable[[], object]]


def cases(seed: int) -> list[Case]:
    """What is timed, by name."""
    source = np.random.default_rng(seed)
    frames = [source.integers(0, 256, (HEIGHT, WIDTH, 4), np.uint8) for _ in range(4)]
    turn = iter(range(10**9))
    describer = Describer(HEIGHT, WIDTH)
    typing = Describer(HEIGHT, WIDTH)
    typed = frames[0].copy()
    typing.apply(typed)

    def whole() -> object:
        return describer.apply(frames[next(turn) % len(frames)])

    def typed_on() -> object:
        shade = next(turn) % 256
        for tile in range(TYPED_TILES):
            typed[640 + 8 : 640 + 20, 64 * tile + 8 : 64 * tile + 40, :3] = shade
        return typing.apply(typed)

    index = ScreenIndex(SCREENS * SCREEN_BYTES, least_distance=0)
    wanted = filled(index, source)
    return [
        ("one read of the frame", lambda: frames[next(turn) % len(frames)].reshape(-1).view(np.uint64).max()),
        ("describe, every tile new", whole),
        (f"describe, {TYPED_TILES} of 510 tiles changed", typed_on),
        (f"nearest 5 of {SCREENS:,}", lambda: index.nearest(wanted, 5)),
        (f"last that looks the same, of {SCREENS:,}", lambda: index.last(wanted)),
    ]


def filled(index: ScreenIndex, source: np.random.Generator) -> Descriptor:
    """Fill with screens of patches; returns one like one of them."""
    wanted: Descriptor | None = None
    pixels = np.zeros((64, 64, 4), np.uint8)
    for number in range(SCREENS):
        y, x = source.integers(0, 56, 2)
        pixels[y : y + source.integers(4, 32), x : x + source.integers(4, 32), :3] = source.integers(0, 256, 3)
        found = describe_pixels(pixels)
        index.add(found, number, "bench", number)
        wanted = found if number == SCREENS // 2 else wanted
    assert wanted is not None
    return wanted


def timed(rounds: int, seed: int) -> Table:
    """Medians of each case."""
    measured: dict[str, list[float]] = {}
    listed = cases(seed)
    order = random.Random(seed)
    for _ in range(rounds):
        for name, work in order.sample(listed, len(listed)):
            started_ns = time.thread_time_ns()
            work()
            measured.setdefault(name, []).append((time.thread_time_ns() - started_ns) / 1e6)
    read_ms = statistics.median(measured[listed[0][0]])
    rows: list[Row] = [
        {"work": name, "ms": statistics.median(measured[name]), "reads": statistics.median(measured[name]) / read_ms}
        for name, _ in listed
    ]
    columns = [Column("work", "work"), Column("ms", "ms", 2), Column("reads", "x one read", 2)]
    notes = [f"{WIDTH}x{HEIGHT}; a descriptor has {SIZE_BYTES} bytes, a screen in the index {SCREEN_BYTES}."]
    return Table("time", columns, rows, notes)


def judged(data: Path) -> Table:
    """How near duplicates of labelled key frames, and frames that changed, are to the frame before."""
    apart: dict[str, list[int]] = {"near_duplicate": [], "changed": []}
    for labels in sorted(data.glob("sequences/*/*.json")):
        before: Descriptor | None = None
        for step in json.loads(labels.read_text(encoding="utf-8"))["steps"]:
            with Image.open(labels.parent / step["file"]) as image:
                rgb = np.asarray(image.convert("RGB"))
            found = describe_pixels(np.ascontiguousarray(rgb[:, :, ::-1]))
            if before is not None and step.get("label") in apart:
                apart[step["label"]].append(found.distance(before))
            before = found
    rows: list[Row] = [
        {"frames": label.replace("_", " "), "count": len(found), "same": sum(each <= SAME for each in found)}
        for label, found in apart.items()
    ]
    columns = [Column("frames", "labelled"), Column("count", "pairs", 0), Column("same", f"at most {SAME} apart", 0)]
    return Table("looks the same", columns, rows, ["SAME was chosen on these frames."])


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", nargs="?", type=Path, help="a folder of labelled recordings")
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--out", type=Path, help="a folder for bench-similar.md and bench-similar.json")
    options = parser.parse_args()
    command = ["python", sys.argv[0], *(["DATA"] if options.data else []), "--rounds", str(options.rounds)]
    report = Report.new("similar", " ".join(command), quick=options.rounds < 20)
    report.tables = [timed(options.rounds, 1)] + ([judged(options.data)] if options.data else [])
    report.load_after = machine.load()
    print(markdown(report), end="")
    if options.out:
        (options.out / "bench-similar.md").write_text(markdown(report))
        (options.out / "bench-similar.json").write_text(dumps(report))


if __name__ == "__main__":
    main()
