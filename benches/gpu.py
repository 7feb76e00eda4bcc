"""What a graphics processor does for the kernels: of frames that lie there, and end to end beside the CPU.

    make bench-gpu                                      # builds the extension with it first
    PYTHONPATH=$(tools/gpu.sh) python benches/gpu.py [--sizes 1080p,4k] [--batches 1,8,64] [--software] [--out FOLDER]

Resident: ``difference`` of two frames that lie on the card, many times in one submission, over more frames than its
caches hold; beside a plain copy there, which moves as many bytes (one frame read and one written, instead of two read).
End to end: ``process_batch`` from pixels in memory to answers in memory, card and CPU in turn; the answers of both are
compared before anything is timed, and every difference fails the bench.

``--software`` takes Mesa's software adapter where there is no other: that tries the script, and measures nothing.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np

from ironcliw import kernels
from ironcliw.bench.report import Column, Report, Row, Table, dumps, markdown
from ironcliw.errors import GpuError
from ironcliw.kernels.batch import Processed, Run, on_cpu, process_batch
from ironcliw.kernels.gpu import Card, opener
from ironcliw.kernels.gpu.calibration import pictures

SIZES = {"1080p": (1080, 1920), "4k": (2160, 3840)}
SPREAD_BYTES = 1 << 30
"""Of as many bytes resident frames are, so that no cache holds them."""
FRAMES_BYTES_MAX = 1 << 30
ROUNDS_SECONDS = 2.0
LEAST_ROUNDS = 3


def size_of(text: str) -> tuple[int, int]:
    """``1080p``, ``4k`` or ``HEIGHTxWIDTH``."""
    if text in SIZES:
        return SIZES[text]
    height, _, width = text.partition("x")
    return int(height), int(width)


def resident(card: Card, sizes: list[str], rounds: int, spread_bytes: int) -> Table:
    """The kernel's own time, against what the card's memory can do."""
    rows: list[Row] = []
    for name in sizes:
        height, width = size_of(name)
        spread = max(3, spread_bytes // (height * width * 4))
        took = [card.speed(height, width, rounds, spread) for _ in range(5)]
        difference_s = statistics.median(each[0] for each in took)
        copy_s = statistics.median(each[1] for each in took)
        moved = 2 * took[0][2]
        rows.append(
            {
                "size": name,
                "difference": difference_s * 1e6,
                "copy": copy_s * 1e6,
                "rate": moved / difference_s / 1e9,
                "copy_rate": moved / copy_s / 1e9,
                "share": 100 * copy_s / difference_s,
            }
        )
        card.release()
    columns = [
        Column("size", "resident frames"),
        Column("difference", "difference", 1, " us"),
        Column("copy", "copy", 1, " us"),
        Column("rate", "it reads", 1, " GB/s"),
        Column("copy_rate", "a copy moves", 1, " GB/s"),
        Column("share", "of the copy rate", 0, " %"),
    ]
    return Table("Frames that lie on the card", columns, rows, [f"Medians of 5 submissions of {rounds} each."])


def same(first: list[Processed | ValueError], second: list[Processed | ValueError]) -> bool:
    """Whether two batches were answered alike, to the last bit."""
    if len(first) != len(second):
        return False
    for mine, other in zip(first, second, strict=True):
        if isinstance(mine, ValueError) or isinstance(other, ValueError) or mine.differing != other.differing:
            return False
        if not all(np.array_equal(a, b) for a, b in zip(mine[1:], other[1:], strict=True)):
            return False
    return True


def end_to_end(card: Card, cpu: Run, sizes: list[str], batches: list[int], seconds: float) -> Table:
    """Frames a second by card and CPU, in turn."""
    rows: list[Row] = []
    for name in sizes:
        height, width = size_of(name)
        for count in batches:
            frames = pictures((height, width), count, FRAMES_BYTES_MAX)
            answers = [process_batch(run, frames, frames[-1]) for run in (card.run_batch, cpu)]
            if not same(*answers):
                raise SystemExit(f"{name}, {count} frames: card and CPU answer differently")
            times: list[list[float]] = [[], []]
            end = time.perf_counter() + seconds
            while len(times[0]) < LEAST_ROUNDS or time.perf_counter() < end:
                for run, taken in zip((card.run_batch, cpu), times, strict=True):
                    started = time.perf_counter()
                    process_batch(run, frames, frames[-1])
                    taken.append(time.perf_counter() - started)
            gpu_s, cpu_s = map(statistics.median, times)
            row: dict[str, Any] = {"size": name, "frames": count, "gpu": count / gpu_s, "cpu": count / cpu_s}
            rows.append(row | {"ratio": cpu_s / gpu_s, "trials": len(times[0])})
        card.release()
    columns = [
        Column("size", "end to end"),
        Column("frames", "frames a batch", 0),
        Column("gpu", "GPU", 1, " frames/s"),
        Column("cpu", "CPU, one thread", 1, " frames/s"),
        Column("ratio", "GPU against CPU", 2, "x"),
        Column("trials", "trials", 0),
    ]
    notes = ["difference and describe of every frame, upload and answers included; both gave the same answers."]
    return Table("From memory to memory", columns, rows, notes)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="1080p,4k")
    parser.add_argument("--batches", default="1,2,4,8,16,32,64")
    parser.add_argument("--rounds", type=int, default=96, help="of a kernel in one submission")
    parser.add_argument("--seconds", type=float, default=ROUNDS_SECONDS, help="for each batch size")
    parser.add_argument("--spread", type=int, default=SPREAD_BYTES, help="bytes of resident frames")
    parser.add_argument("--software", action="store_true", help="a software adapter will do; measures nothing")
    parser.add_argument("--out", type=Path, help="folder for bench-gpu.json and bench-gpu.md")
    asked = parser.parse_args()
    sizes, batches = asked.sizes.split(","), [int(each) for each in asked.batches.split(",")]
    from ironcliw import _native  # noqa: TID251 - the card itself is measured

    try:
        card = opener(_native, software=asked.software)()
    except GpuError as error:
        raise SystemExit(f"bench-gpu: not run on a graphics processor: {error}") from None
    report = Report.new("gpu", "make bench-gpu", quick=asked.software)
    kind = "a program on the CPU, so these are no measurements of a graphics processor" if card.software else "a card"
    report.notes.append(f"Adapter: {card.name}, {card.backend}, driver {card.driver}; {kind}.")
    report.tables.append(resident(card, sizes, asked.rounds, asked.spread))
    cpu = on_cpu(kernels.choose("native").kernels)
    report.tables.append(end_to_end(card, cpu, sizes, batches, asked.seconds))
    report.load_after = report.load_before
    print(markdown(report))
    if asked.out is not None:
        asked.out.mkdir(parents=True, exist_ok=True)
        (asked.out / "bench-gpu.json").write_text(dumps(report))
        (asked.out / "bench-gpu.md").write_text(markdown(report))


if __name__ == "__main__":
    main()
