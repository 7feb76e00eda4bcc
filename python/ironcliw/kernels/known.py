"""A frame made by a formula, a few keys, and what each kernel must answer: how ``doctor`` knows that a kernel works.

    for name, ok, detail in check(kernels):
        print(name, "works" if ok else "fails", detail)

The fingerprints were made with the package ``xxhash``, which a test repeats, the bits of keys as in
tools/make_bloom_vectors.py.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ironcliw.kernels import reference
from ironcliw.kernels.protocol import BINS, FEATURES, Kernels
from ironcliw.kernels.segment_protocol import SegmentReader, SegmentWriter

Check = tuple[str, bool, str]
"""The kernel's name, whether it answered as it must, and what it did instead where it did not."""

HEIGHT, WIDTH, GRID = 100, 150, (2, 3)
FINGERPRINTS = [
    [0xE53F23CC13205075, 0xBA6A46CB31EB753D, 0xB2737F35C06F403D],
    [0x5AFE2FE217B4DA86, 0x69DC08BAE9074674, 0x3EB876C33A6168BC],
]
THRESHOLD = 300
EDITS = ((0, 0, 0, 18), (63, 64, 1, 17), (99, 149, 2, 250), (70, 10, 0, 255), (80, 60, 0, 255))
"""y, x, channel, value; the third stays within the threshold."""
WITHIN = EDITS[2][3]
COUNTS = [[1, 1, 0], [2, 0, 0]]
BOXES = [[[0, 0, 1, 1], [64, 63, 65, 64], [0] * 4], [[10, 70, 61, 81], [0] * 4, [0] * 4]]

