"""What came before: frames of a screen in little memory, each rebuilt bit by bit.

archive = Archive(budget_bytes=500_000_000)
archive.add(pixels, time_ns=time_ns, wall_ns=clock.wall_ns())
archive.frame_at(wall_ns=wall_ns).pixels
for frame in archive.since(30.0):
    ...
"""

from ironcliw.history.archive import Archive, floor_bytes
from ironcliw.history.frames import ArchivedFrame, Span
from ironcliw.history.serving import ArchiveClient, archive_handlers

__all__ = ["Archive", "ArchiveClient", "ArchivedFrame", "Span", "archive_handlers", "floor_bytes"]
