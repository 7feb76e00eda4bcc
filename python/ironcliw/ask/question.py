"""What a question in plain words asks for: from when to when, what kind of thing, with which words.

parse_question('when did "BUILD FAILED" appear today?', now)

Times are those of the log, as people write them; words in quotes must be said; of the others those that name a kind of
event choose it, and those that stand for nothing are left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from ironcliw import clock
from ironcliw.errors import SettingsError
from ironcliw.service.moments import parse_moment

How = Literal["what", "when", "count", "whether"]
LONGEST_CHARACTERS = 2_000

_TIME = r"(\d{4}-\d{2}-\d{2}[T ]\d{1,2}:\d{2}(?::\d{2})?|\d{1,2}:\d{2}(?::\d{2})?|\d{1,2}\s?(?:am|pm)|noon|midnight)"
_BETWEEN = re.compile(rf"\b(?:between|from)\s+{_TIME}\s+(?:and|to|until|till)\s+{_TIME}", re.I)
_SINCE = re.compile(rf"\b(?:since|after|from)\s+{_TIME}", re.I)
_UNTIL = re.compile(rf"\b(?:before|until|till|up to)\s+{_TIME}", re.I)
_AT = re.compile(rf"\b(?:at|around)\s+{_TIME}", re.I)
_UNIT = r"(s|sec|secs|seconds?|m|min|mins|minutes?|h|hours?|d|days?)"
_COUNT = r"(\d+(?:\.\d+)?|half an|an?|few)"
_SPAN = re.compile(
    rf"\b(?:(?:in|over|for|during|within)\s+)?(?:the\s+)?(?:last|past)\s+(?:{_COUNT}\s*)?{_UNIT}\b"
    rf"|\bsince\s+{_COUNT}\s*{_UNIT}\s+ago\b",
    re.I,
)
_DAY = re.compile(r"\b(?:since\s+)?(today|yesterday|this morning|this afternoon)\b", re.I)
_QUOTED = re.compile(r"\"([^\"]{1,200})\"|\u201c([^\u201d]{1,200})\u201d|(?<!\w)'([^']{1,200})'(?!\w)")
_WORD = re.compile(r"[\w][\w.:/+#-]*")
_AROUND = timedelta(minutes=2)

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_KINDS = {
    "alert": ("alert", "alerts", "fire", "fired", "fires", "rule", "rules", "condition", "conditions"),
    "error": ("error", "errors", "failure", "failures", "fail", "failed", "fails", "broke", "broken"),
    "success": ("success", "succeed", "succeeded", "passed", "pass"),
    "dialog": ("dialog", "dialogs", "prompt", "prompts"),
    "notification": ("notification", "notifications", "toast", "toasts", "popup", "popups"),
    "permission": ("permission", "permissions"),
    "progress": ("progress", "download", "downloads"),
    "stall": ("stall", "stalls", "stalled", "stuck", "hung"),
    "gap": ("gap", "gaps", "blind", "unseen", "missed", "paused", "crashed"),
}
_KIND_OF = {word: kind for kind, words in _KINDS.items() for word in words}
_NOTHING = frozenset(
    re.findall(
        r"\w+",
        """a about and any anything appear appeared appears are at been between by change changed changes did
        do does ever for from had happen happened happens has have how i in is it last latest many me much
        my new news nothing of on or over past please saw say said says screen see seen show shown since
        some something tell text that the them then there this times to today told until up was we were what
        when where which while who with you""",
    )
)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked for.

    since_ns, until_ns: wall time in nanoseconds since 1970
    kinds: of event or incident (``alert``, ``error``, ``gap``, ...), or what says one of ``signs``, the words that
        chose them; empty means all
    phrases: words that must be said as they are; words: words of which all must be said
    """

    asked: str
    how: How
    since_ns: int
    until_ns: int
    kinds: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


