"""``ironcliw ask``: questions about what happened, answered from the event log, or by the running watcher."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ironcliw import settings
from ironcliw.ask import Question, findings, parse_question, plain_answer
from ironcliw.cli.event_log import log_path
from ironcliw.cli.output import LineWriter
from ironcliw.errors import NoWatcherError, StoreError
from ironcliw.event import Event
from ironcliw.service.client import Client
from ironcliw.store import EventReader, Query

FOUND, NOTHING = 0, 1
_MOST = 500


@dataclass(frozen=True, slots=True)
class AskCommand:
    """The command line of ``ask`` as it was given."""

    question: str
    log: Path | None
    name: str
    config: Path | None


def run_ask(command: AskCommand) -> int:
    """Print the answer; 0 where anything was found, else 1."""
    now = datetime.now().astimezone()
    question = parse_question(command.question, now)
    path = log_path(command.log, settings.load(command.config).store)
    with contextlib.ExitStack() as stack:
        found = findings(question, _events(question, path, command, stack))
    LineWriter().write(plain_answer(question, found))
    return FOUND if found.count else NOTHING


def _events(question: Question, path: Path, command: AskCommand, stack: contextlib.ExitStack) -> Iterable[Event]:
    """From the log where there is one, else what the running watcher remembers."""
    if command.log is not None or path.exists():
        reader = stack.enter_context(EventReader(path))
        return _read(reader, question)
    try:
        watcher = Client(command.name)
    except NoWatcherError:
        raise StoreError(
            f"there is no event log at {path} and no watcher is running:"
            " 'ironcliw start --log' keeps what happens from then on"
        ) from None
    since = datetime.fromtimestamp(question.since_ns / 1e9).astimezone()
    changes = watcher.search_events(since=since, limit=_MOST)
    if changes.more:
        print(f"ironcliw: no event log is kept: only the last {_MOST} events were looked at", file=sys.stderr)
    return changes.events


def _read(reader: EventReader, question: Question) -> Iterator[Event]:
    for stored in reader.since(Query(since_ns=question.since_ns)):
        yield stored.event
