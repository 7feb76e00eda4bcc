"""What a condition looks for in text: a phrase, or a regular expression that cannot run away.

phrase("Build  failed").find(plain("the BUILD FAILED"))     # [(4, 16)]
regex(r"\\d+ errors?", "i").find("12 Errors")               # [(0, 9)]
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate, islice
from typing import Any, Protocol, cast

import re2  # pyright: ignore[reportMissingTypeStubs]

from ironcliw.text.misreading import plain

Span = tuple[int, int]
"""First character of a match and the first one behind it."""

REGEX_FLAGS = "ims"
REGEX_LENGTH_MAX = 2_000
MATCHES_MAX = 64
"""Matches taken from one passage: a pattern that matches everywhere must not cost memory without end."""

_REGEX_MEMORY_BYTES = 4 << 20
_engine = cast("Any", re2)  # the package says nothing about its types


class Pattern(Protocol):
    """Something to look for in text that went through ``plain``."""

    @property
    def literal(self) -> str:
        """The longest run of characters, case folded, that a match must (all but certainly) hold; may be empty."""
        ...

    def find(self, text: str) -> list[Span]:
        """The matches from left to right, none empty, none overlapping, at most ``MATCHES_MAX``."""
        ...


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that stand in this order with one space between, in upper or lower case. Made by ``phrase``."""

    words: str

    @property
    def literal(self) -> str:
        """The words themselves."""
        return self.words

    def find(self, text: str) -> list[Span]:
        """Where the words stand; they may begin and end inside longer words."""
        folded = text.casefold()
        spans: list[Span] = []
        at = folded.find(self.words)
        while at >= 0 and len(spans) < MATCHES_MAX:
            spans.append((at, at + len(self.words)))
            at = folded.find(self.words, at + len(self.words))
        if not spans or len(folded) == len(text):
            return spans
        # Folding made some characters longer (ß is ss): back to positions in the text as it was.
        ends = list(accumulate(len(character.casefold()) for character in text))
        return [(_position(ends, start), _position(ends, end - 1) + 1) for start, end in spans]


def _position(ends: list[int], folded_position: int) -> int:
    return next(index for index, end in enumerate(ends) if folded_position < end)


def phrase(words: str) -> Phrase:
    """A phrase of these words; ValueError where nothing but white space is left of them."""
    folded = plain(words).casefold()
    if not folded:
        raise ValueError("no words")
    return Phrase(folded)


class _Compiled(Protocol):
    def finditer(self, text: str) -> Iterator[Any]: ...


@dataclass(frozen=True, slots=True)
class Regex:
    """A regular expression in RE2's syntax, matched in time linear to the text. Made by ``regex``."""

    pattern: str
    flags: str
    _compiled: _Compiled = field(repr=False, compare=False)
    searched: str = field(default="", repr=False, compare=False)
    """As it is searched for: with its flags, and in the characters that ``plain`` leaves."""

    @property
    def literal(self) -> str:
        """The longest part of the pattern that is plain characters."""
        return longest_literal(self.pattern).casefold()

    def find(self, text: str) -> list[Span]:
        """The matches that hold at least one character."""
        spans = (cast("Span", match.span()) for match in self._compiled.finditer(text))
        return list(islice((span for span in spans if span[1] > span[0]), MATCHES_MAX))


class RegexError(ValueError):
    """A pattern RE2 will not take; ``offset`` is where in the pattern the fault begins, as far as it is known."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


def regex(pattern: str, flags: str = "") -> Regex:
    """A compiled pattern. ``flags``: i (any case), m (^ and $ at line ends), s (. matches a line end).

    Raises RegexError for a pattern that is too long, too large when compiled, not understood, or met by no text at all.
    """
    if len(pattern) > REGEX_LENGTH_MAX:
        raise RegexError(f"a regex of {len(pattern)} characters: {REGEX_LENGTH_MAX} is the most", REGEX_LENGTH_MAX)
    prefix = f"(?{''.join(sorted(set(flags)))})" if flags else ""
    options = _engine.Options()
    options.max_mem = _REGEX_MEMORY_BYTES
    options.log_errors = False
    try:
        compiled = cast("_Compiled", _engine.compile(prefix + _plain_pattern(pattern), options))
    except _engine.error as error:
        raise _regex_error(error, pattern, prefix) from None
    made = Regex(pattern, flags, compiled, prefix + _plain_pattern(pattern))
    if next(compiled.finditer(""), None) is not None:
        raise RegexError("this regex is met by no text at all, so it would always be met", 0)
    return made


def _plain_pattern(pattern: str) -> str:
    """The pattern in the characters that ``plain`` leaves in the text, each kept a literal."""
    if pattern.isascii():
        return pattern
    composed = unicodedata.normalize("NFC", pattern)
    resolved = ((character, unicodedata.normalize("NFKC", character)) for character in composed)
    return "".join(character if character == other else str(_engine.escape(other)) for character, other in resolved)


def _regex_error(error: Exception, pattern: str, prefix: str) -> RegexError:
    """RE2 says ``what is wrong: the part that is wrong``; the part tells where."""
    said = error.args[0] if error.args else ""
    message = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    what, _, part = message.partition(": ")
    part = part.removeprefix(prefix)
    offset = max(pattern.find(part), 0) if part else 0
    shown = f": {part}" if part and part != pattern else ""
    return RegexError(f"bad regex: {what}{shown}", offset)


_OPTIONAL = "*?{"


def longest_literal(pattern: str) -> str:
    """The longest run of plain characters in a pattern, leaving out what is optional, a class or an escape."""
    runs, run, index, in_class = [""], "", 0, False
    while index < len(pattern):
        character = pattern[index]
        escaped = character == "\\" and index + 1 < len(pattern)
        taken = pattern[index + 1] if escaped else character
        index += 2 if escaped else 1
        is_literal = (not taken.isalnum() if escaped else taken not in "^$.|()[]*+?{}") and not in_class
        if not escaped and taken == "[" and not in_class:
            in_class = True
        elif not escaped and taken == "]":
            in_class = False
        follows = pattern[index : index + 1]
        if is_literal and not (follows and follows in _OPTIONAL):
            run += taken
            continue
        runs.append(run)
        run = ""
        if not escaped and taken == "{":
            index = max(pattern.find("}", index) + 1, index)
        elif not escaped and taken == "(" and follows == "?":
            # Flags and names of a group: everything up to its colon, its name's end or its own end.
            ends = [at for at in (pattern.find(end, index) for end in ":>)") if at >= 0]
            index = min(ends, default=index) + 1
    return max((part.strip() for part in [*runs, run]), key=len)
