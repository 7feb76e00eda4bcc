"""What several watches answer together: about one of them where a request names a ``screen``, else about all.

server = Server(socket_path("watch"), serve_many(many))
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ironcliw.errors import IpcError
from ironcliw.ipc import Handler, Reply, Request
from ironcliw.monitor.asked import asked_handlers, text_of
from ironcliw.monitor.serving import FRAME_VERBS, frame_handlers

if TYPE_CHECKING:
    from ironcliw.monitor.many import ManyWatch
    from ironcliw.monitor.watching import Watch


def serve_many(many: ManyWatch) -> dict[str, Handler]:
    """The handlers by verb, for an ``ipc.Server``."""

    def metrics(request: Request) -> Reply:
        watch = _named(many, request)
        return Reply((many if watch is None else watch).metrics.snapshot().to_dict())

    def screen_text(request: Request) -> Reply:
        watch = _named(many, request)
        if watch is None:
            raise IpcError(f"several screens are watched: name one of {', '.join(many.names)} as screen")
        return _ask(watch, "screen_text", request)

    def frames(request: Request) -> Reply | Iterable[Reply]:
        watch = _named(many, request)
        if watch is None:
            raise IpcError(f"several screens are watched: name one of {', '.join(many.names)} as screen")
        handlers = frame_handlers(watch)
        if request.verb not in handlers:
            raise IpcError("frames are not shared: start with --all --share")
        asked = {name: value for name, value in request.arguments.items() if name != "screen"}
        return handlers[request.verb](replace(request, arguments=asked))

    def rules(request: Request) -> Reply:
        named = _named(many, request)
        asked = {name: watch for name, watch in many.watches.items() if named in (None, watch)}
        told: list[dict[str, Any]] = []
        for name, watch in asked.items():
            told += [{**rule, "screen": name} for rule in _ask(watch, "rules", request).data["rules"]]
        return Reply({"rules": told})

    def pictures(request: Request) -> Reply:
        for watch in many.watches.values():
            reply = watch.evidence.handler(request)
            if reply.data["pictures"]:
                return reply
        return Reply({"pictures": []})

    def arm(request: Request) -> Reply:
        screen = None if request.arguments.get("screen") is None else text_of(request, "screen")
        now = request.arguments.get("now") is True
        many.arm(text_of(request, "id"), text_of(request, "condition"), now=now, screen=screen)
        return Reply({})

    def disarm(request: Request) -> Reply:
        return Reply({"disarmed": many.disarm(text_of(request, "id"))})

    return {
        "metrics": metrics,
        "screen_text": screen_text,
        "rules": rules,
        "pictures": pictures,
        "arm": arm,
        "disarm": disarm,
        **dict.fromkeys(FRAME_VERBS, frames),
    }


def _named(many: ManyWatch, request: Request) -> Watch | None:
    """The watch that is asked about; None where none is named. IpcError for one that is not watched now."""
    name = request.arguments.get("screen")
    if name is None:
        return None
    watch = many.watches.get(name) if isinstance(name, str) else None
    if watch is None:
        known = ", ".join(many.names)
        raise IpcError(f"{name!r:.60} cannot be asked now" if name in many.names else f"screen must be one of {known}")
    return watch


def _ask(watch: Watch, verb: str, request: Request) -> Reply:
    reply = asked_handlers(watch)[verb](request)
    assert isinstance(reply, Reply)
    return reply
