"""What happened, as one typed record that becomes one JSON line.

    event.to_json()                       # '{"v":1,"id":"…","type":"text_appeared",…}'
    Event.from_json(line) == event        # True
    schema()                              # the published JSON Schema, also in event.schema.json beside this file

A line that is not an event of this version is a ValueError that says what is wrong with it.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, field
from importlib import resources
from typing import Any, Literal, NoReturn, cast, get_args, overload

from ironcliw.frame import Rect

VERSION = 1
EventType = Literal[
    "start",
    "change",
    "text_appeared",
    "text_changed",
    "text_moved",
    "text_vanished",
    "incident",
    "alert",
    "gap",
    "summary",
]


@dataclass(frozen=True, slots=True)
class Event:
    """One event; None fields mean nothing for its type and are left out of the JSON.

    time: seconds from the source's start to the first frame that shows the state; media time for recordings
    wall: RFC 3339 time at which the event was made
    latency_ms: from pixels in hand to the event, live sources only
    frame: sequence number of the capture that shows the state
    regions: rectangles in captured physical pixels from the frame's top-left
    rule: the name of the rule, or the condition as the user wrote it
    data: further fields of all types but ``change``, ``text_appeared`` and ``text_vanished``, merged into the JSON
        object; ValueError where one is named like a field above
    """

    id: str
    type: EventType
    time: float
    wall: str
    source: str
    frame: int | None = None
    latency_ms: float | None = None
    regions: tuple[Rect, ...] | None = None
    text: str | None = None
    rule: str | None = None
    confidence: float | None = None
    data: dict[str, Any] = field(default_factory=dict[str, Any])

    def __post_init__(self) -> None:
        if self.data and (taken := sorted(_FIELDS & self.data.keys())):
            raise ValueError(f"data cannot hold {', '.join(taken)}: an event has a field of that name")

    def to_dict(self) -> dict[str, Any]:
        """The JSON object's fields, in the published order."""
        fields: dict[str, Any] = {
            "v": VERSION,
            "id": self.id,
            "type": self.type,
            "time": round(self.time, 6),
            "wall": self.wall,
            "latency_ms": None if self.latency_ms is None else round(self.latency_ms, 3),
            "source": self.source,
            "frame": self.frame,
            "regions": None if self.regions is None else [list(region) for region in self.regions],
            "text": self.text,
            "rule": self.rule,
            "confidence": None if self.confidence is None else round(self.confidence, 4),
            **self.data,
        }
        return {name: value for name, value in fields.items() if value is not None}

    def to_json(self) -> str:
        """One line of JSON, without a line end."""
        line = _change_line(self) or _ENCODER.encode(self.to_dict())
        if line.isascii() and "\x7f" not in line:
            return line
        return _TREACHEROUS.sub(lambda match: f"\\u{ord(match.group()):04x}", line)

    @classmethod
    def from_json(cls, line: str | bytes) -> Event:
        """The event of one JSON line. ValueError, on one line, where it is not an event of this version."""
        try:
            fields = json.loads(line, parse_constant=_refuse_constant)
        except RecursionError:
            raise ValueError("not an event: nested too deeply") from None
        except ValueError as error:
            raise ValueError(f"not an event: not JSON ({error})") from None
        if not isinstance(fields, dict):
            raise ValueError(f"not an event: a JSON object was expected, not {type(fields).__name__}")
        return cls.from_dict(cast("dict[str, Any]", fields))

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> Event:
        """The event that ``to_dict`` gives these fields for. ValueError, on one line, where there is none."""
        if fields.get("v") != VERSION or isinstance(fields.get("v"), bool):
            raise ValueError(f"not an event of version {VERSION}: v is {fields.get('v')!r:.40}")
        if fields.get("type") not in get_args(EventType):
            raise ValueError(
                f"not an event: type is {fields.get('type')!r:.40}; there are {', '.join(get_args(EventType))}"
            )
        return cls(
            id=_string(fields, "id", required=True),
            type=fields["type"],
            time=_number(fields, "time", required=True),
            wall=_string(fields, "wall", required=True),
            source=_string(fields, "source", required=True),
            frame=_integer(fields, "frame"),
            latency_ms=_number(fields, "latency_ms"),
            regions=_regions(fields),
            text=_string(fields, "text"),
            rule=_string(fields, "rule"),
            confidence=_number(fields, "confidence"),
            data={name: value for name, value in fields.items() if name not in _FIELDS and value is not None},
        )


