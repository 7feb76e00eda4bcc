"""What came before: the frames just seen, which other processes read without a copy, and in little memory all others.

    with ironcliw.attach() as ring, ring.latest() as frame:
        frame.pixels                      # (h, w, 4) uint8 BGRX, read-only

    archive = Archive(budget_bytes=500_000_000)
    archive.add(pixels, time_ns=time_ns, wall_ns=clock.wall_ns())
    archive.frame_at(wall_ns=wall_ns).pixels

The layouts are described in ``docs/reference/ring.md`` and ``docs/reference/archive.md``.
"""

from ironcliw.history.archive import Archive, floor_bytes
from ironcliw.history.frame import RingFrame
from ironcliw.history.frames import ArchivedFrame, Span
from ironcliw.history.reader import RingReader, attach
from ironcliw.history.ring import Ring
from ironcliw.history.serving import ArchiveClient, archive_handlers
from ironcliw.history.sharing import ring_handlers

__all__ = [
    "Archive",
    "ArchiveClient",
    "ArchivedFrame",
    "Ring",
    "RingFrame",
    "RingReader",
    "Span",
    "archive_handlers",
    "attach",
    "floor_bytes",
    "ring_handlers",
]
