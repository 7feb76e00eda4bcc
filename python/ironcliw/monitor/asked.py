"""What a running watch answers about its screen, and the conditions it takes while it goes on.

handlers = asked_handlers(watch)      # "screen_text", "rules", "arm" and "disarm" for an ``ipc.Server``
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ironcliw.errors import IpcError
from ironcliw.frame import Rect
from ironcliw.ipc import Handler, Reply, Request

if TYPE_CHECKING:
    from ironcliw.monitor.watching import Watch
    from ironcliw.text.screen import Line

MOST_LINES = 2_000
MOST_BYTES = 512 << 10
"""Of one answer: a screenful of small print is a tenth of it."""


def asked_handlers(watch: Watch) -> dict[str, Handler]:
    """The handlers by their verb; ``docs/reference/service.md`` says what they take and give."""

    def screen_text(request: Request) -> Reply:
        region = rectangle(request.arguments.get("region"))
        now_ns, lines = watch.lines()
        inside = [line for line in lines if region is None or line.box.overlaps(region)]
        told = _told(inside)
        return Reply({"time": round(now_ns / 1e9, 3), "lines": told, "left_out": len(inside) - len(told)})

    def arm(request: Request) -> Reply:
        watch.arm(text_of(request, "id"), text_of(request, "condition"), now=request.arguments.get("now") is True)
        return Reply({})

    def disarm(request: Request) -> Reply:
        return Reply({"disarmed": watch.disarm(text_of(request, "id"))})

    def rules(request: Request) -> Reply:
        states = watch.rules.states()
        told = [{"rule": str(each.when), "name": each.name, "state": states[each.name]} for each in watch.rules.rules]
        return Reply({"rules": [_without_twice(each) for each in told]})

    handlers: dict[str, Handler] = {"screen_text": screen_text, "rules": rules}
    return {**handlers, "arm": arm, "disarm": disarm} if watch.paced else handlers


def _without_twice(rule: dict[str, str]) -> dict[str, str]:
    """A condition that was given by itself is its own name."""
    if rule["name"] == rule["rule"]:
        del rule["name"]
    return rule


def rectangle(given: Any) -> Rect | None:
    """A region as it came over a socket: ``[x, y, width, height]`` in frame pixels. IpcError where it is none."""
    if given is None:
        return None
    numbers: list[Any] = given if isinstance(given, list) else []  # pyright: ignore[reportUnknownVariableType]
    whole = all(isinstance(number, int) and not isinstance(number, bool) for number in numbers)
    if len(numbers) != 4 or not whole or min(numbers) < 0 or max(numbers) > 1 << 20 or not all(numbers[2:]):
        raise IpcError(f"a region is [x, y, width, height] in pixels, not {given!r:.60}")
    return Rect(*numbers)


def _told(lines: list[Line]) -> list[dict[str, Any]]:
    """As many of the lines as an answer holds, from the top."""
    told: list[dict[str, Any]] = []
    size = 0
    for line in lines[:MOST_LINES]:
        entry = {
            "text": line.text,
            "box": list(line.box),
            "confidence": round(line.confidence, 3),
            "since": round(line.time_ns / 1e9, 3),
        }
        size += len(json.dumps(entry))
        if size > MOST_BYTES:
            break
        told.append(entry)
    return told


def text_of(request: Request, name: str) -> str:
    """An argument that must be a text with something in it. IpcError where it is none."""
    given = request.arguments.get(name)
    if not isinstance(given, str) or not given:
        raise IpcError(f"{name} must be a text, not {given!r:.60}")
    return given
