"""One message: a length, a JSON object, then bytes; file descriptors travel beside it.

All numbers are little-endian. ``u32`` length of the JSON text, ``u32`` length of the bytes, the JSON text (UTF-8, one
object), the bytes. A request is ``{"verb": ..., "arguments": {...}}``; a reply is ``{"data": {...}, "fds": n,
"more": bool}`` or ``{"error": "..."}``; replies with ``more`` are followed by others until ``{"end": true}``. The
descriptors come with the first byte.
"""

from __future__ import annotations

import array
import json
import os
import socket
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ironcliw.errors import IpcError

LARGEST_JSON_BYTES = 1 << 20
LARGEST_PAYLOAD_BYTES = 1 << 30
MOST_FDS = 16
_HEADER = struct.Struct("<II")


@dataclass(frozen=True, slots=True)
class Request:
    """What a peer asks: ``arguments`` are JSON values from outside, to be checked; the kernel vouches for the rest."""

    verb: str
    arguments: dict[str, Any]
    pid: int
    uid: int


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: JSON data, bytes that belong to it, and descriptors.

    Of a reply that is sent, ``fds`` stay the sender's; of one that was received, they are the receiver's to close.
    """

    data: dict[str, Any] = field(default_factory=dict[str, Any])
    payload: bytes | memoryview = b""
    fds: Sequence[int] = ()


def send(peer: socket.socket, head: dict[str, Any], payload: bytes | memoryview = b"", fds: Sequence[int] = ()) -> None:
    """Send one message. IpcError where it is larger than the receiver would take; OSError where the peer is gone."""
    text = json.dumps(head, separators=(",", ":")).encode()
    size = memoryview(payload).nbytes
    if len(text) > LARGEST_JSON_BYTES or size > LARGEST_PAYLOAD_BYTES or len(fds) > MOST_FDS:
        raise IpcError(f"a message of {len(text)} + {size} bytes and {len(fds)} descriptors is too large to be sent")
    start = _HEADER.pack(len(text), size) + text
    sent = socket.send_fds(peer, [start], list(fds)) if fds else 0
    peer.sendall(memoryview(start)[sent:])
    if size:
        peer.sendall(payload)


def receive(peer: socket.socket) -> tuple[dict[str, Any], bytes, list[int]] | None:
    """Receive one message: its JSON object, bytes and descriptors; None where the peer closed between messages.

    Raises IpcError for what is no message, and OSError (TimeoutError with it) for a peer that is gone or too slow.
    """
    fds: list[int] = []
    try:
        start = _exactly(peer, _HEADER.size, fds)
        if start is None:
            return None
        length, size = _HEADER.unpack(start)
        if length > LARGEST_JSON_BYTES or size > LARGEST_PAYLOAD_BYTES:
            raise IpcError(f"a message says that it has {length} + {size} bytes: the peer does not speak our language")
        head = _object(_exactly(peer, length, fds) or b"")
        payload = _exactly(peer, size, fds) or b""
    except BaseException:
        for fd in fds:
            os.close(fd)
        raise
    return head, payload, fds


def _exactly(peer: socket.socket, size: int, fds: list[int]) -> bytes | None:
    """The next ``size`` bytes; None where the peer closed before the first."""
    if size == 0:
        return b""
    got = bytearray(size)
    view, filled = memoryview(got), 0
    while filled < size:
        count, ancillary, _, _ = peer.recvmsg_into(
            [view[filled:]], socket.CMSG_LEN(MOST_FDS * 4), socket.MSG_CMSG_CLOEXEC
        )
        for level, kind, data in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                whole = array.array("i")
                whole.frombytes(data[: len(data) - len(data) % whole.itemsize])
                fds.extend(whole)
        if count == 0:
            if filled == 0:
                return None
            raise IpcError("the peer closed the connection within a message")
        filled += count
    return bytes(got)


def _object(text: bytes) -> dict[str, Any]:
    try:
        value: Any = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise IpcError("a message is not a JSON object: the peer does not speak our language")
    return value  # pyright: ignore[reportUnknownVariableType] - json gives str keys
