"""What every implementation of Tracker must do, as checks that raise AssertionError.

    check_all(reference.KERNELS)

A plain model of a tracker is taken through the same frames; every array and answer is compared after each.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import xxhash
from kernel_conformance import laid_out, noise, tile_of, tile_slices

from ironcliw.frame import Rect
from ironcliw.kernels import grid_shape
from ironcliw.kernels.protocol import Damage, Kernels, Pixels

FAR = 2**62
JOIN_PX = 24
Step = tuple[Pixels, list[Damage] | None]


def belong(a: Rect, b: Rect) -> bool:
    """Whether two boxes are one region: near each other, and not mostly unchanged pixels together."""
    shared = a.intersection(b)
    covered = a.area + b.area - (shared.area if shared else 0)
    gap_area = JOIN_PX * (min(a.height, b.height) + min(a.width, b.width))
    return a.grown(JOIN_PX, JOIN_PX).overlaps(b) and 10 * a.union(b).area <= 13 * covered + 10 * gap_area


def joined(boxes: dict[tuple[int, int], Rect]) -> list[Rect]:
    """The regions of boxes by row and column: each is joined to its left neighbour, then to what is above."""
    complete: list[Rect] = []
    growing: list[Rect] = []
    for row in sorted({row for row, _ in boxes}):
        runs: list[Rect] = []
        for place in sorted(boxes):
            if place[0] == row:
                near = runs and belong(runs[-1], boxes[place])
                runs.append(runs.pop().union(boxes[place]) if near else boxes[place])
        top = min(run.y for run in runs)
        complete += [region for region in growing if region.bottom + JOIN_PX < top]
        growing = [region for region in growing if region.bottom + JOIN_PX >= top]
        for run in runs:
            for region in list(growing):
                if belong(region, run):
                    growing.remove(region)
                    run = region.union(run)
            growing.append(run)
    return sorted(complete + growing, key=lambda region: (region.y, region.x))


def touches(damage: Damage, row: int, column: int) -> bool:
    x, y, width, height = damage
    down = y < 64 * (row + 1) and y + height > 64 * row and height > 0
    return down and x < 64 * (column + 1) and x + width > 64 * column and width > 0


class Model:
    """A tracker of one state per tile, in no hurry."""

    def __init__(self, height: int, width: int, threshold: int, blinks_after: int) -> None:
        self.shape = grid_shape(height, width)
        self.threshold, self.blinks_after = threshold, blinks_after
        self.shown = np.zeros((height, width, 4), np.uint8)
        self.tiles: dict[tuple[int, int], bytes] = {}
        self.last_but_one: dict[tuple[int, int], bytes] = {}
        self.returns: dict[tuple[int, int], int] = {}
        self.counts: dict[tuple[int, int], int] = {}
        self.boxes: dict[tuple[int, int], Rect] = {}

    def apply(self, pixels: Pixels, damage: list[Damage] | None) -> tuple[Any, ...]:
        self.counts, self.boxes = {}, {}
        if not self.tiles:
            height, width = pixels.shape[:2]
            self.tiles = {place: tile_of(pixels, *place).tobytes() for place in np.ndindex(self.shape)}
            self.last_but_one = dict(self.tiles)
            self.shown[:, :, :3] = pixels[:, :, :3]
            return len(self.tiles), height * width, self.is_black(), [(0, 0, width, height)], []
        for place in np.ndindex(self.shape):
            if damage is None or any(touches(each, *place) for each in damage):
                self.look(pixels, place)
        blinks = {place for place in self.boxes if self.returns.get(place, 0) >= self.blinks_after}
        steady = joined({place: box for place, box in self.boxes.items() if place not in blinks})
        blinking = joined({place: self.boxes[place] for place in blinks})
        regions = ([(each.x, each.y, each.width, each.height) for each in part] for part in (steady, blinking))
        return len(self.boxes), sum(self.counts.values()), self.is_black(), *regions

    def look(self, pixels: Pixels, place: tuple[int, int]) -> None:
        tile, old = tile_of(pixels, *place), self.tiles[place]
        self.tiles[place] = tile.tobytes()
        part = tile_slices(*place)
        apart = (self.shown[part][:, :, :3].astype(int) - pixels[part][:, :, :3].astype(int)) ** 2
        ys, xs = np.nonzero(apart.sum(axis=2) > self.threshold)
        if self.tiles[place] == old or not len(ys):
            return
        left, top = int(xs.min()), int(ys.min())
        size = int(xs.max()) + 1 - left, int(ys.max()) + 1 - top
        self.counts[place] = len(ys)
        self.boxes[place] = Rect(64 * place[1] + left, 64 * place[0] + top, *size)
        self.shown[part][:, :, :3] = pixels[part][:, :, :3]
        came_back = self.tiles[place] == self.last_but_one[place]
        self.returns[place] = self.returns.get(place, 0) + 1 if came_back else 0
        self.last_but_one[place] = old

    def is_black(self) -> bool:
        return all(tile == bytes(16_384) for tile in self.tiles.values())


def check_steps(kernels: Kernels, steps: Iterable[Step], threshold: int = 0, blinks_after: int = 2) -> None:
    """Apply frames of one size, each with its damage."""
    steps = list(steps)
    height, width = steps[0][0].shape[:2]
    shape = grid_shape(height, width)
    model = Model(height, width, threshold, blinks_after)
    shown = laid_out(np.zeros((height, width, 4), np.uint8), 4, gap=5, offset=3)
    assert isinstance(shown.base, np.ndarray)
    expected_memory = shown.base.copy()
    expected_shown = np.ndarray(shown.shape, np.uint8, expected_memory, 3, shown.strides)
    grid, changed = np.zeros(shape, np.uint64), np.zeros(shape, np.uint8 if threshold else np.bool_)
    counts, boxes = np.full(shape, 77, np.uint32), np.full((*shape, 4), 77, np.int32)
    tracker = kernels.Tracker(shown, grid, changed, counts, boxes, threshold, blinks_after)
    for number, (pixels, damage) in enumerate(steps):
        expected = model.apply(pixels, damage)
        tiles, total, black, *regions = tracker.apply(pixels, damage)
        got = [[tuple(each) for each in part] for part in regions]
        assert (tiles, total, black, *got) == expected, number
        assert [type(each) for each in (tiles, total, black)] == [int, int, bool]
        expected_shown[:] = model.shown
        assert np.array_equal(shown.base, expected_memory), number
        for place in np.ndindex(shape):
            assert grid[place] == xxhash.xxh3_64_intdigest(model.tiles[place]), (number, place)
            assert changed[place] == (number == 0 or place in model.boxes), (number, place)
            assert counts[place] == model.counts.get(place, 0), (number, place)
            box = model.boxes.get(place)
            corners = [box.x, box.y, box.right, box.bottom] if box else [0] * 4
            assert boxes[place].tolist() == corners, (number, place)


def edited(pixels: Pixels, *rectangles: tuple[int, int, int, int], by: int = 96) -> Pixels:
    """Another frame, with other colours in some rectangles."""
    after = pixels.copy()
    for x, y, width, height in rectangles:
        after[y : y + height, x : x + width, :3] ^= np.uint8(by)
    return after


def check_layouts(kernels: Kernels) -> None:
    for height, width in ((1, 1), (1, 200), (63, 65), (64, 64), (65, 63), (130, 129)):
        first, fourth = noise(height, width, 3, 2), noise(height, width, 1, 4)
        spot = edited(first, (width - 1, height - 1, 1, 1))
        plain = np.concatenate([spot, fourth], axis=2)
        for threshold in (0, 9_000):
            for layout in ((3, 0, 0), (3, 5, 1), (4, 0, 0), (4, 7, 3)):
                others = (spot, noise(height, width, 3, 3), first)
                frames = (laid_out(first, *layout), plain, *(laid_out(each, *layout) for each in others))
                check_steps(kernels, [(each, None) for each in frames], threshold)


def check_mostly_and_hardly_changed(kernels: Kernels) -> None:
    """Rows of tiles of which nearly all, about 65 of 100 or hardly any changed, in every order; narrow and wide."""
    for columns, extra in ((20, 17), (66, 5)):
        height, width = 64 * 3 - 5, 64 * columns - extra
        start = noise(height, width)
        for threshold in (0, 2_000):
            steps = [(start, None)]
            for shares in ((100, 10, 100), (66, 100, 0), (65, 70, 100)):
                after = steps[-1][0].copy()
                for row, share in enumerate(shares):
                    for column in range(columns * share // 100):
                        after[64 * row + column % 50, 64 * column + column % (64 - extra), column % 3] ^= 128
                steps.append((after, None))
            steps.append((noise(height, width, seed=7), [(64, 0, width - 200, 130), (0, 140, width, 9)]))
            check_steps(kernels, steps, threshold)


def check_thresholds(kernels: Kernels) -> None:
    """Below, at and beyond, and what drifts is compared with what is shown."""
    start = np.full((70, 130, 4), 90, np.uint8)
    for threshold in (0, 1, 255, 256, 257, 128**2 - 1, 128**2):
        steps: list[Step] = [(start, None)]
        for value in (91, 90, 106, 100, 107, 117, 218, 90):
            after = steps[-1][0].copy()
            after[69, 129, 1] = after[3, 5, 2] = value
            steps.append((after, None))
        check_steps(kernels, steps, threshold)
    extremes = [np.full((5, 5, 3), value, np.uint8) for value in (0, 255, 0)]
    for threshold in (195_074, 195_075):
        check_steps(kernels, [(each, None) for each in extremes], threshold)


def check_damage(kernels: Kernels) -> None:
    """Only what is damaged is looked at, wherever damage lies; the rest is found later."""
    start, after = noise(200, 330), noise(200, 330, seed=1)
    lists: list[list[Damage]] = [
        [],
        [(64, 64, 64, 64)],
        [(63, 63, 1, 1)],
        [(63, 63, 2, 2)],
        [(64, 127, 0, 64), (128, 64, 64, 0), (64, 64, -64, 64), (64, 64, 64, -64)],
        [(-10, -10, 11, 11)],
        [(-10, -10, 10, 10), (-FAR, -FAR, 5, 5), (FAR, 0, 5, 5), (330 + 64, 0, 64, 64), (0, 256, 64, 64)],
        [(-FAR, 130, 2 * FAR - 1, 1)],
        [(200, -(2**63), 1, 2**63 - 1), (200, 0, 1, 1)],
        [(2**63 - 1, 2**63 - 1, 2**63 - 1, 2**63 - 1), (-(2**63), -(2**63), -(2**63), -(2**63))],
        [(329, 199, 2**63 - 1, 2**63 - 1)],
        [(0, 0, 1, 1), (329, 0, 1, 1), (0, 199, 1, 1), (128, 64, 1, 1)],
    ]
    for threshold in (0, 30_000):
        for damage in lists:
            check_steps(kernels, [(start, damage), (after, damage), (start, [(0, 0, 330, 200)])], threshold)
        check_steps(
            kernels, [(start, None), *((noise(200, 330, seed=i), each) for i, each in enumerate(lists))], threshold
        )


def check_blinking(kernels: Kernels) -> None:
    """A tile blinks after so many returns running; a third state ends it, and others' states have no part in it."""
    off = noise(130, 200)
    on = edited(off, (20, 30, 2, 16), (150, 100, 3, 3))
    third = edited(off, (20, 30, 9, 9))
    moved = edited(on, (0, 70, 30, 30))
    for blinks_after in (1, 2, 255):
        frames = [off, on, off, on, off, on, moved, off, moved, off, third, on, off, on, off, off, on, third, off]
        for threshold in (0, 500):
            check_steps(kernels, [(each, None) for each in frames], threshold, blinks_after)
    # What is below the threshold is a state of its own: coming back to it is no return to what was shown.
    near = edited(off, (21, 31, 1, 1), by=1)
    frames = [off, on, near, off, on, off, on, near, on, off, on]
    for threshold in (0, 3, 500):
        check_steps(kernels, [(each, None) for each in frames], threshold, 1)
    flicker = [np.full((1, 1, 3), value, np.uint8) for value in (1, 2)] * 130
    check_steps(kernels, [(each, None) for each in flicker], 0, 255)


