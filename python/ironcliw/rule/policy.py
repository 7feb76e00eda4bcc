"""A rule: a condition, and how often one wants to be told of it.

Rule("build broke", parse("text:BUILD FAILED"), hold_ns=2 * SECOND, cooldown_ns=600 * SECOND, then=("notify",))
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Literal, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ironcliw import clock
from ironcliw.errors import SettingsError
from ironcliw.rule.condition import Condition
from ironcliw.rule.hours import Hours

Priority = Literal["low", "normal", "high", "urgent"]
PRIORITIES: tuple[Priority, ...] = get_args(Priority)
NAME_LENGTH_MAX = 200
LATENCY_LEAST_NS, LATENCY_MOST_NS = 50 * clock.MS, 60 * clock.SECOND


@dataclass(frozen=True, slots=True)
class Rate:
    """At most ``count`` alerts in any ``within_ns``."""

    count: int
    within_ns: int


@dataclass(frozen=True, slots=True)
class Deadline:
    """By when a rule has to have fired.

    after_ns: counted from when the watch begins; or
    minute: each day at so many minutes after midnight
    """

    after_ns: int | None = None
    minute: int | None = None

    def next(self, moment: datetime) -> datetime:
        """The first time after ``moment`` at which a daily one is due."""
        minute = self.minute or 0
        for ahead in range(3):
            day = (moment + timedelta(days=ahead)).date()
            due = datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=moment.tzinfo)
            if due.timestamp() > moment.timestamp():
                return due
        raise AssertionError("a day has not passed in three")


@dataclass(frozen=True, slots=True)
class Rule:
    """When to tell, and of what.

    name: unique among the rules of a watch
    when: the condition; ``written`` is how the user wrote it
    hold_ns: how long it must stay true before that is told
    release_ns: how long it must be false again before it counts as over; a return before that is no news
    cooldown_ns: after an alert, for so long no other of the same incident: the same words, the same error. What comes
        meanwhile is merged into the next one
    once: whether one alert is all
    deadline: by when it has to have fired; else that is told, too
    quiet: hours in which nothing is told; what comes is merged into one alert when they are over, except ``urgent``
    zone: of hours and deadlines; None for the one of this machine
    rate: alerts at most, whatever their priority; the others are merged into the next one that may be told
    together: alerts at most of all rules that say the same here, whatever their priority; likewise
    resolved: whether its end is told, too
    then: what to do with an alert, in words of the room ``action``
    latency_ns: what meets it must be seen within this time, 50 ms to 60 s, however little may be captured; None: as
        often as the source is looked at anyway
    """

    name: str
    when: Condition
    written: str = ""
    hold_ns: int = 0
    release_ns: int = 0
    cooldown_ns: int | None = None
    once: bool = False
    deadline: Deadline | None = None
    quiet: tuple[Hours, ...] = ()
    zone: str | None = None
    rate: Rate | None = None
    together: Rate | None = None
    priority: Priority = "normal"
    resolved: bool = False
    then: tuple[str, ...] = ()
    latency_ns: int | None = None
    plain: bool = field(default=False, repr=False)
    """A bare condition: what is merged is told with its next alert, whatever its words, and never by itself."""

    def __post_init__(self) -> None:
        if not self.name.strip() or len(self.name) > (10**6 if self.plain else NAME_LENGTH_MAX):
            raise SettingsError(f"a rule needs a name of at most {NAME_LENGTH_MAX} characters")
        if self.priority not in PRIORITIES:
            raise SettingsError(f"priority must be one of {', '.join(PRIORITIES)}, not {self.priority!r}")
        for name in ("hold_ns", "release_ns", "cooldown_ns"):
            if (getattr(self, name) or 0) < 0:
                raise SettingsError(f"{name} cannot be negative")
        if self.latency_ns is not None and not LATENCY_LEAST_NS <= self.latency_ns <= LATENCY_MOST_NS:
            raise SettingsError("latency must be 50ms to 60s")
        zone_of(self.zone)

    @property
    def condition(self) -> str:
        """The condition as the user wrote it."""
        return self.written or str(self.when)


def zone_of(name: str | None) -> tzinfo | None:
    """The zone of this name; None for none. SettingsError where there is no such zone."""
    if name is None:
        return None
    if not re.fullmatch(r"[A-Za-z0-9_+\-]+(/[A-Za-z0-9_+\-]+)*", name):
        raise SettingsError(f"zone {name!r:.60} is not known: write one such as Europe/Berlin or UTC")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SettingsError(f"zone {name!r:.60} is not known: write one such as Europe/Berlin or UTC") from None


def bare(condition: Condition, written: str, merge_ns: int) -> Rule:
    """A condition by itself, which tells each time it is met but not twice within ``merge_ns``."""
    return Rule(written, condition, written, cooldown_ns=merge_ns, plain=True)


def localised(wall: datetime, zone: str | None) -> datetime:
    """A moment in a rule's zone."""
    return wall if zone is None else wall.astimezone(zone_of(zone))


LONGEST_NS = 366 * 86_400 * clock.SECOND
"""No duration of a rule is longer."""
