"""A saved filter: a header, the words of each generation, newest first, and a checksum. All little-endian.

    write(path, Header(...), words)
    header, words = read(path)

A file is written beside its place and then put there at once, readable by its owner only (what was on a screen can be
asked of it). What is not exactly such a file is refused, with the reason, before memory is taken for it.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import struct
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ironcliw.errors import FilterFileError

MAGIC = b"ICWBLOOM"
VERSION = 1
BLOCK_BYTES = 64
CHECKSUM_BYTES = 16
BITS_MAX_BYTES = 2**30
"""The bits of the largest filter, all generations."""
_START = struct.Struct("<8sI")
_REST = struct.Struct("<IIQQdQQ")
HEADER_BYTES = _START.size + _REST.size
Words = NDArray[np.uint64]


class Header(NamedTuple):
    """What is said of a filter before its bits."""

    hashes: int
    generations: int
    blocks: int
    """Blocks of 64 bytes in each generation."""
    rotate_after_ns: int
    """0: the clock does not matter."""
    rotate_at_fill: float
    """0.0: the fill does not matter."""
    age_ns: int
    """How long the newest generation had been in use."""
    rotations: int

    @property
    def file_bytes(self) -> int:
        """The size of the whole file."""
        return HEADER_BYTES + self.generations * self.blocks * BLOCK_BYTES + CHECKSUM_BYTES


def write(path: Path, header: Header, words: Callable[[int], Words]) -> None:
    """Write a file with the (blocks * 8,) ``words`` of each age, or leave what is there as it was.

    Raises FilterFileError where it cannot be written.
    """
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
        try:
            with open(descriptor, "wb") as file:
                _write_all(file, header, words)
            os.replace(name, path)  # noqa: PTH105 - the name is a str
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(name)  # noqa: PTH108 - the name is a str
            raise
        _flush_folder(path.parent)
    except OSError as error:
        raise FilterFileError(f"{path}: the filter cannot be saved ({error.strerror or error})") from error


def _write_all(file: BinaryIO, header: Header, words: Callable[[int], Words]) -> None:
    checksum = hashlib.blake2b(digest_size=CHECKSUM_BYTES)
    start = _START.pack(MAGIC, VERSION) + _REST.pack(*header)
    file.write(start)
    checksum.update(start)
    for age in range(header.generations):
        memory = words(age).astype("<u8", copy=False).data
        file.write(memory)
        checksum.update(memory)
    file.write(checksum.digest())
    file.flush()
    os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read(path: Path) -> tuple[Header, list[Words]]:
    """The header and the words of each age.

    Raises FilterFileError where there is no such file, or it is not a filter, of another version, truncated or
    corrupted.
    """
    try:
        # Opening a pipe would otherwise wait for somebody to write to it.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise FilterFileError(f"{path}: not a file")
            with open(descriptor, "rb", closefd=False) as file:
                return _read_all(path, file)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise FilterFileError(f"{path}: the filter cannot be read ({error.strerror or error})") from error


def _read_all(path: Path, file: BinaryIO) -> tuple[Header, list[Words]]:
    start = file.read(HEADER_BYTES)
    header = _header(path, start, os.fstat(file.fileno()).st_size)
    checksum = hashlib.blake2b(start, digest_size=CHECKSUM_BYTES)
    words: list[Words] = []
    for _ in range(header.generations):
        memory = np.empty(header.blocks * BLOCK_BYTES // 8, "<u8")
        if file.readinto(memory.view(np.uint8).data) != memory.nbytes:  # type: ignore[attr-defined]
            raise FilterFileError(f"{path}: truncated while it was read")
        checksum.update(memory.data)
        words.append(memory.astype(np.uint64, copy=False))
    if file.read() != checksum.digest():
        raise FilterFileError(f"{path}: corrupted (its checksum is not that of its contents)")
    return header, words


def _header(path: Path, start: bytes, size_bytes: int) -> Header:
    magic, version = _START.unpack_from(start.ljust(_START.size, b"\0"))
    if magic != MAGIC[: len(start)].ljust(len(MAGIC), b"\0"):
        raise FilterFileError(f"{path}: not a saved filter")
    if len(start) >= _START.size and version != VERSION:
        raise FilterFileError(f"{path}: a filter of version {version}, and this reads version {VERSION}")
    if len(start) < HEADER_BYTES:
        raise FilterFileError(f"{path}: truncated ({size_bytes} bytes, and its header alone has {HEADER_BYTES})")
    header = Header(*_REST.unpack_from(start, _START.size))
    if size_bytes != header.file_bytes:
        what = "truncated" if size_bytes < header.file_bytes else "corrupted"
        raise FilterFileError(f"{path}: {what} ({size_bytes} bytes, and its header says {header.file_bytes})")
    if header.generations * header.blocks * BLOCK_BYTES > BITS_MAX_BYTES:
        raise FilterFileError(f"{path}: a filter that cannot be: {size_bytes} bytes")
    return header
