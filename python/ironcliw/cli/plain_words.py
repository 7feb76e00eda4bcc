"""Conditions in plain words, and what answering them may cost: ``ironcliw wait 'the deploy is green' --budget 20ct``.

as_condition("the deploy page shows a green check")     # 'says("the deploy page shows a green check")'
as_condition("text:BUILD FAILED")                       # as it is
dollars("20ct")                                         # 0.2
"""

from __future__ import annotations

import re
from decimal import Decimal

from ironcliw.errors import ConditionError, SettingsError
from ironcliw.incident import KINDS
from ironcliw.rule import parse
from ironcliw.rule.expression import quoted

LEAST_WORDS = 4
"""Fewer are more likely a condition that was misspelt than a sentence."""

_KEYWORDS = (
    *KINDS,
    "text", "gone", "change", "changed", "still", "stalled", "count", "image", "similar", "object", "window", "says",
    "blind", "not",
)  # fmt: skip
_MARKS = re.compile(r"[\"/()\[\]<>=@]|^\w+\s*:")
_MONEY = re.compile(r"(?:(\d+(?:\.\d+)?)\s*(ct|cents?|c|usd|\$)?|\$\s*(\d+(?:\.\d+)?))", re.ASCII | re.IGNORECASE)
_LARGEST = 10_000


def as_condition(words: str) -> str:
    """``says("...")`` for a sentence that is no condition; everything else as it is, refused where conditions are."""
    try:
        parse(words)
    except ConditionError:
        return f"says({quoted(' '.join(words.split()))})" if _is_sentence(words) else words
    return words


def _is_sentence(words: str) -> bool:
    parts = words.split()
    if len(parts) < LEAST_WORDS or _MARKS.search(words.strip()) is not None:
        return False
    return parts[0].casefold() not in _KEYWORDS


def dollars(text: str) -> float:
    """``20ct``, ``$0.20`` or ``0.2usd`` in US dollars. SettingsError for all else."""
    match = _MONEY.fullmatch(text.strip())
    if match is None:
        raise SettingsError(f"--budget: an amount such as 20ct or $0.20 is meant, not {text!r:.40}")
    amount = Decimal(match[1] or match[3])
    unit = (match[2] or "").lower()
    if not unit and match[3] is None:
        raise SettingsError(f"--budget: {text} of what? Write {text}ct or ${text}")
    value = float(amount / 100 if unit in ("ct", "cent", "cents", "c") else amount)
    if value > _LARGEST:
        raise SettingsError(f"--budget: at most ${_LARGEST:,}, not {text!r:.40}")
    return value
