"""From a user's words to a condition; every refusal points at its column.

parse("text:/passed|failed/i")
parse("still:30s@0,0,640,480")
still("30s", region=(0, 0, 640, 480))     # the same, from Python
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any, NoReturn

from ironcliw import clock
from ironcliw.errors import ConditionError
from ironcliw.frame import Rect
from ironcliw.incident import KINDS, Kind
from ironcliw.memory import LARGEST_SIDE_PX
from ironcliw.rule.condition import (
    ChangeCondition,
    Condition,
    GoneCondition,
    IncidentCondition,
    StillCondition,
    TextCondition,
)
from ironcliw.rule.pattern import REGEX_FLAGS, Phrase, Regex, RegexError, phrase, regex

CONDITION_LENGTH_MAX = 4_000
LONGEST_STILL_NS = 7 * 24 * 3_600 * clock.SECOND
UNITS_NS = {"ms": clock.MS, "s": clock.SECOND, "m": 60 * clock.SECOND, "h": 3_600 * clock.SECOND}

_SHOWN_MAX = 200
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+|nan|inf(inity)?)", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Part:
    """A stretch of the condition, which knows where it stands."""

    condition: str
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.condition[self.start : self.end]

    def stripped(self) -> _Part:
        text = self.text
        start = self.start + len(text) - len(text.lstrip())
        return _Part(self.condition, start, max(start, self.start + len(text.rstrip())))

    def slice(self, start: int, end: int | None = None) -> _Part:
        """The part from offset ``start`` to ``end``, both counted from this part's own start."""
        return _Part(self.condition, self.start + start, self.end if end is None else self.start + end)

    def split(self, separator: str) -> list[_Part]:
        parts: list[_Part] = []
        at = self.start
        for piece in self.text.split(separator):
            parts.append(_Part(self.condition, at, at + len(piece)))
            at += len(piece) + len(separator)
        return parts

    def fail(self, message: str, offset: int = 0) -> NoReturn:
        column = self.start + offset + 1
        shown = "".join(c if unicodedata.category(c) not in ("Cc", "Cs") else "�" for c in self.condition)
        if column > _SHOWN_MAX:
            shown = "…" + shown[column - _SHOWN_MAX // 2 :]
            raise ConditionError(
                f"{message} (at column {column} of the whole)", shown[:_SHOWN_MAX], _SHOWN_MAX // 2 + 1
            )
        raise ConditionError(message, shown[:_SHOWN_MAX], column)


def parse(condition: str) -> Condition:
    """The condition these words state. Raises ConditionError, whose ``column`` points at the fault."""
    if not isinstance(condition, str):  # pyright: ignore[reportUnnecessaryIsInstance] - callers without a type checker
        raise TypeError(f"a condition is a string such as 'text:BUILD FAILED', not {type(condition).__name__}")
    whole = _Part(condition, 0, len(condition))
    if len(condition) > CONDITION_LENGTH_MAX:
        whole.fail(f"a condition of {len(condition)} characters: {CONDITION_LENGTH_MAX} is the most")
    for offset, character in enumerate(condition):
        if unicodedata.category(character) in ("Cc", "Cs") and character not in "\t\n\r":
            whole.fail("a control character cannot stand in a condition", offset)
    whole = whole.stripped()
    head, colon, _ = whole.text.partition(":")
    kind = head.strip()
    if kind in KINDS and not colon:
        return _incident(kind, whole.slice(len(head)))
    if kind not in _KINDS or not colon:
        _refuse_kind(whole, kind, bool(colon))
    return _KINDS[kind](whole.slice(len(head) + 1).stripped())


def _refuse_kind(whole: _Part, kind: str, has_colon: bool) -> NoReturn:
    known = ", ".join(_KINDS)
    if not whole.text:
        whole.fail(f"an empty condition; it starts with its kind: {known}")
    if not has_colon and kind in _KINDS:
        whole.fail(f"'{kind}' is followed by a colon: {_EXAMPLES[kind]}", len(whole.text))
    if not kind.isalpha() or not has_colon:
        whole.fail(f"a condition starts with its kind and a colon ({known}), such as {_EXAMPLES['text']}")
    nearest = difflib.get_close_matches(kind.lower(), _KINDS, n=1, cutoff=0.5)
    hint = f"did you mean '{nearest[0]}'?" if nearest else f"there are {known}"
    whole.fail(f"unknown kind of condition '{kind}': {hint}")


def _pattern(body: _Part) -> Phrase | Regex:
    """WORDS or /regex/flags."""
    if not body.text:
        body.fail("nothing to look for: words or /regex/ are missing")
    if body.text.startswith("/"):
        return _regex(body)
    try:
        # A phrase that begins with a slash is told from a regex by a backslash.
        return phrase(body.text[1:] if body.text.startswith("\\/") else body.text)
    except ValueError:
        body.fail("nothing to look for: words or /regex/ are missing")


def _regex(body: _Part) -> Regex:
    end = 1
    while end < len(body.text) and body.text[end] != "/":
        end += 2 if body.text[end] == "\\" else 1
    if end >= len(body.text):
        body.fail(
            "this regex is not closed: a '/' is missing at its end (a phrase that begins with '/' is written \\/)"
        )
    if end == 1:
        body.fail("an empty regex is always met", 1)
    for offset, flag in enumerate(body.text[end + 1 :], end + 1):
        if flag not in REGEX_FLAGS:
            hint = (
                "; a '/' inside a regex, or one that begins a phrase, is written \\/"
                if "/" in body.text[end + 1 :]
                else ""
            )
            body.fail(f"unknown flag '{flag}': there are i, m and s{hint}", offset)
    try:
        return regex(body.text[1:end], body.text[end + 1 :])
    except RegexError as error:
        body.fail(str(error), 1 + error.offset)


def _region(part: _Part) -> Rect:
    """x,y,w,h in whole pixels."""
    fields = [field.stripped() for field in part.split(",")]
    names = ("x", "y", "width", "height")
    if len(fields) != 4:
        part.fail(
            f"a region has four numbers, x,y,width,height; here {'are' if part.text else 'is'} "
            f"{len(fields) if part.text else 'none'}"
        )
    return Rect(*(_pixels(field, name) for field, name in zip(fields, names, strict=True)))


def _pixels(field: _Part, name: str) -> int:
    text = field.text
    if not text:
        field.fail(f"the region's {name} is missing")
    if not re.fullmatch(r"[+-]?\d+", text, re.ASCII):
        field.fail(f"the region's {name} is a whole number of pixels, not '{text}'")
    if text.startswith("-") and text.strip("-0"):
        field.fail(f"the region's {name} cannot be negative")
    digits = text.lstrip("+-0")
    if len(digits) > 6 or int(digits or "0") > LARGEST_SIDE_PX:
        field.fail(f"the region's {name} is beyond {LARGEST_SIDE_PX} pixels")
    if not digits and name in ("width", "height"):
        field.fail(f"a region of {name} 0 holds no pixels")
    return int(digits or "0")


def parse_duration(text: str) -> int:
    """``30s``, ``500ms``, ``10m`` or ``1.5h`` in nanoseconds; ConditionError, pointing at the fault, for all else."""
    return _duration(_Part(text, 0, len(text)).stripped())


def _duration(part: _Part) -> int:
    """A number and its unit, in nanoseconds."""
    number = _NUMBER.match(part.text)
    if number is None:
        part.fail(
            "a duration is missing, such as 30s" if not part.text else f"not a duration: '{part.text}'; write 30s"
        )
    value, unit = number.group(), part.slice(number.end()).stripped()
    if value.startswith("-"):
        part.fail("a duration cannot be negative")
    if value.lstrip("+")[0] not in "0123456789.":
        part.fail(f"'{value}' is no duration")
    if not unit.text:
        part.fail(f"{value} of what? Write {value}s, {value}ms, {value}m or {value}h", number.end())
    if unit.text not in UNITS_NS:
        unit.fail(f"unknown unit '{unit.text}': there are {', '.join(UNITS_NS)}")
    duration_ns = Decimal(value) * UNITS_NS[unit.text]
    if duration_ns < clock.MS:
        part.fail("a duration below 1ms")
    if duration_ns > LONGEST_STILL_NS:
        part.fail("a duration beyond 168h")
    return int(duration_ns)


def _text(body: _Part) -> Condition:
    return TextCondition(_pattern(body), body.condition.strip())


def _gone(body: _Part) -> Condition:
    return GoneCondition(_pattern(body), body.condition.strip())


def _change(body: _Part) -> Condition:
    return ChangeCondition(_region(body), body.condition.strip())


def _still(body: _Part) -> Condition:
    length, at, _ = body.text.partition("@")
    duration_ns = _duration(body.slice(0, len(length)).stripped())
    region = _region(body.slice(len(length) + 1).stripped()) if at else None
    return StillCondition(duration_ns, region, body.condition.strip())


def _incident(kind: Kind, body: _Part) -> Condition:
    pattern = _pattern(body) if body.text else None
    return IncidentCondition(kind, pattern, body.condition.strip())


_KINDS: dict[str, Callable[[_Part], Condition]] = {
    "text": _text,
    "gone": _gone,
    "change": _change,
    "still": _still,
    **{kind: partial(_incident, kind) for kind in KINDS},
}
_EXAMPLES = {
    "text": "text:BUILD FAILED",
    "gone": "gone:Loading",
    "change": "change:0,0,640,480",
    "still": "still:30s",
}


def incident(kind: Kind, words: str = "") -> Condition:
    """The condition ``KIND:WORDS``, or ``KIND`` alone; ``/regex/flags`` for words is a regex. Raises ConditionError."""
    return parse(f"{_string(kind)}:{_string(words)}")


def text(words: str) -> Condition:
    """The condition ``text:WORDS``; ``/regex/flags`` in place of words is a regex. Raises ConditionError."""
    return parse(f"text:{_string(words)}")


def gone(words: str) -> Condition:
    """The condition ``gone:WORDS``; ``/regex/flags`` in place of words is a regex. Raises ConditionError."""
    return parse(f"gone:{_string(words)}")


def change(x: int, y: int, width: int, height: int) -> Condition:
    """The condition ``change:x,y,w,h``, in pixels of the frame. Raises ConditionError."""
    return parse(f"change:{x},{y},{width},{height}")


def still(duration: str, region: tuple[int, int, int, int] | None = None) -> Condition:
    """The condition ``still:DURATION[@x,y,w,h]``; the duration is text such as ``30s``. Raises ConditionError."""
    where = "" if region is None else "@" + ",".join(str(number) for number in region)
    return parse(f"still:{_string(duration)}{where}")


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"expected a string such as 'BUILD FAILED', '/regex/i' or '30s', not {type(value).__name__}")
    return value
