"""VNC: being let in, what is painted, servers that go away, lie, or stand still."""

from __future__ import annotations

import socket
import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import pytest

from conftest import DisplayFactory, eventually
from ironcliw.errors import SettingsError, SourceDeniedError, SourceError
from ironcliw.memory import FrameMemory
from ironcliw.source import Back, Capture, Gap, Idle, open_source
from ironcliw.source.des import encrypted
from ironcliw.source.rfb import RAW, ZRLE
from ironcliw.source.vnc import VncSource
from ironcliw.source.zrle import decode
from xclient import XClient

FIXED_KEY = bytes([23, 82, 107, 6, 35, 78, 88, 7])
"""Under which servers keep passwords in a file."""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def opened(source: VncSource) -> FrameMemory:
    geometry = source.open()
    memory = FrameMemory(geometry.width, geometry.height)
    source.attach(memory)
    return memory


def password_file(path: Path, password: bytes) -> Path:
    key = bytes(int(f"{byte:08b}"[::-1], 2) for byte in FIXED_KEY)
    path.write_bytes(encrypted(key, password.ljust(8, b"\0")))
    path.chmod(0o600)
    return path


def test_des_is_des() -> None:
    block = encrypted(bytes.fromhex("133457799BBCDFF1"), bytes.fromhex("0123456789ABCDEF"))
    assert block.hex() == "85e813540f0ab405"
    assert encrypted(bytes.fromhex("0E329232EA6D0D73"), bytes.fromhex("8787878787878787")) == bytes(8)


@pytest.mark.live
def test_a_password_comes_from_the_environment_or_a_private_file(
    xvnc: DisplayFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    kept = password_file(tmp_path / "passwd", b"gX7!secr")
    xvnc(320, 200, "-rfbport", str(port), "-localhost", "-SecurityTypes", "VncAuth", "-rfbauth", str(kept))
    address = f"vnc://127.0.0.1:{port}"
    with pytest.raises(SourceDeniedError, match="IRONCLIW_VNC_PASSWORD"):
        VncSource(address).open()
    monkeypatch.setenv("IRONCLIW_VNC_PASSWORD", "wrong")
    with pytest.raises(SourceDeniedError, match="does not let us in"):
        VncSource(address).open()
    monkeypatch.setenv("IRONCLIW_VNC_PASSWORD", "gX7!secr")
    source = VncSource(address)
    memory = opened(source)
    assert isinstance(source.read(5000), Capture)
    assert "gX7" not in str(source.describe()) + source.name
    source.close()
    monkeypatch.delenv("IRONCLIW_VNC_PASSWORD")
    secret = tmp_path / "mine"
    secret.write_text("gX7!secr\n")
    secret.chmod(0o644)
    with pytest.raises(SourceDeniedError, match="chmod 600"):
        VncSource(address, password_file=str(secret)).open()
    secret.chmod(0o600)
    source = VncSource(address, password_file=str(secret))
    source.open()
    source.close()
    memory.close()


@pytest.mark.live
def test_a_server_that_ends_and_returns_is_a_gap_and_back(xvnc: DisplayFactory) -> None:
    port = free_port()
    display = xvnc(320, 200, "-rfbport", str(port), "-localhost")
    source = VncSource(f"vnc://127.0.0.1:{port}", fps=50)
    memory = opened(source)
    assert isinstance(source.read(5000), Capture)
    display.stop()
    seen: list[object] = []
    eventually(lambda: isinstance(seen.append(source.read(500)) or seen[-1], Gap), "the loss is not told")
    assert isinstance(seen[-1], Gap)
    assert seen[-1].reason == "lost"
    display.restart()
    eventually(lambda: isinstance(seen.append(source.read(500)) or seen[-1], Back), "it did not return")
    with XClient(display.display) as client:
        client.window(10, 10, 50, 50, 0x3366CC)
        client.sync()
        whole = source.read(5000)
        assert isinstance(whole, Capture)
        assert whole.damage is None
        eventually(lambda: isinstance(source.read(200), Idle), "it never rests")
        assert (memory.pixels[20, 20, :3] == [0xCC, 0x66, 0x33]).all()
    source.close()
    memory.close()


class FakeServer:
    """Lets one client in without a password and sends it what it is told to, word for word."""

    def __init__(self, *answers: bytes, size: tuple[int, int] = (64, 64)) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"vnc://127.0.0.1:{self._listener.getsockname()[1]}"
        self._answers, self._size = answers, size
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="fake-vnc")
        self._thread.start()

    def close(self) -> None:
        self._done.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)

    def _serve(self) -> None:
        # The client may hang up, and 'close' may come, between any two of these steps.
        with suppress(OSError, struct.error):
            client, _ = self._listener.accept()
            with client, client.makefile("rb") as stream:
                self._talk(client.sendall, stream.read)
                self._done.wait(20)

    def _talk(self, send: Callable[[bytes], None], read: Callable[[int], bytes]) -> None:
        send(b"RFB 003.008\n")
        read(12)
        send(b"\1\1")
        read(1)
        send(bytes(4))
        read(1)
        send(struct.pack(">HH16xI", *self._size, 4) + b"fake")
        read(20)
        count = struct.unpack(">2xH", read(4))[0]
        read(4 * count)
        for answer in self._answers:
            read(10)
            send(answer)


def update(x: int, y: int, width: int, height: int, encoding: int, data: bytes) -> bytes:
    return struct.pack(">BxHHHHHi", 0, 1, x, y, width, height, encoding) + data


