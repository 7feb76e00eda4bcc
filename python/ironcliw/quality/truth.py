"""What a recording shows, as people or the synthetic desktop wrote it down.

    truth = Truth.from_dict(json.loads(path.read_text()), str(path))
    truth.events[0].words                 # ("BUILD FAILED",)
    truth.expectations[0].condition       # "text:/FAILED/"

The fields are described in docs/reference/quality.md. Whatever is wrong with them is a LabelError of one line that
names the file and the field.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any, cast

from ironcliw.errors import ConditionError, LabelError
from ironcliw.frame import Rect
from ironcliw.incident import KINDS
from ironcliw.quality.matching import Window
from ironcliw.rule import parse

EVENT_TOLERANCE_S = 0.5
"""How far an event's time may lie from its label where the label does not say; the labels themselves are +-0.15 s."""

LABEL_ERROR_S = 0.15
"""Labels are that exact: what is looked at around a labelled moment lies that long before and after it."""

LONGEST_S = 7 * 24 * 3600
"""No recording is longer, and nothing in it can be later: what a label of more would cost, no machine has."""

_LARGEST_PX = 1 << 16

_RULE = re.compile(r"(?P<kind>\w+)\b.*?/(?P<pattern>.+)/(?P<flags>[ims]*)(?P<rest>.*)")
_CONDITION = re.compile(r"(text|gone|change|still):")


@dataclass(frozen=True, slots=True)
class LabelledEvent:
    """Something that happens on the screen.

    kind: ``text``, ``dialog``, ``notification``, ``progress``, ...
    what: what it is, in the labeller's words
    words: what must be readable on it; empty for events without text
    due_s: first moment at which it is fully visible
    window: when its words may be seen: from where it begins to come to the last one of a range of moments
    until_s: the last moment it is visible, where that is known
    box: where it is, in frame pixels, where that is known
    """

    kind: str
    what: str
    words: tuple[str, ...]
    due_s: float
    window: Window
    until_s: float | None
    box: Rect | None = None

    @property
    def is_moment(self) -> bool:
        """Whether it happens at once, so that there is a moment to measure from."""
        return self.due_s == self.window.last_s


@dataclass(frozen=True, slots=True)
class Expectation:
    """A rule and when it must fire.

    rule: as it stands in the labels
    kind: ``text`` for rules about text; ``notification`` and ``dialog`` ask for those
    condition: the rule as the watcher takes it
    windows: when it must fire; empty where it must never
    ignore_from_s: firings from here on do not count, either way
    """

    rule: str
    kind: str
    condition: str
    windows: tuple[Window, ...]
    ignore_from_s: float


@dataclass(frozen=True, slots=True)
class Truth:
    """The ground truth of one recording. ``still`` and ``transitions`` are (begin, end) in seconds of media time."""

    name: str
    duration_s: float
    events: tuple[LabelledEvent, ...]
    expectations: tuple[Expectation, ...]
    still: tuple[tuple[float, float], ...]
    transitions: tuple[tuple[float, float], ...]

    @classmethod
    def from_dict(cls, fields: object, where: str) -> Truth:
        """The truth of one JSON object; ``where`` names it in errors."""
        top = _Fields(fields, where)
        duration_s = top.seconds("duration_s")
        if duration_s <= 0:
            raise LabelError(f"{where}: duration_s is {duration_s:g}, not above 0")
        name = top.string("id")
        if not name.strip() or not name.isprintable() or "|" in name:
            raise LabelError(f"{where}: id is {name!r:.40}, not a name of one line without |")
        return cls(
            name=name,
            duration_s=duration_s,
            events=tuple(_event(item) for item in top.objects("events")),
            expectations=tuple(_expectation(item) for item in top.objects("rule_expectations")),
            still=tuple(top.span(item, "still_intervals") for item in top.list("still_intervals")),
            transitions=tuple(_transition(item) for item in top.objects("scene_transitions")),
        )

    @property
    def conditions(self) -> list[str]:
        """The conditions to watch with, each once."""
        return list(dict.fromkeys(expectation.condition for expectation in self.expectations))

    @property
    def still_s(self) -> float:
        """Seconds of still intervals."""
        return sum(end - begin for begin, end in self.still)


