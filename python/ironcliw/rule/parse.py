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
from functools import partial
from typing import Any, NoReturn

from ironcliw.errors import ConditionError
from ironcliw.incident import KINDS, Kind
from ironcliw.rule.condition import (
    ChangeCondition,
    Condition,
    GoneCondition,
    IncidentCondition,
    StillCondition,
    TextCondition,
)
from ironcliw.rule.part import Part, duration_of, parse_duration, pattern_of, region_of

CONDITION_LENGTH_MAX = 4_000

__all__ = ["CONDITION_LENGTH_MAX", "change", "gone", "incident", "parse", "parse_duration", "still", "text"]

_ATOMS = "text|gone|change|still|dialog|notification|permission|error|success|progress|stall"
_CALLED = "changed|still|incident|stalled|count|image|similar|object|window|says"
_COMBINED = re.compile(rf"\s(and|or|then)\s+((not\s+|\(\s*)*)(({_ATOMS})\s*:|({_CALLED})\s*\()")
"""In words without quotes: what looks as if another condition followed."""

_EXPRESSION = re.compile(
    rf"\s*(\(|not\b|blind\b|changed\b|stalled\b|({_CALLED})\s*\(|({_ATOMS})\s*:\s*[\"\']"
    rf"|({'|'.join(KINDS)})(\s+(and|or|then|for|in|during)\b|\s*[<>=)]|\s+(value|rate|eta)\b))"
    rf"|({_ATOMS})\s*:\s*/(\\.|[^/\\])+/[a-z]*\s"
    rf"|.*[\s/)\"'](and|or|then|for|in|during|within)(\s|$)",
    re.DOTALL,
)
"""What is meant as a condition made of conditions, so that what is wrong with it is said in its terms."""


def parse(condition: str) -> Condition:
    """The condition these words state. Raises ConditionError, whose ``column`` points at the fault."""
    if not isinstance(condition, str):  # pyright: ignore[reportUnnecessaryIsInstance] - callers without a type checker
        raise TypeError(f"a condition is a string such as 'text:BUILD FAILED', not {type(condition).__name__}")
    whole = Part(condition, 0, len(condition))
    if len(condition) > CONDITION_LENGTH_MAX:
        whole.fail(f"a condition of {len(condition)} characters: {CONDITION_LENGTH_MAX} is the most")
    for offset, character in enumerate(condition):
        if unicodedata.category(character) in ("Cc", "Cs") and character not in "\t\n\r":
            whole.fail("a control character cannot stand in a condition", offset)
    whole = whole.stripped()
    head, colon, _ = whole.text.partition(":")
    kind, body = head.strip(), whole.slice(len(head) + 1).stripped()
    has_words = kind in _WORDED and bool(colon) and body.text[:1] not in ("", "/", '"')
    if has_words and not body.text.startswith("'"):
        _refuse_combined(body)
        return _KINDS[kind](body)
    if has_words or body.text[:1] == '"':
        return _quoted(whole, kind, body)
    return _simple(whole, kind, body, bool(colon), len(head))


def _simple(whole: Part, kind: str, body: Part, has_colon: bool, head: int) -> Condition:
    """One atom that ends the string, as it always was; else a condition made of conditions."""
    try:
        if kind in KINDS and not has_colon:
            return _incident(kind, whole.slice(head))
        if kind not in _KINDS or not has_colon:
            _refuse_kind(whole, kind, has_colon)
        return _KINDS[kind](body)
    except ConditionError:
        if _EXPRESSION.match(whole.text) is None:
            raise
    from ironcliw.rule.grammar import parse_expression  # noqa: PLC0415 - most conditions do without a grammar

    return parse_expression(whole)


def _quoted(whole: Part, kind: str, body: Part) -> Condition:
    """What begins with quoted words. An apostrophe may also begin words: *'tis done*."""
    from ironcliw.rule.grammar import parse_expression  # noqa: PLC0415

    try:
        return parse_expression(whole)
    except ConditionError:
        if kind not in _WORDED or not body.text.startswith("'") or body.text.count("'") > 1:
            raise
    _refuse_combined(body)
    return _KINDS[kind](body)


def _refuse_combined(body: Part) -> None:
    """Words go on to the end: where they look as if another condition followed, that is asked rather than guessed."""
    if (found := _COMBINED.search(body.text)) is not None:
        words = body.text[: found.start()].strip()
        body.fail(
            f"do the words end before '{found[1]}'? Then they are quoted: \"{words[:40]}\"; words that hold this are"
            " quoted as a whole",
            found.start() + 1,
        )


def _refuse_kind(whole: Part, kind: str, has_colon: bool) -> NoReturn:
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


def _text(body: Part) -> Condition:
    return TextCondition(pattern_of(body), body.condition.strip())


def _gone(body: Part) -> Condition:
    return GoneCondition(pattern_of(body), body.condition.strip())


def _change(body: Part) -> Condition:
    return ChangeCondition(region_of(body), body.condition.strip())


def _still(body: Part) -> Condition:
    length, at, _ = body.text.partition("@")
    duration_ns = duration_of(body.slice(0, len(length)).stripped())
    region = region_of(body.slice(len(length) + 1).stripped()) if at else None
    return StillCondition(duration_ns, region, body.condition.strip())


def _incident(kind: Kind, body: Part) -> Condition:
    pattern = pattern_of(body) if body.text else None
    return IncidentCondition(kind, pattern, body.condition.strip())


_KINDS: dict[str, Callable[[Part], Condition]] = {
    "text": _text,
    "gone": _gone,
    "change": _change,
    "still": _still,
    **{kind: partial(_incident, kind) for kind in KINDS},
}
_WORDED = ("text", "gone", *KINDS)
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
