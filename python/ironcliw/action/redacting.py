"""What of an event may leave the machine: everything but secrets.

redacted_fields(event)                # as Event.to_dict, secrets replaced in every string that the screen said
"""

from __future__ import annotations

from typing import Any

from ironcliw.event import Event
from ironcliw.redaction import Gate

_OURS = frozenset(("v", "id", "type", "time", "wall", "latency_ms", "source", "frame", "regions", "confidence"))
_gate = Gate()


def redacted_fields(event: Event) -> dict[str, Any]:
    """The event's JSON object without secrets; strings that could not be looked through are withheld."""
    return {name: value if name in _OURS else redacted(value) for name, value in event.to_dict().items()}


def redacted(value: Any) -> Any:
    """A JSON value with secrets taken out of every string in it, keys included."""
    if isinstance(value, str):
        return _gate.text(value).text
    if isinstance(value, list | tuple):
        return [redacted(each) for each in value]  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, dict):
        return {redacted(str(key)): redacted(each) for key, each in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return value
