"""The checks of Tracker are worth something: each of these broken trackers is refused by them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tracker_conformance as conformance

from ironcliw.kernels import reference

GOOD = reference.KERNELS


class Faulty(reference.KERNELS.Tracker):
    """A good tracker whose arrays the broken ones below reach by name."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.shown, self.grid, self.changed, self.counts, self.boxes, self.threshold, self.blinks_after = arguments
        self.frames = 0

    def apply(self, pixels: Any, damage: Any = None) -> Any:
        self.frames += 1
        return self.broken(pixels, damage)

    def right(self, pixels: Any, damage: Any = None) -> Any:
        return super().apply(pixels, damage)

    def broken(self, pixels: Any, damage: Any) -> Any:
        return self.right(pixels, damage)


class BlinkStateNotReset(Faulty):
    def _follow_returns(self, changed: Any, old: Any) -> Any:
        before = self._returns.copy()
        super()._follow_returns(changed, old)
        self._returns[:] = np.maximum(self._returns, before)
        return changed & (self._returns >= self.blinks_after)


class BlinksOneTooEarly(Faulty):
    def __init__(self, *arguments: Any) -> None:
        *rest, blinks_after = arguments
        super().__init__(*rest, max(blinks_after - 1, 1))


class ReturnsWrapAround(Faulty):
    def _follow_returns(self, changed: Any, old: Any) -> Any:
        full = self._returns == 255
        again = super()._follow_returns(changed, old)
        self._returns[full & changed] = 0
        return again & ~full


class BeforeOfEveryFrame(Faulty):
    """The state before last is taken of every frame, changed or not."""

    def broken(self, pixels: Any, damage: Any) -> Any:
        old = self.grid.copy()
        found = self.right(pixels, damage)
        self._before[:] = old
        return found


class BlinkingIsSteadyToo(Faulty):
    def broken(self, pixels: Any, damage: Any) -> Any:
        *rest, steady, blinking = self.right(pixels, damage)
        return *rest, sorted([*steady, *blinking], key=lambda each: (each.y, each.x)), blinking


class BlinkingIsNothing(Faulty):
    def broken(self, pixels: Any, damage: Any) -> Any:
        return *self.right(pixels, damage)[:4], []


class DamageIgnored(Faulty):
    def broken(self, pixels: Any, damage: Any) -> Any:
        return self.right(pixels)


class DamageEmptyIsNone(Faulty):
    def broken(self, pixels: Any, damage: Any) -> Any:
        return self.right(pixels, damage or None)


class DamageOfWholeTilesOnly(Faulty):
    def broken(self, pixels: Any, damage: Any) -> Any:
        whole = damage and [(x + 63, y + 63, width - 63, height - 63) for x, y, width, height in damage]
        return self.right(pixels, whole)


class DamageOneTileTooWide(Faulty):
    def broken(self, pixels: Any, damage: Any) -> Any:
        return self.right(pixels, damage and [(x, y, min(w + 1, 2**63 - 1), h) for x, y, w, h in damage])


class DamageOf32Bits(Faulty):
    def broken(self, pixels: Any, damage: Any) -> Any:
        small = damage and [tuple((number + 2**31) % 2**32 - 2**31 for number in each) for each in damage]
        return self.right(pixels, small)


class DamageOnTheFirstFrame(Faulty):
    def broken(self, pixels: Any, damage: Any) -> Any:
        found = self.right(pixels, damage)
        if self.frames == 1 and damage == []:
            self.changed[:] = 0
        return found


class ThresholdOneTooLow(Faulty):
    def __init__(self, *arguments: Any) -> None:
        *rest, threshold, blinks_after = arguments
        super().__init__(*rest, max(threshold - 1, 0), blinks_after)


class ThresholdOneTooHigh(Faulty):
    def __init__(self, *arguments: Any) -> None:
        *rest, threshold, blinks_after = arguments
        super().__init__(*rest, min(threshold + 1, 195_075), blinks_after)


class CountsKept(Faulty):
    """Counts of the frame before stay where nothing changed now."""

    def broken(self, pixels: Any, damage: Any) -> Any:
        before = self.counts.copy() if self.frames > 1 else self.counts * 0
        found = self.right(pixels, damage)
        np.copyto(self.counts, before, where=self.counts == 0)
        return found


class BoxesKept(Faulty):
    def broken(self, pixels: Any, damage: Any) -> Any:
        before = self.boxes.copy() if self.frames > 1 else self.boxes * 0
        found = self.right(pixels, damage)
        np.copyto(self.boxes, before, where=(self.counts == 0)[:, :, np.newaxis])
        return found


class ChangedKept(Faulty):
    def broken(self, pixels: Any, damage: Any) -> Any:
        before = self.changed.copy()
        found = self.right(pixels, damage)
        self.changed[:] |= before
        return found


class ChangedIsMoved(Faulty):
    """Another fingerprint is enough to be changed."""

    def broken(self, pixels: Any, damage: Any) -> Any:
        before = self.grid.copy()
        found = self.right(pixels, damage)
        self.changed[:] = self.grid != before
        return found


class DenseRowsDiffer(Faulty):
    """After a row of tiles of which most changed, the last row of pixels of the next is not compared."""

    def broken(self, pixels: Any, damage: Any) -> Any:
        altered = pixels.copy()
        if self.frames > 1:
            for row in range(1, self.grid.shape[0]):
                above = slice(64 * row - 64, 64 * row)
                differ = (altered[above, :, :3] != self.shown[above, :, :3]).any(axis=(0, 2))
                hit = np.add.reduceat(differ, np.arange(0, len(differ), 64)) > 0
                last = min(64 * row + 63, pixels.shape[0] - 1)
                if hit.mean() > 0.65:
                    altered[last, :, :3] = self.shown[last, :, :3]
        return self.right(altered, damage)


