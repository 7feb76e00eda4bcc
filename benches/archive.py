"""What the archive makes of a desktop at work: bytes and milliseconds a frame, beside what else there is.

    python benches/archive.py [--rounds 7] [--minutes 10] [--out benches/results]

The mixed sequence (benches/archive_scenes.py) is 60 frames of 1080p with real anti-aliased text: the desktop, 30 of
typing, 10 of a clock, 15 of scrolling, 4 of another window coming to the front. Each way keeps all 60, in shuffled
turns; a frame's time is the processor time of all threads, and the median of the rounds is shown. Where a way is told
what changed, that is the change tracker's mask, whose cost the watcher has anyway. What is rebuilt is compared.

With ``--minutes`` as many minutes at 10 frames a second, of which 60 % are still, go through an archive of 500 MB, with
new words and pictures every 60 distinct frames; how long that many bytes last follows from what they took.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import zstandard
from archive_scenes import HEIGHT, ORDER, WIDTH, Desk
from numpy.typing import NDArray

from ironcliw import kernels
from ironcliw.bench import machine
from ironcliw.bench.report import Column, Report, Row, Table, dumps, markdown
from ironcliw.change import ChangeTracker
from ironcliw.frame import TILE
from ironcliw.history import Archive

Pixels = NDArray[np.uint8]
Shown = tuple[str, Pixels, NDArray[np.bool_], NDArray[np.uint64]]
"""What happened, the frame, and per tile what changed and its fingerprint."""

Kept = list[tuple[int, float]]
"""Bytes and milliseconds of each frame."""

BUDGET_BYTES = 500_000_000
FPS, STILL = 10, 0.6
KINDS = ("first", "typing", "clock", "scroll", "window")


def shown(seed: int) -> list[Shown]:
    """The mixed sequence as the watcher sees it."""
    tracker = ChangeTracker(HEIGHT, WIDTH)
    frames: list[Shown] = []
    for kind, pixels in Desk(seed).sequence():
        tracker.apply(pixels)
        frames.append((kind, pixels, tracker.tiles.changed.copy(), tracker.tiles.fingerprints.copy()))
    return frames


def timed(work: Callable[..., Any], *arguments: Any, **named: Any) -> tuple[Any, float]:
    """What it gives, and the milliseconds of all processors that it took."""
    before = time.process_time_ns()
    answer = work(*arguments, **named)
    return answer, (time.process_time_ns() - before) / 1e6


def segment(frames: list[Shown], told: bool) -> tuple[bytes, Kept]:
    """Ours: one segment of all frames."""
    writer, data, kept = kernels.SegmentWriter(HEIGHT, WIDTH), bytearray(), Kept()
    for number, (_, pixels, changed, fingerprints) in enumerate(frames):
        known = (changed, fingerprints) if told else (None, None)
        grown, ms = timed(writer.add, pixels, number, number, *known)
        data += grown
        kept.append((len(grown), ms))
    return bytes(data), kept


def tiles_and_zstd(frames: list[Shown]) -> Kept:
    """The tiles that changed, BGRX as they are, in one zstd-1 frame."""
    compressor, kept = zstandard.ZstdCompressor(level=1), Kept()
    pool = np.zeros((510, TILE, TILE, 4), np.uint8)

    def keep(pixels: Pixels, changed: NDArray[np.bool_]) -> bytes:
        slots = (np.cumsum(changed, dtype=np.int32) - 1).astype(np.int32).reshape(changed.shape)
        kernels.store_tiles(pixels, changed, pool, slots)
        return compressor.compress(pool[: int(changed.sum())].data)

    for _, pixels, changed, _ in frames:
        data, ms = timed(keep, pixels, changed)
        kept.append((len(data), ms))
    return kept


def x264(frames: list[Shown]) -> Kept:
    """Lossy, for comparison: x264 ultrafast at its own quality, without delay."""
    import av

    kept = Kept()
    with av.open(BytesIO(), "w", format="mp4") as container:
        stream: Any = container.add_stream("libx264", options={"preset": "ultrafast", "tune": "zerolatency"})
        stream.height, stream.width, stream.pix_fmt = HEIGHT, WIDTH, "yuv420p"
        stream.time_base = Fraction(1, FPS)
        for number, (_, pixels, _, _) in enumerate(frames):
            kept.append(timed(encode, stream, pixels, number))
    return kept


def encode(stream: Any, pixels: Pixels, number: int) -> int:
    """Bytes of the packets that a frame makes."""
    import av

    picture = av.VideoFrame.from_ndarray(pixels, format="bgra")
    picture.pts = number
    return sum(packet.size for packet in stream.encode(picture))


def ways() -> dict[str, Callable[[list[Shown]], Kept]]:
    """Every way to keep the frames that there is here."""
    found: dict[str, Callable[[list[Shown]], Kept]] = {
        "archive, told what changed": lambda frames: segment(frames, told=True)[1],
        "archive, not told": lambda frames: segment(frames, told=False)[1],
        "changed tiles, zstd-1": tiles_and_zstd,
    }
    try:
        import av  # noqa: F401

        found["x264 ultrafast (lossy)"] = x264
    except ImportError:
        print("PyAV is not installed", file=sys.stderr)
    return found


def keeping(frames: list[Shown], rounds: int) -> list[Table]:
    """Bytes and time of each way, and of ours by what happened."""
    trials: dict[str, list[Kept]] = {name: [] for name in ways()}
    order = random.Random(1)
    for _ in range(rounds):
        for name in order.sample(list(trials), len(trials)):
            trials[name].append(ways()[name](frames))
    rows: list[Row] = []
    by_kind: list[Row] = []
    for name, runs in trials.items():
        sizes = [size for size, _ in runs[0]]
        times = [statistics.median(run[i][1] for run in runs) for i in range(len(frames))]
        means = sorted(statistics.mean(ms for _, ms in run) for run in runs)
        rows.append(
            {"way": name, "kb": statistics.mean(sizes) / 1024, "ms": statistics.median(means), "least": means[0]}
        )
        row: Row = {"way": name}
        for kind in KINDS:
            chosen = [i for i, frame in enumerate(frames) if frame[0] == kind]
            row |= {f"{kind} kb": statistics.mean(sizes[i] for i in chosen) / 1024}
            row |= {f"{kind} ms": statistics.mean(times[i] for i in chosen)}
        by_kind.append(row)
    base = next(row["ms"] for row in rows if row["way"].startswith("changed tiles"))
    for row in rows:
        row["ratio"] = row["ms"] / base
    columns = [Column("way", "way"), Column("kb", "a frame", 2, " KB"), Column("ms", "a frame", 2, " ms")]
    columns += [Column("least", "least round", 2, " ms"), Column("ratio", "of tiles + zstd-1")]
    kinds = [Column("way", "way")]
    for kind in KINDS:
        kinds += [Column(f"{kind} kb", kind, 2, " KB"), Column(f"{kind} ms", kind, 2, " ms")]
    return [Table("The mixed sequence, 60 frames", columns, rows), Table("By what happened", kinds, by_kind)]


def drawn_anew(data: bytes, frame: int, out: Pixels) -> None:
    """A frame by a new reader."""
    kernels.SegmentReader(data).draw(frame, out)


def rebuilding(frames: list[Shown], rounds: int) -> Table:
    """Any frame by a new reader, any by one that has drawn others, the next one."""
    data, _ = segment(frames, told=True)
    out, chosen = np.zeros((HEIGHT, WIDTH, 4), np.uint8), random.Random(2)
    times: dict[str, list[float]] = {"any frame, nothing at hand": [], "any frame": [], "the next frame": []}

    def check(frame: int) -> None:
        if not np.array_equal(out[:, :, :3], frames[frame][1][:, :, :3]):
            sys.exit(f"frame {frame} was rebuilt as another")

    for _ in range(4 * rounds):
        frame = chosen.randrange(len(frames))
        times["any frame, nothing at hand"].append(timed(drawn_anew, data, frame, out)[1])
        check(frame)
    reader = kernels.SegmentReader(data)
    for _ in range(10 * rounds):
        frame = chosen.randrange(len(frames))
        times["any frame"].append(timed(reader.draw, frame, out)[1])
        check(frame)
    reader.draw(0, out)
    for frame in range(1, len(frames)):
        times["the next frame"].append(timed(reader.draw, frame, out, frame - 1)[1])
        check(frame)
    rows: list[Row] = [
        {
            "what": what,
            "median": statistics.median(values),
            "p95": sorted(values)[int(0.95 * (len(values) - 1))],
            "most": max(values),
        }
        for what, values in times.items()
    ]
    columns = [Column("what", "rebuilding"), *(Column(key, key, 2, " ms") for key in ("median", "p95", "most"))]
    return Table("Rebuilding a 1080p frame", columns, rows, ["Into memory that is there already."])


def at_work(minutes: float, seed: int) -> Iterator[tuple[int, Pixels | None]]:
    """Frame times and frames, None where nothing changed, at 10 frames a second."""
    chosen = random.Random(seed)
    sequence: Iterator[tuple[str, Pixels]] = iter(())
    desk = 0
    for number in range(round(minutes * 60 * FPS)):
        pixels: Pixels | None = None
        if number == 0 or chosen.random() >= STILL:
            found = next(sequence, None)
            if found is None:
                desk += 1
                sequence = Desk(1000 * seed + desk).sequence()
                found = next(sequence)
            pixels = found[1]
        yield number * 10**9 // FPS, pixels


def holding(minutes: float) -> Table:
    """How long 500 MB last."""
    archive, tracker = Archive(BUDGET_BYTES), ChangeTracker(HEIGHT, WIDTH)
    spent_ms, frames, kept = 0.0, 0, 0
    sample: list[tuple[int, Pixels]] = []
    chosen = random.Random(3)
    start = archive.bytes_used
    for time_ns, pixels in at_work(minutes, seed=1):
        frames += 1
        if pixels is None:
            archive.add(tracker.shown, time_ns, time_ns, damage=[])
            continue
        tracker.apply(pixels)
        tiles = tracker.tiles
        _, ms = timed(archive.add, pixels, time_ns, time_ns, changed=tiles.changed, fingerprints=tiles.fingerprints)
        start = start or archive.bytes_used
        spent_ms += ms
        kept += 1
        if chosen.random() < 0.02:
            sample.append((time_ns, pixels))
    used = archive.bytes_used
    span = archive.span
    assert span is not None
    for time_ns, pixels in sample:
        if time_ns >= span.oldest_ns and not np.array_equal(
            archive.frame_at(time_ns).pixels[:, :, :3], pixels[:, :, :3]
        ):
            sys.exit(f"the frame of {time_ns} ns was rebuilt as another")
    held_minutes = (span.newest_ns - span.oldest_ns) / 60e9
    # What writes frames is the same however long it goes on.
    growing = used - start
    row: Row = {
        "minutes": minutes,
        "frames": frames,
        "distinct": kept,
        "mb": used / 1e6,
        "kb": growing / kept / 1024,
        "ms": spent_ms / kept,
        "evicted": archive.frames_evicted,
        "held": held_minutes if archive.frames_evicted else held_minutes * (BUDGET_BYTES - start) / growing,
        "compared": len(sample),
    }
    columns = [
        Column("minutes", "minutes", 1),
        Column("frames", "frames"),
        Column("distinct", "distinct"),
        Column("mb", "used", 1, " MB"),
        Column("kb", "a distinct frame", 2, " KB"),
        Column("ms", "a distinct frame", 2, " ms"),
        Column("evicted", "gone"),
        Column("held", "500 MB hold", 0, " min"),
        Column("compared", "frames compared at the end"),
    ]
    return Table(
        "10 frames a second, 60 % still", columns, [row], ["Used: segments, index, and what writes and draws."]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, help="a folder for bench-archive.md and bench-archive.json")
    options = parser.parse_args()
    report = Report.new("archive", " ".join(["python", *sys.argv]), quick=options.rounds < 5)
    frames = shown(options.seed)
    assert [kind for kind, *_ in frames] == ["first", *ORDER]
    report.tables = [*keeping(frames, options.rounds), rebuilding(frames, options.rounds)]
    if options.minutes:
        report.tables.append(holding(options.minutes))
    report.load_after = machine.load()
    print(markdown(report), end="")
    if options.out:
        (options.out / "bench-archive.md").write_text(markdown(report))
        (options.out / "bench-archive.json").write_text(dumps(report))


if __name__ == "__main__":
    main()
