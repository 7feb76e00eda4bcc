"""What people say of alerts: useful, not useful, later, mute; and what follows from it.

    feedback = Feedback(state_folder() / "feedback.json")
    feedback.remember(event)                      # an alert came
    feedback.say("last", "later", for_s=600)      # remind me: due() gives it then, also after a restart
    feedback.allows(event, "notify")              # False while its rule is muted

The file has mode 0600 and holds names of rules, ids and times of alerts, and counts: nothing from the screen. Several
processes may use it at once.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ironcliw import clock
from ironcliw.action.dispatcher import rule_of
from ironcliw.action.feedback_file import FeedbackFile, State
from ironcliw.errors import FeedbackError
from ironcliw.event import Event

VERDICTS = ("useful", "not-useful", "later", "mute")
DEFAULT_S = {"later": 600.0, "mute": 3600.0}
LONGEST_S = 30 * 24 * 3600.0
INTERRUPTING = frozenset(("notify", "sound", "terminal"))
"""Actions that take somebody's attention; those that rating holds back."""

PRIOR_USEFUL, PRIOR_NOT = 3.0, 1.0
"""Before anybody has said anything, a rule counts as if three of four of its alerts had been useful."""
QUIET_BELOW = 0.25
_EVERY = 8
"""Of a rule that is held back one alert in so many interrupts all the same: it can be found useful again."""
_MOST_ALERTS, _MOST_LATER = 64, 64


@dataclass(frozen=True, slots=True)
class RuleFeedback:
    """What is known of one rule. ``estimate``: the mean of Beta(3 + useful, 1 + not useful), in which none is 0.75.

    interrupts: whether its alerts may take attention, as far as that was learned
    muted_until_ns: wall time until which its actions are silent, None where they are not
    """

    rule: str
    useful: int
    not_useful: int
    estimate: float
    interrupts: bool
    muted_until_ns: int | None


@dataclass(frozen=True, slots=True)
class Said:
    """What was done about a verdict: of which alert and rule; ``until_ns``: wall time of a reminder or a mute's end."""

    alert: str
    rule: str
    verdict: str
    until_ns: int | None = None


