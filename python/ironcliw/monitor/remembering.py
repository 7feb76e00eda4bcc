"""What a live watch has seen, kept in an archive within the memory that it may take.

    remembered = Remembering(ledger, ladder, lossless=True)
    remembered.begin(geometry)
    remembered.follow(pixels, message, tiles)     # after each change
    remembered.hold(message.time_ns)              # the screen still shows that

Where there is no room for it, that is said once, and the watch goes on without.
"""

from __future__ import annotations

import logging

import numpy as np
from numpy.typing import NDArray

from ironcliw import clock
from ironcliw.change import Tiles
from ironcliw.frame import Geometry
from ironcliw.history import Archive, floor_bytes
from ironcliw.memory import Ladder, Ledger, show_size
from ironcliw.source.protocol import Capture

log = logging.getLogger("ironcliw.monitor")


class Remembering:
    """An archive that stands in the ledger. For the thread that captures; others read ``archive``.

    lossless: whether the tiles' fingerprints are those of the pixels that are kept
    """

    def __init__(self, ledger: Ledger, ladder: Ladder, *, lossless: bool) -> None:
        self._account = ledger.account("archive")
        self._lossless = lossless
        self._floor_bytes = 0
        self._sparing = False
        self._sharers = 0
        """Archives that kept to this budget when it was looked at last: several watches may share a ledger."""
        self._said = False
        self.archive: Archive | None = None
        """None before ``begin``, and where there is no room."""
        self._account.on_budget(self._fit)
        self._off = ladder.on("archive", lambda: self._spare(True), lambda: self._spare(False))

    def begin(self, geometry: Geometry) -> None:
        """Frames have this size from now on."""
        self._floor_bytes = floor_bytes(geometry.height, geometry.width)
        budget = self._account.budget_bytes // max(1, self._account.gauges + (self.archive is None))
        if budget < self._floor_bytes:
            self._let_go()
            if not self._said:
                sizes = show_size(self._floor_bytes), show_size(budget)
                log.warning("earlier frames are not kept: that needs %s and may take %s; --memory gives more", *sizes)
                self._said = True
            return
        if self.archive is None:
            self.archive = Archive(budget)
            self._account.gauge(self.archive, lambda archive: archive.bytes_used)
        self._fit(self._account.budget_bytes)

    def follow(self, pixels: NDArray[np.uint8], message: Capture, tiles: Tiles, *, whole: bool) -> None:
        """Keep what the screen shows now, (h, w, 4) uint8 BGRX; ``whole``: all of it is new."""
        if self.archive is None:
            return
        if self._account.gauges != self._sharers:
            self._fit(self._account.budget_bytes)
        wall_ns = clock.wall_ns() - (clock.monotonic_ns() - message.captured_at_ns)
        self.archive.add(
            pixels,
            message.time_ns,
            wall_ns,
            changed=None if whole else tiles.changed,
            fingerprints=tiles.fingerprints if self._lossless else None,
        )

    def hold(self, time_ns: int) -> None:
        """At ``time_ns``, now, the screen still shows what was kept last."""
        if self.archive is not None:
            self.archive.hold(time_ns, clock.wall_ns())

    def close(self) -> None:
        """Zero and let go of everything."""
        self._off()
        self._let_go()

    def _let_go(self) -> None:
        if self.archive is not None:
            self.archive.close()
            self.archive = None

    def _spare(self, sparing: bool) -> None:
        self._sparing = sparing
        self._fit(self._account.budget_bytes)

    def _fit(self, budget: int) -> None:
        """Keep to our part of the budget as it is now, or to half of what is held where memory is scarce."""
        if self.archive is None:
            return
        self._sharers = self._account.gauges
        budget //= max(1, self._sharers)
        if self._sparing:
            budget = min(budget, self.archive.bytes_used // 2)
        self.archive.budget_bytes = max(budget, self._floor_bytes)
