"""One rule's state: inactive, pending, firing, resolved; and what of its news is told, held back, or merged.

machine = Machine(rule)
for alert in machine.take(value, hits, moment): ...
machine.deadline_ns                   # source time at which to call it again

What is held back - in quiet hours, by a rate limit, within a cooldown - is merged, not dropped: the next alert says how
much it stands for. Only ``once`` ends it. State is kept by hashes of what incidents are known by, never their words.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from ironcliw import clock
from ironcliw.rule.evaluator import Hit
from ironcliw.rule.limiter import Limiter
from ironcliw.rule.policy import Rule
from ironcliw.rule.waiting import Waiting, bounded, waiting_from, waiting_to

State = Literal["inactive", "pending", "firing", "resolved"]
Told = Literal["firing", "resolved", "overdue"]

_LIMITED = "*"
"""What a rate limit holds back is told as one, whatever its incident."""

_LATER_NS = 300 * clock.SECOND


@dataclass(frozen=True, slots=True)
class Alert:
    """What is to be told: the hit it is about, and for how many more it stands. ``since_ns``: of the first of them."""

    told: Told
    hit: Hit
    merged: int
    since_ns: int


@dataclass(frozen=True, slots=True)
class Moment:
    """Source time, and the time on the wall in the rule's zone where somebody knows it."""

    time_ns: int
    wall: Callable[[], datetime] | None = None


