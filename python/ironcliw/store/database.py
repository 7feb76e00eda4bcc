"""The only door to SQLite: one copy of it, of a version that keeps what it acknowledged, opened as the log needs it.

    database = Database(path)             # to write; Database(path, readonly=True) to read
    with database.transaction():
        database.execute("DELETE FROM events WHERE sequence = ?", (1,))

Every error of SQLite becomes a SqliteError, whose ``kind`` says what can be done about it. No message holds data.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
from collections.abc import Generator, Iterable
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

import apsw

from ironcliw.errors import StoreError

Kind = Literal["busy", "full", "io", "damaged", "denied", "other"]

PAGE_BYTES = 4096
SYNCHRONOUS = "FULL"
"""An acknowledged event is on the disk. NORMAL loses them at a power cut, OFF the whole file: tests show both."""
_BUSY_MS = 400
_GOOD = (3, 51, 3)
_PATCHED = {(3, 50): 7, (3, 44): 6}
"""Older series to which the fix of the journal's reset was taken back, from this patch on."""

_KINDS: tuple[tuple[type[apsw.Error], Kind], ...] = (
    (apsw.BusyError, "busy"),
    (apsw.LockedError, "busy"),
    (apsw.FullError, "full"),
    (apsw.CorruptError, "damaged"),
    (apsw.NotADBError, "damaged"),
    (apsw.IOError, "io"),
    (apsw.CantOpenError, "denied"),
    (apsw.ReadOnlyError, "denied"),
    (apsw.PermissionsError, "denied"),
)
_WORDS: dict[Kind, str] = {
    "busy": "another program has it locked",
    "full": "the disk is full",
    "io": "the disk reports an error",
    "damaged": "it is damaged",
    "denied": "it cannot be opened or written to",
    "other": "SQLite refuses",
}


_open: dict[int, apsw.Connection] = {}
"""Connections of this process, for its children to leave alone."""


def _leave_alone() -> None:
    """In a child of fork: the parent's connections are never closed, not even as the child ends.

    A thread that was inside of SQLite does not exist here, and its mutex is held for ever.
    """
    for connection in _open.values():
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(connection))
    _open.clear()


os.register_at_fork(after_in_child=_leave_alone)


class SqliteError(StoreError):
    """SQLite could not do what was asked. ``kind`` is what went wrong, ``words`` the same for a person."""

    def __init__(self, path: Path, kind: Kind, detail: str) -> None:
        self.kind = kind
        self.words = f"{_WORDS[kind]} ({detail})"
        super().__init__(f"the event log {path}: {self.words}")


def sqlite_version() -> str:
    """The version of the SQLite that is used, such as 3.51.3."""
    return apsw.sqlite_lib_version()


def check_version(version: str | None = None) -> None:
    """StoreError where SQLite is of a version that may corrupt a file that is written and read at a time.

    Versions 3.7.0 to 3.51.2 reset the journal wrongly where a checkpoint and a writer meet, but for 3.50.7 and 3.44.6.
    """
    version = version or sqlite_version()
    major, minor, patch = (*map(int, re.findall(r"\d+", version)), 0, 0, 0)[:3]
    patched = _PATCHED.get((major, minor))
    if (major, minor, patch) < _GOOD and (patched is None or patch < patched):
        raise StoreError(
            f"the event log needs SQLite 3.51.3 or newer (or 3.50.7, 3.44.6): {version} can corrupt its file;"
            " upgrade apsw-sqlite3mc"
        )


