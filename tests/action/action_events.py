"""Events for the tests of actions."""

from __future__ import annotations

from ironcliw.event import Event
from ironcliw.frame import Rect


def alert(
    number: int = 1,
    *,
    rule: str = "text:BUILD FAILED",
    text: str = "the BUILD FAILED again",
    source: str = "screen :1",
    time: float = 1.5,
) -> Event:
    return Event(
        id=str(number),
        type="alert",
        time=time,
        wall="2026-11-23T12:00:00.000000Z",
        source=source,
        frame=3,
        regions=(Rect(1, 2, 3, 4),),
        text=text,
        rule=rule,
        confidence=0.9,
    )