def check_black(kernels: Kernels) -> None:
    black = np.zeros((65, 130, 4), np.uint8)
    fourth = black.copy()
    fourth[:, :, 3] = 255
    for channel in range(3):
        lit = black.copy()
        lit[64, 129, channel] = 1
        steps = [
            (black, None),
            (lit, None),
            (fourth, None),
            (lit, [(0, 0, 64, 65)]),
            (lit, None),
            (black, [(129, 0, 1, 1)]),
        ]
        check_steps(kernels, [*steps, (black, None)])
        check_steps(kernels, [(lit, None), *steps], 1)


REGIONS: dict[str, tuple[list[Damage], list[Damage]]] = {
    "a line over tiles": ([(20, 100, 310, 12)], [(20, 100, 310, 12)]),
    "letters of a line": ([(20, 100, 8, 12), (31, 100, 8, 12), (62, 100, 8, 12)], [(20, 100, 50, 12)]),
    "far corners": ([(380, 5, 10, 10), (5, 280, 10, 10)], [(380, 5, 10, 10), (5, 280, 10, 10)]),
    "23 apart": ([(40, 70, 24, 10), (87, 70, 20, 10)], [(40, 70, 67, 10)]),
    "24 apart": ([(40, 70, 24, 10), (88, 70, 20, 10)], [(40, 70, 24, 10), (88, 70, 20, 10)]),
    "an edge and a bar": ([(390, 0, 8, 255), (0, 270, 398, 16)], [(390, 0, 8, 255), (0, 270, 398, 16)]),
    "everything": ([(0, 0, 400, 300)], [(0, 0, 400, 300)]),
}


