"""The closed schema of a reply: four fields, and nothing that could be more than a verdict.

    judged('{"verdict": "yes", "confidence": 0.9, "reason": "a green check", "quote": null}', sent="api-server ok")

Whatever else a model says is refused with a reason that names no word of it.
"""

from __future__ import annotations

import json
import math
import unicodedata
from typing import Any, cast

from ironcliw.vision_model.protocol import Judgement

REASON_CHARACTERS = 240
QUOTE_CHARACTERS = 240
REPLY_CHARACTERS = 4_096
"""A reply that is longer is not even parsed."""

VERDICTS = ("yes", "no", "unknown")

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "verdict": {"type": "string", "enum": list(VERDICTS)},
        "confidence": {"type": "number"},
        "reason": {"type": "string"},
        "quote": {"anyOf": [{"type": "string"}, {"type": "null"}]},
    },
    "required": ["verdict", "confidence", "reason", "quote"],
    "additionalProperties": False,
}
"""As the providers take it, who know no limits of length; those are checked here."""

_HIDDEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
"""Unicode's categories of characters that show nothing, or change how others are shown."""


class ReplyError(ValueError):
    """A reply that is none. The message says why, and holds nothing of it."""


def judged(text: str, sent: str = "") -> Judgement:
    """The reply in ``text``. ``sent``: the text of the screen that the model got, in which a quote must be found.

    Raises ReplyError for anything but one object of the schema.
    """
    if len(text) > REPLY_CHARACTERS:
        raise ReplyError(f"it is longer than {REPLY_CHARACTERS} characters")
    try:
        data = json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant)
    except ReplyError:
        raise
    except (ValueError, RecursionError):
        raise ReplyError("it is not one JSON object") from None
    if not isinstance(data, dict):
        raise ReplyError("it is not one JSON object")
    fields = cast(dict[str, Any], data)
    if fields.keys() - SCHEMA["properties"].keys():
        raise ReplyError("it has fields that were not asked for")
    if fields.keys() != SCHEMA["properties"].keys() and fields.keys() | {"quote"} != SCHEMA["properties"].keys():
        raise ReplyError("it lacks fields: verdict, confidence, reason, quote")
    return Judgement(
        verdict=_verdict(fields["verdict"]),
        confidence=_confidence(fields["confidence"]),
        reason=shown(_string("reason", fields["reason"], REASON_CHARACTERS)),
        quote=_quote(fields.get("quote"), sent),
    )


def shown(text: str) -> str:
    """The text in one line, with nothing in it that a terminal, a notification or a log could take for more."""
    spaced = "".join(" " if char in "\t\n\r" else char for char in text)
    plain = "".join("\ufffd" if unicodedata.category(char) in _HIDDEN else char for char in spaced)
    return " ".join(plain.split())


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    known = dict(pairs)
    if len(known) != len(pairs):
        raise ReplyError("it says a field twice")
    return known


def _no_constant(name: str) -> Any:
    raise ReplyError("it holds a number that is none")


def _verdict(value: Any) -> Any:
    if not isinstance(value, str) or value not in VERDICTS:
        raise ReplyError("its verdict is none of yes, no and unknown")
    return value


def _confidence(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ReplyError("its confidence is no number")
    if not 0 <= value <= 1 or not math.isfinite(value):
        raise ReplyError("its confidence is not between 0 and 1")
    return float(value)


def _string(name: str, value: Any, longest: int) -> str:
    if not isinstance(value, str):
        raise ReplyError(f"its {name} is no string")
    if len(value) > longest:
        raise ReplyError(f"its {name} is longer than {longest} characters")
    return value


def _quote(value: Any, sent: str) -> str | None:
    if value is None:
        return None
    quote = shown(_string("quote", value, QUOTE_CHARACTERS))
    return quote if quote and _folded(quote) in _folded(sent) else None


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