TILE_FEATURES = [
    [
        [520704, 519680, 528384, 520622, 80640316, 424327],
        [524288, 516608, 525312, 518304, 80031070, 600167],
        [179104, 177952, 182944, 178968, 27850256, 216598],
    ],
    [
        [294208, 289600, 297280, 291424, 45111012, 343841],
        [294720, 294464, 295232, 293716, 45497824, 435621],
        [100530, 100970, 100898, 100552, 15526450, 152819],
    ],
]
HISTOGRAM = [
    *(137, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 8, 9, 0, 0, 0, 0, 0, 1, 9, 2, 0, 0, 0, 1, 5, 27, 113, 53, 12, 4),
    *(0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
]
PERCEPTUAL_HASH = 0xC63939C63939C6D4
TRACKED = [
    [6, 15000, False, [[0, 0, 150, 100]], []],
    [3, 4, False, [[0, 0, 1, 1], [64, 63, 1, 1], [10, 70, 51, 11]], []],
    [1, 2, False, [], [[10, 70, 51, 11]]],
    [2, 2, False, [], [[0, 0, 1, 1], [64, 63, 1, 1]]],
]
"""The frame, the edited one, the frame where one rectangle was drawn to, the frame: each tile blinks at once."""
RECTANGLES = [[0, 0, 160, 96, *[256] * 4, 0], [32, 24, 128, 72, *[256] * 4, 0]]
"""The frame itself, whose borders are edges, and what is drawn in it."""
BLOCKS, HASHES = 3, 5
KEYS = ("key", b"\0\1", 2**64 - 1, "key")
LATER = (2**64 - 1, 6)
BITS = [
    [1030, 1049, 1196, 1215, 1251, 1252, 1373, 1400, 1497, 1533],
    [1048, 1049, 1080, 1116, 1122, 1153, 1183, 1215, 1263, 1279, 1289, 1301, 1400, 1497, 1533],
]
"""Which bits of a filter are set in its newest generation, with the keys LATER, and in the one before, with KEYS."""


def frame() -> NDArray[np.uint8]:
    """(100, 150, 4): every channel a ramp of its own, the fourth too, which must not matter."""
    y, x, channel = np.ogrid[:HEIGHT, :WIDTH, :4]
    return (7 * x + 13 * y + 29 * channel + x * y).astype(np.uint8)


def check(kernels: Kernels) -> list[Check]:
    """Run the known frame through each kernel; never raises, whatever a kernel does."""
    tests: dict[str, Callable[[Kernels], str | None]] = {
        "fingerprint": _fingerprint,
        "difference": _difference,
        "copy_tiles": _copy_tiles,
        "store_tiles": _store_tiles,
        "describe": _describe,
        "perceptual_hash": _perceptual_hash,
        "rectangles": _rectangles,
        "Tracker": _tracker,
        "BloomBits": _bloom_bits,
        "SegmentWriter": _segment_writer,
        "SegmentReader": _segment_reader,
    }
    return [_outcome(name, tests[name], kernels) for name in Kernels._fields]


def _outcome(name: str, test: Callable[[Kernels], str | None], kernels: Kernels) -> Check:
    try:
        wrong = test(kernels)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with a kernel is what was asked for
        wrong = f"raised {type(error).__name__}: {error}"
    return name, wrong is None, wrong or "answers as it must for the known frame"


def _fingerprint(kernels: Kernels) -> str | None:
    grid, changed = np.zeros(GRID, np.uint64), np.zeros(GRID, np.bool_)
    moved = kernels.fingerprint(frame(), grid, changed)
    again = kernels.fingerprint(frame(), grid, np.zeros(GRID, np.bool_))
    return _wrong(FINGERPRINTS, grid) or _wrong([[True] * 3] * 2, changed) or _wrong([6, 0], [moved, again])


def _difference(kernels: Kernels) -> str | None:
    before, after = frame(), frame()
    for y, x, channel, value in EDITS:
        after[y, x, channel] = value
    counts, boxes = np.zeros(GRID, np.uint32), np.zeros((*GRID, 4), np.int32)
    mask = np.ones((HEIGHT, WIDTH), np.bool_)
    total = kernels.difference(before, after, THRESHOLD, None, counts, boxes, mask)
    edited = sorted([y, x] for y, x, _, value in EDITS if value != WITHIN)
    return _wrong(COUNTS, counts) or _wrong(BOXES, boxes) or _wrong(edited, np.argwhere(mask)) or _wrong(4, total)


def _copy_tiles(kernels: Kernels) -> str | None:
    target = np.full((HEIGHT, WIDTH, 4), 9, np.uint8)
    expected = target.copy()
    expected[64:, 64:128, :3] = frame()[64:, 64:128, :3]
    expected[64:, 64:128, 3] = 0
    written_bytes = kernels.copy_tiles(frame(), target, np.array([[0, 0, 0], [0, 1, 0]], np.bool_))
    if not np.array_equal(target, expected):
        return "copied other pixels than those of the tile that was asked for"
    return _wrong(36 * 64 * 4, written_bytes)


def _store_tiles(kernels: Kernels) -> str | None:
    pool = np.full((2, 64, 64, 4), 9, np.uint8)
    expected = pool.copy()
    expected[1] = 0
    expected[1, :36, :22, :3] = frame()[64:, 128:, :3]
    slots = np.full(GRID, 1, np.int32)
    written_bytes = kernels.store_tiles(frame(), np.array([[0, 0, 0], [0, 0, 1]], np.bool_), pool, slots)
    if not np.array_equal(pool, expected):
        return "stored something else than the tile that was asked for"
    return _wrong(64 * 64 * 4, written_bytes)


def _describe(kernels: Kernels) -> str | None:
    features, histograms = np.zeros((*GRID, FEATURES), np.uint32), np.zeros((*GRID, BINS), np.uint16)
    histogram = np.zeros(BINS, np.uint32)
    count = kernels.describe(frame(), None, features, histograms, histogram)
    wrong = _wrong(TILE_FEATURES, features) or _wrong(HISTOGRAM, histogram)
    return wrong or _wrong(histogram.tolist(), histograms.sum(axis=(0, 1))) or _wrong(6, count)


def _perceptual_hash(kernels: Kernels) -> str | None:
    return _wrong(PERCEPTUAL_HASH, kernels.perceptual_hash(np.array(TILE_FEATURES, np.uint32), HEIGHT, WIDTH))


def _rectangles(kernels: Kernels) -> str | None:
    pixels, found = np.full((96, 160, 4), 200, np.uint8), np.zeros((4, 9), np.int32)
    pixels[24:72, 32:128] = 90
    count = kernels.rectangles(pixels, found)
    return _wrong(2, count) or _wrong(RECTANGLES, found[:2])


def _tracker(kernels: Kernels) -> str | None:
    shown, grid = np.zeros((HEIGHT, WIDTH, 4), np.uint8), np.zeros(GRID, np.uint64)
    changed, counts, boxes = np.zeros(GRID, np.bool_), np.zeros(GRID, np.uint32), np.zeros((*GRID, 4), np.int32)
    tracker = kernels.Tracker(shown, grid, changed, counts, boxes, THRESHOLD, 1)
    first = tracker.apply(frame())
    after = frame()
    for y, x, channel, value in EDITS:
        after[y, x, channel] = value
    answers = [first, tracker.apply(after), tracker.apply(frame(), [(0, 70, 64, 8)]), tracker.apply(frame())]
    listed = [[*answer[:3], *([list(each) for each in part] for part in answer[3:])] for answer in answers]
    return _wrong(TRACKED, listed) or _wrong(FINGERPRINTS, grid)


def _bloom_bits(kernels: Kernels) -> str | None:
    bits = kernels.BloomBits(BLOCKS, HASHES, 2)
    answers = [bits.check_and_add(key) for key in KEYS]
    bits.turn()
    seen = np.zeros(len(LATER), np.bool_)
    bits.check_and_add_into(np.array(LATER, np.uint64), seen)
    words = np.zeros((2, BLOCKS * 8), np.uint64)
    for age in (0, 1):
        bits.read(age, words[age])
    ones = [np.flatnonzero(np.unpackbits(each.astype("<u8").view(np.uint8), bitorder="little")) for each in words]
    wrong = _wrong([False, False, False, True], answers) or _wrong([True, False], seen)
    return wrong or _wrong(BITS, [each.tolist() for each in ones])


def _segment(kind: type[SegmentWriter]) -> bytes:
    """A segment of the frame, the edited one and the frame."""
    writer, after = kind(HEIGHT, WIDTH), frame()
    for y, x, channel, value in EDITS:
        after[y, x, channel] = value
    frames = enumerate((frame(), after, after, frame()))
    return b"".join(writer.add(pixels, number, 9 * number) for number, pixels in frames) + writer.end(5)


def _segment_writer(kernels: Kernels) -> str | None:
    return _frames_of(reference.SegmentReader(_segment(kernels.SegmentWriter)))


def _segment_reader(kernels: Kernels) -> str | None:
    return _frames_of(kernels.SegmentReader(_segment(reference.SegmentWriter)))


def _frames_of(reader: SegmentReader) -> str | None:
    wrong = _wrong([(0, 0), (1, 9), (3, 27)], reader.times()) or _wrong(5, reader.held_ns)
    out = np.full((HEIGHT, WIDTH, 4), 9, np.uint8)
    for number, edits in enumerate(((), EDITS, ())):
        expected = frame()
        for y, x, channel, value in edits:
            expected[y, x, channel] = value
        expected[:, :, 3] = 0
        reader.draw(number, out)
        if not np.array_equal(out, expected):
            wrong = wrong or f"drew another frame than number {number} that was written"
    return wrong


def _wrong(expected: object, got: object) -> str | None:
    listed = got.tolist() if isinstance(got, np.ndarray) else got
    return None if listed == expected else f"answered {listed} instead of {expected}"
