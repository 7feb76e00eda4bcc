"""When to read once more what was read in parts: when the screen has come to rest, and at its end.

proofs.read(now_ns, at_start=False)   # a part was read
proofs.due_ns                         # when the next second reading is due, while nothing else wants reading
proofs.take(now_ns, stamps)           # what of the screen it is of
"""

from __future__ import annotations

from collections.abc import Sequence

from ironcliw.clock import MS
from ironcliw.frame import Rect
from ironcliw.text.stamps import Stamp, Stamps

PROOF_AFTER_NS = 3_000 * MS
PROOF_EVERY_NS = 60_000 * MS
"""What was read in parts is read once more, with all that stands around it, when nothing wanted reading for so long; so
often at most."""


class Proofs:
    """What was read in parts, and is to be read once more when the screen has come to rest.

    A part that changed is read with little around it, which a whole picture is read with: letters at its edge, or what
    is drawn, are taken for others there, and a line may be missed. Bands that did not change are not read again.

    exact: whether what did not change is the same to the pixel; else the last picture is none that was read
    """

    def __init__(self, *, exact: bool) -> None:
        self._exact = exact
        self._bands: list[Rect] = []
        self._due: list[Rect] = []
        self._wanted = self._hurried = False
        self._read_ns = self._proved_ns = 0
        self._proved = self._proved_before = -1

    def begin(self, bands: Sequence[Rect], stamp: Stamp) -> None:
        """The screen, read in these bands, is whole as of ``stamp``."""
        self._bands = list(bands)
        self._proved = self._proved_before = stamp.sequence
        self._proved_ns = stamp.time_ns - PROOF_EVERY_NS

    def read(self, now_ns: int, *, at_start: bool) -> None:
        """A part was read; one of the state at the start was read with all that stands around it."""
        self._read_ns = now_ns
        self._wanted |= not at_start

    def hurry(self) -> None:
        """Nothing will come to rest any more."""
        if not (self._exact or self._hurried):
            self._proved, self._wanted = -1, self._wanted or self._read_ns > 0
        self._hurried = True

    @property
    def due_ns(self) -> int | None:
        """Source time of the next one, while nothing else wants reading; None where there is none."""
        if self._due:
            return self._read_ns
        if not self._wanted:
            return None
        if self._hurried:
            return self._read_ns
        return max(self._read_ns + PROOF_AFTER_NS, self._proved_ns + PROOF_EVERY_NS)

    def take(self, now_ns: int, stamps: Stamps) -> Rect | None:
        """Remove and return the next one due by ``now_ns``."""
        due_ns = self.due_ns
        if due_ns is None or due_ns > now_ns:
            return None
        if not self._due:
            latest = [(band, stamps.latest(band)) for band in self._bands]
            self._due = [band for band, stamp in latest if stamp is not None and stamp.sequence > self._proved]
            self._proved_before = self._proved
            self._proved = max((stamp.sequence for _, stamp in latest if stamp is not None), default=self._proved)
            self._proved_ns, self._wanted = now_ns, False
        return self._due.pop(0) if self._due else None

    def put_back(self) -> None:
        """One was given up for something new: all that was due with it is, when it may be due again."""
        self._due.clear()
        self._proved, self._wanted = self._proved_before, True
