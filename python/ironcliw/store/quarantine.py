"""A damaged log is moved aside, never deleted, and what can be read of it goes into a new one.

    moved = finish(path)                  # what a crash interrupted; None where nothing was
    moved = begin(path)                   # Moved(path="events.db.damaged-20261127T120000Z", events=1234)

Each step can be repeated: where it was interrupted, the next start does it again from a note that lies beside the log.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Generator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from ironcliw.errors import StoreDamagedError, StoreError
from ironcliw.store.database import Database
from ironcliw.store.paths import FILE_NAME, prepare_file
from ironcliw.store.row import INSERT
from ironcliw.store.salvage import is_ours, salvaged
from ironcliw.store.schema import migrate

NUMBERS_LEFT_OUT = 1_000_000
"""A new log begins that far after the last event that was found: later ones, which were lost, keep their numbers."""
_AT_ONCE = 1000


class Moved(NamedTuple):
    """Where a damaged log lies now, and how many of its events are in the new one."""

    path: Path
    events: int


def begin(path: Path, why: str) -> Moved:
    """Move the log aside and make a new one of what can be read. No connection may be open here.

    StoreDamagedError where it never was an event log; StoreError where it cannot be moved.
    """
    if path.name != FILE_NAME and path.stat().st_size and not is_ours(path):
        raise StoreDamagedError(f"{path} is no event log ({why}): name another file, or move it away")
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    target, count = path.with_name(f"{path.name}.damaged-{stamp}"), 1
    while target.exists():
        count += 1
        target = path.with_name(f"{path.name}.damaged-{stamp}-{count}")
    with _told(path):
        _write_note(_note(path), target.name)
    moved = finish(path)
    assert moved is not None
    return moved


def finish(path: Path) -> Moved | None:
    """Do what the note beside the log says; None where there is none."""
    with _told(path):
        try:
            target = path.with_name(_note(path).read_text())
        except FileNotFoundError:
            return None
        # The journal first: left alone beside a new file, it would be taken for that file's or deleted.
        for suffix in ("-wal", "-journal", ""):
            source, place = path.with_name(path.name + suffix), target.with_name(target.name + suffix)
            if source.exists() and not place.exists():
                source.rename(place)
        path.with_name(f"{path.name}-shm").unlink(missing_ok=True)
        _sync_folder(path)
        fresh = path.with_name(f"{path.name}.new")
        for suffix in ("-wal", "-shm", "-journal", ""):
            fresh.with_name(fresh.name + suffix).unlink(missing_ok=True)
        events = _fill(fresh, target)
        fresh.rename(path)
        _sync_folder(path)
        _note(path).unlink()
        _sync_folder(path)
    return Moved(target, events)


def _fill(fresh: Path, damaged: Path) -> int:
    """Make a new log of what can be read of a damaged one; how many events that were."""
    prepare_file(fresh)
    database = Database(fresh)
    try:
        database.write_ahead()
        migrate(database)
        rows = ((*row, kept_ns) for row, kept_ns in salvaged(damaged))
        while part := list(islice(rows, _AT_ONCE)):
            with database.transaction():
                database.execute_many(INSERT, part)
            database.checkpoint()
        last = int(database.value("SELECT max(sequence) FROM events") or 0)
        with database.transaction():
            database.execute("DELETE FROM sqlite_sequence WHERE name = 'events'")
            database.execute("INSERT INTO sqlite_sequence VALUES ('events', ?)", (last + NUMBERS_LEFT_OUT,))
        return int(database.value("SELECT count(*) FROM events"))
    finally:
        database.close()


def _note(path: Path) -> Path:
    return path.with_name(f"{path.name}.moving")


def _write_note(note: Path, text: str) -> None:
    half = note.with_name(f"{note.name}.tmp")
    fd = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        os.write(fd, text.encode())
        os.fsync(fd)
    finally:
        os.close(fd)
    half.rename(note)
    _sync_folder(note)


def _sync_folder(path: Path) -> None:
    fd = os.open(path.parent, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


@contextlib.contextmanager
def _told(path: Path) -> Generator[None]:
    try:
        yield
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise StoreError(f"the damaged event log {path} cannot be moved aside: {why}") from None
