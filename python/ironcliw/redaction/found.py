"""What was found, and what a text reads as without it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

WITHHELD = "withheld"
"""Stands for a whole text that could not be looked through."""

KINDS = ("private key", "jwt", "key", "password", "card", "iban", "ssn", "e-mail", WITHHELD)
"""What is looked for, the first before the others where two are found in one place."""


@dataclass(frozen=True, slots=True)
class Found:
    """A secret of one of ``KINDS`` at the characters ``start`` to ``end`` (first one behind) of the original."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text with ``[kind]`` where secrets were. ``found`` holds positions and kinds, nothing of the secrets."""

    text: str
    found: tuple[Found, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """How many of each kind."""
        return dict(Counter(each.kind for each in self.found))


def withheld(text: str) -> Redacted:
    """Nothing of ``text``, for when it could not be looked through."""
    return Redacted(f"[{WITHHELD}]", (Found(WITHHELD, 0, len(text)),)) if text else Redacted("")


def merged(found: Iterable[Found]) -> list[Found]:
    """Found places from left to right, those that overlap made one of the kind that comes first in ``KINDS``."""
    places: list[Found] = []
    for each in sorted(found, key=lambda one: (one.start, one.end)):
        if places and each.start < places[-1].end:
            last = places.pop()
            kind = min(last.kind, each.kind, key=KINDS.index)
            places.append(Found(kind, last.start, max(last.end, each.end)))
        else:
            places.append(each)
    return places


def without(text: str, found: Sequence[Found]) -> Redacted:
    """``text`` with ``[kind]`` at each of the places, which come from ``merged``."""
    parts: list[str] = []
    at = 0
    for each in found:
        parts += [text[at : each.start], f"[{each.kind}]"]
        at = each.end
    return Redacted("".join([*parts, text[at:]]), tuple(found))
