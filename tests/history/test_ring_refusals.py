"""What is no ring, or none of ours, is refused in one line; memory that is not there is named by its figure."""

from __future__ import annotations

import contextlib
import fcntl
import mmap
import os
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

import ironcliw
from ironcliw.errors import FrameMemoryError, HistoryError, IpcError, SettingsError
from ironcliw.frame import Geometry, Rect
from ironcliw.history import Ring, ring_handlers
from ironcliw.history.layout import Description, unpack
from ironcliw.history.mapped import MappedRing
from ironcliw.ipc import Connection, Handler, Reply, Server

GEOMETRY = Geometry(100, 48)


@contextlib.contextmanager
def serving(path: Path, handlers: dict[str, Handler]) -> Iterator[None]:
    server = Server(path, handlers)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield
    finally:
        server.close()
        thread.join()


@pytest.fixture
def ring() -> Iterator[Ring]:
    ring = Ring("test", 1 << 20, shared=True)
    ring.begin(GEOMETRY)
    ring.memory.pixels.fill(7)
    ring.publish(0, 0, [Rect(0, 0, 100, 48)])
    yield ring
    ring.close()


def memory(content: bytes, size: int, seals: int = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW) -> int:
    fd = os.memfd_create("no-ring", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.write(fd, content)
    os.ftruncate(fd, size)
    fcntl.fcntl(fd, fcntl.F_ADD_SEALS, seals)
    return fd


def header(**changes: int) -> bytes:
    """A header that is right but for ``changes``: offsets and what stands there as a 32-bit number."""
    packed = bytearray(Description.of(GEOMETRY, "test", 4).pack().ljust(512, b"\0"))
    for place, number in changes.items():
        struct.pack_into("<I", packed, int(place.removeprefix("at")), number)
    return bytes(packed)


SIZE = Description.of(GEOMETRY, "test", 4).size_bytes
NOT_RINGS: list[tuple[str, Callable[[], int], str]] = [
    ("empty", lambda: memory(b"", 0), "not a ring"),
    ("short", lambda: memory(header()[:300], 300), "not a ring"),
    ("zeros", lambda: memory(b"", SIZE), "not a ring"),
    ("words", lambda: memory(b"a" * 4096, SIZE), "not a ring"),
    ("shrinkable", lambda: memory(header(), SIZE, fcntl.F_SEAL_GROW), "not sealed"),
    ("pipe", lambda: os.dup(os.pipe()[0]), "not sealed"),
    ("other version", lambda: memory(header(at8=1), SIZE), "version 1"),
    ("too small", lambda: memory(header(), SIZE - 65536), "does not hold"),
    ("too large", lambda: memory(header(), SIZE + 65536), "does not hold"),
    ("no slots", lambda: memory(header(at12=0), SIZE), "does not hold"),
    ("too many slots", lambda: memory(header(at12=5000), SIZE), "does not hold"),
    ("too wide", lambda: memory(header(at48=101), SIZE), "does not hold"),
    ("too high", lambda: memory(header(at52=1 << 31), SIZE), "does not hold"),
    ("pixels in the header", lambda: memory(header(at24=64), SIZE), "does not hold"),
    ("another format", lambda: memory(header(at60=0), SIZE), "does not hold"),
]


@pytest.mark.parametrize(("what", "make", "words"), NOT_RINGS, ids=[what for what, _, _ in NOT_RINGS])
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_what_is_no_ring_is_refused(what: str, make: Callable[[], int], words: str) -> None:
    fd = make()
    with pytest.raises(HistoryError, match=words) as refused:
        MappedRing(fd)
    assert "\n" not in str(refused.value)
    with pytest.raises(OSError, match="Bad file"):
        os.fstat(fd)


def test_a_header_says_what_it_was_told() -> None:
    described = Description.of(Geometry(640, 480, -1280, 20, "DP-1"), "x11::0 " + "ü" * 60, 4, 7)
    found = unpack(described.pack().ljust(512, b"\0"), described.size_bytes)
    assert found.source == ("x11::0 " + "ü" * 28)
    assert (found.geometry, found.slots, found.first_sequence) == (described.geometry, 4, 7)
    assert (found.epoch, found.pid, found.started) == (described.epoch, os.getpid(), described.started)


def test_strangers_at_the_socket_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "watch.sock"
    with serving(path, {"status": lambda request: Reply({})}), pytest.raises(IpcError, match="does not answer 'ring'"):
        ironcliw.attach(path=path)
    with serving(path, {"ring": lambda request: Reply({})}), pytest.raises(HistoryError, match="no ring"):
        ironcliw.attach(path=path)


def test_a_reader_of_another_version_is_told(tmp_path: Path, ring: Ring) -> None:
    path = tmp_path / "watch.sock"
    with serving(path, ring_handlers(ring)), Connection(path) as connection:
        for version in (1, None, "2"):
            with pytest.raises(IpcError, match="of version 2"):
                connection.ask("ring", version=version)
        reply = connection.ask("ring", version=2)
        assert reply.data["pid"] == os.getpid()
        os.close(reply.fds[0])


def test_readers_cannot_write_shrink_or_grow(ring: Ring) -> None:
    _, fd = ring.share(0)
    try:
        for write in (
            lambda: mmap.mmap(fd, 4096),
            lambda: os.pwrite(fd, b"x", 0),
            lambda: os.ftruncate(fd, 4096),
            lambda: os.ftruncate(fd, 1 << 24),
            lambda: fcntl.fcntl(fd, fcntl.F_ADD_SEALS, fcntl.F_SEAL_WRITE),
        ):
            with pytest.raises(PermissionError):
                write()
        with pytest.raises(PermissionError), open(f"/proc/self/fd/{fd}", "r+b", buffering=0) as again:
            mmap.mmap(again.fileno(), 4096)
    finally:
        os.close(fd)
    ring.memory.pixels.fill(9)  # the writer still can
    assert ring.memory.pixels[0, 0, 0] == 9


def test_a_ring_that_has_ended_or_not_begun_is_not_shared(ring: Ring) -> None:
    ring.close()
    with pytest.raises(HistoryError, match="has ended"):
        ring.share(0)
    young = Ring("test", 0, shared=True)
    with pytest.raises(HistoryError, match="has ended"):
        young.share(0)
    young.begin(GEOMETRY)
    with pytest.raises(HistoryError, match="not captured"):
        young.share(0)
    young.close()
    private = Ring("test", 0)
    private.begin(GEOMETRY)
    private.publish(0, 0, [])
    with pytest.raises(HistoryError, match="needs 196,608 bytes"):
        private.share(0)
    private.close()


def test_a_fork_neither_writes_nor_zeroes_its_parents_ring(ring: Ring) -> None:
    child = os.fork()
    if child == 0:
        try:
            ring.publish(0, 0, [])
        except HistoryError:
            ring.close()
            os._exit(7)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    _, fd = ring.share(0)
    mapped = MappedRing(fd)
    newest = mapped.newest()
    assert newest is not None
    assert int(newest.copy()[0, 0, 0]) == 7
    assert mapped.alive
    mapped.close()


@pytest.mark.parametrize("size", [-1, 1 << 32, float("nan")])
def test_senseless_sizes_are_refused(size: float) -> None:
    with pytest.raises(SettingsError, match="a ring of"):
        Ring("test", size)  # pyright: ignore[reportArgumentType]


def test_what_is_closed_is_zeroed() -> None:
    ring = Ring("test", 1 << 20)
    ring.begin(GEOMETRY)
    kept = ring.memory.pixels
    kept.fill(9)
    following = ring.publish(0, 0, [])
    following.pixels.fill(8)
    also_kept = following.pixels
    ring.close()
    ring.close()
    assert not np.any(kept)
    assert not np.any(also_kept)
    with pytest.raises(ValueError, match="not begun, or is closed"):
        _ = ring.memory
    assert issubclass(FrameMemoryError, MemoryError)
