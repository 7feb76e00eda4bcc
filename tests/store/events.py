"""Events for the tests of the event log, made by number."""

from __future__ import annotations

from ironcliw.event import Event, EventType

WALL = "2026-11-27T12:00:00.123456Z"


def made(number: int, kind: EventType = "text_appeared", text: str | None = None, **fields: object) -> Event:
    """The event of this number: what it says can be told again from the number alone."""
    return Event(
        id=f"cafe-{number}",
        type=kind,
        time=number / 10,
        wall=WALL,
        source="made",
        text=f"line {number} of the build" if text is None else text,
        **fields,  # pyright: ignore[reportArgumentType]
    )