class Feedback:
    """Everything that was said, kept in ``path``. ``wall_ns``: the clock by which reminders and mutes end."""

    def __init__(self, path: Path, wall_ns: Callable[[], int] = clock.wall_ns) -> None:
        self._file = FeedbackFile(path)
        self._wall_ns = wall_ns
        self._held: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()

    def remember(self, event: Event) -> None:
        """An alert came: from now on it can be spoken of. FeedbackError where the file cannot be written."""

        def add(state: State) -> None:
            alerts: list[Any] = state["alerts"]
            alerts.append({"id": event.id, "rule": rule_of(event), "wall": event.wall, "source": event.source})
            del alerts[:-_MOST_ALERTS]

        self._file.change(add)

    def say(self, alert: str, verdict: str, for_s: float | None = None) -> Said:
        """Take in what somebody says of an alert. ``alert``: its event's id, or ``last``.

        ``useful`` and ``not-useful`` count; said again of the same alert, the last word holds. ``later`` reminds after
        ``for_s``, ``mute`` silences the actions of its rule for as long. FeedbackError.
        """
        if verdict not in VERDICTS:
            raise FeedbackError(f"{verdict[:40]!r} is nothing to say of an alert: {', '.join(VERDICTS)}")
        if for_s is not None and verdict not in DEFAULT_S:
            raise FeedbackError(f"{verdict!r} takes no time")
        seconds = DEFAULT_S.get(verdict, 0.0) if for_s is None else for_s
        if not 0 <= seconds <= LONGEST_S:
            raise FeedbackError(f"at most {LONGEST_S / 86400:.0f} days, not {seconds:g} s")
        until_ns = self._wall_ns() + round(seconds * clock.SECOND)
        said: list[Said] = []

        def take(state: State) -> None:
            found = _alert(state, alert)
            timed = verdict in DEFAULT_S
            said.append(Said(found["id"], found["rule"], verdict, until_ns if timed else None))
            if verdict == "later":
                state["later"] = [each for each in state["later"] if each["id"] != found["id"]][-_MOST_LATER + 1 :]
                state["later"].append({**found, "at_ns": until_ns})
            elif verdict == "mute":
                state["muted"][found["rule"]] = until_ns
            else:
                _rate(state, found, verdict)

        self._file.change(take)
        return said[0]

    def allows(self, event: Event, action: str) -> bool:
        """Whether the action is to hear of the event. Where the file cannot be read, it is."""
        state, rule = self._file.state(), rule_of(event)
        if state["muted"].get(rule, 0) > self._wall_ns():
            return False
        if action not in INTERRUPTING or _described(rule, state).interrupts:
            return True
        with self._lock:
            self._held[rule, action] += 1
            return self._held[rule, action] % _EVERY == 0

    def next_due_ns(self) -> int | None:
        """Wall time of the next reminder; None where nobody wants one."""
        return min((each["at_ns"] for each in self._file.state()["later"]), default=None)

    def due(self) -> list[Event]:
        """Reminders whose time has come, as alerts without text; each is given once, to one process."""
        now_ns = self._wall_ns()
        if (next_ns := self.next_due_ns()) is None or next_ns > now_ns:
            return []
        taken: list[dict[str, Any]] = []

        def take(state: State) -> None:
            taken.extend(each for each in state["later"] if each["at_ns"] <= now_ns)
            state["later"] = [each for each in state["later"] if each["at_ns"] > now_ns]

        self._file.change(take)
        return [_reminder(each, now_ns) for each in taken]

    def rules(self) -> list[RuleFeedback]:
        """Every rule of which something is known, by name."""
        state = self._file.state()
        now_ns = self._wall_ns()
        muted = {rule for rule, until_ns in state["muted"].items() if until_ns > now_ns}
        return [_described(rule, state, now_ns) for rule in sorted(set(state["rules"]) | muted)]

    def reset(self, rule: str) -> None:
        """Forget what was said of a rule, its mute with it. FeedbackError where nothing is known of it."""

        def forget(state: State) -> None:
            if rule not in state["rules"] and rule not in state["muted"]:
                known = ", ".join(sorted({*state["rules"], *state["muted"]})) or "none"
                raise FeedbackError(f"nothing was said of a rule {rule[:80]!r}; there are: {known}")
            state["rules"].pop(rule, None)
            state["muted"].pop(rule, None)
            for each in state["alerts"]:
                if each["rule"] == rule:
                    each.pop("said", None)

        self._file.change(forget)


def _alert(state: State, alert: str) -> dict[str, Any]:
    alerts: list[Any] = state["alerts"]
    found = alerts[-1:] if alert == "last" else [each for each in alerts if each["id"] == alert]
    if not found:
        what = "no alert has come yet" if alert == "last" else f"no alert {alert[:40]!r} is known"
        raise FeedbackError(f"{what}: only the last {_MOST_ALERTS} of watches with actions are remembered")
    return found[-1]


def _rate(state: State, found: dict[str, Any], verdict: str) -> None:
    counts: dict[str, int] = state["rules"].setdefault(found["rule"], {"useful": 0, "not-useful": 0})
    if (before := found.get("said")) is not None:
        counts[before] = max(0, counts[before] - 1)
    counts[verdict] += 1
    found["said"] = verdict


def _described(rule: str, state: State, now_ns: int = 0) -> RuleFeedback:
    counts: dict[str, int] = state["rules"].get(rule, {})
    useful, not_useful = counts.get("useful", 0), counts.get("not-useful", 0)
    estimate = (PRIOR_USEFUL + useful) / (PRIOR_USEFUL + PRIOR_NOT + useful + not_useful)
    until_ns = state["muted"].get(rule, 0)
    muted = until_ns if until_ns > now_ns else None
    return RuleFeedback(rule, useful, not_useful, estimate, estimate >= QUIET_BELOW, muted)


def _reminder(kept: dict[str, Any], now_ns: int) -> Event:
    return Event(
        id=f"{kept['id']}-later",
        type="alert",
        time=0.0,
        wall=clock.rfc3339(now_ns),
        source=kept["source"],
        rule=kept["rule"],
        data={"reminder_of": kept["id"], "first_told": kept["wall"]},
    )