@contextmanager
def against(*answers: bytes, fps: float = 100, probe_ns: int = 200_000_000) -> Iterator[VncSource]:
    server = FakeServer(*answers)
    source = VncSource(server.address, fps=fps, probe_ns=probe_ns)
    memory = opened(source)
    try:
        yield source
    finally:
        source.close()
        server.close()
        memory.close()


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (update(60, 0, 10, 10, RAW, bytes(400)), "outside"),
        (update(0, 0, 64, 64, 7, b""), "not asked for"),
        (update(0, 0, 64, 64, ZRLE, struct.pack(">I", 1 << 31)), "packed bytes"),
        (update(0, 0, 64, 64, ZRLE, struct.pack(">I", 4) + b"junk"), "damaged"),
        (struct.pack(">B3xi", 3, 1 << 30), "a text of"),
        (b"\x99", "unknown kind"),
        (update(0, 0, 30000, 40000, -223, b""), "at most"),
    ],
)
def test_a_server_that_lies_is_a_gap_of_one_line(answer: bytes, why: str) -> None:
    with against(answer) as source:
        gap = source.read(3000)
        assert isinstance(gap, Gap)
        assert why in gap.detail
        assert "\n" not in gap.detail


def test_a_server_that_says_nothing_is_no_reply(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ironcliw.source.vnc.REPLY_NS", 200_000_000)
    with against() as source:
        seen: list[object] = []
        eventually(lambda: isinstance(seen.append(source.read(300)) or seen[-1], Gap), "nobody noticed")
        assert isinstance(seen[-1], Gap)
        assert seen[-1].reason == "no_reply"


def test_interrupt_ends_a_wait() -> None:
    with against(update(0, 0, 64, 64, RAW, bytes(64 * 64 * 4))) as source:
        assert isinstance(source.read(3000), Capture)
        timer = threading.Timer(0.05, source.interrupt)
        timer.start()
        assert isinstance(source.read(60_000), Idle)
        timer.join()


def test_an_interrupt_between_two_requests_is_no_silence_of_the_server() -> None:
    with against(update(0, 0, 64, 64, RAW, bytes(64 * 64 * 4)), fps=2, probe_ns=60_000_000_000) as source:
        assert isinstance(source.read(3000), Capture)
        source.interrupt()
        assert isinstance(source.read(60_000), Idle)  # the half second until the next request ended early
        assert isinstance(source.read(1000), Idle)


def packed(width: int, height: int, random: np.random.Generator) -> tuple[bytes, np.ndarray]:
    """A tile of a kind drawn by lot, and the pixels it stands for."""
    area = width * height
    kind = int(random.choice([0, 1, 2, 3, 4, 5, 16, 128, 130, 200]))
    if kind == 0:
        pixels = random.integers(0, 256, (height, width, 3), np.uint8)
        return b"\0" + pixels.tobytes(), pixels
    count = kind & 127 or 3
    palette = random.integers(0, 256, (count, 3), np.uint8)
    numbers = np.sort(random.integers(0, count, area)) if kind >= 128 else random.integers(0, count, area)
    pixels = palette[numbers].reshape(height, width, 3)
    if kind < 128:
        bits = 0 if kind == 1 else 1 if kind == 2 else 2 if kind <= 4 else 4
        if not bits:
            return bytes([1]) + palette.tobytes(), pixels
        rows = b""
        for row in numbers.reshape(height, width):
            joined = "".join(f"{number:0{bits}b}" for number in row)
            joined = joined.ljust(-(-len(joined) // 8) * 8, "0")
            rows += bytes(int(joined[at : at + 8], 2) for at in range(0, len(joined), 8))
        return bytes([kind]) + palette.tobytes() + rows, pixels
    out = bytes([kind]) + (palette.tobytes() if kind > 128 else b"")
    at = 0
    while at < area:
        end = at
        while end < area and numbers[end] == numbers[at]:
            end += 1
        more = end - at - 1
        length = b"\xff" * (more // 255) + bytes([more % 255])
        if kind == 128:
            out += palette[numbers[at]].tobytes() + length
        else:
            out += bytes([numbers[at]]) if more == 0 else bytes([numbers[at] | 128]) + length
        at = end
    return out, pixels


def test_every_kind_of_tile_is_decoded() -> None:
    random = np.random.default_rng(11)
    for _ in range(60):
        width, height = int(random.integers(1, 150)), int(random.integers(1, 150))
        expected = np.zeros((height, width, 3), np.uint8)
        data = b""
        for y in range(0, height, 64):
            for x in range(0, width, 64):
                part = expected[y : y + 64, x : x + 64]
                tile, part[:] = packed(part.shape[1], part.shape[0], random)
                data += tile
        target = np.zeros((height, width, 4), np.uint8)
        decode(data, target)
        np.testing.assert_array_equal(target[..., :3], expected)
        with pytest.raises((ValueError, IndexError)):
            decode(data[: len(data) // 2], target)


def test_random_bytes_raise_and_nothing_else() -> None:
    random = np.random.default_rng(12)
    for _ in range(300):
        with pytest.raises((ValueError, IndexError)):
            decode(random.bytes(40), np.zeros((90, 90, 4), np.uint8))
    with pytest.raises(zlib.error):
        zlib.decompressobj().decompress(b"junk")


@pytest.mark.parametrize("address", ["vnc://", "vnc://h/path", "vnc://h:99999"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(SourceError):
        open_source(address)


def test_a_password_in_an_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(SourceError, match="no password in an address") as refused:
        open_source("vnc://me:hunter2@host:5901")
    assert "hunter2" not in str(refused.value)
    with pytest.raises(SettingsError, match="fps"):
        VncSource("vnc://h", fps=0)
