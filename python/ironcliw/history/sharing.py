"""What the watcher answers to readers of its frames.

Server(socket_path(), ring_handlers(ring))
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from ironcliw.errors import HistoryError
from ironcliw.history.layout import VERSION
from ironcliw.history.ring import Ring
from ironcliw.history.words import check_shareable
from ironcliw.ipc import Handler, Reply, Request

_FIRST_FRAME_S = 3.0
"""How long a reader waits for the first frame of a watch that has just begun."""


def ring_handlers(ring: Ring) -> dict[str, Handler]:
    """The verb ``ring``: hands ``ring``'s memory to who asks, of whatever epoch it is then."""
    check_shareable()

    def answer(request: Request) -> Iterator[Reply]:
        asked = request.arguments.get("version")
        if asked != VERSION:
            raise HistoryError(f"this watcher's ring is of version {VERSION}, not {asked!r}: use one version")
        description, fd = ring.share(_FIRST_FRAME_S)
        try:
            yield Reply(
                {
                    "version": VERSION,
                    "size_bytes": description.size_bytes,
                    "slots": description.slots,
                    "epoch": f"{description.epoch:016x}",
                    "pid": description.pid,
                },
                fds=[fd],
            )
        finally:
            os.close(fd)

    return {"ring": answer}
