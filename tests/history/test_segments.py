"""Every frame of any segment comes back bit by bit, whoever wrote it and whoever reads it."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest
from archive_screens import EDITS, Maker, distinct, implementations, same, shown, written
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ironcliw.kernels import grid_shape
from ironcliw.kernels.protocol import Kernels
from rounds import rounds

KINDS = implementations()
each = pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
pairs = pytest.mark.parametrize(
    ("writer", "reader"),
    [(KINDS[a], KINDS[b]) for a in KINDS for b in KINDS],
    ids=[f"{a}-{b}" for a in KINDS for b in KINDS],
)


def check(data: bytes, screens: list[np.ndarray], reader: Kernels) -> None:
    opened = reader.SegmentReader(data)
    numbers = distinct(screens)
    assert opened.times() == [(100 * i, 5000 - 7 * i) for i in numbers]
    assert (opened.frames, opened.held_ns) == (len(numbers), 100 * len(screens))
    assert (opened.height, opened.width) == screens[0].shape[:2]
    out = np.full_like(screens[0], 9)
    order = list(range(len(numbers)))
    random.Random(len(data)).shuffle(order)
    for frame in order[:6]:
        out[:] = 9
        opened.draw(frame, out)
        assert same(out, screens[numbers[frame]])
        assert not out[:, :, 3].any()
    opened.draw(0, out)
    for frame in range(1, len(numbers)):
        opened.draw(frame, out, frame - 1)
        assert same(out, screens[numbers[frame]])


@pairs
@settings(max_examples=rounds(short=12, full=400), deadline=None, suppress_health_check=list(HealthCheck))
@given(
    seed=st.integers(0, 2**32 - 1),
    edits=st.lists(st.sampled_from(EDITS), max_size=14),
    height=st.integers(1, 150),
    width=st.integers(1, 150),
)
def test_every_frame_comes_back(
    writer: Kernels, reader: Kernels, seed: int, edits: list[str], height: int, width: int
) -> None:
    screens = shown(seed, edits, height, width)
    check(written(writer, screens), screens, reader)


@pairs
def test_long_scrolls_of_a_large_screen(writer: Kernels, reader: Kernels) -> None:
    maker = Maker(3, 260, 300)
    screens = [maker.screen.copy()]
    for step in range(rounds(short=25, full=90)):
        page = maker.screen[20:240, 30:270]
        page[:-7] = page[7:].copy()
        maker.paint((233, 30, 7, 240))
        if step % 9 == 4:
            maker.change("letter")
        screens.append(maker.screen.copy())
    data = written(writer, screens)
    check(data, screens, reader)
    # As moves, a step takes what came into view; without them it takes the page.
    last = len(written(writer, screens[-1:]))
    assert len(data) < len(screens) * last / 3


@each
def test_caret_and_clock_cost_a_reference_only(kind: Kernels) -> None:
    maker = Maker(5, 300, 300)
    one = maker.screen.copy()
    two = one.copy()
    two[100:130, 70:90, :3] = maker.random.integers(0, 256, (30, 20, 3))
    writer = kind.SegmentWriter(300, 300)
    sizes = [len(writer.add(screen, i, i)) for i, screen in enumerate([one, two] * 5)]
    assert sizes[0] > sizes[1] > 600
    assert max(sizes[2:]) < 60


@each
def test_only_where_it_may_have_changed(kind: Kernels) -> None:
    maker = Maker(6, 200, 200)
    writer, shape = kind.SegmentWriter(200, 200), grid_shape(200, 200)
    before = maker.screen.copy()
    data = writer.add(before, 0, 0)
    maker.paint((0, 0, 200, 200))
    tiles = np.zeros(shape, np.bool_)
    tiles[1, 2] = True
    data += writer.add(maker.screen, 1, 1, tiles)
    expected = before.copy()
    expected[64:128, 128:192] = maker.screen[64:128, 128:192]
    out = np.zeros_like(before)
    kind.SegmentReader(data).draw(1, out)
    assert same(out, expected)
    assert writer.add(maker.screen, 2, 2, np.zeros(shape, np.uint8)) == b""


@each
def test_equal_fingerprints_are_not_believed(kind: Kernels) -> None:
    """A collision is planted; the control believes it, and shows what would become of the pixels."""
    screens = shown(8, ["window", "photo", "back", "window", "back"], 190, 190)
    equal = np.full(grid_shape(190, 190), 7, np.uint64)
    wrong = {}
    for verify in (True, False):
        writer = kind.SegmentWriter(190, 190, 0, verify)
        reader = kind.SegmentReader(b"".join(writer.add(screen, i, i, None, equal) for i, screen in enumerate(screens)))
        out = np.zeros_like(screens[0])
        wrong[verify] = 0
        for frame, number in enumerate(distinct(screens)):
            reader.draw(frame, out)
            wrong[verify] += not same(out, screens[number])
    assert wrong[True] == 0
    assert wrong[False] > 0


@each
def test_fingerprints_that_are_known_already(kind: Kernels) -> None:
    screens = shown(9, ["letter", "back", "window", "back"], 130, 130)
    plain, told = kind.SegmentWriter(130, 130), kind.SegmentWriter(130, 130)
    grid, moved = np.zeros((3, 3), np.uint64), np.zeros((3, 3), np.bool_)
    for i, screen in enumerate(screens):
        kind.fingerprint(screen, grid, moved)
        assert len(plain.add(screen, i, i)) == len(told.add(screen, i, i, moved, grid))


@pairs
def test_every_flipped_byte_is_found(writer: Kernels, reader: Kernels) -> None:
    data = written(writer, shown(11, ["letter", "scroll", "back"], 40, 50))
    print("seed 11,", len(data), "bytes")
    step = rounds(short=max(1, len(data) // 400), full=1)
    for at in range(0, len(data), step):
        damaged = bytearray(data)
        damaged[at] ^= 1 << at % 8
        with pytest.raises(ValueError, match=r"segment|history|archive"):
            reader.SegmentReader(bytes(damaged))


@pairs
def test_what_is_cut_off_says_how_much_is_whole(writer: Kernels, reader: Kernels) -> None:
    screens = shown(12, ["letter", "window", "back"], 70, 70)
    whole = [0, 48]
    kind = writer.SegmentWriter(70, 70)
    data = b""
    for i, screen in enumerate(screens):
        data += kind.add(screen, i, i)
        whole.append(len(data))
    for cut in {*range(0, 60), *range(60, len(data), 37)}:
        if cut in whole and cut > 0:
            assert reader.SegmentReader(data[:cut]).frames == whole.index(cut) - 1
            continue
        best = max(size for size in whole if size <= cut)
        with pytest.raises(ValueError, match=f"cut off: only its first {best} bytes are whole"):
            reader.SegmentReader(data[:cut])


@each
def test_a_reader_follows_a_writer(kind: Kernels) -> None:
    screens = shown(13, list(EDITS) * 3, 140, 150)
    writer = kind.SegmentWriter(140, 150, 40)
    reader = kind.SegmentReader(writer.add(screens[0], 0, 0))
    out = np.zeros_like(screens[0])
    for i, screen in enumerate(screens):
        if i:
            reader.extend(writer.add(screen, i, i))
        reader.draw(reader.frames - 1, out)
        assert same(out, screen)
    assert (reader.first, reader.held_ns) == (40, None)
    reader.extend(writer.end(99))
    assert reader.held_ns == 99
    with pytest.raises(ValueError, match=r"damaged: a wrong checksum|damaged: a record after the end"):
        reader.extend(kind.SegmentWriter(1, 1).add(np.zeros((1, 1, 4), np.uint8), 0, 0)[48:])


@each
def test_what_is_refused(kind: Kernels) -> None:
    pixels = np.zeros((64, 64, 4), np.uint8)
    for arguments, text in [
        ((0, 5), r"^height: expected an integer 1 to 32768, got 0$"),
        ((5, 40_000), r"^width: expected an integer 1 to 32768, got 40000$"),
        ((5, 5, -1), r"^first: expected an integer 0 to 9223372036854775807, got -1$"),
    ]:
        with pytest.raises(ValueError, match=text):
            kind.SegmentWriter(*arguments)
    writer = kind.SegmentWriter(64, 64)
    with pytest.raises(ValueError, match="ended"):
        writer.end(0)
    data = writer.add(pixels, 5, 5)
    pixels[0, 0] = 1
    for arguments, text in [
        ((pixels, 4, 4), "^time_ns: expected at least 5, the time of the frame before, got 4$"),
        ((pixels, "6", 6), "^time_ns: expected an integer of 64 bits, got '6'$"),
        ((pixels[1:], 6, 6), r"^pixels: expected a uint8 array of shape \(64, 64, 3 or 4\), got uint8 \(63, 64, 4\)$"),
        ((pixels, 6, 6, np.zeros((2, 2), np.bool_)), r"^changed: expected a bool or uint8 array of shape \(1, 1\)"),
        (
            (pixels, 6, 6, None, np.zeros((2, 2), np.uint64)),
            r"^fingerprints: expected a uint64 array of shape \(1, 1\)",
        ),
    ]:
        with pytest.raises(ValueError, match=text):
            writer.add(*arguments)
    data += writer.add(pixels, 6, 6)
    reader = kind.SegmentReader(data)
    for arguments, text in [
        ((2, pixels), "^frame: expected less than 2, got 2$"),
        ((-1, pixels), "^frame: expected an integer 0 to 9223372036854775807, got -1$"),
        ((0, pixels[1:]), "^out: expected a uint8 array of shape"),
    ]:
        with pytest.raises(ValueError, match=text):
            reader.draw(*arguments)
    for segment, text in [
        (b"something else that is no segment", "no segment"),
        (data[:8] + b"\2" + data[9:], "of version 2, and only version 1"),
    ]:
        with pytest.raises(ValueError, match=text):
            kind.SegmentReader(segment)


VECTORS = json.loads((Path(__file__).parent / "segment_vectors.json").read_text())


@each
@pytest.mark.parametrize("name", VECTORS)
def test_segments_that_were_written_once(kind: Kernels, name: str) -> None:
    vector = VECTORS[name]
    reader = kind.SegmentReader(bytes.fromhex(vector["segment"]))
    assert [list(times) for times in reader.times()] == vector["times"]
    assert (reader.height, reader.width, reader.first) == tuple(vector["shape"])
    assert reader.held_ns == vector["held_ns"]
    grid, moved = (np.zeros(grid_shape(reader.height, reader.width), dtype) for dtype in (np.uint64, np.bool_))
    for frame, fingerprints in enumerate(vector["fingerprints"]):
        out = np.zeros((reader.height, reader.width, 4), np.uint8)
        reader.draw(frame, out)
        kind.fingerprint(out, grid, moved)
        assert [f"{value:016x}" for value in grid.ravel()] == fingerprints
