"""Opening a log to write: made where it is missing, checked, moved aside where it is damaged, brought to this version.

opened = open_log(path, check=True)
opened.database, opened.last_sequence, opened.moved
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from ironcliw.store import quarantine
from ironcliw.store.database import Database, SqliteError
from ironcliw.store.paths import prepare_file
from ironcliw.store.quarantine import Moved
from ironcliw.store.schema import check_ours, migrate


@dataclass(frozen=True, slots=True)
class Opened:
    """A log that can be written to.

    last_sequence: the highest sequence number that was ever given in it
    moved: where a damaged log was moved to, if that was what lay there
    """

    database: Database
    last_sequence: int
    moved: Moved | None = None


def open_log(path: Path, *, check: bool, vfs: str = "") -> Opened:
    """Open the log at ``path``; what is damaged is moved aside and read out first. StoreError where that cannot be.

    check: read the whole file first; without it only what is met on the way is found damaged
    """
    moved = quarantine.finish(path)
    prepare_file(path)
    try:
        opened = _open(path, check=check, vfs=vfs)
    except SqliteError as error:
        if error.kind != "damaged":
            raise
        moved = quarantine.begin(path, error.words)
        opened = _open(path, check=False, vfs=vfs)
    return replace(opened, moved=moved)


def _open(path: Path, *, check: bool, vfs: str) -> Opened:
    journal = path.with_name(f"{path.name}-wal")
    if not path.stat().st_size and journal.exists() and journal.stat().st_size:
        # SQLite would delete the journal, and with it what was acknowledged.
        raise SqliteError(path, "damaged", "empty beside its journal")
    database = Database(path, vfs=vfs)
    try:
        check_ours(database)  # before anything is changed
        if check and (found := database.value("PRAGMA quick_check(1)")) != "ok":
            raise SqliteError(path, "damaged", str(found)[:80].replace("\n", " "))
        database.write_ahead()
        migrate(database)
        last = database.value("SELECT seq FROM sqlite_sequence WHERE name = 'events'")
        highest = database.value("SELECT max(sequence) FROM events")
    except BaseException:
        database.drop()
        raise
    return Opened(database, max(int(last or 0), int(highest or 0)))
