"""An event as it lies in the log, with what tells that it still is the one that was put there.

row = row_of(sequence, event, event.to_json())
event_of(row.sequence, row.json, row.crc)     # None where a bit of it is not as it was
"""

from __future__ import annotations

import zlib
from datetime import datetime
from typing import Any, NamedTuple

from ironcliw import clock
from ironcliw.event import Event

INSERT = (
    "INSERT INTO events (sequence, wall_ns, type, run, incident, rule, json, crc, kept_ns)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (sequence) DO NOTHING"
)
"""Doing nothing: a commit that failed while its bytes were being made sure of may have been kept after all."""


class Row(NamedTuple):
    """The columns of one event, but for the age it is kept to, which is known when it is written."""

    sequence: int
    wall_ns: int
    type: str
    run: str
    incident: str | None
    rule: str | None
    json: str
    crc: int


class Stored(NamedTuple):
    """An event of the log and its sequence number, which is the cursor to go on after it."""

    sequence: int
    event: Event


def row_of(sequence: int, event: Event, line: str) -> Row:
    """The row of an event whose JSON is ``line``."""
    incident = event.data.get("incident")
    return Row(
        sequence,
        wall_ns_of(event.wall),
        event.type,
        _utf8(event.id.rpartition("-")[0] or event.id),
        None if incident is None else _utf8(str(incident)),
        None if event.rule is None else _utf8(event.rule),
        line,
        checksum(sequence, line),
    )


def event_of(sequence: Any, line: Any, crc: Any) -> Event | None:
    """The event of a row whose JSON is ``line`` in bytes; None where the row is not what was written."""
    if not (isinstance(sequence, int) and isinstance(line, bytes)) or crc != _checksum(sequence, line):
        return None
    try:
        return Event.from_json(line)
    except ValueError:
        return None


def checksum(sequence: int, line: str) -> int:
    """CRC-32 of the number and the JSON: SQLite has none of its own, and a flipped bit would be told as text."""
    return _checksum(sequence, line.encode())


def _checksum(sequence: int, line: bytes) -> int:
    return zlib.crc32(line, zlib.crc32(b"%d" % sequence))


def wall_ns_of(wall: str) -> int:
    """Nanoseconds since 1970 of an event's ``wall``; now where it is not a time."""
    try:
        moment = datetime.fromisoformat(wall)
    except ValueError:
        return clock.wall_ns()
    return (
        round(moment.timestamp()) * clock.SECOND if not moment.microsecond else round(moment.timestamp() * 1e6) * 1000
    )


def _utf8(text: str) -> str:
    """Text that SQLite takes: the command line may hold bytes that are none."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
