"""What stands where in a ring's memory; ``docs/reference/ring.md`` says the same byte by byte.

description = Description.of(geometry, "x11::0", slots=4)
description.pack()                    # the first 256 bytes of the memory
unpack(header)                        # raises HistoryError for what is no ring of this version
"""

from __future__ import annotations

import os
import secrets
import struct
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from ironcliw.errors import HistoryError
from ironcliw.frame import Geometry, Rect
from ironcliw.memory import CHANNELS

MAGIC = b"IRONCRNG"
VERSION = 2
FORMAT = int.from_bytes(b"BGRX", "little")
ALIGNMENT = 1 << 16
"""Pixels begin at a multiple of this: the size of a page on any system of today."""
HEADER_BYTES = 512
RECORD_BYTES = 128
MOST_SLOTS = 4096
FIELDS = RECORD_BYTES // 8 - 1

# Words of 8 bytes that change while the ring is in use. A reader that looks again and again reads the first two: they
# share no cache line with each other, nor with what the writer stores once the frame is shown.
STATE, NEWEST, EVENTS, VERIFIED = 32, 40, 48, 49
# What STATE says.
LIVE, MOVED, ENDED = 1, 2, 3

_HEADER = struct.Struct("<8sII4Q4I2iI4xQQ32x64s64s")
assert _HEADER.size == 8 * STATE


@dataclass(frozen=True, slots=True)
class Description:
    """What is said once of a ring: its size, whose it is, and what its frames are.

    size_bytes: of the whole memory
    pixels_at, slot_bytes: where the first slot's pixels begin, and how far apart two slots are
    epoch: a number that no other ring has
    pid, started: the writing process, and when the kernel says it was started, in ticks since the machine was
    first_sequence: of the first frame of this ring
    """

    slots: int
    size_bytes: int
    pixels_at: int
    slot_bytes: int
    epoch: int
    geometry: Geometry
    stride: int
    pid: int
    started: int
    first_sequence: int
    source: str

    @classmethod
    def of(cls, geometry: Geometry, source: str, slots: int, first_sequence: int = 0) -> Description:
        """A new ring of this process."""
        stride = geometry.width * CHANNELS
        pixels_at = _aligned(HEADER_BYTES + slots * RECORD_BYTES)
        slot_bytes = slot_bytes_of(geometry)
        pid = os.getpid()
        return cls(
            slots=slots,
            size_bytes=pixels_at + slots * slot_bytes,
            pixels_at=pixels_at,
            slot_bytes=slot_bytes,
            epoch=secrets.randbits(63) | 1,
            geometry=geometry,
            stride=stride,
            pid=pid,
            started=started_ticks(pid) or 0,
            first_sequence=first_sequence,
            source=source,
        )

    def pack(self) -> bytes:
        """The constant part of the header."""
        geometry = self.geometry
        return _HEADER.pack(
            MAGIC,
            VERSION,
            self.slots,
            self.size_bytes,
            self.pixels_at,
            self.slot_bytes,
            self.epoch,
            geometry.width,
            geometry.height,
            self.stride,
            FORMAT,
            geometry.x,
            geometry.y,
            self.pid,
            self.started,
            self.first_sequence,
            _text(self.source, 64),
            _text(geometry.monitor or "", 64),
        )

    def offset(self, slot: int) -> int:
        """Where the slot's pixels begin."""
        return self.pixels_at + slot * self.slot_bytes


class Record(NamedTuple):
    """What a slot holds, as its record says.

    sequence: number of the frame, without holes over all rings of one watch
    time_ns, captured_ns, wall_ns: source time, monotonic clock and nanoseconds since 1970 of its capture
    changed: the rectangle outside which nothing changed since the frame before
    """

    sequence: int
    time_ns: int
    captured_ns: int
    wall_ns: int
    geometry: Geometry
    stride: int
    epoch: int
    changed: Rect


def constant_words(geometry: Geometry, stride: int, epoch: int) -> list[int]:
    """Words 5 to 8 of a record, the same for all frames of a ring."""
    return [
        _pair(geometry.width, geometry.height),
        _pair(stride, FORMAT),
        _pair(geometry.x, geometry.y),
        epoch,
    ]


def record_of(words: Sequence[int], monitor: str | None) -> Record:
    """What the words after a generation say."""
    width, height = _unsigned(words[4])
    x, y = _signed(words[6])
    return Record(
        sequence=words[0],
        time_ns=_as_signed(words[1], 64),
        captured_ns=_as_signed(words[2], 64),
        wall_ns=_as_signed(words[3], 64),
        geometry=Geometry(width, height, x, y, monitor),
        stride=_unsigned(words[5])[0],
        epoch=words[7],
        changed=Rect(*_unsigned(words[8]), *_unsigned(words[9])),
    )


def unpack(header: bytes, size_bytes: int) -> Description:
    """The description in the first bytes of a memory of ``size_bytes``. HistoryError where that is none of ours."""
    if sys.byteorder != "little":
        raise HistoryError("rings of frames cannot be read on a big-endian machine yet")
    if len(header) < HEADER_BYTES or header[: len(MAGIC)] != MAGIC:
        raise HistoryError("what the watcher handed over is not a ring of frames: use one version on both sides")
    fields = _HEADER.unpack_from(header)
    if fields[1] != VERSION:
        raise HistoryError(f"the ring is of version {fields[1]} and can be read in version {VERSION}: use one version")
    _, _, slots, size, pixels_at, slot_bytes, epoch, width, height, stride, form, x, y, pid, started, first = fields[
        :16
    ]
    source, monitor = (text.rstrip(b"\0").decode(errors="replace") for text in fields[16:])
    geometry = Geometry(width, height, x, y, monitor or None)
    sound = (
        0 < slots <= MOST_SLOTS
        and form == FORMAT
        and 0 < width * CHANNELS <= stride
        and height > 0
        and stride * height <= slot_bytes
        and HEADER_BYTES + slots * RECORD_BYTES <= pixels_at
        and pixels_at + slots * slot_bytes <= size == size_bytes
    )
    if not sound:
        raise HistoryError(f"the ring of {size_bytes} bytes does not hold what it says it does: it is not used")
    return Description(slots, size, pixels_at, slot_bytes, epoch, geometry, stride, pid, started, first, source)


def slot_bytes_of(geometry: Geometry) -> int:
    """Bytes that one slot takes."""
    return _aligned(geometry.width * CHANNELS * geometry.height)


def started_ticks(pid: int) -> int | None:
    """When the kernel says this process was started, in ticks since the machine was; None where it does not say."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return None
    # The second field is the program's name in brackets, and may hold anything.
    return int(stat[stat.rindex(b")") + 1 :].split()[19])


def _aligned(size_bytes: int) -> int:
    return -(-size_bytes // ALIGNMENT) * ALIGNMENT


def _text(text: str, size: int) -> bytes:
    """UTF-8 cut to ``size`` bytes, at a character."""
    return text.encode(errors="replace")[:size].decode(errors="ignore").encode()


def _pair(low: int, high: int) -> int:
    return (low & 0xFFFF_FFFF) | (high & 0xFFFF_FFFF) << 32


def _unsigned(word: int) -> tuple[int, int]:
    return word & 0xFFFF_FFFF, word >> 32


def _signed(word: int) -> tuple[int, int]:
    low, high = _unsigned(word)
    return _as_signed(low, 32), _as_signed(high, 32)


def _as_signed(number: int, bits: int) -> int:
    return number - (1 << bits) if number >> (bits - 1) else number
