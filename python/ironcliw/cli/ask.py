"""``ironcliw ask``: questions about what happened, answered from the event log, or by the running watcher.

The answer is counted. Where a model is set, it says in a line of its own what that comes to; of the answer it gets the
end, without secrets, within its budget.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ironcliw import settings
from ironcliw.action import printable
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
    local: bool = False


def run_ask(command: AskCommand) -> int:
    """Print the answer; 0 where anything was found, else 1."""
    now = datetime.now().astimezone()
    question = parse_question(command.question, now)
    loaded = settings.load(command.config)
    path = log_path(command.log, loaded.store)
    with contextlib.ExitStack() as stack:
        found = findings(question, _events(question, path, command, stack))
    answer = plain_answer(question, found)
    said = None if command.local or not found.count else _worded(question, answer, loaded)
    LineWriter().write(answer if said is None else f"{said}\n{answer}")
    return FOUND if found.count else NOTHING


def _worded(question: Question, answer: str, loaded: settings.Settings) -> str | None:
    """What a model makes of the answer, on one line; None where none is set, or it cannot say."""
    if loaded.model.provider == "none":
        return None
    from ironcliw.redaction import Gate  # noqa: PLC0415 - for who has a model
    from ironcliw.vision_model import Deadline, Request, open_asker  # noqa: PLC0415

    gate = Gate()
    text = "\n".join(gate.text(line).text for line in answer.splitlines())
    request = Request(gate.text(question.asked).text, text=text, rule="ask", reason="ask")
    asker = open_asker(loaded.model.choice(), loaded.budget.budget())
    try:
        judgement = asker.judge(request, Deadline.after(loaded.model.deadline_s)).judgement
    finally:
        asker.close()
    if judgement.verdict == "unknown":
        return None
    return f"{judgement.verdict} ({judgement.confidence:.0%}, by the model): {printable(judgement.reason)}"


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
