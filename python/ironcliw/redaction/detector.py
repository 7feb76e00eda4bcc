"""A detector: an expression of RE2, which takes time linear to the text whatever that holds, and a check.

    Detector("card", r"\\b([0-9]{16})\\b", is_card).find("4111111111111111")     # [Found('card', 0, 16)]

Letters and digits that a reader confuses may stand for each other: ``misread``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

import re2  # pyright: ignore[reportMissingTypeStubs]

from ironcliw.redaction.found import Found

_engine = cast("Any", re2)  # the package says nothing about its types
_MEMORY_BYTES = 16 << 20
_ALIKE = {"I": "[I1l|]", "l": "[I1l|]", "i": "[i1l]", "1": "[I1l|]", "O": "[O0]", "0": "[O0]", "o": "[o0]"}
_MARKS = {"_": "[_. -]{0,2}", "-": "[-_\u2013\u2014]", ".": "[.,]"}


class _Compiled(Protocol):
    def finditer(self, text: str) -> Iterator[Any]: ...


def _anything(text: str) -> int:
    return len(text)


@dataclass(frozen=True, slots=True)
class Detector:
    """Finds secrets of one kind: what group 1 of ``pattern`` matches, or all of it, where ``accept`` agrees.

    accept: whether it is one, or how many of its characters, from the first on, are
    """

    kind: str
    pattern: str
    accept: Callable[[str], int] = _anything
    _compiled: list[_Compiled] = field(default_factory=list["_Compiled"], repr=False, compare=False)

    def find(self, text: str) -> list[Found]:
        """Where they are, from left to right."""
        if not self._compiled:
            self._compiled.append(_compile(self.pattern))
        places: list[Found] = []
        for match in self._compiled[0].finditer(text):
            start, end = match.span(1 if match.lastindex else 0)
            accepted = self.accept(text[start:end])
            if start < end and accepted:
                places.append(Found(self.kind, start, end if accepted is True else start + accepted))
        return places


def _compile(pattern: str) -> _Compiled:
    options = _engine.Options()
    options.max_mem = _MEMORY_BYTES
    options.log_errors = False
    return cast("_Compiled", _engine.compile(f"(?m){pattern}", options))


def misread(word: str) -> str:
    """The word as it may have been read: i, l and 1 for each other, O and 0, other marks or none for underlines."""
    return "".join(_ALIKE.get(each) or _MARKS.get(each) or str(_engine.escape(each)) for each in word)


def any_of(*patterns: str) -> str:
    """An expression that each of these meets."""
    return f"(?:{'|'.join(patterns)})"
