"""Numbers and records as segments hold them; docs/reference/archive.md describes every byte.

number, at = varint(data, at)
records = list(Records(data))
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

import zstandard

MAGIC = b"icw-hist"
VERSION = 1
HEADER = struct.Struct("<8sHHIIQqq")
HEADER_BYTES = HEADER.size + 4
FRAME, END = 1, 2
SIDE_MAX = 32_768
PART_MAX = 1 << 28
LEVEL = 1
COMPRESSED_MIN = 48


class Header(NamedTuple):
    """What a segment says of itself."""

    height: int
    width: int
    first: int
    time_ns: int
    wall_ns: int


class Record(NamedTuple):
    """A record that was checked: its kind, its body and where it begins."""

    kind: int
    body: bytes
    at: int


class Input:
    """Takes numbers off the front of bytes; ValueError where they end or a number is not what it may be."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def empty(self) -> bool:
        """Whether all bytes were taken."""
        return self._at == len(self._data)

    def take(self, count: int) -> bytes:
        """The next ``count`` bytes."""
        taken = self._data[self._at : self._at + count]
        if len(taken) != count:
            raise ValueError("the bytes end too soon")
        self._at += count
        return taken

    def byte(self) -> int:
        """One byte."""
        return self.take(1)[0]

    def number(self) -> int:
        """A number of up to 64 bits."""
        value = 0
        for shift in range(0, 64, 7):
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                break
        else:
            raise ValueError("a number is too long")
        if value >= 2**64:
            raise ValueError("a number is too large")
        return value

    def signed(self) -> int:
        """A number that may be negative."""
        value = self.number()
        return (value >> 1) ^ -(value & 1)

    def below(self, limit: int) -> int:
        """A number less than ``limit``."""
        value = self.number()
        if value >= limit:
            raise ValueError("a number is too large")
        return value


def number(value: int) -> bytes:
    """7 bits a byte, the lowest first, the eighth saying that more follow."""
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    written.append(value)
    return bytes(written)


def signed(value: int) -> bytes:
    """A number that may be negative: 0, -1, 1, -2, ... as 0, 1, 2, 3, ..."""
    return number((value << 1 if value >= 0 else ~(value << 1)) & (2**64 - 1))


def packed(raw: bytes) -> bytes:
    """Compressed, where that is shorter."""
    if len(raw) < COMPRESSED_MIN:
        return raw
    compressed = zstandard.ZstdCompressor(level=LEVEL).compress(raw)
    return compressed if len(compressed) < len(raw) else raw


def unpacked(stored: bytes, raw_bytes: int) -> bytes:
    """What ``packed`` was given; ValueError where that had another length."""
    if len(stored) == raw_bytes:
        return stored
    try:
        raw = zstandard.ZstdDecompressor().decompress(stored, max_output_size=raw_bytes)
    except zstandard.ZstdError as error:
        raise ValueError(str(error)) from None
    if len(raw) != raw_bytes:
        raise ValueError("unpacked bytes of another length")
    return raw


def header_bytes(header: Header) -> bytes:
    """The header, without its checksum."""
    return HEADER.pack(MAGIC, VERSION, 0, *header)


def record_bytes(kind: int, body: bytes) -> bytes:
    """A record, without its checksum."""
    return struct.pack("<IB", len(body), kind) + body


class Records:
    """Checks and gives out the records of a segment that may still grow.

    Raises ValueError as the native reader does: foreign, of another version, cut off, damaged.
    """

    def __init__(self, data: bytes) -> None:
        self._data = bytearray()
        self._at: int = 0
        self._check = 0
        self.header = self._read_header(data)
        self.extend(data)

    def extend(self, data: bytes) -> None:
        """Take what was appended since."""
        self._data += data

    def _read_header(self, data: bytes) -> Header:
        if data[:8] != MAGIC and len(data) >= 8:
            raise ValueError("this is no segment of an archive")
        if len(data) < HEADER_BYTES:
            raise cut(0)
        _, version, flags, *fields = HEADER.unpack(data[: HEADER.size])
        if version != VERSION:
            raise ValueError(f"this segment is of version {version}, and only version 1 can be read")
        header = Header(*fields)
        self._check = zlib.crc32(data[: HEADER.size])
        right = struct.pack("<I", self._check) == data[HEADER.size : HEADER_BYTES]
        if not right or flags or not 0 < header.height <= SIDE_MAX or not 0 < header.width <= SIDE_MAX:
            raise damaged(0, "the header")
        self._at = HEADER_BYTES
        return header

    def __iter__(self) -> Iterator[Record]:
        while self._at < len(self._data):
            at = self._at
            if len(self._data) < at + 4:
                raise cut(at)
            end = at + 5 + int.from_bytes(self._data[at : at + 4], "little")
            if len(self._data) < end + 4:
                raise cut(at)
            self._check = zlib.crc32(self._data[at:end], self._check)
            if struct.pack("<I", self._check) != bytes(self._data[end : end + 4]):
                raise damaged(at, "a wrong checksum")
            self._at = end + 4
            yield Record(self._data[at + 4], bytes(self._data[at + 5 : end]), at)


def cut(whole: int) -> ValueError:
    """The bytes end within the header or a record."""
    return ValueError(f"the segment is cut off: only its first {whole} bytes are whole")


def damaged(at: int, what: str) -> ValueError:
    """The bytes are not those that were written."""
    return ValueError(f"the segment is damaged: {what} in what begins at byte {at}")
