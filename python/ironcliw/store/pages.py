"""The rows in the pages of an SQLite file, found without its trees: each page is looked at by itself.

for sequence, columns in rows_in(page, overflow):
    ...

Layout: https://www.sqlite.org/fileformat2.html. Everything read here may be damaged: no number is believed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

PAGE_BYTES = 4096
_TABLE_LEAF = 0x0D
_LOCAL_MOST = PAGE_BYTES - 35
_LOCAL_LEAST = (PAGE_BYTES - 12) * 32 // 255 - 23
_MOST_PAYLOAD = 8 << 20
_INTEGER_BYTES = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}

Overflow = Callable[[int], bytes | None]
"""A page by its number, 1-based; None where there is none."""


def rows_in(page: bytes, overflow: Overflow, *, first: bool = False) -> Iterator[tuple[int, list[Any]]]:
    """The row number and the columns of each row that can be made out; none where the page is of another kind.

    Integers, text as bytes and NULL; whatever else a column may be, its row is left out.

    first: whether this is page 1, which begins with the file's header
    """
    base = 100 if first else 0
    if len(page) != PAGE_BYTES or page[base] != _TABLE_LEAF:
        return
    cells = int.from_bytes(page[base + 3 : base + 5])
    for at in range(base + 8, min(base + 8 + 2 * cells, PAGE_BYTES - 1), 2):
        try:
            size, start = _varint(page, int.from_bytes(page[at : at + 2]))
            number, start = _varint(page, start)
            if 0 < number < 1 << 53:
                yield number, _columns(_payload(page, start, size, overflow))
        except (ValueError, IndexError):
            continue


def _payload(page: bytes, start: int, size: int, overflow: Overflow) -> bytes:
    """A row's bytes, put together from the pages it goes on in."""
    if size > _MOST_PAYLOAD:
        raise ValueError("longer than any row")
    if size <= _LOCAL_MOST:
        return page[start : start + size]
    local = _LOCAL_LEAST + (size - _LOCAL_LEAST) % (PAGE_BYTES - 4)
    local = local if local <= _LOCAL_MOST else _LOCAL_LEAST
    parts, length = [page[start : start + local]], local
    following = int.from_bytes(page[start + local : start + local + 4])
    while length < size:
        more = overflow(following)
        if more is None or len(more) != PAGE_BYTES:
            raise ValueError("cut off")
        following = int.from_bytes(more[:4])
        parts.append(more[4 : 4 + size - length])
        length += len(parts[-1])
    return b"".join(parts)


def _columns(payload: bytes) -> list[Any]:
    header_end, at = _varint(payload, 0)
    if header_end > min(len(payload), 200):
        raise ValueError("no header of a row")
    kinds: list[int] = []
    while at < header_end:
        kind, at = _varint(payload, at)
        kinds.append(kind)
    values: list[Any] = []
    for kind in kinds:
        value, at = _value(payload, at, kind)
        values.append(value)
    return values


def _value(payload: bytes, at: int, kind: int) -> tuple[Any, int]:
    if kind == 0:
        return None, at
    if kind in (8, 9):
        return kind - 8, at
    size = _INTEGER_BYTES.get(kind) or ((kind - 13) // 2 if kind >= 13 and kind % 2 else -1)
    if size < 0 or at + size > len(payload):
        raise ValueError("no column of ours")
    part = payload[at : at + size]
    return int.from_bytes(part, signed=True) if kind in _INTEGER_BYTES else part, at + size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for count in range(8):
        byte = data[at + count]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + count + 1
    return value << 8 | data[at + 8], at + 9
