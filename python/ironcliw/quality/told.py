"""What a watch tells, reduced to what scoring asks about; and which kinds of it nobody asked for.

    for each in tell(source, engine=engine):
        each.type, each.text, each.regions, each.time_s

The watcher's words for its events stand here, so that one that says more is scored by changing this page.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, get_args

from ironcliw import clock
from ironcliw.event import Event, EventType
from ironcliw.frame import Rect
from ironcliw.monitor import watch
from ironcliw.text import TextEngine

UNPROMPTED_TYPES: tuple[str, ...] = ("incident",)
"""Types of events by which the watcher speaks up although no rule asked."""
TEXT_TYPES = ("text_appeared", "text_changed", "incident")
"""Types of events that say what can be read now."""
CHANGE_TYPES = ("change", "incident")
"""Types of events that say where something looks different."""

_FALLBACK = ("text_appeared", "text_changed")


def unprompted_types(known: Collection[str] = get_args(EventType)) -> tuple[str, ...]:
    """``UNPROMPTED_TYPES``; where the watcher does not know all of them yet, new and edited lines count, too."""
    return UNPROMPTED_TYPES if set(UNPROMPTED_TYPES) <= set(known) else (*UNPROMPTED_TYPES, *_FALLBACK)


@dataclass(frozen=True, slots=True)
class Told:
    """One event. ``time_s`` is the first frame that shows it, ``told_s`` when it was said; both media time.

    kind: what an incident is (``dialog``, ``progress``, ...); empty for other types
    """

    type: str
    kind: str
    text: str
    regions: tuple[Rect, ...]
    time_s: float
    told_s: float

    @classmethod
    def of(cls, event: Event, told_s: float) -> Told:
        """The event as it was told at ``told_s``."""
        kind = event.data.get("kind", "") if event.type in UNPROMPTED_TYPES else ""
        return cls(event.type, str(kind), _words(event), event.regions or (), event.time, told_s)


def _words(event: Event) -> str:
    """What can be read of it; of progress the value, too, as it would stand on the screen."""
    text, value = event.text or "", event.data.get("value")
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    is_progress = event.type in UNPROMPTED_TYPES and event.data.get("kind") == "progress"
    return f"{text} {value:g}%".strip() if is_progress and is_number else text


def tell(source: Any, types: Collection[str], engine: TextEngine | None = None) -> Iterator[Told]:
    """Watch ``source`` as fast as it can be read; every event of these types, in the order in which they are told.

    engine: reads the text; None opens one for this watch alone

    Raises SourceError where it cannot be watched and ModelError where text cannot be read.
    """
    with watch(source, pace="max", engine=engine) as running:
        for event in running:
            if event.type in types:
                yield Told.of(event, running.engine.now_ns / clock.SECOND)
