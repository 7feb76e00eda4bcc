"""Rows are found in the pages of a file by themselves, and rubbish is no row."""

from __future__ import annotations

from pathlib import Path

from events import made
from hypothesis import example, given
from hypothesis import strategies as st

from ironcliw.store import EventLog
from ironcliw.store.pages import PAGE_BYTES, rows_in
from ironcliw.store.salvage import salvaged


def test_every_row_is_found_whatever_its_size(tmp_path: Path) -> None:
    """Around the sizes at which SQLite begins to spread a row over pages."""
    sizes = [*range(0, 300, 7), *range(3600, 4100, 3), *range(4100, 16_600, 517), 200_000]
    path = tmp_path / "events.db"
    log = EventLog(path)
    for size in sizes:
        log.append(made(size, text="x" * size))
    assert log.flush(30)
    while_open = {row.sequence: row for row, _ in salvaged(path)}
    log.close()
    closed = {row.sequence: row for row, _ in salvaged(path)}
    assert list(closed) == list(range(1, len(sizes) + 1)) == sorted(while_open)
    assert while_open == closed
    assert [row.json for row in closed.values()] == [made(size, text="x" * size).to_json() for size in sizes]


def test_what_was_deleted_is_not_found(tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    log = EventLog(path)
    for number in range(500):
        log.append(made(number))
    log.close()
    assert len(list(salvaged(path))) == 500
    log = EventLog(path, keep_ns=1)
    for _ in range(5):
        log.append(made(1000))
        log.flush(10)
    log.close()
    assert not any(row.sequence < 400 for row, _ in salvaged(path))


PAGES = st.one_of(
    st.binary(max_size=200).map(lambda body: (body * PAGE_BYTES)[:PAGE_BYTES].ljust(PAGE_BYTES, b"\0")),
    st.binary(min_size=0, max_size=60).map(lambda head: (b"\x0d" + head).ljust(PAGE_BYTES, b"\x81")),
    st.binary(max_size=200).map(lambda body: (b"\x0d\0\0\0\x20\0\0\0" + body).ljust(PAGE_BYTES, b"\xff")),
)


@given(PAGES, st.booleans())
@example(b"\x0d" + bytes(PAGE_BYTES - 1), True)
@example(b"\x0d" + b"\xff" * (PAGE_BYTES - 1), False)
def test_rubbish_is_read_without_harm(page: bytes, first: bool) -> None:
    for number, columns in rows_in(page, lambda _: page, first=first):
        assert 0 < number < 1 << 53
        assert len(columns) < 200
