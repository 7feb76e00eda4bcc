"""Hours in which nothing happens but what never rests: how often does the watcher speak up?

    score = run_restless(8.0, say=print)
    score.false_events                    # caret, clock, spinner, video: nothing worth reporting
    score.media_hours_a_minute

A session is a desktop of at most half an hour; each has another seed, theme and font, and learns what is restless anew.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ironcliw.frame import Rect
from ironcliw.quality.told import Told, tell, unprompted_types
from ironcliw.source import open_source
from ironcliw.source.synthetic import THEMES
from ironcliw.source.synthetic.font import fonts_here
from ironcliw.text import TextEngine, open_engine

SESSION_S = 1800
SHORTEST_S = 1.0
LONGEST_H = 7 * 24.0
"""Hours at most, and what a single session may last."""
SIZE = "800x500"
LISTED = 20
"""So many events of a session are kept with their times; all are counted."""

_EVERY_S = 0.5


@dataclass(frozen=True, slots=True)
class Session:
    """A restless desktop: the spec that plays it, and how long it lasts."""

    spec: str
    duration_s: float


@dataclass(slots=True)
class SessionScore:
    """What was said of one session although nobody asked: how often each type and kind, and the first events."""

    session: Session
    counts: Counter[str] = field(default_factory=Counter[str])
    first: list[Told] = field(default_factory=list[Told])
    wall_s: float = 0.0

    def add(self, told: Told) -> None:
        """Count one event."""
        self.counts[f"{told.type} {told.kind}".strip()] += 1
        if len(self.first) < LISTED:
            self.first.append(told)


@dataclass(slots=True)
class RestlessScore:
    """All sessions. ``types``: the types of events that counted."""

    types: tuple[str, ...]
    sessions: list[SessionScore] = field(default_factory=list[SessionScore])

    @property
    def hours(self) -> float:
        """Hours of media."""
        return sum(each.session.duration_s for each in self.sessions) / 3600

    @property
    def false_events(self) -> int:
        """Events in all: each is false."""
        return sum(each.counts.total() for each in self.sessions)

    @property
    def false_per_hour(self) -> float | None:
        """Of those, in an hour of media; None where there was none."""
        return self.false_events / self.hours if self.hours else None

    @property
    def media_hours_a_minute(self) -> float | None:
        """Hours of media that a minute of wall time watches; None for detectors that watch nothing."""
        wall_s = sum(each.wall_s for each in self.sessions)
        return self.hours / (wall_s / 60) if wall_s else None

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "types": list(self.types),
            "hours": self.hours,
            "false_events": self.false_events,
            "false_per_hour": self.false_per_hour,
            "media_hours_a_minute": self.media_hours_a_minute,
            "sessions": [
                {
                    "spec": each.session.spec,
                    "wall_s": each.wall_s,
                    "counts": dict(each.counts),
                    "first": [
                        {"time_s": told.time_s, "type": told.type, "kind": told.kind, "regions": told.regions}
                        for told in each.first
                    ],
                }
                for each in self.sessions
            ],
        }


Detector = Callable[[Session], Iterable[Told]]
"""What tells of a session: the watcher, or a control."""


def sessions(hours: float) -> Iterator[Session]:
    """Sessions of half an hour and what remains; each looks different. ValueError for less than a second."""
    if not (math.isfinite(hours) and SHORTEST_S / 3600 <= hours <= LONGEST_H):
        raise ValueError(f"hours must be {SHORTEST_S / 3600:.4f} to {LONGEST_H:g}, not {hours:g}")
    left_s, seed = hours * 3600, 0
    themes, fonts = tuple(THEMES), [font for font in fonts_here() if font != "auto"]
    while left_s >= SHORTEST_S:
        duration_s = min(left_s, SESSION_S)
        look = f"theme={themes[seed % len(themes)]}&font={fonts[seed // len(themes) % len(fonts)]}"
        spec = f"synthetic:restless?seed={seed + 1}&seconds={duration_s:.15g}&size={SIZE}&{look}"
        yield Session(spec, duration_s)
        left_s, seed = left_s - duration_s, seed + 1


def run_restless(hours: float, say: Callable[[str], None] = lambda line: None) -> RestlessScore:
    """Watch that many hours. ModelError where text cannot be read, ValueError for hours that cannot be had."""
    engine = open_engine()
    return score_restless(hours, lambda session: watched(session, engine), say)


def watched(session: Session, engine: TextEngine) -> Iterator[Told]:
    """What the watcher says of a session unasked."""
    return tell(open_source(session.spec), unprompted_types(), engine)


def score_restless(hours: float, detector: Detector, say: Callable[[str], None] = lambda line: None) -> RestlessScore:
    """The score of any detector over that many hours."""
    score = RestlessScore(unprompted_types())
    for session in sessions(hours):
        each = SessionScore(session)
        score.sessions.append(each)
        started_s = time.perf_counter()
        for told in detector(session):
            each.add(told)
        each.wall_s = time.perf_counter() - started_s
        said = f"{each.counts.total()} events nobody asked for in {session.duration_s / 3600:.2f} h"
        say(f"restless: {said}, {each.wall_s:.0f} s of wall time")
    return score


# -- detectors whose score is known -------------------------------------------------------------------------------


def silent(session: Session) -> list[Told]:
    """Never says anything, which is right here."""
    return []


def always(session: Session) -> Iterator[Told]:
    """Says something twice a second."""
    for moment in range(int(session.duration_s / _EVERY_S)):
        time_s = moment * _EVERY_S
        yield Told(unprompted_types()[-1], "", "", (Rect(0, 0, 1, 1),), time_s, time_s)


MUST_FAIL: dict[str, Detector] = {"always": always}
