"""Text from a screen, made harmless for a terminal, a log or a notification.

    printable("all \\x1b[31mred\\u202e")     # 'all \\\\x1b[31mred\\\\u202e'

What it gives is for looking at: a backslash that was there already is left as it is.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

_HIDDEN_CATEGORIES = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
# Letters and marks that show as nothing: fillers, the blank braille pattern, selectors of variants.
_HIDDEN_CHARACTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | frozenset(
    chr(code) for code in (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))
)
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_MARKS_MAX = 4


def printable(text: str) -> str:
    """The text with every control, direction, invisible and unassigned character written as an escape.

    Piles of combining marks are cut after the fourth: they would be drawn over the lines around.
    """
    if text.isascii() and text.isprintable():
        return text
    shown: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= _MARKS_MAX:
            shown.append(_escaped(character))
    return "".join(shown)


def _escaped(character: str) -> str:
    if unicodedata.category(character) not in _HIDDEN_CATEGORIES and character not in _HIDDEN_CHARACTERS:
        return character
    code = ord(character)
    if character in _SHORT:
        return _SHORT[character]
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def capped(text: str, length_max: int, escape: Callable[[str], str] = str) -> str:
    """The beginning of ``text`` that ``escape`` makes at most ``length_max`` characters of, no escape cut in two."""
    escaped = escape(text)
    if len(escaped) <= length_max:
        return escaped
    kept, length = list[str](), 1
    for character in text:
        piece = escape(character)
        if length + len(piece) > length_max:
            break
        kept.append(piece)
        length += len(piece)
    return "".join(kept) + "…"