def check_regions(kernels: Kernels) -> None:
    """Drawn rectangles, and the regions that they are known to make; then many at random."""
    plain = np.full((300, 400, 4), 40, np.uint8)
    for name, (drawn, expected) in REGIONS.items():
        after = edited(plain, *drawn)
        shape = grid_shape(300, 400)
        arrays = np.zeros(shape, np.uint64), np.zeros(shape, np.bool_), np.zeros(shape, np.uint32)
        tracker = kernels.Tracker(np.zeros_like(plain), *arrays, np.zeros((*shape, 4), np.int32), 0, 2)
        tracker.apply(plain)
        steady, blinking = tracker.apply(after)[3:]
        assert ([tuple(each) for each in steady], list(blinking)) == (expected, []), name
        check_steps(kernels, [(plain, None), (after, None), (plain, None), (after, None), (plain, None)])
    random = np.random.default_rng(5)
    for _ in range(6):
        places = random.integers((0, 0, 1, 1), (400, 300, 90, 60), (int(random.integers(1, 9)), 4)).tolist()
        check_steps(kernels, [(plain, None), (edited(plain, *places), None)])


CHECKS = (
    check_thresholds,
    check_black,
    check_layouts,
    check_damage,
    check_regions,
    check_blinking,
    check_mostly_and_hardly_changed,
)


def check_all(kernels: Kernels) -> None:
    for check in CHECKS:
        check(kernels)
