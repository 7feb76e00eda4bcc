"""``ironcliw events``: what the event log holds, and what comes."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import get_args

from ironcliw import clock, settings
from ironcliw.action import printable
from ironcliw.cli.common import check_format
from ironcliw.cli.event_log import log_path
from ironcliw.cli.human import labelled
from ironcliw.cli.output import LineWriter
from ironcliw.errors import ConditionError, SettingsError
from ironcliw.event import EventType
from ironcliw.rule import parse_duration
from ironcliw.store import EventReader, Query, Stored

FOUND, NOTHING = 0, 1
_CURSOR = re.compile(r"[0-9]{1,15}")
_TIME_OF_DAY = re.compile(r"[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?")


@dataclass(frozen=True, slots=True)
class EventsCommand:
    """The command line of ``events`` as it was given."""

    since: str | None
    types: tuple[str, ...]
    words: str | None
    follow: bool
    format: str
    log: Path | None
    config: Path | None


def run_events(command: EventsCommand) -> int:
    """Print the events, a line each; returns 0 where there were any, else 1."""
    check_format(command.format)
    query = _query(command)
    show = _json_line if command.format == "jsonl" else _human_line()
    lines = LineWriter()
    shown = 0
    with EventReader(log_path(command.log, settings.load(command.config).store)) as reader:
        if query.cursor > (last := reader.last_sequence()):
            print(f"ironcliw: the log's last event is {last}, before {query.cursor}", file=sys.stderr)
        try:
            for stored in reader.follow(query) if command.follow else reader.since(query):
                lines.write(show(stored))
                shown += 1
        except KeyboardInterrupt:
            pass
        if reader.damaged_rows:
            print(f"ironcliw: {reader.damaged_rows} events are damaged and were left out", file=sys.stderr)
    return FOUND if shown or command.follow else NOTHING


def _query(command: EventsCommand) -> Query:
    known = get_args(EventType)
    for kind in command.types:
        if kind not in known:
            raise SettingsError(f"--type: there is no event of type {kind!r}; there are {', '.join(known)}")
    cursor, since_ns = _since(command.since)
    return Query(cursor, since_ns, command.types, command.words)


def _since(given: str | None) -> tuple[int, int | None]:
    """The cursor and the wall time in nanoseconds that ``--since`` means. SettingsError for what means neither."""
    if given is None:
        return 0, None
    if _CURSOR.fullmatch(given):
        return int(given), None
    if _TIME_OF_DAY.fullmatch(given):
        return 0, _last(given)
    try:
        return 0, clock.wall_ns() - parse_duration(given)
    except ConditionError:
        pass
    try:
        return 0, round(datetime.fromisoformat(given).timestamp() * 1e6) * 1000
    except (ValueError, OverflowError, OSError):
        raise SettingsError(
            f"--since: {given!r} is neither a duration (1h), a time (2026-11-27T12:00, 12:03:05) nor an event's number"
        ) from None


def _last(time_of_day: str) -> int:
    """When it was last that time of day, here."""
    now = datetime.now().astimezone()
    hour, minute, second = (*map(int, time_of_day.split(":")), 0)[:3]
    try:
        moment = now.replace(hour=hour, minute=minute, second=second, microsecond=0)
    except ValueError:
        raise SettingsError(f"--since: {time_of_day!r} is no time of day") from None
    if moment > now:
        moment -= timedelta(days=1)
    return round(moment.timestamp()) * clock.SECOND


def _json_line(stored: Stored) -> str:
    """The event as it is, with the number to go on after it."""
    return f'{stored.event.to_json()[:-1]},"sequence":{stored.sequence}}}'


def _human_line() -> Callable[[Stored], str]:
    """Lines with the local time of each event; the date is said where it changes."""
    day = ""

    def line(stored: Stored) -> str:
        nonlocal day
        moment = _local(stored.event.wall)
        date = "" if moment is None else f"{moment:%Y-%m-%d}"
        heading = f"{date}\n" if date and date != day else ""
        day = date or day
        when = printable(stored.event.wall) if moment is None else f"{moment:%H:%M:%S}"
        return f"{heading}{stored.sequence:8}  {when}  {labelled(stored.event)}"

    return line


def _local(wall: str) -> datetime | None:
    try:
        return datetime.fromisoformat(wall).astimezone()
    except (ValueError, OverflowError):
        return None
