"""From words to a condition that is made of conditions, by the grammar in ``grammar.lark``.

parse_expression(Part('text:"a" and not error', 0, 22))
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from functools import cache
from importlib import resources
from typing import Any, NoReturn, cast

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from ironcliw.frame import Rect
from ironcliw.incident import KINDS, Kind
from ironcliw.rule import expression as ast
from ironcliw.rule.condition import (
    ChangeCondition,
    Condition,
    GoneCondition,
    IncidentCondition,
    StillCondition,
    TextCondition,
)
from ironcliw.rule.hours import ALL_DAYS, DAYS, Hours
from ironcliw.rule.part import Part, duration_of, pattern_of, region_of
from ironcliw.rule.pattern import Phrase, Regex

_WORDS = ("and", "or", "not", "then", "within", "for", "in", "during", "window", "text", "gone", "change", "changed")
_MORE_WORDS = ("still", "stalled", "count", "image", "similar", "object", "says", "blind", "incident", "button", *KINDS)
_NAMED = {
    "$END": "the end",
    "STRING": "words in quotes",
    "REGEX": "a /regex/",
    "DURATION": "a duration such as 30s",
    "PERCENT": "a percentage such as 90%",
    "RATE": "a rate such as 1%/s",
    "NUMBER": "a whole number",
    "TIME": "a time such as 9:00",
    "DAY": "a day such as Mon",
    "COMPARISON": "a comparison such as >=",
    "OBJECT": "window, dialog, toast, button, field or icon",
    "COLON": "':'",
    "LPAR": "'('",
    "RPAR": "')'",
    "COMMA": "','",
    "MINUSSIGN": "'-'",
    "_CONDITION": 'a condition such as text:"BUILD FAILED"',
}
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


@cache
def _lark(start: str = "start") -> Lark:
    grammar = resources.files("ironcliw.rule").joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", maybe_placeholders=True, start=start)


def parse_expression(whole: Part) -> Condition:
    """The condition that ``whole`` states. Raises ConditionError, which points at the fault."""
    return _parsed(whole, "start")


def parse_hours(hours: str) -> Hours:
    """``22:00-06:00``, ``Mon-Fri``, ``Sat,Sun 9:00-12:00``. Raises ConditionError, which points at the fault."""
    return _parsed(Part(hours, 0, len(hours)).stripped(), "hours")


def _parsed(whole: Part, start: str) -> Any:
    # Spaces stand for what is before it: positions are those of the condition as it was written.
    text = " " * whole.start + whole.text
    try:
        tree = _lark(start).parse(text)  # pyright: ignore[reportUnknownMemberType]
    except UnexpectedInput as error:
        _refuse(whole, text, error)
    built: dict[int, Any] = {}
    # Bottom up and without recursion: a condition may be thousands of 'not' deep before that is refused.
    for each in tree.iter_subtrees():
        children = [built[id(child)] if isinstance(child, Tree) else child for child in each.children]
        made = _BUILDERS[str(each.data)](_Told(whole, children))
        if isinstance(made, Condition) and ast.depth(made) > ast.DEPTH_MAX:
            whole.fail(f"conditions within conditions, more than {ast.DEPTH_MAX} deep")
        built[id(each)] = made
    return built[id(tree)]


class _Told:
    """What a builder is given: the condition as a whole, and its children."""

    def __init__(self, whole: Part, children: list[Any]) -> None:
        self.whole, self.children = whole, children

    def part(self, token: Token) -> Part:
        """Where a token stands."""
        start = token.start_pos or 0
        return Part(self.whole.condition, start, start + len(token))

    def duration(self, at: int) -> int:
        return duration_of(self.part(self.children[at]))

    def words(self, at: int) -> str:
        """What stands between quotes."""
        token = self.children[at]
        words = _ESCAPED.sub(r"\1", str(token)[1:-1])
        if not words.strip():
            self.part(token).fail("nothing stands between these quotes")
        return words


def _pattern(told: _Told) -> Phrase | Regex:
    part = told.part(told.children[0])
    if part.text.startswith("/"):
        return pattern_of(part)
    from ironcliw.rule.pattern import phrase  # noqa: PLC0415

    return phrase(told.words(0))


def _region(told: _Told) -> Rect:
    first, last = told.part(told.children[0]), told.part(told.children[-1])
    return region_of(Part(first.condition, first.start, last.end))


def _run(told: _Told) -> set[int]:
    first, last = told.children
    begin = DAYS.index(first)
    length = (DAYS.index(last) - begin) % 7 if last is not None else 0
    return {(begin + step) % 7 for step in range(length + 1)}


def _span(told: _Told) -> tuple[int, int]:
    minutes: list[int] = []
    for token in told.children:
        hour, minute = (int(number) for number in token.split(":"))
        if minute > 59 or hour * 60 + minute > 24 * 60:
            told.part(token).fail(f"there is no time {token}")
        minutes.append(hour * 60 + minute)
    if minutes[0] == minutes[1]:
        told.part(told.children[1]).fail("these hours end when they begin")
    if minutes[0] == 24 * 60:
        told.part(told.children[0]).fail("hours begin at 00:00, not at 24:00")
    return minutes[0], minutes[1]


def _hours(told: _Told) -> Hours:
    days, span = set[int](), None
    for child in told.children:
        if isinstance(child, set):
            days |= cast("set[int]", child)
        elif child is not None:
            span = child
    begin, end = span or (0, 24 * 60)
    return Hours(tuple(sorted(days)) or ALL_DAYS, begin, end)


def _still(told: _Told) -> Condition:
    duration_ns, region = told.duration(0), told.children[1]
    where = "" if region is None else f"@{ast.written_region(region)}"
    return StillCondition(duration_ns, region, f"still:{ast.written_duration(duration_ns)}{where}")


def _incident(told: _Told) -> Condition:
    return _incident_of(*told.children)


def _incident_of(kind: Kind, pattern: Phrase | Regex | None) -> Condition:
    words = "" if pattern is None else f":{ast.written_pattern(pattern)}"
    return IncidentCondition(kind, pattern, f"{kind}{words}")


def _changed(told: _Told) -> Condition:
    region = told.children[0]
    return ast.ChangedCondition() if region is None else _change_of(region)


def _change_of(region: Rect) -> Condition:
    return ChangeCondition(region, f"change:{ast.written_region(region)}")


def _progress(told: _Told) -> Condition:
    pattern, quantity, how, token = told.children
    quantity = str(quantity) if quantity else "value"
    number = told.part(token)
    wanted = {"value": "PERCENT", "rate": "RATE", "eta": "DURATION"}[quantity]
    if token.type != wanted:
        number.fail(f"the {quantity} of progress is compared with {_NAMED[wanted]}")
    value: float = duration_of(number) if wanted == "DURATION" else float(str(token).partition("%")[0])
    return ast.ProgressCondition(pattern, cast("ast.Quantity", quantity), cast("ast.Comparison", str(how)), value)


def _count(told: _Told) -> Condition:
    pattern, how, number = told.children
    if len(number) > 3:
        told.part(number).fail("more than 999 matches are not counted")
    return ast.CountCondition(pattern, cast("ast.Comparison", str(how)), int(number))


def _window(told: _Told) -> Condition:
    what, pattern = told.children
    return ast.WindowCondition("app" if what is not None else "title", pattern)


def _text(told: _Told) -> Condition:
    return TextCondition(told.children[0], f"text:{ast.written_pattern(told.children[0])}")


def _gone(told: _Told) -> Condition:
    return GoneCondition(told.children[0], f"gone:{ast.written_pattern(told.children[0])}")


def _stalled(told: _Told) -> Condition:
    return _incident_of("stall", None) if told.children[0] is None else ast.StalledCondition(told.duration(0))


_BUILDERS: dict[str, Callable[[_Told], Any]] = {
    "either": lambda told: ast.Or(tuple(told.children)),
    "all": lambda told: ast.And(tuple(told.children)),
    "then": lambda told: ast.Then(told.children[0], told.children[1], told.duration(2)),
    "negation": lambda told: ast.Not(told.children[0]),
    "lasting": lambda told: ast.For(told.children[0], told.duration(1)),
    "in_region": lambda told: ast.InRegion(*told.children),
    "in_window": lambda told: ast.InWindow(*told.children),
    "during": lambda told: ast.During(*told.children),
    "text": _text,
    "gone": _gone,
    "change": lambda told: _change_of(told.children[0]),
    "changed": _changed,
    "still": _still,
    "incident": _incident,
    "kind": lambda told: str(told.children[0]),
    "progress": _progress,
    "stalled": _stalled,
    "count": _count,
    "image": lambda told: ast.ImageCondition(told.words(0), told.children[1]),
    "similar": lambda told: ast.SimilarCondition(told.words(0)),
    "object": lambda told: ast.ObjectCondition(cast("ast.ObjectKind", str(told.children[0])), told.children[1]),
    "window": _window,
    "says": lambda told: ast.SaysCondition(told.words(0)),
    "blind": lambda told: ast.BlindCondition(),
    "pattern": _pattern,
    "region": _region,
    "run": _run,
    "span": _span,
    "hours": _hours,
}


def _refuse(whole: Part, text: str, error: UnexpectedInput) -> NoReturn:
    """Say where it stops being a condition, and what could stand there."""
    at = error.pos_in_stream
    token = cast("Token | None", getattr(error, "token", None))
    ended = (token is not None and token.type == "$END") or at is None or at < whole.start
    offset = len(whole.text) if ended or at is None else at - whole.start
    rest = text[whole.start + offset :]
    if rest[:1] in ('"', "'"):
        whole.fail("this quote is not closed", offset)
    if text[: whole.start + offset].rstrip().endswith(":") and rest[:1].isalnum():
        whole.fail('words are quoted where more than one condition stands, such as text:"BUILD FAILED"', offset)
    word = re.match(r"\w+", rest)
    near = difflib.get_close_matches(word[0].lower(), _WORDS + _MORE_WORDS, n=1, cutoff=0.6) if word else []
    if word is not None and near and near[0] != word[0]:
        whole.fail(f"'{word[0][:40]}' is not understood here: did you mean '{near[0]}'?", offset)
    whole.fail(f"{'more is needed' if ended else 'this is not understood'} here: {_expected(error)}", offset)


def _expected(error: UnexpectedInput) -> str:
    """What could stand there, in a few words."""
    known = error.allowed if isinstance(error, UnexpectedCharacters) else cast("UnexpectedToken", error).accepts
    possible = {str(name) for name in known}
    if {"TEXT", "NOT"} <= possible:
        return f"there can be {_NAMED['_CONDITION']}"
    if {"AND", "OR"} <= possible:
        return "there can be 'and', 'or', 'then', 'for', 'in', 'during' or the end"
    told = [_NAMED.get(name, f"'{name.lower()}'") for name in sorted(possible)]
    return (
        "there can be " + (", ".join(told[:-1]) + " or " if len(told) > 1 else "") + (told[-1] if told else "nothing")
    )
