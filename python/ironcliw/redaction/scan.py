"""All detectors over one text, and over a text whose lines may have broken a secret in two.

find("key: AKIAIOSFODNN7EXAMPLE")     # [Found('key', 5, 25)]
"""

from __future__ import annotations

from ironcliw.redaction import keys, named, numbers
from ironcliw.redaction.found import Found

DETECTORS = (*keys.DETECTORS, *named.DETECTORS, *numbers.DETECTORS)
"""All that is looked for."""


def find(text: str) -> list[Found]:
    """Every secret in the text, in no order; they may overlap. Line ends may stand within one."""
    found = _look(text)
    if "\n" in text:
        found += _wrapped(text)
    return found


def _look(text: str) -> list[Found]:
    return [place for detector in DETECTORS for place in detector.find(text)]


def _wrapped(text: str) -> list[Found]:
    """Secrets that were cut where a line was full: a line as long as the longest near it may go on in the next."""
    rows = text.split("\n")
    starts = [0]
    for row in rows:
        starts.append(starts[-1] + len(row) + 1)
    longest = max(map(len, rows))
    joined: list[str] = []
    at_original: list[int] = []
    borders: list[int] = []
    for number, row in enumerate(rows):
        joined.append(row)
        at_original.extend(range(starts[number], starts[number] + len(row)))
        if len(row) >= max(20, longest - 1):
            borders.append(len(at_original))
        else:
            joined.append("\n")
            at_original.append(starts[number] + len(row))
    found = [place for place in _look("".join(joined)) if any(place.start < border < place.end for border in borders)]
    return [Found(place.kind, at_original[place.start], at_original[place.end - 1] + 1) for place in found]