def parse_question(asked: str, now: datetime, *, otherwise: timedelta = timedelta(days=1)) -> Question:
    """What ``asked`` means at ``now``, which carries the time zone; without a time it is about ``otherwise`` before.

    SettingsError where it is empty, too long, or means a time that is none.
    """
    text = asked.strip()
    if not text or len(text) > LONGEST_CHARACTERS:
        raise SettingsError(f"a question has 1 to {LONGEST_CHARACTERS} characters, such as: what changed since 12:00?")
    quoted = ("".join(found).strip() for found in _QUOTED.findall(text))
    phrases = tuple(phrase for phrase in quoted if phrase)
    rest, since, until = _times(_QUOTED.sub(" ", text), now)
    words = [word.strip(".:/+#-").casefold() for word in _WORD.findall(rest)]
    kinds = tuple(dict.fromkeys(_KIND_OF[word] for word in words if word in _KIND_OF))
    signs = tuple(dict.fromkeys(word for word in words if word in _KIND_OF))
    others = tuple(dict.fromkeys(word for word in words if word and word not in _NOTHING and word not in _KIND_OF))
    begin, end = since or now - otherwise, until or now
    if begin > end:
        raise SettingsError(f"{asked!r:.80} asks for a time that ends before it begins")
    return Question(text, _how(rest.casefold()), _ns(begin), _ns(end), kinds, signs, phrases, others)


def _how(text: str) -> How:
    words = text.split()
    first = words[0] if words else ""
    if re.search(r"\bhow (many|often|much)\b", text):
        return "count"
    if first == "when" or re.search(r"\b(what time|last time)\b", text):
        return "when"
    return "whether" if first in ("did", "has", "have", "was", "were", "is", "any", "are", "does") else "what"


def _times(text: str, now: datetime) -> tuple[str, datetime | None, datetime | None]:
    """The text without what says when, and from when to when that is."""
    if found := _BETWEEN.search(text):
        return _without(text, found), _moment(found[1], now), _moment(found[2], now)
    if found := _SPAN.search(text):
        return _without(text, found), now - _span(found[1] or found[3], found[2] or found[4]), None
    since = until = None
    if found := _SINCE.search(text):
        text, since = _without(text, found), _moment(found[1], now)
    if found := _UNTIL.search(text):
        text, until = _without(text, found), _moment(found[1], now)
    if since is None and until is None and (found := _AT.search(text)):
        moment = _moment(found[1], now)
        return _without(text, found), moment - _AROUND, min(now, moment + _AROUND)
    if since is None and (found := _DAY.search(text)):
        day, text = found[1].casefold(), _without(text, found)
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        if day == "yesterday":
            return text, midnight - timedelta(days=1), until or midnight
        since = midnight + timedelta(hours=12 if "afternoon" in day else 0)
        until = min(now, midnight + timedelta(hours=12)) if "morning" in day else until
    return text, since, until


def _without(text: str, found: re.Match[str]) -> str:
    return f"{text[: found.start()]} {text[found.end() :]}"


def _span(count: str | None, unit: str) -> timedelta:
    known = {"half an": 0.5, "a": 1.0, "an": 1.0, "few": 3.0, "": 1.0}
    given = (count or "").casefold()
    return timedelta(seconds=(known[given] if given in known else float(given)) * _SECONDS[unit[0].casefold()])


def _moment(written: str, now: datetime) -> datetime:
    """The last time that it was this time of day; or the very moment, where a date is written, too."""
    text = {"noon": "12:00", "midnight": "00:00"}.get(written.casefold(), written)
    if half := re.fullmatch(r"(\d{1,2})\s?(am|pm)", text, re.I):
        text = f"{int(half[1]) % 12 + (12 if half[2].casefold() == 'pm' else 0):02d}:00"
    moment = datetime.fromtimestamp(parse_moment(text, now) / clock.SECOND, now.tzinfo)
    return moment - timedelta(days=1) if moment > now and "-" not in text else moment


def _ns(moment: datetime) -> int:
    return round(moment.timestamp() * 1_000_000) * 1_000
