"""Reading a log, also while it is written: in pages, so that no reader holds the writer's journal up.

with EventReader(path) as reader:
    for stored in reader.since(Query(cursor=41, types=("alert",))):
        print(stored.sequence, stored.event.text)
    for stored in reader.follow(Query()):     # and what comes from now on
        ...
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ironcliw.errors import StoreDamagedError, StoreError
from ironcliw.event import Event
from ironcliw.store.database import Database, SqliteError
from ironcliw.store.row import Stored, event_of
from ironcliw.store.schema import MIGRATIONS, check_ours

_PAGE_ROWS = 500
_POLL_S = 0.1


@dataclass(frozen=True, slots=True)
class Query:
    """Which events are wanted; all of what is given must hold.

    cursor: events after this sequence number
    since_ns: events made at or after this wall time, nanoseconds since 1970
    types: of these types; empty means all
    words: that hold these words, in upper or lower case, in their text, rule or other strings
    """

    cursor: int = 0
    since_ns: int | None = None
    types: tuple[str, ...] = ()
    words: str | None = None

    def matches(self, event: Event) -> bool:
        """Whether the words are in the event; the rest is the database's to find."""
        if self.words is None:
            return True
        wanted = self.words.casefold()
        return any(wanted in text.casefold() for text in _strings([event.text, event.rule, event.data]))


class EventReader:
    """Reads one log, in one thread. StoreError where there is none, StoreDamagedError where it cannot be read.

    damaged_rows: how many events were left out because they are not as they were written
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.damaged_rows = 0
        self._database = self._open()

    def since(self, query: Query | None = None) -> Iterator[Stored]:
        """The events that are there, oldest first."""
        for sequence, event in self._scan(query or Query()):
            if event is not None:
                yield Stored(sequence, event)

    def _scan(self, query: Query) -> Iterator[tuple[int, Event | None]]:
        """Each sequence number that is looked at, with its event where that is wanted."""
        while page := self._page(query):
            for sequence, line, crc in page:
                event = event_of(sequence, line, crc)
                self.damaged_rows += event is None
                yield sequence, event if event is not None and query.matches(event) else None
            query = replace(query, cursor=page[-1][0])

    def follow(self, query: Query | None = None, stop: threading.Event | None = None) -> Iterator[Stored]:
        """The events that are there, and those that come, until ``stop`` is set.

        A log that is moved aside and begun anew is followed into the new one.
        """
        query, stop = query or Query(), stop or threading.Event()
        version = None
        while not stop.is_set():
            # Before the look at what there is: what comes in between is then looked at twice, not never.
            reopened, before = self._reopened(), version
            version = self._version()
            if reopened or version != before:
                for sequence, event in self._scan(query):
                    query = replace(query, cursor=sequence)
                    if event is not None:
                        yield Stored(sequence, event)
            stop.wait(_POLL_S)

    def last_sequence(self) -> int:
        """The highest sequence number that was ever given in this log."""
        return int(self._value("SELECT seq FROM sqlite_sequence WHERE name = 'events'") or 0)

    def count(self) -> int:
        """How many events there are."""
        return int(self._value("SELECT count(*) FROM events"))

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _open(self) -> Database:
        if not self.path.exists():
            raise StoreError(f"there is no event log at {self.path}: 'ironcliw watch --log' writes one")
        with self._damage():
            database = self._connect()
            try:
                version = check_ours(database)
                if version == 0:
                    raise StoreError(f"{self.path} is empty: 'ironcliw watch --log' makes an event log of it")
                if version < len(MIGRATIONS):
                    raise StoreError(
                        f"the event log {self.path} is of an older version: 'ironcliw watch --log' brings it up to date"
                    )
            except BaseException:
                database.drop()
                raise
        found = self.path.stat()
        self._place = (found.st_dev, found.st_ino)
        return database

    def _connect(self) -> Database:
        try:
            return Database(self.path, readonly=True)
        except SqliteError as error:
            journal = self.path.with_name(f"{self.path.name}-wal")
            if error.kind != "denied" or os.access(self.path.parent, os.W_OK) or journal.exists():
                raise
            return Database(self.path, readonly=True, immutable=True)

    def _reopened(self) -> bool:
        """Open the file anew where another one lies at its place; whether that was so."""
        with contextlib.suppress(FileNotFoundError):
            found = self.path.stat()
            if (found.st_dev, found.st_ino) != self._place:
                with contextlib.suppress(StoreError):  # still being made
                    database = self._open()
                    self._database.close()
                    self._database = database
                    return True
        return False

    def _version(self) -> Any:
        return self._value("PRAGMA data_version")

    def _page(self, query: Query) -> list[tuple[Any, ...]]:
        conditions, values = ["sequence > ?"], list[Any]([query.cursor])
        if query.since_ns is not None:
            conditions.append("wall_ns >= ?")
            values.append(query.since_ns)
        if query.types:
            conditions.append(f"type IN ({', '.join('?' * len(query.types))})")
            values += query.types
        # As bytes: what is damaged may be no text.
        columns, where = "sequence, CAST(json AS BLOB), crc", " AND ".join(conditions)
        sql = f"SELECT {columns} FROM events WHERE {where} ORDER BY sequence LIMIT ?"
        with self._damage():
            return self._database.execute(sql, (*values, _PAGE_ROWS))

    def _value(self, sql: str) -> Any:
        with self._damage():
            return self._database.value(sql)

    @contextlib.contextmanager
    def _damage(self) -> Generator[None]:
        try:
            yield
        except SqliteError as fault:
            if fault.kind == "damaged":
                raise StoreDamagedError(
                    f"the event log {self.path} is damaged: the next 'ironcliw watch --log' moves it aside and keeps"
                    " what can be read of it"
                ) from None
            raise


def _strings(value: Any) -> Iterator[str]:
    """All text in an event's fields, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():  # pyright: ignore[reportUnknownVariableType]
            yield from _strings(each)
    elif isinstance(value, list | tuple):
        for each in value:  # pyright: ignore[reportUnknownVariableType]
            yield from _strings(each)
