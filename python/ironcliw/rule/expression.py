"""Conditions made of conditions: and, or, not, then, for, in, during; and the atoms beside words and pixels.

str(parse('text:"BUILD FAILED" and not text:"retrying" for 5s'))   # the same, in the one way it is written

All are frozen values: what is written alike is equal, and ``parse(str(x)) == x``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ironcliw import clock
from ironcliw.frame import Rect
from ironcliw.rule.hours import Hours
from ironcliw.rule.pattern import Phrase, Regex

if TYPE_CHECKING:
    from ironcliw.rule.condition import Condition

DEPTH_MAX = 32
"""Conditions within conditions: more are refused."""

Comparison = Literal[">=", "<=", ">", "<", "="]
Quantity = Literal["value", "rate", "eta"]
ObjectKind = Literal["window", "dialog", "toast", "button", "field", "icon"]


def compared(one: float, how: Comparison, other: float) -> bool:
    """Whether ``one`` stands so to ``other``."""
    if how == ">=":
        return one >= other
    if how == "<=":
        return one <= other
    if how == "=":
        return one == other
    return one > other if how == ">" else one < other


@dataclass(frozen=True, slots=True)
class And:
    """All of these at a time."""

    parts: tuple[Condition, ...]

    def __str__(self) -> str:
        return " and ".join(_within(part, _AND) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Or:
    """Any of these."""

    parts: tuple[Condition, ...]

    def __str__(self) -> str:
        return " or ".join(_within(part, _OR) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Not:
    """This is seen not to be so; nothing while it cannot be seen."""

    part: Condition

    def __str__(self) -> str:
        return f"not {_within(self.part, _NOT - 1)}"


@dataclass(frozen=True, slots=True)
class Then:
    """``first`` is met, and ``second`` after it, no later than ``within_ns``."""

    first: Condition
    second: Condition
    within_ns: int

    def __str__(self) -> str:
        first, second = _within(self.first, _THEN - 1), _within(self.second, _THEN)
        return f"{first} then {second} within {written_duration(self.within_ns)}"


@dataclass(frozen=True, slots=True)
class For:
    """This has been so for ``duration_ns`` without a break."""

    part: Condition
    duration_ns: int

    def __str__(self) -> str:
        return f"{_within(self.part, _QUALIFIED - 1)} for {written_duration(self.duration_ns)}"


@dataclass(frozen=True, slots=True)
class InRegion:
    """This within a part of the frame, in pixels."""

    part: Condition
    region: Rect

    def __str__(self) -> str:
        return f"{_within(self.part, _QUALIFIED - 1)} in {written_region(self.region)}"


@dataclass(frozen=True, slots=True)
class InWindow:
    """This within the window whose title says so."""

    part: Condition
    pattern: Phrase | Regex

    def __str__(self) -> str:
        return f"{_within(self.part, _QUALIFIED - 1)} in window {written_pattern(self.pattern)}"


@dataclass(frozen=True, slots=True)
class During:
    """This at these hours of these days."""

    part: Condition
    hours: Hours

    def __str__(self) -> str:
        return f"{_within(self.part, _QUALIFIED - 1)} during {self.hours}"


@dataclass(frozen=True, slots=True)
class CountCondition:
    """How many matches stand on the screen at a time: ``count(text:"failed") >= 3``."""

    pattern: Phrase | Regex
    how: Comparison
    number: int

    def __str__(self) -> str:
        return f"count(text:{written_pattern(self.pattern)}) {self.how} {self.number}"


@dataclass(frozen=True, slots=True)
class ProgressCondition:
    """How far something has come: ``progress >= 90%``, ``progress eta < 1m``, ``progress:"Downloading" rate < 1%/s``.

    number: percent, percent a second, or nanoseconds to the end
    """

    pattern: Phrase | Regex | None
    quantity: Quantity
    how: Comparison
    number: float

    def __str__(self) -> str:
        words = "" if self.pattern is None else f":{written_pattern(self.pattern)}"
        quantity = "" if self.quantity == "value" else f" {self.quantity}"
        number = {"value": f"{_number(self.number)}%", "rate": f"{_number(self.number)}%/s"}.get(self.quantity)
        return f"progress{words}{quantity} {self.how} {number or written_duration(int(self.number))}"


@dataclass(frozen=True, slots=True)
class StalledCondition:
    """Progress that has not moved for ``duration_ns``: ``stalled(2m)``."""

    duration_ns: int

    def __str__(self) -> str:
        return f"stalled({written_duration(self.duration_ns)})"


@dataclass(frozen=True, slots=True)
class ChangedCondition:
    """Pixels change anywhere: ``changed``. In a region it is ``change:x,y,w,h``."""

    def __str__(self) -> str:
        return "changed"


@dataclass(frozen=True, slots=True)
class ImageCondition:
    """A picture stands on the screen, nearly pixel for pixel: ``image("ok.png")``, ``image("ok.png", x,y,w,h)``."""

    file: str
    region: Rect | None

    def __str__(self) -> str:
        where = "" if self.region is None else f", {written_region(self.region)}"
        return f"image({quoted(self.file)}{where})"


@dataclass(frozen=True, slots=True)
class SimilarCondition:
    """The screen looks like a picture of a whole screen: ``similar("login.png")``."""

    file: str

    def __str__(self) -> str:
        return f"similar({quoted(self.file)})"


@dataclass(frozen=True, slots=True)
class ObjectCondition:
    """Such a thing is drawn on the screen, with these words on it: ``object(button)``, ``object(button:"Save")``."""

    kind: ObjectKind
    pattern: Phrase | Regex | None

    def __str__(self) -> str:
        words = "" if self.pattern is None else f":{written_pattern(self.pattern)}"
        return f"object({self.kind}{words})"


@dataclass(frozen=True, slots=True)
class WindowCondition:
    """A window with this title, or of this program, is there: ``window("Terminal")``, ``window(app:"code")``."""

    what: Literal["title", "app"]
    pattern: Phrase | Regex

    def __str__(self) -> str:
        app = "app:" if self.what == "app" else ""
        return f"window({app}{written_pattern(self.pattern)})"


@dataclass(frozen=True, slots=True)
class SaysCondition:
    """A model says that these plain words are so: ``says("the deploy page shows a green check")``."""

    words: str

    def __str__(self) -> str:
        return f"says({quoted(self.words)})"


@dataclass(frozen=True, slots=True)
class BlindCondition:
    """The screen cannot be seen: it is locked, black, lost, or capturing was paused."""

    def __str__(self) -> str:
        return "blind"


_OR, _THEN, _AND, _QUALIFIED, _NOT, _ATOM = 1, 2, 3, 4, 5, 6
_BINDS: dict[type, int] = {
    Or: _OR,
    Then: _THEN,
    And: _AND,
    For: _QUALIFIED,
    InRegion: _QUALIFIED,
    InWindow: _QUALIFIED,
    During: _QUALIFIED,
    Not: _NOT,
}


def _within(part: Condition, binding: int) -> str:
    """A part as it is written inside of something that binds as strongly as ``binding``."""
    return str(part) if _BINDS.get(type(part), _ATOM) > binding else f"({part})"


def children(condition: Condition) -> tuple[Condition, ...]:
    """The conditions a condition is made of; none of an atom."""
    if isinstance(condition, And | Or):
        return condition.parts
    if isinstance(condition, Then):
        return (condition.first, condition.second)
    return (condition.part,) if isinstance(condition, Not | For | InRegion | InWindow | During) else ()


def depth(condition: Condition) -> int:
    """1 for an atom, and one more for each level of conditions around it."""
    return 1 + max((depth(child) for child in children(condition)), default=0)


def quoted(words: str) -> str:
    """Words between double quotes."""
    return '"' + words.replace("\\", "\\\\").replace('"', '\\"') + '"'


def written_pattern(pattern: Phrase | Regex) -> str:
    """A pattern as it is written where something may follow."""
    return quoted(pattern.words) if isinstance(pattern, Phrase) else f"/{pattern.pattern}/{pattern.flags}"


def written_region(region: Rect) -> str:
    """``x,y,w,h``."""
    return ",".join(str(number) for number in region)


def written_duration(duration_ns: int) -> str:
    """The shortest way to write a duration: ``90s``, ``1.5ms``, ``2h``."""
    for unit, length in (("h", 3_600 * clock.SECOND), ("m", 60 * clock.SECOND), ("s", clock.SECOND)):
        if duration_ns % length == 0:
            return f"{duration_ns // length}{unit}"
    whole, rest = divmod(duration_ns, clock.MS)
    fraction = f"{rest:06d}".rstrip("0")
    return f"{whole}.{fraction}ms" if fraction else f"{whole}ms"


def _number(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")