def _event(fields: _Fields) -> LabelledEvent:
    due_s = fields.seconds("t")
    last_s = fields.seconds("t1", due_s)
    if last_s < due_s:
        raise LabelError(f"{fields.where}: t1 is {last_s:g}, before t at {due_s:g}")
    until_s = fields.seconds("end", -1.0)
    since_s = min(fields.seconds("from", due_s), due_s)
    return LabelledEvent(
        kind=fields.string("type"),
        what=fields.string("what", ""),
        words=tuple(fields.strings("words")),
        due_s=due_s,
        window=Window(since_s, last_s, fields.seconds("tolerance_s", EVENT_TOLERANCE_S)),
        until_s=until_s if until_s >= 0 else None,
        box=fields.box("bbox"),
    )


def _transition(fields: _Fields) -> tuple[float, float]:
    begin, end = fields.seconds("t0"), fields.seconds("t1")
    if end < begin:
        raise LabelError(f"{fields.where}: t1 is {end:g}, before t0 at {begin:g}")
    return begin, end


def _expectation(fields: _Fields) -> Expectation:
    rule = fields.string("rule")
    found = _RULE.fullmatch(rule)
    if _CONDITION.match(rule):
        kind, condition = "text", rule
    elif found:
        kind = found["kind"]
        verb = "gone" if found["rest"].strip() == "gone" else kind if kind in KINDS else "text"
        condition = f"{verb}:/{found['pattern']}/{found['flags']}"
    else:
        raise LabelError(f"{fields.where}: rule is {rule!r:.60}, neither a condition nor 'KIND ... /regex/ ...'")
    try:
        parse(condition)
    except ConditionError as error:
        raise LabelError(f"{fields.where}: rule is {rule!r:.60}: {str(error).splitlines()[0]}") from None
    tolerance_s = fields.seconds("tolerance_s", EVENT_TOLERANCE_S)
    due_s = [fields.number(item, "fires") for item in fields.list("fires", required=True)]
    windows = tuple(Window(moment, moment, tolerance_s) for moment in sorted(due_s))
    return Expectation(rule, kind, condition, windows, fields.seconds("ignore_from", math.inf))


class _Fields:
    """One JSON object of the labels, read field by field."""

    def __init__(self, fields: object, where: str) -> None:
        if not isinstance(fields, dict):
            raise LabelError(f"{where}: a JSON object was expected, not {fields!r:.40}")
        self._fields = cast("dict[str, Any]", fields)
        self.where = where

    def string(self, name: str, default: str | None = None) -> str:
        value = self._fields.get(name, default)
        if not isinstance(value, str):
            raise LabelError(f"{self.where}: {name} is {_shown(value)}, not a string")
        return value

    def seconds(self, name: str, default: float | None = None) -> float:
        value = self._fields.get(name)
        return default if value is None and default is not None else self.number(value, name)

    def number(self, value: Any, name: str) -> float:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not 0 <= value <= LONGEST_S:  # NaN fails this too
            raise LabelError(f"{self.where}: {name} is {_shown(value)}, not a number of seconds from 0 to {LONGEST_S}")
        return float(value)

    def list(self, name: str, *, required: bool = False) -> list[Any]:
        value = self._fields.get(name)
        if value is None and not required:
            return []
        if not isinstance(value, list):
            raise LabelError(f"{self.where}: {name} is {_shown(value)}, not a list")
        return cast("list[Any]", value)

    def strings(self, name: str) -> list[str]:
        values = self.list(name)
        for value in values:
            if not isinstance(value, str) or not value.strip():
                raise LabelError(f"{self.where}: {name} holds {_shown(value)}, not a string with something in it")
        return cast("list[str]", values)

    def objects(self, name: str) -> list[_Fields]:
        return [_Fields(item, f"{self.where}: {name}[{index}]") for index, item in enumerate(self.list(name))]

    def box(self, name: str) -> Rect | None:
        """A rectangle, or None where there is none."""
        sides = self.list(name)
        if not sides:
            return None
        if len(sides) != 4 or not all(type(side) is int and abs(side) <= _LARGEST_PX for side in sides):
            raise LabelError(f"{self.where}: {name} is {_shown(sides)}, not [x, y, width, height] in pixels")
        return Rect(*sides)

    def span(self, value: Any, name: str) -> tuple[float, float]:
        if not isinstance(value, list) or len(pair := cast("list[Any]", value)) != 2:
            raise LabelError(f"{self.where}: {name} holds {_shown(cast('Any', value))}, not [begin, end]")
        begin, end = (self.number(item, name) for item in pair)
        if end < begin:
            raise LabelError(f"{self.where}: {name} holds [{begin:g}, {end:g}], which ends before it begins")
        return begin, end


def _shown(value: Any) -> str:
    return "missing" if value is None else f"{value!r:.40}"
