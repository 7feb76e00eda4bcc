"""Opening a log to write: made where it is missing, checked, brought to this version.

opened = open_log(path)
opened.database, opened.last_sequence
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ironcliw.store.database import Database, SqliteError
from ironcliw.store.paths import prepare_file
from ironcliw.store.schema import migrate


@dataclass(frozen=True, slots=True)
class Opened:
    """A log that can be written to.

    last_sequence: the highest sequence number that was ever given in it
    """

    database: Database
    last_sequence: int


def open_log(path: Path, *, check: bool, vfs: str = "") -> Opened:
    """Open the log at ``path``. StoreError where it cannot be.

    check: read the whole file first; what is damaged is a SqliteError of kind ``damaged``
    """
    prepare_file(path)
    database = Database(path, vfs=vfs)
    try:
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
