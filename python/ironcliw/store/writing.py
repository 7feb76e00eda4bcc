"""Writes batches of events and looks after the file; what an error means for the connection is decided here.

    writer = LogWriter(path, limits)
    writer.open()
    writer.commit(rows)                   # returns once they are on the disk; raises SqliteError or StoreError
    writer.tidy()

After an error of the disk the connection is given up. What it had not made sure of is written again through another
handle before anything is built on it: after a failed fsync the system calls pages clean, and a second one succeeds.
"""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from ironcliw.errors import StoreError
from ironcliw.store.database import PAGE_BYTES, Database, SqliteError
from ironcliw.store.opening import open_log
from ironcliw.store.retention import Clocks, KeptClock, Limits, delete_oldest, read_clocks
from ironcliw.store.row import INSERT, Row

CHECKPOINT_PAGES = 512
"""Pages in the journal (2 MiB) from which on it is moved into the file."""
MOST_JOURNAL_BYTES = 64 << 20
_LARGEST_COMMIT_BYTES = 16 << 20
_CHUNK_BYTES = 1 << 20
_log = logging.getLogger(__name__)


class LogWriter:
    """Used by one thread at a time."""

    def __init__(
        self, path: Path, limits: Limits, *, vfs: str = "", clocks: Callable[[], Clocks] = read_clocks
    ) -> None:
        self.path = path
        self._limits, self._vfs = limits, vfs
        self._clock = KeptClock(clocks)
        self._database: Database | None = None
        self._place: tuple[int, int] | None = None
        self._unsure = self._damaged = False

    def open(self) -> int:
        """Open the log, check it, and give the highest sequence number in it."""
        return self._open(check=True)

    def _open(self, *, check: bool) -> int:
        if self._unsure:
            _write_again(_journal(self.path))
            self._unsure = False
        opened = open_log(self.path, check=check or self._damaged, vfs=self._vfs)
        self._damaged = False
        if opened.moved is not None:
            _log.warning(
                "the event log %s was damaged: it is now %s, and the %d events that can be read of it go on here",
                self.path,
                opened.moved.path,
                opened.moved.events,
            )
        self._database = database = opened.database
        found = self.path.stat()
        self._place = (found.st_dev, found.st_ino)
        with contextlib.suppress(OSError):
            database.journal_pages = _journal(self.path).stat().st_size // PAGE_BYTES
        saved = database.value("SELECT value FROM meta WHERE key = 'clock'")
        newest = database.value("SELECT kept_ns FROM events ORDER BY sequence DESC LIMIT 1")
        self._clock.resume(saved, int(newest or 0))
        return opened.last_sequence

    def commit(self, rows: Sequence[Row]) -> None:
        """Write the rows in one transaction, in order. Raises SqliteError, or StoreError where the log is gone."""
        database = self._ready()
        kept_ns = self._clock.now_ns()
        with database.transaction():
            database.execute_many(INSERT, [(*row, kept_ns) for row in rows])

    def tidy(self) -> bool:
        """Move the journal into the file, delete what is too old or too much; whether there is more to do."""
        database = self._ready()
        if database.journal_pages >= CHECKPOINT_PAGES and database.checkpoint():
            # Everything is in the file: the next commit begins the journal anew.
            database.journal_pages = 0
        return delete_oldest(database, self._limits, self._clock.now_ns())

    def save_clock(self) -> None:
        """Keep how old things are, for the next time."""
        self._ready().execute("INSERT OR REPLACE INTO meta VALUES ('clock', ?)", (self._clock.save(),))

    def drop(self, fault: Exception) -> None:
        """Give the connection up where the error is one that goes with it."""
        if isinstance(fault, SqliteError) and fault.kind in ("busy", "full", "other"):
            return
        if isinstance(fault, SqliteError) and fault.kind == "io":
            self._unsure = True
        if isinstance(fault, SqliteError) and fault.kind == "damaged":
            self._damaged = True
        if self._database is not None:
            self._database.drop()
            self._database = None

    def close(self) -> None:
        """Save the clock and close the file, as well as that goes."""
        if self._database is not None:
            with contextlib.suppress(StoreError):
                self.save_clock()
            self._database.close()
            self._database = None

    def _ready(self) -> Database:
        if self._database is not None and not self._is_in_place():
            # Deleted or moved away under us: what is written there is lost to everybody.
            self._database.drop()
            self._database = None
        if self._database is None:
            self._open(check=False)
        assert self._database is not None
        self._bound_journal(self._database)
        return self._database

    def _is_in_place(self) -> bool:
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise StoreError(f"the event log {self.path}: {(error.strerror or str(error)).lower()}") from None
        return (found.st_dev, found.st_ino) == self._place

    def _bound_journal(self, database: Database) -> None:
        """StoreError where somebody reads for so long that the journal cannot begin anew and would go on growing."""
        if database.journal_pages * PAGE_BYTES <= MOST_JOURNAL_BYTES - _LARGEST_COMMIT_BYTES:
            return
        if not database.checkpoint(truncate=True):
            raise StoreError(
                f"the event log {self.path}: another program has been reading it for so long that its journal has"
                f" reached {MOST_JOURNAL_BYTES >> 20} MiB"
            )


def _journal(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def _write_again(journal: Path) -> None:
    """Write what is in the journal once more, the same bytes, and make sure of them. StoreError where that fails."""
    try:
        fd = os.open(journal, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    except OSError as error:
        raise StoreError(f"{journal} cannot be opened: {(error.strerror or str(error)).lower()}") from None
    try:
        offset = 0
        while chunk := os.pread(fd, _CHUNK_BYTES, offset):
            offset += os.pwrite(fd, chunk, offset)
        os.fsync(fd)
    except OSError as error:
        raise StoreError(f"{journal} cannot be made sure of: {(error.strerror or str(error)).lower()}") from None
    finally:
        os.close(fd)
