"""The archive for other processes: the watcher hands out segments as they are, and whoever asks draws their frames.

    server = Server(path, archive_handlers(archive))

    with Connection(path) as connection:
        ArchiveClient(connection).frame_at(wall_ns=wall_ns).pixels

Half a minute of frames is some hundred kilobytes so, and costs the watcher no drawing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ironcliw import kernels
from ironcliw.errors import ArchiveError, IpcError, OutsideHistoryError
from ironcliw.history.archive import Archive
from ironcliw.history.frames import ArchivedFrame
from ironcliw.history.segments import Stretch
from ironcliw.ipc import Connection, Handler, Reply, Request
from ironcliw.memory import blank_pixels

FRAME_VERB = "archive.frame"
SINCE_VERB = "archive.since"


def archive_handlers(archive: Archive | Callable[[], Archive | None]) -> dict[str, Handler]:
    """What answers ``archive.frame`` (``time_ns`` or ``wall_ns``) and ``archive.since`` (``seconds``).

    archive: or what says which one it is now, None where there is none: a watch begins and drops its own

    Each reply is a segment, and in its data which frames of it were asked for: ``begin`` and ``end``, exclusive.
    """

    def current() -> Archive:
        found = archive if isinstance(archive, Archive) else archive()
        if found is None:
            raise OutsideHistoryError("there is no history: the watcher keeps no earlier frames")
        return found

    def frame(request: Request) -> Reply:
        time_ns, wall_ns = (_integer(request, name) for name in ("time_ns", "wall_ns"))
        if (time_ns is None) == (wall_ns is None):
            raise IpcError(f"{FRAME_VERB}: expected either time_ns or wall_ns")
        return _reply(current().stretch_at(time_ns, wall_ns=wall_ns))

    def since(request: Request) -> Iterator[Reply]:
        seconds = request.arguments.get("seconds")
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds < 1e9:
            raise IpcError(f"{SINCE_VERB}: expected seconds, 0 or more")
        stretches = current().stretches_since(seconds)
        return (_reply(stretch) for stretch in stretches if not stretch.segment.gone)

    return {FRAME_VERB: frame, SINCE_VERB: since}


def _integer(request: Request, name: str) -> int | None:
    value = request.arguments.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not -(2**63) <= value < 2**63:
        raise IpcError(f"{request.verb}: {name}: expected an integer of 64 bits")
    return value


def _reply(stretch: Stretch) -> Reply:
    return Reply({"begin": stretch.begin, "end": stretch.end}, bytes(stretch.segment.data))


class ArchiveClient:
    """The archive of a running watcher, asked over ``connection``; the same calls as the archive itself.

    screen: which one, where the watcher watches several

    Errors are IpcError with what the watcher said, such as the range of times that there is.
    """

    def __init__(self, connection: Connection, screen: str | None = None) -> None:
        self._connection = connection
        self._screen: dict[str, Any] = {} if screen is None else {"screen": screen}

    def frame_at(self, time_ns: int | None = None, *, wall_ns: int | None = None) -> ArchivedFrame:
        """The frame that was shown at a source time, or at a wall time."""
        reply = self._connection.ask(FRAME_VERB, time_ns=time_ns, wall_ns=wall_ns, **self._screen)
        return next(_drawn(reply))

    def since(self, seconds: float) -> Iterator[ArchivedFrame]:
        """What was shown ``seconds`` before the last look, and each distinct frame after it.

        All of it is fetched first, compressed as it is: the watcher does not wait for whoever looks at each frame.
        """
        for reply in list(self._connection.stream(SINCE_VERB, seconds=seconds, **self._screen)):
            yield from _drawn(reply)


def _drawn(reply: Reply) -> Iterator[ArchivedFrame]:
    begin, end = (_place(reply.data, name) for name in ("begin", "end"))
    try:
        reader = kernels.SegmentReader(reply.payload)
        times = reader.times()
        if not begin < end <= len(times):
            raise ValueError(f"frames {begin} to {end} of {len(times)}")
        before: ArchivedFrame | None = None
        for frame in range(begin, end):
            pixels = blank_pixels(reader.height, reader.width)
            if before is not None:
                pixels[:] = before.pixels
            reader.draw(frame, pixels, None if before is None else frame - 1)
            before = ArchivedFrame(reader.first + frame, *times[frame], pixels)
            yield before
    except ValueError as error:
        raise ArchiveError(f"what the watcher sent cannot be read: {error}") from None


def _place(data: dict[str, Any], name: str) -> int:
    value = data.get(name)
    if not isinstance(value, int) or value < 0:
        raise IpcError("the watcher sent what is no part of its archive: use one version on both sides")
    return value
