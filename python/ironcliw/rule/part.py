"""Stretches of a condition that know where they stand, and what is read from them: patterns, regions, durations.

part = Part("still:30s", 6, 9)
duration_of(part)                     # 30_000_000_000
part.fail("no duration")              # ConditionError that points at column 7
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from typing import NoReturn

from ironcliw import clock
from ironcliw.errors import ConditionError
from ironcliw.frame import Rect
from ironcliw.memory import LARGEST_SIDE_PX
from ironcliw.rule.pattern import REGEX_FLAGS, Phrase, Regex, RegexError, phrase, regex

LONGEST_STILL_NS = 7 * 24 * 3_600 * clock.SECOND
UNITS_NS = {"ms": clock.MS, "s": clock.SECOND, "m": 60 * clock.SECOND, "h": 3_600 * clock.SECOND}

_SHOWN_MAX = 200
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+|nan|inf(inity)?)", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the condition, which knows where it stands."""

    condition: str
    start: int
    end: int

    @property
    def text(self) -> str:
        """What it says."""
        return self.condition[self.start : self.end]

    def stripped(self) -> Part:
        """Without white space at its ends."""
        text = self.text
        start = self.start + len(text) - len(text.lstrip())
        return Part(self.condition, start, max(start, self.start + len(text.rstrip())))

    def slice(self, start: int, end: int | None = None) -> Part:
        """The part from offset ``start`` to ``end``, both counted from this part's own start."""
        return Part(self.condition, self.start + start, self.end if end is None else self.start + end)

    def split(self, separator: str) -> list[Part]:
        """Its pieces between separators."""
        parts: list[Part] = []
        at = self.start
        for piece in self.text.split(separator):
            parts.append(Part(self.condition, at, at + len(piece)))
            at += len(piece) + len(separator)
        return parts

    def fail(self, message: str, offset: int = 0) -> NoReturn:
        """Raise ConditionError, its finger on this part or ``offset`` characters into it."""
        column, begin = self.start + offset + 1, 0
        if column > _SHOWN_MAX:
            message, begin = f"{message} (at column {column} of the whole)", column - 1 - _SHOWN_MAX // 2
        around = self.condition[begin : begin + _SHOWN_MAX]
        shown = "".join(c if unicodedata.category(c) not in ("Cc", "Cs") else "�" for c in around)
        raise ConditionError(message, f"…{shown}"[:_SHOWN_MAX] if begin else shown, column - begin + (begin > 0))


def pattern_of(body: Part) -> Phrase | Regex:
    """WORDS or /regex/flags."""
    if not body.text:
        body.fail("nothing to look for: words or /regex/ are missing")
    if body.text.startswith("/"):
        return regex_of(body)
    try:
        # A phrase that begins with a slash or a quote mark is told from a regex and from quoted words by a backslash.
        return phrase(body.text[1:] if body.text.startswith(("\\/", '\\"', "\\'")) else body.text)
    except ValueError:
        body.fail("nothing to look for: words or /regex/ are missing")


def regex_of(body: Part) -> Regex:
    """/regex/flags."""
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


def region_of(part: Part) -> Rect:
    """x,y,w,h in whole pixels."""
    fields = [field.stripped() for field in part.split(",")]
    names = ("x", "y", "width", "height")
    if len(fields) != 4:
        part.fail(
            f"a region has four numbers, x,y,width,height; here {'are' if part.text else 'is'} "
            f"{len(fields) if part.text else 'none'}"
        )
    return Rect(*(_pixels(field, name) for field, name in zip(fields, names, strict=True)))


def _pixels(field: Part, name: str) -> int:
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
    return duration_of(Part(text, 0, len(text)).stripped())


def duration_of(part: Part) -> int:
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
