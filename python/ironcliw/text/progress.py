"""How far something has come, going by one line: 41 %, 3/12, 3 of 12.

progress_of("Downloading 41%")        # Progress(done=41.0, total=100.0)
progress_of("12 of 12 files").value   # 100.0
progress_of("27/11/2026")             # None
"""

from __future__ import annotations

import re
from typing import NamedTuple

LARGEST = 10**9

_PERCENT = re.compile(r"(?<![\d.,])(\d{1,3}(?:[.,]\d{1,3})?) ?%")
_COUNT = re.compile(r"(?<![\d.,/:\-])(\d{1,9}) ?(?:/| of ) ?(\d{1,9})(?![\d/]|[.,:]\d)")


class Progress(NamedTuple):
    """``done`` of ``total``, in whatever is counted; ``total`` is 100 for percentages."""

    done: float
    total: float

    @property
    def value(self) -> float:
        """Percent, 0 to 100."""
        return 100 * self.done / self.total

    @property
    def complete(self) -> bool:
        """Whether nothing is left to do."""
        return self.done >= self.total


def progress_of(text: str) -> Progress | None:
    """The progress that a line states; None where it states none. A percentage goes before a count."""
    for match in _PERCENT.finditer(text):
        done = float(match.group(1).replace(",", "."))
        if done <= 100:
            return Progress(done, 100.0)
    for match in _COUNT.finditer(text):
        done, total = int(match.group(1)), int(match.group(2))
        if 1 < total <= LARGEST and done <= total:
            return Progress(float(done), float(total))
    return None
