"""What text recognition takes for each other.

skeleton("BUILD FA1LED") == skeleton("Build Failed")     # True
misread("3 failed", "8 failed")                          # False: figures count
"""

from __future__ import annotations

import re
import unicodedata

ONE_LETTER_LENGTH_MIN = 10
"""Strings shorter than this are not taken for readings of one if a letter differs."""

# Characters that are misread for each other, written as one of them; no two figures share one.
_CONFUSED = str.maketrans("1i|!0582,;", "llllosbz.:")
# White space and quotes are lost and found; other marks carry meaning: 1.5 is not 15, and ✓ is not ✗.
_LOST = str.maketrans("", "", " '`\"\u2018\u2019\u201c\u201d")


# How many signs a rule such as ===== has is read differently every time.
_RUN_OF_SIGNS = re.compile(r"([^\w\s])\1+")


def plain(text: str) -> str:
    """The text with compatibility forms resolved (NFKC) and every run of white space one space."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return " ".join(text.split())


def skeleton(text: str) -> str:
    """The text without white space and quotes, case folded, characters that are misread for each other made one."""
    return bare(text).translate(_CONFUSED).replace("rn", "m")


def bare(text: str) -> str:
    """The text without white space and quotes, case folded."""
    return plain(text).casefold().translate(_LOST)


def line_key(text: str) -> str:
    """What stays the same when a line is read again elsewhere: its skeleton, a row of equal signs counted once."""
    return _RUN_OF_SIGNS.sub(r"\1", skeleton(text))


def misread(a: str, b: str) -> bool:
    """Whether two strings are readings of one: confusable characters apart, at most one letter for another.

    More is not allowed for: ``passed`` and ``failed`` are three letters from each other, and figures always count.
    """
    if a == b or skeleton(a) == skeleton(b):
        return True
    if len(a) != len(b) or len(a) < ONE_LETTER_LENGTH_MIN:
        return False
    differing = [(x, y) for x, y in zip(a, b, strict=True) if x != y]
    return len(differing) == 1 and all(character.isalpha() for character in differing[0])