class Machine:
    """The state of one rule."""

    def __init__(self, rule: Rule, together: Limiter | None = None) -> None:
        self.rule = rule
        self._own = Limiter(rule.rate)
        self._limits = (self._own, together or Limiter(None))
        self.alerts = 0
        """How many there were."""
        self.merged_total = 0
        self._value: bool | None = None
        self._since_ns: int | None = None
        self._firing = False
        self._over_ns: int | None = None
        self._back = False
        self._pending: dict[str, Waiting] = {}
        self._held: dict[str, Waiting] = {}
        self._fired: dict[str, int] = {}
        self._overdue_ns: int | None = None if rule.deadline is None else rule.deadline.after_ns
        self._overdue_day = ""
        self._begun = False

    @property
    def state(self) -> State:
        """Where it stands."""
        if self._firing:
            return "firing"
        if self._pending:
            return "pending"
        return "resolved" if self.alerts else "inactive"

    @property
    def since_ns(self) -> int | None:
        """Source time since which the condition is true; None where it is not."""
        return self._since_ns

    @property
    def deadline_ns(self) -> int | None:
        """Source time at which ``take`` has something to say although nothing happens."""
        waiting = [*self._pending.values(), *self._held.values()]
        due = [each.due_ns for each in waiting] + [self._releases_ns, self._overdue_ns]
        return min((each for each in due if each is not None), default=None)

    @property
    def _releases_ns(self) -> int | None:
        return None if self._over_ns is None or not self._firing else self._over_ns + self.rule.release_ns

    def begin(self, moment: Moment) -> None:
        """The watch begins: deadlines count from now on."""
        deadline = self.rule.deadline
        if self._begun or deadline is None:
            return
        self._begun = True
        if deadline.after_ns is not None:
            self._overdue_ns = moment.time_ns + deadline.after_ns
        elif moment.wall is not None:
            self._overdue_ns = self._at_wall(deadline.next(moment.wall()), moment)

    def take(self, value: bool | None, hits: Sequence[Hit], moment: Moment) -> list[Alert]:
        """How the condition stands and what is news of it; what is to be told."""
        now_ns = moment.time_ns
        alerts: list[Alert] = []
        self._follow(value, hits, now_ns)
        for hit in hits:
            alerts += self._news(hit, moment)
        alerts += self._due(moment)
        releases_ns = self._releases_ns
        if releases_ns is not None and releases_ns <= now_ns:
            alerts += self._end()
        alerts += self._check_deadline(moment)
        return alerts

    # -- what happens ------------------------------------------------------------------------------------------

    def _follow(self, value: bool | None, hits: Sequence[Hit], now_ns: int) -> None:
        """Keep track of since when it is so, and since when it is not."""
        was, self._value = self._value, value
        self._back = bool(value) and self._firing and self._over_ns is not None and self.rule.release_ns > 0
        if value:
            self._over_ns = None
            if self._since_ns is None:
                self._since_ns = min((hit.time_ns for hit in hits), default=now_ns)
            if was is None:
                for each in self._pending.values():  # out of sight meanwhile: it has to last from now on
                    each.due_ns = now_ns + self.rule.hold_ns
        elif value is False:
            if self._firing and self._over_ns is None:
                self._over_ns = now_ns
            self._pending.clear()
            if not self._firing or self.rule.release_ns == 0:
                self._since_ns = None
        else:
            for each in self._pending.values():
                each.due_ns = None

    def _news(self, hit: Hit, moment: Moment) -> list[Alert]:
        alerts: list[Alert] = []
        for part in (hit,) if self.rule.plain or not hit.parts else hit.parts:
            key = self._key(part)
            if self._back and key in self._fired:
                # It comes back before it counted as over: it was never away.
                self._merge(key, Waiting(part, part.count, part.time_ns, None), None)
                self.merged_total += part.count
            elif not self.rule.hold_ns:
                told = self._gate(key, Waiting(part, part.count, part.time_ns, None), moment)
                self.merged_total += part.count - len(told)
                alerts += told
            elif self._value:
                known = self._pending.get(key)
                if known is None:
                    due_ns = part.time_ns + self.rule.hold_ns
                    bounded(self._pending)[key] = Waiting(part, part.count, part.time_ns, due_ns)
                else:
                    known.count += part.count
        return alerts

    def _due(self, moment: Moment) -> list[Alert]:
        """What has held long enough, or waited long enough."""
        alerts: list[Alert] = []
        for waiting in (self._pending, self._held):
            ready = [key for key, each in waiting.items() if each.due_ns is not None and each.due_ns <= moment.time_ns]
            for key in ready:
                if (news := waiting.pop(key, None)) is None:
                    continue  # told with the one before it
                news.hit = replace(news.hit, time_ns=max(news.due_ns or 0, news.hit.time_ns), shown=False)
                alerts += self._gate(key, news, moment)
        return alerts

    def _gate(self, key: str, news: Waiting, moment: Moment) -> list[Alert]:
        """Tell it, or hold it back."""
        rule, now_ns = self.rule, max(moment.time_ns, news.hit.time_ns)
        if rule.once and self.alerts:
            return []
        at_ns = news.hit.time_ns if rule.plain else now_ns
        allowed = [self._cooled(key, at_ns), self._quiet_until(moment), self._limited(now_ns)]
        if any(each is not None for each in allowed):
            self._hold(key, news, allowed)
            return []
        held = [each for name in {key, _LIMITED} if (each := self._held.pop(name, None)) is not None]
        count = news.count + sum(each.count for each in held)
        since_ns = min([news.since_ns, *(each.since_ns for each in held)])
        self.alerts += 1
        self._firing = True
        if self._value is False:
            self._over_ns = now_ns
        bounded(self._fired)[self._key(news.hit) if key == _LIMITED else key] = at_ns
        for each in self._limits:
            each.note(now_ns)
        self._overdue_ns = None if rule.deadline is None or rule.deadline.after_ns is not None else self._overdue_ns
        return [Alert("firing", news.hit, count - 1, since_ns)]

    def _hold(self, key: str, news: Waiting, allowed: list[int | None]) -> None:
        cooled_ns, quiet_ns, limited_ns = allowed
        if cooled_ns is None and quiet_ns is None:
            self._merge(_LIMITED, news, limited_ns)
            return
        due = [each for each in (quiet_ns, limited_ns) if each is not None]
        due_ns: int | None = max([*due, *([] if cooled_ns is None else [cooled_ns])]) if due else None
        if due_ns is None and not self.rule.plain and self._value and key not in self._held:
            due_ns = cooled_ns  # it goes on: it is told again when it has cooled
        self._merge(key, news, due_ns)

    def _merge(self, key: str, news: Waiting, due_ns: int | None) -> None:
        """Add to what is held back of an incident. ``due_ns``: when that may be told; None leaves that as it is."""
        known = self._held.get(key)
        if known is None:
            bounded(self._held)[key] = Waiting(news.hit, news.count, news.since_ns, due_ns)
            return
        known.count += news.count
        known.hit = news.hit
        known.due_ns = known.due_ns if due_ns is None else max(known.due_ns or 0, due_ns)

    def _end(self) -> list[Alert]:
        """It counts as over."""
        over_ns, self._over_ns = self._over_ns or 0, None
        self._firing = False
        since_ns, self._since_ns = self._since_ns, None
        for each in self._held.values():
            if (
                self.rule.cooldown_ns is not None
                and each.due_ns is not None
                and not self.rule.quiet
                and not any(limit.rate for limit in self._limits)
            ):
                each.due_ns = None  # nobody is told, once it is over, that it went on
        if not self.rule.resolved:
            return []
        return [
            Alert("resolved", Hit(over_ns, None, (), None, shown=False), 0, over_ns if since_ns is None else since_ns)
        ]

    # -- what may be told --------------------------------------------------------------------------------------

    def _cooled(self, key: str, at_ns: int) -> int | None:
        fired_ns = self._fired.get(key)
        if self.rule.cooldown_ns is None or fired_ns is None or at_ns - fired_ns >= self.rule.cooldown_ns:
            return None
        return fired_ns + self.rule.cooldown_ns

    def _quiet_until(self, moment: Moment) -> int | None:
        if not self.rule.quiet or self.rule.priority == "urgent" or moment.wall is None:
            return None
        wall = moment.wall()
        ends = [hours.next_change(wall) for hours in self.rule.quiet if hours.hold(wall)]
        if not ends:
            return None
        return max(moment.time_ns + _LATER_NS if end is None else self._at_wall(end, moment) for end in ends)

    def _at_wall(self, when: datetime, moment: Moment) -> int:
        """The source time of a time on the wall; no further than some minutes, as that clock may be set."""
        assert moment.wall is not None
        left_ns = round((when.timestamp() - moment.wall().timestamp()) * clock.SECOND)
        return moment.time_ns + max(clock.MS, min(left_ns, _LATER_NS))

    def _limited(self, now_ns: int) -> int | None:
        return max((due for each in self._limits if (due := each.until(now_ns)) is not None), default=None)

    def _check_deadline(self, moment: Moment) -> list[Alert]:
        deadline = self.rule.deadline
        if deadline is None or self._overdue_ns is None or self._overdue_ns > moment.time_ns:
            return []
        due_ns = self._overdue_ns
        if deadline.after_ns is not None:
            self._overdue_ns = None
            return [Alert("overdue", Hit(due_ns, None, (), None, shown=False), 0, due_ns)]
        return self._check_daily(moment)

    def _check_daily(self, moment: Moment) -> list[Alert]:
        """A deadline by the clock on the wall; it was only looked at where that is still to come."""
        assert moment.wall is not None
        assert self.rule.deadline is not None
        wall, minute = moment.wall(), self.rule.deadline.minute or 0
        reached = 0 <= wall.hour * 60 + wall.minute - minute <= _LATER_NS // (60 * clock.SECOND)
        fired_today = any(self._wall_of(at, moment).date() == wall.date() for at in self._fired.values())
        self._overdue_ns = self._at_wall(self.rule.deadline.next(wall), moment)
        if not reached or fired_today or self._overdue_day == str(wall.date()):
            return []
        self._overdue_day = str(wall.date())
        return [Alert("overdue", Hit(moment.time_ns, None, (), None, shown=False), 0, moment.time_ns)]

    def _wall_of(self, time_ns: int, moment: Moment) -> datetime:
        assert moment.wall is not None
        wall = moment.wall()
        return datetime.fromtimestamp(wall.timestamp() - (moment.time_ns - time_ns) / clock.SECOND, wall.tzinfo)

    def _key(self, hit: Hit) -> str:
        if self.rule.plain:
            return ""
        return hashlib.blake2b(hit.identity.encode("utf-8", "replace"), digest_size=8).hexdigest()

    # -- across restarts ---------------------------------------------------------------------------------------

    def to_dict(self, *, words: bool = True) -> dict[str, Any]:
        """Its state as JSON values; empty where nothing happened. ``words``: whether with what the screen says."""
        state: dict[str, Any] = {
            "value": self._value,
            "since": self._since_ns,
            "firing": self._firing,
            "over": self._over_ns,
            "pending": {key: waiting_to(each, words) for key, each in self._pending.items()},
            "held": {key: waiting_to(each, words) for key, each in self._held.items()},
            "fired": self._fired,
            "told": self._own.to_list(),
            "alerts": self.alerts,
            "merged": self.merged_total,
            "overdue": self._overdue_ns if self._begun else None,
            "day": self._overdue_day or None,
            "begun": self._begun,
        }
        if not self.alerts and not self.merged_total:
            del state["alerts"], state["merged"]
        return {name: each for name, each in state.items() if _said(each) or (name == "value" and each is False)}

    def restore(self, state: dict[str, Any], shift_ns: int = 0) -> None:
        """Go on from there. ``shift_ns``: what is to be added to its times, where source time began anew."""

        def at(time_ns: int | None) -> int | None:
            return None if time_ns is None else time_ns + shift_ns

        self._value, self._firing = state.get("value"), bool(state.get("firing"))
        self._since_ns, self._over_ns = at(state.get("since")), at(state.get("over"))
        self._pending = {key: waiting_from(each, shift_ns) for key, each in state.get("pending", {}).items()}
        self._held = {key: waiting_from(each, shift_ns) for key, each in state.get("held", {}).items()}
        self._fired = {key: int(each) + shift_ns for key, each in state.get("fired", {}).items()}
        self._own.restore(state.get("told", ()), shift_ns)
        self.alerts, self.merged_total = int(state.get("alerts", 0)), int(state.get("merged", 0))
        self._begun, self._overdue_day = bool(state.get("begun")), str(state.get("day", ""))
        if self._begun:
            self._overdue_ns = at(state.get("overdue"))


def _said(value: Any) -> bool:
    """Whether a field is worth a word: 0 is a time."""
    return value is not None and value is not False and value != {} and value != []