class Database:
    """One connection. Used by one thread at a time.

    readonly: never writes, not even a journal's checkpoint, and is in no writer's way
    immutable: nothing about the file changes, as in a folder where nobody may write: no locks, no journal
    vfs: the name of a registered VFS, for tests
    """

    def __init__(self, path: Path, *, readonly: bool = False, immutable: bool = False, vfs: str = "") -> None:
        check_version()
        self.path = path
        self.journal_pages = 0
        """Pages in the journal after the last commit of this connection."""
        flags = apsw.SQLITE_OPEN_READONLY if readonly else apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
        name = f"file:{quote(os.fspath(path.absolute()))}{'?immutable=1' if immutable else ''}"
        with self._faults():
            self._connection = apsw.Connection(name, flags | apsw.SQLITE_OPEN_URI, vfs or None)
        _open[id(self)] = self._connection
        try:
            self._prepare(readonly)
        except BaseException:
            self.drop()
            raise

    def _prepare(self, readonly: bool) -> None:
        with self._faults():
            self._connection.set_busy_timeout(_BUSY_MS)
            # What lies there may have been made by anybody: its schema runs nothing.
            self._connection.config(apsw.SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0)
            self._connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
            self._connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
            for pragma in ("mmap_size = 0", "cell_size_check = ON", f"synchronous = {SYNCHRONOUS}"):
                self.execute(f"PRAGMA {pragma}")
            if readonly:
                self.execute("PRAGMA query_only = ON")
                return
            # Before anything else is written, else it has no effect.
            self.execute(f"PRAGMA page_size = {PAGE_BYTES}")
            self.execute("PRAGMA auto_vacuum = INCREMENTAL")

    def write_ahead(self) -> None:
        """Keep changes in a journal beside the file, so that readers and the writer do not wait for each other."""
        if self.value("PRAGMA journal_mode = WAL") != "wal":
            raise SqliteError(self.path, "other", "no write-ahead journal on this file system")
        # Checkpoints are ours: SQLite's own would not tell of their errors.
        self.execute("PRAGMA wal_autocheckpoint = 0")
        self.execute(f"PRAGMA journal_size_limit = {4 << 20}")
        self._connection.set_wal_hook(self._after_commit)

    def _after_commit(self, connection: Any, name: str, pages: int) -> int:
        self.journal_pages = pages
        return apsw.SQLITE_OK

    def execute(self, sql: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """Run one statement to its end and give its rows."""
        with self._faults():
            return list(self._connection.execute(sql, values))  # pyright: ignore[reportUnknownMemberType] - its stubs

    def execute_many(self, sql: str, rows: Iterable[tuple[Any, ...]]) -> None:
        """Run one statement once for each row of values."""
        with self._faults():
            self._connection.executemany(sql, rows)  # pyright: ignore[reportUnknownMemberType]

    def value(self, sql: str, values: tuple[Any, ...] = ()) -> Any:
        """The first value of the first row; None where there is none."""
        rows = self.execute(sql, values)
        return rows[0][0] if rows else None

    @contextlib.contextmanager
    def transaction(self) -> Generator[None]:
        """All or nothing of what is executed inside; committed when it is left."""
        self.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(StoreError):
                if self._connection.in_transaction:
                    self.execute("ROLLBACK")
            raise

    def checkpoint(self, *, truncate: bool = False) -> bool:
        """Move what is in the journal into the file; whether all of it could be moved (readers may still need some)."""
        mode = apsw.SQLITE_CHECKPOINT_TRUNCATE if truncate else apsw.SQLITE_CHECKPOINT_PASSIVE
        try:
            with self._faults():
                pages, moved = self._connection.wal_checkpoint(mode=mode)
        except SqliteError as fault:
            if fault.kind == "busy":
                return False
            raise
        if truncate:
            self.journal_pages = 0
        return pages == moved

    def close(self) -> None:
        """Close; the last to do so moves the journal into the file and removes it."""
        with contextlib.suppress(apsw.Error):
            self._connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0)
        self.drop()

    def drop(self) -> None:
        """Close without touching the files: after an error of the disk nothing is tried again on this handle."""
        _open.pop(id(self), None)
        with contextlib.suppress(apsw.Error):
            self._connection.close(True)

    @contextlib.contextmanager
    def _faults(self) -> Generator[None]:
        try:
            yield
        except UnicodeDecodeError:  # what lies there as text is none
            raise SqliteError(self.path, "damaged", "not UTF-8") from None
        except apsw.Error as error:
            kinds: list[Kind] = [kind for family, kind in _KINDS if isinstance(error, family)]
            code: int = getattr(error, "extendedresult", 0)
            name = apsw.mapping_extended_result_codes.get(code) or type(error).__name__
            raise SqliteError(self.path, kinds[0] if kinds else "other", str(name)) from None
