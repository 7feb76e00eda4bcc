"""Remember it: the event log, one SQLite file that keeps what it acknowledged, and its readers.

    log = EventLog()                      # ~/.local/state/ironcliw/events.db; refuses where another process writes it
    log.append(event)
    log.close()

    with EventReader(default_path()) as reader:
        for sequence, event in reader.since(cursor=0):
            print(sequence, event.text)

No pixels are kept, but the words of the screen are. docs/reference/store.md
"""

from ironcliw.store.database import check_version, sqlite_version
from ironcliw.store.lock import Writer, writer_of
from ironcliw.store.log import EventLog, LogStatus
from ironcliw.store.paths import default_path
from ironcliw.store.reading import EventReader, Query
from ironcliw.store.row import Stored

__all__ = [
    "EventLog",
    "EventReader",
    "LogStatus",
    "Query",
    "Stored",
    "Writer",
    "check_version",
    "default_path",
    "sqlite_version",
    "writer_of",
]
