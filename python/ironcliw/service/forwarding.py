"""What the engine answers, asked for through the service: frames, metrics, whatever its rooms have to say.

    handlers = forwarded(engine_socket, ["metrics", "ring"])

The engine answers at a socket of its own, which every engine that is started takes over from the one before. Replies
are passed on as they come, with their bytes and descriptors.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from ironcliw.errors import IpcError, NoWatcherError
from ironcliw.ipc import Connection, Handler, Reply, Request


def forwarded(path: Path, verbs: Iterable[str]) -> dict[str, Handler]:
    """A handler for each verb, which asks the engine that answers at ``path`` now."""

    def forward(request: Request) -> Iterator[Reply]:
        try:
            with Connection(path) as engine:
                for reply in engine.stream(request.verb, **request.arguments):
                    try:
                        yield reply
                    finally:
                        for fd in reply.fds:
                            os.close(fd)
        except NoWatcherError:
            raise IpcError("the engine is being started again: ask in a moment") from None

    return dict.fromkeys(verbs, forward)