_FIELDS = frozenset(
    ("v", "id", "type", "time", "wall", "latency_ms", "source", "frame", "regions", "text", "rule", "confidence")
)

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)

# What JSON allows as it is, but ends lines elsewhere, steers terminals and editors, or has no UTF-8 at all.
_TREACHEROUS = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def _change_line(event: Event) -> str | None:
    """What the encoder makes of an ordinary ``change`` event, at a fraction of its cost; None for any other.

    These come ten times a second for as long as somebody types.
    """
    if event.type != "change" or event.data or not (event.text is event.rule is event.confidence is None):
        return None
    time, latency_ms, frame, regions = event.time, event.latency_ms, event.frame, event.regions
    if latency_ms is None or frame is None or regions is None or not math.isfinite(time + latency_ms):
        return None
    quoted = _ENCODER.encode
    listed = ",".join([f"[{x},{y},{width},{height}]" for x, y, width, height in regions])
    return (
        f'{{"v":{VERSION},"id":{quoted(event.id)},"type":"change","time":{round(time, 6)!r},'
        f'"wall":{quoted(event.wall)},"latency_ms":{round(latency_ms, 3)!r},"source":{quoted(event.source)},'
        f'"frame":{frame},"regions":[{listed}]}}'
    )


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) that every event's JSON meets."""
    text = resources.files("ironcliw").joinpath("event.schema.json").read_text(encoding="utf-8")
    return cast("dict[str, Any]", json.loads(text))


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _value(fields: dict[str, Any], name: str, kinds: tuple[type, ...], expected: str, required: bool) -> Any:
    value = fields.get(name)
    if value is None and not required:
        return None
    if not isinstance(value, kinds) or isinstance(value, bool):
        raise ValueError(f"not an event: {name} is {'missing' if value is None else f'{value!r:.40}'}, not {expected}")
    return value


@overload
def _string(fields: dict[str, Any], name: str, *, required: Literal[True]) -> str: ...
@overload
def _string(fields: dict[str, Any], name: str) -> str | None: ...
def _string(fields: dict[str, Any], name: str, *, required: bool = False) -> str | None:
    return _value(fields, name, (str,), "a string", required)


@overload
def _number(fields: dict[str, Any], name: str, *, required: Literal[True]) -> float: ...
@overload
def _number(fields: dict[str, Any], name: str) -> float | None: ...
def _number(fields: dict[str, Any], name: str, *, required: bool = False) -> float | None:
    value = _value(fields, name, (int, float), "a number", required)
    try:
        number = None if value is None else float(value)
    except OverflowError:
        number = math.inf
    if number is not None and not math.isfinite(number):
        raise ValueError(f"not an event: {name} is beyond all numbers")
    return number


def _integer(fields: dict[str, Any], name: str) -> int | None:
    return _value(fields, name, (int,), "a whole number", required=False)


def _regions(fields: dict[str, Any]) -> tuple[Rect, ...] | None:
    regions = _value(fields, "regions", (list,), "a list", required=False)
    return None if regions is None else tuple(_region(region) for region in regions)


def _region(region: Any) -> Rect:
    numbers = cast("list[Any]", region) if isinstance(region, list) else []
    if len(numbers) != 4 or not all(isinstance(number, int) and not isinstance(number, bool) for number in numbers):
        raise ValueError(f"not an event: a region is {region!r:.40}, not [x, y, width, height]")
    return Rect(*numbers)