class DenseFromTheSameRow(Faulty):
    """Boxes are widened to the tile where most of a row changed."""

    def broken(self, pixels: Any, damage: Any) -> Any:
        found = self.right(pixels, damage)
        if self.frames > 1:
            for row in np.flatnonzero(self.changed.mean(axis=1) > 0.65):
                self.boxes[row, self.counts[row] > 0, 0] //= 64
                self.boxes[row, self.counts[row] > 0, 0] *= 64
        return found


class OnlyTheFirstStrip(Faulty):
    def broken(self, pixels: Any, damage: Any) -> Any:
        altered = pixels.copy()
        if self.frames > 1:
            altered[:, 64 * 64 :, :3] = self.shown[:, 64 * 64 :, :3]
        return self.right(altered, damage)


class FourthByteShown(Faulty):
    def broken(self, pixels: Any, damage: Any) -> Any:
        found = self.right(pixels, damage)
        if pixels.shape[2] == 4:
            self.shown[:, :, 3] = pixels[:, :, 3]
        return found


class EverythingShown(Faulty):
    """What is below the threshold is shown too, so that slow drift never adds up."""

    def broken(self, pixels: Any, damage: Any) -> Any:
        found = self.right(pixels, damage)
        self.shown[:, :, :3] = pixels[:, :, :3]
        return found


class OnlyChangedPixelsShown(Faulty):
    def broken(self, pixels: Any, damage: Any) -> Any:
        before = self.shown.copy()
        found = self.right(pixels, damage)
        apart = ((before[:, :, :3].astype(int) - pixels[:, :, :3]) ** 2).sum(axis=2)
        if self.frames > 1:
            np.copyto(self.shown, before, where=(apart <= self.threshold)[:, :, np.newaxis])
        return found


class NothingShown(Faulty):
    def broken(self, pixels: Any, damage: Any) -> Any:
        before = self.shown.copy()
        found = self.right(pixels, damage)
        if self.frames > 1:
            self.shown[:] = before
        return found


class GridOfChangedOnly(Faulty):
    def broken(self, pixels: Any, damage: Any) -> Any:
        before = self.grid.copy()
        found = self.right(pixels, damage)
        np.copyto(self.grid, before, where=~np.asarray(self.changed, np.bool_))
        return found


class BlackByTheFrame(Faulty):
    """Of the frame that was given, not of what is known of the screen."""

    def broken(self, pixels: Any, damage: Any) -> Any:
        tiles, total, _, *regions = self.right(pixels, damage)
        return tiles, total, not pixels[:, :, :3].any(), *regions


class BlackWithFourthBytes(Faulty):
    def broken(self, pixels: Any, damage: Any) -> Any:
        tiles, total, black, *regions = self.right(pixels, damage)
        return tiles, total, black and not pixels.any(), *regions


class BlackWhereDarkEnough(Faulty):
    def broken(self, pixels: Any, damage: Any) -> Any:
        tiles, total, black, *regions = self.right(pixels, damage)
        return tiles, total, black or not self.shown[:, :, :2].any(), *regions


class FirstFrameCounted(Faulty):
    def broken(self, pixels: Any, damage: Any) -> Any:
        found = self.right(pixels, damage)
        if self.frames == 1:
            self.counts[:] = 1
        return found


class FirstFrameNoRegion(Faulty):
    def broken(self, pixels: Any, damage: Any) -> Any:
        found = self.right(pixels, damage)
        return (*found[:3], [], []) if self.frames == 1 else found


class RegionsByTile(Faulty):
    def broken(self, pixels: Any, damage: Any) -> Any:
        found = self.right(pixels, damage)
        boxes = self.boxes[self.counts > 0].tolist()
        return (*found[:3], [(x, y, x1 - x, y1 - y) for x, y, x1, y1 in boxes], []) if boxes and not found[4] else found


class RegionsByColumn(Faulty):
    def broken(self, pixels: Any, damage: Any) -> Any:
        *rest, steady, blinking = self.right(pixels, damage)
        return *rest, sorted(steady), blinking


class OneRegion(Faulty):
    def broken(self, pixels: Any, damage: Any) -> Any:
        *rest, steady, blinking = self.right(pixels, damage)
        whole = steady[:1]
        for region in steady[1:]:
            whole = [whole[0].union(region)]
        return *rest, whole, blinking


class RegionsWithCorners(Faulty):
    """x, y, right and bottom in place of width and height."""

    def broken(self, pixels: Any, damage: Any) -> Any:
        *rest, steady, blinking = self.right(pixels, damage)
        return *rest, [(each.x, each.y, each.right, each.bottom) for each in steady], blinking


class MiscountsTiles(Faulty):
    def broken(self, pixels: Any, damage: Any) -> Any:
        return len(self.counts), *self.right(pixels, damage)[1:]


FAULTS = Faulty.__subclasses__()
FOUND_BY = {
    OnlyTheFirstStrip: conformance.check_mostly_and_hardly_changed,
    ReturnsWrapAround: conformance.check_blinking,
    BlinkStateNotReset: conformance.check_blinking,
}
"""The last checks; those before them find nothing and take long."""


def test_what_the_faults_are_planted_in_is_good() -> None:
    assert len(FAULTS) > 30
    for check in (conformance.check_thresholds, conformance.check_black, conformance.check_regions):
        check(GOOD._replace(Tracker=Faulty))


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_faults_are_found(fault: type[Faulty]) -> None:
    check = FOUND_BY.get(fault, conformance.check_all)
    assert check is conformance.check_all or check in conformance.CHECKS
    with pytest.raises(AssertionError):
        check(GOOD._replace(Tracker=fault))
