"""Text off a screen, made fit for a model's context: nothing invisible, nothing that steers, bounded, without secrets.

cleaner = Cleaner(Gate())
cleaner.text("\\x1b[31mkey: sk-...\\u202e", most=300)     # 'key: [key]'
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ironcliw.action.printable import capped, printable
from ironcliw.redaction import Gate
from ironcliw.service.client import ScreenLine

_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-_])|\x9b[0-?]*[ -/]*[@-~]")
_SPACES = re.compile(r"[\t\r\n\x0b\x0c\u2028\u2029]+")


def visible(text: str) -> str:
    """The text without escape sequences, control, zero-width, direction and unassigned characters, on one line."""
    if text.isascii() and text.isprintable():
        return text
    plain = _SPACES.sub(" ", _ESCAPES.sub("", text))
    # Looked at one by one, so that no escape of ours is left in it; then as a whole, for piles of marks.
    return printable("".join(character for character in plain if printable(character) == character))


class Cleaner:
    """``gate``: what takes secrets out; None leaves them, for who has asked for that."""

    def __init__(self, gate: Gate | None) -> None:
        self._gate = gate

    def text(self, text: str, most: int) -> str:
        """Up to ``most`` characters of it."""
        shown = visible(text)
        return capped(shown if self._gate is None else self._gate.text(shown).text, most)

    def lines(self, lines: Sequence[ScreenLine]) -> list[ScreenLine]:
        """The lines of a screen, those that say nothing left out; secrets that wrap over lines are found, too."""
        seen = [replace(line, text=visible(line.text)) for line in lines]
        if self._gate is not None:
            told = self._gate.lines(seen)
            seen = [replace(line, text=redacted.text) for line, redacted in zip(seen, told, strict=True)]
        return [line for line in seen if line.text.strip()]
