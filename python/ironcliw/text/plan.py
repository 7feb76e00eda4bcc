"""When to read what: changed regions wait until they settle, and moving ones are read a few times a second.

    plan = ReadPlan(width=1920, height=1080)
    plan.follow(change.regions, tracker.tiles, stamp, pixels)
    plan.next_due_ns                      # source time at which the next region wants to be read
    plan.take(now_ns)                     # the most urgent region due by then

What is restless (``volatility.Patience``) is read more seldom, and what is known to say nothing new not at all.
When to read is a function of source time only, so a recording gives the same readings however fast it is decoded.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ironcliw.change import Tiles
from ironcliw.clock import MS
from ironcliw.frame import Rect
from ironcliw.text.proofs import Proofs
from ironcliw.text.stamps import Stamp, Stamps
from ironcliw.volatility import Patience, Standing, Taken, Volatility

SETTLE_NS = 100 * MS
"""A region is read once it has not changed for this long ..."""

INTERVAL_NS = 200 * MS
"""... and while it keeps changing, this long after its first change and after each reading."""

SPECK_PX = 12
"""What is no wider, below what waits to be read, is a caret, or the first letter of what is read after it."""

LONGEST_DISSOLVE_NS = 2_000 * MS
"""What dissolves for longer than this is read while it does."""

LARGE = 1 / 16
"""A region of at least this part of the frame may be dissolving; smaller ones are read as ever."""

_NEAR_PX = 12
REGIONS_MAX = 64
_BAND_PX = 320
_BAND_OVERLAP_PX = 96
_SMALLEST_TEXT_PX = 4


@dataclass(frozen=True, slots=True)
class Dirty:
    """A region whose text is not known any more.

    since_ns, changed_ns: source times of the first and the last change since it was read
    not_before_ns: earliest source time of the next reading, because it was read a moment ago
    states: how many captures changed it since it was read; all but the last will never be read
    at_start: whether it belongs to the state the watch began with
    proof: whether it was read before, in parts
    """

    region: Rect
    since_ns: int
    changed_ns: int
    not_before_ns: int = 0
    states: int = 1
    at_start: bool = False
    proof: bool = False

    def merged(self, other: Dirty) -> Dirty:
        """Both as one region, due no later than either was.

        A caret that comes to stand below what has been written (``other``, later) changes nothing in it.
        """
        speck = other.region.width <= SPECK_PX and other.region.y >= self.region.bottom
        return Dirty(
            self.region.union(other.region),
            min(self.since_ns, other.since_ns),
            self.changed_ns if speck else max(self.changed_ns, other.changed_ns),
            max(self.not_before_ns, other.not_before_ns),
            max(self.states, other.states) + (self.changed_ns != other.changed_ns),
        )


class ReadPlan:
    """The regions that want reading. Bounded: above 64 regions the two nearest in order become one.

    width, height: of the frame in pixels
    settle_ns: a region is read once it has not changed for this long ...
    interval_ns: ... and while it keeps changing, this long after its first change and after each reading
    volatility: what has followed each capture before ``follow`` is called; None for one of its own
    exact: whether an unchanged pixel has an unchanged value
    """

    def __init__(
        self,
        width: int,
        height: int,
        *,
        settle_ns: int = SETTLE_NS,
        interval_ns: int = INTERVAL_NS,
        volatility: Volatility | None = None,
        exact: bool = True,
    ) -> None:
        self.stamps = Stamps(width, height)
        self._patience = Patience(volatility or Volatility(width, height))
        self._standing = Standing(width, height, exact=exact)
        self._settle_ns = settle_ns
        self._interval_ns = interval_ns
        self._frame = Rect(0, 0, width, height)
        self._start: list[Dirty] = []
        self._dirty: list[Dirty] = []
        self._recent: list[tuple[Rect, int]] = []
        self._start_has_waited = False
        self._dissolving_until_ns = -1
        self._proofs = Proofs(exact=exact)

    def begin(self, stamp: Stamp, tiles: Tiles | None = None, *, in_bands: bool) -> None:
        """The whole frame is there for the first time, and wants reading at once. ``tiles``: what it is made of.

        ``in_bands`` reads it in overlapping bands, so that a change need not wait for the whole, nor, where changes
        never end, the whole for ever: they take turns.
        """
        self.stamps.set([self._frame], stamp)
        if tiles is not None:
            self._patience.begin(tiles)
        bands = _bands(self._frame) if in_bands else [self._frame]
        self._proofs.begin(bands, stamp)
        self._start = [Dirty(band, stamp.time_ns - self._interval_ns, stamp.time_ns, at_start=True) for band in bands]

    @property
    def at_start(self) -> bool:
        """Whether some of the state that was there at first still waits to be read."""
        return bool(self._start)

    def follow(self, regions: Sequence[Rect], tiles: Tiles, stamp: Stamp, pixels: NDArray[np.uint8]) -> None:
        """The capture ``stamp`` changed these regions and ``tiles``, and the (h, w, 4) uint8 screen is now ``pixels``.

        What has to wait, or is known, is left out until it is due; see ``volatility.Patience``.
        """
        self.stamps.set(regions, stamp)
        self.add(self._patience.sort(regions, tiles, stamp.time_ns), stamp)
        where, moving = self._patience.covers(stamp.time_ns)
        self._add_due(self._standing.look(pixels, where, moving, stamp.time_ns), stamp.time_ns)

    def add(self, regions: Sequence[Rect], stamp: Stamp) -> None:
        """These regions changed with the capture ``stamp``."""
        self.stamps.set(regions, stamp)
        self._merge(Dirty(region, stamp.time_ns, stamp.time_ns, self._not_before(region)) for region in regions)

    def _add_due(self, regions: Iterable[Rect], now_ns: int) -> None:
        """These regions have waited long enough; one beside what waits already is read with that, in its time."""
        due_ns = now_ns - max(self._interval_ns, self._settle_ns)
        for region in regions:
            near = any(dirty.region.grown(_NEAR_PX, _NEAR_PX).overlaps(region) for dirty in self._dirty)
            self._merge([Dirty(region, now_ns if near else due_ns, due_ns)])

    def _merge(self, fresh: Iterable[Dirty]) -> None:
        for merged in fresh:
            for dirty in list(self._dirty):
                if dirty.region.grown(_NEAR_PX, _NEAR_PX).overlaps(merged.region):
                    self._dirty.remove(dirty)
                    merged = dirty.merged(merged)
            self._dirty.append(merged)
        self._dirty.sort(key=lambda dirty: (dirty.region.y, dirty.region.x))
        while len(self._dirty) > REGIONS_MAX:
            first, second = self._dirty[:2]
            self._dirty[:2] = [first.merged(second)]

    @property
    def has_large(self) -> bool:
        """Whether a region that may be dissolving waits to be read."""
        return any(self._is_large(dirty.region) for dirty in self._dirty)

    def _is_large(self, region: Rect) -> bool:
        return region.area >= LARGE * self._frame.area

    def dissolving(self, until_ns: int) -> None:
        """One picture is turning into another, at least until then: of large regions only the end is worth reading."""
        self._dissolving_until_ns = until_ns

    def _not_before(self, region: Rect) -> int:
        return max((read_ns + self._interval_ns for read, read_ns in self._recent if read.overlaps(region)), default=0)

    @property
    def waiting(self) -> int:
        """How many regions want reading, now or later."""
        return len(self._dirty) + len(self._start)

    @property
    def next_due_ns(self) -> int | None:
        """Source time at which the next region wants to be read; None where nothing does."""
        dues = [self._due_ns(dirty) for dirty in (*self._dirty, *self._start)]
        later = (self._patience.due_ns, None if dues else self._proofs.due_ns)
        return min([*dues, *(due_ns for due_ns in later if due_ns is not None)], default=None)

    def _due_ns(self, dirty: Dirty) -> int:
        settled_ns, patience_ns = dirty.changed_ns + self._settle_ns, dirty.since_ns + self._interval_ns
        if patience_ns < self._dissolving_until_ns and self._is_large(dirty.region):
            patience_ns = min(self._dissolving_until_ns, dirty.since_ns + LONGEST_DISSOLVE_NS)
        return max(min(settled_ns, patience_ns), dirty.not_before_ns)

    def _urgency(self, dirty: Dirty) -> tuple[int, int, int]:
        return self._due_ns(dirty), dirty.region.y, dirty.region.x

    def take(self, now_ns: int) -> Dirty | None:
        """Remove and return the most urgent region due by ``now_ns``; None where none is."""
        self._add_due(self._patience.take(now_ns), now_ns)
        for waiting in (self._start, self._dirty) if self._start_has_waited else (self._dirty, self._start):
            ready = (dirty for dirty in waiting if self._due_ns(dirty) <= now_ns)
            due = min(ready, key=self._urgency, default=None)
            if due is not None:
                waiting.remove(due)
                self._note_read(due, now_ns)
                self._start_has_waited = waiting is self._dirty and bool(self._start)
                return due
        proof = None if self.waiting else self._proofs.take(now_ns, self.stamps)
        return None if proof is None else Dirty(proof, now_ns, now_ns, proof=True)

    def take_away(self, dirty: Dirty, now_ns: int) -> None:
        """``dirty``, which waits, is being read."""
        self._dirty.remove(dirty)
        self._note_read(dirty, now_ns)

    def take_inside(self, region: Rect, now_ns: int) -> list[Dirty]:
        """Remove and return what is due, too, and lies wholly inside ``region``, which is read now: once is enough.

        What is not due has not settled, and on lossy video need not change enough any more to be noticed again.
        """
        due = [dirty for dirty in self._dirty if self._due_ns(dirty) <= now_ns]
        inside = [dirty for dirty in due if region.intersection(dirty.region) == dirty.region]
        for dirty in inside:
            self.take_away(dirty, now_ns)
        return inside

    def taking(self, region: Rect, now_ns: int) -> Taken:
        """What is known of the tiles under ``region``, which is read as it is now; for ``finish``."""
        pending = (dirty.region for dirty in (*self._dirty, *self._start))
        return self._patience.taking(region, pending, now_ns)

    def finish(self, taken: Taken, texts: Iterable[Rect], news: Iterable[Rect]) -> None:
        """What was taken has been read; ``texts`` read differently now, and ``news`` of those is worth telling."""
        self._patience.finish(taken, texts, news)

    def put_back(
        self, region: Rect, before: Stamps, taken: Taken, now_ns: int, *, at_start: bool, proof: bool = False
    ) -> None:
        """What was taken for a reading was not read: it is due again at once. The fields are those of the reading."""
        self.stamps.put_back(region, before)
        self._patience.put_back(taken)
        if proof:
            self._proofs.put_back()
            return
        dirty = Dirty(region, now_ns - self._interval_ns, now_ns, at_start=at_start)
        if at_start:
            self._start.append(dirty)
        else:
            self._merge([dirty])

    def _note_read(self, dirty: Dirty, now_ns: int) -> None:
        self._proofs.read(now_ns, at_start=dirty.at_start)
        recent = ((read, read_ns) for read, read_ns in self._recent if read_ns + self._interval_ns > now_ns)
        self._recent = [*recent, (dirty.region, now_ns)]

    def stood(self, now_ns: int, damage: Sequence[Rect] | None) -> list[Dirty]:
        """What has stood still as long as moving regions wait, is not read, and is about to be drawn over.

        damage: what may be drawn over; None for everything
        """

        def wanted(dirty: Dirty) -> bool:
            stands = max(dirty.changed_ns + self._interval_ns, dirty.not_before_ns) <= now_ns
            return stands and (damage is None or any(dirty.region.overlaps(rect) for rect in damage))

        return [dirty for dirty in self._dirty if wanted(dirty)]

    def hurry(self) -> None:
        """Make everything due at once: the source has ended, nothing will settle any more."""
        self._proofs.hurry()
        self._add_due(self._patience.hurry(), 0)
        self._dirty = [replace(dirty, since_ns=-self._interval_ns, not_before_ns=0) for dirty in self._dirty]


def _bands(frame: Rect) -> list[Rect]:
    step = _BAND_PX - _BAND_OVERLAP_PX
    tops = range(0, max(frame.height - _BAND_OVERLAP_PX, 1), step)
    return [Rect(0, top, frame.width, min(_BAND_PX, frame.height - top)) for top in tops]


def cut_by(line: Rect, region: Rect, frame_height: int) -> bool:
    """Whether ``line`` touches the upper or lower edge of ``region`` inside the frame: it may be half a line."""
    above = region.y > 0 and line.y <= region.y + 1
    below = region.bottom < frame_height and line.bottom >= region.bottom - 1
    return above or below


def readable(region: Rect) -> bool:
    """Whether ``region`` is large enough to hold a letter."""
    return region.width >= _SMALLEST_TEXT_PX // 2 and region.height >= _SMALLEST_TEXT_PX


def widened(region: Rect, lines: Iterable[Rect], width: int, height: int) -> Rect:
    """``region`` widened to the whole of every text line it touches or continues.

    lines: boxes of the lines that are known on the screen
    width, height: the frame's size, which the result stays inside

    A line is touched where it shares rows with the region and is not further from it sideways than one and a half
    line heights: what is typed at the end of a line belongs to it.
    """
    wide = region
    candidates = list(lines)
    grew = True
    while grew:
        grew = False
        for line in list(candidates):
            reach = line.height * 3 // 2
            if line.grown(reach, -line.height // 4).overlaps(wide):
                candidates.remove(line)
                wide = wide.union(line)
                grew = True
    return wide.clipped(width, height) or region
