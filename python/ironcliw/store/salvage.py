"""What can still be read of a damaged log: every row that carries its own checksum, wherever it lies.

for row, kept_ns in salvaged(path):
    ...

The file and its journal are searched page by page, so that neither a lost header nor a torn tree hides what is left.
"""

from __future__ import annotations

import mmap
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ironcliw.store.pages import PAGE_BYTES, rows_in
from ironcliw.store.row import Row, event_of, row_of
from ironcliw.store.schema import APPLICATION_ID

_COLUMNS = 9
_KEPT, _JSON, _CRC = 2, 7, 8
_APPLICATION_ID_AT = 68
_JOURNAL_HEADER, _FRAME_HEADER = 32, 24


def salvaged(path: Path) -> Iterator[tuple[Row, int]]:
    """The rows, and the age each is kept to. One number may come twice: the first is the one that was in force.

    What the journal holds comes first, then the file, then what the journal still has of earlier times.
    """
    with _mapped(path) as file, _mapped(path.with_name(f"{path.name}-wal")) as journal:
        current, stale = _frames(journal)
        newest = dict(current)

        def page(number: int) -> bytes | None:
            at = newest.get(number)
            if at is not None:
                return journal[at : at + PAGE_BYTES]
            at = (number - 1) * PAGE_BYTES
            return file[at : at + PAGE_BYTES] if 0 <= at < len(file) else None

        places = [(journal, at, number == 1) for number, at in reversed(current)]
        places += [(file, at, at == 0) for at in range(0, len(file), PAGE_BYTES)]
        places += [(journal, at, number == 1) for number, at in reversed(stale)]
        for data, at, first in places:
            for sequence, columns in rows_in(data[at : at + PAGE_BYTES], page, first=first):
                if (found := _row(sequence, columns)) is not None:
                    yield found


def is_ours(path: Path) -> bool:
    """Whether a damaged file was an event log: by its header, or by an event in it or its journal."""
    with _mapped(path) as file:
        if file[_APPLICATION_ID_AT : _APPLICATION_ID_AT + 4] == APPLICATION_ID.to_bytes(4):
            return True
    return next(salvaged(path), None) is not None


def _row(sequence: int, columns: list[Any]) -> tuple[Row, int] | None:
    if len(columns) != _COLUMNS or not isinstance(columns[_JSON], bytes):
        return None
    event = event_of(sequence, columns[_JSON], columns[_CRC])
    if event is None:
        return None
    kept_ns = columns[_KEPT]
    return row_of(sequence, event, columns[_JSON].decode()), kept_ns if isinstance(kept_ns, int) else 0


def _frames(journal: bytes | mmap.mmap) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Page number and place of the journal's pages: those that were committed, and those of other times."""
    salts = journal[16:24]
    committed: list[tuple[int, int]] = []
    pending: list[tuple[int, int]] = []
    stale: list[tuple[int, int]] = []
    for at in range(_JOURNAL_HEADER, len(journal) - PAGE_BYTES, _FRAME_HEADER + PAGE_BYTES):
        header = journal[at : at + _FRAME_HEADER]
        frame = (int.from_bytes(header[:4]), at + _FRAME_HEADER)
        if stale or header[8:16] != salts:
            stale.append(frame)
            continue
        pending.append(frame)
        if any(header[4:8]):
            committed += pending
            pending.clear()
    return committed, pending + stale


@contextmanager
def _mapped(path: Path) -> Generator[bytes | mmap.mmap]:
    """A file's bytes; none where there is no file or it is empty."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        yield b""
        return
    with file:
        if not path.stat().st_size:
            yield b""
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            yield data
