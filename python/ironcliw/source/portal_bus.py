"""As much of D-Bus as the screen-cast portal needs: calls, their answers, signals and descriptors, over one socket.

bus = Bus()                                         # the session's; BusError
version, = bus.call(NAME, PATH, INTERFACE, "Get", "ss", ["org...", "version"])
bus.signals("/org/...", timeout_s=1.0)              # (member, arguments), or None

Values are Python's own; a variant is given as (signature, value) and comes back as its value.
"""

from __future__ import annotations

import array
import os
import select
import socket
import struct
import time
from collections import deque
from pathlib import Path
from typing import Any, NamedTuple

CALL, RETURN, ERROR, SIGNAL = 1, 2, 3, 4
_FIXED = {"y": "B", "b": "I", "n": "h", "q": "H", "i": "i", "u": "I", "x": "q", "t": "Q", "d": "d", "h": "I"}
_ALIGNMENT = {"s": 4, "o": 4, "a": 4, "(": 8, "{": 8, "g": 1, "v": 1}
_LARGEST_MESSAGE = 1 << 22
_OUR_NAME, _BUS = "org.freedesktop.DBus", "/org/freedesktop/DBus"


class BusError(Exception):
    """The bus or who is asked on it does not answer, or refuses. ``name``: D-Bus's for the error, where it has one."""

    def __init__(self, message: str, name: str = "") -> None:
        super().__init__(message)
        self.name = name


class Received(NamedTuple):
    """A message: what kind, its header's fields by number, its arguments, and the descriptors that came with it."""

    kind: int
    fields: dict[int, Any]
    arguments: list[Any]
    fds: list[int]


class Bus:
    """A connection to the session's message bus. Closed with ``close``, and descriptors that nobody took with it."""

    def __init__(self, address: str | None = None, timeout_s: float = 5.0) -> None:
        self._timeout_s = timeout_s
        self._serial = 0
        self._received = b""
        self._fds: list[int] = []
        self._signals: deque[Received] = deque(maxlen=256)
        self._socket = _connected(address)
        try:
            self._socket.settimeout(timeout_s)
            self._authenticate()
            self.name = str(self.call(_OUR_NAME, _BUS, _OUR_NAME, "Hello")[0])
        except (OSError, BusError) as error:
            self.close()
            raise BusError(f"the session's message bus does not let us in: {error}") from None

    def close(self) -> None:
        """Leave the bus; may be called twice."""
        self._socket.close()
        for fd in self._fds:
            os.close(fd)
        self._fds.clear()

    def match(self, rule: str) -> None:
        """Hear of the signals that this rule describes."""
        self.call(_OUR_NAME, _BUS, _OUR_NAME, "AddMatch", "s", [rule])

    def owner(self, name: str) -> str:
        """The connection that has this name; it is started where that can be."""
        try:
            return str(self.call(_OUR_NAME, _BUS, _OUR_NAME, "GetNameOwner", "s", [name])[0])
        except BusError:
            self.call(_OUR_NAME, _BUS, _OUR_NAME, "StartServiceByName", "su", [name, 0])
        return str(self.call(_OUR_NAME, _BUS, _OUR_NAME, "GetNameOwner", "s", [name])[0])

    def call(
        self, to: str, path: str, interface: str, member: str, signature: str = "", arguments: list[Any] | None = None
    ) -> list[Any]:
        """What a method answers; a descriptor in it is the caller's. BusError where it refuses or is silent."""
        serial = self._send(to, path, interface, member, signature, arguments or [])
        deadline = time.monotonic() + self._timeout_s
        while (message := self._receive(deadline)) is not None:
            if message.kind == SIGNAL:
                self._signals.append(message)
            elif message.fields.get(5) == serial:
                if message.kind == ERROR:
                    text = message.arguments[0] if message.arguments else ""
                    raise BusError(str(text), str(message.fields.get(4, "")))
                return [message.fds[value] if kind == "h" else value for kind, value in _kinds(message)]
        raise BusError(f"{to} did not answer within {self._timeout_s:g} s")

    def signal(self, path: str, sender: str, timeout_s: float) -> tuple[str, list[Any]] | None:
        """The next signal of this object of this sender's: (member, arguments); None where there is none in time."""
        deadline = time.monotonic() + timeout_s
        while True:
            for message in self._signals:
                if message.fields.get(1) == path and message.fields.get(7) == sender:
                    self._signals.remove(message)
                    return str(message.fields.get(3, "")), message.arguments
            message = self._receive(deadline)
            if message is None:
                return None
            if message.kind == SIGNAL:
                self._signals.append(message)

    def _authenticate(self) -> None:
        uid = str(os.getuid()).encode().hex().encode()
        self._socket.sendall(b"\0AUTH EXTERNAL " + uid + b"\r\n")
        if not (line := self._line()).startswith(b"OK"):
            raise BusError(line.decode("ascii", "replace"))
        self._socket.sendall(b"NEGOTIATE_UNIX_FD\r\n")
        if not (line := self._line()).startswith(b"AGREE_UNIX_FD"):
            raise BusError("it hands over no descriptors")
        self._socket.sendall(b"BEGIN\r\n")

    def _line(self) -> bytes:
        line = b""
        while not line.endswith(b"\r\n"):
            part = self._socket.recv(1)
            if not part or len(line) > 1024:
                raise BusError("it closed the connection")
            line += part
        return line.strip()

    def _send(self, to: str, path: str, interface: str, member: str, signature: str, arguments: list[Any]) -> int:
        self._serial += 1
        body = Writer()
        for kind, value in zip(split(signature), arguments, strict=True):
            body.write(kind, value)
        fields = [(1, ("o", path)), (2, ("s", interface)), (3, ("s", member)), (6, ("s", to))]
        if signature:
            fields.append((8, ("g", signature)))
        head = Writer()
        for kind, value in zip("yyyyuu", (ord("l"), CALL, 0, 1, len(body.data), self._serial), strict=True):
            head.write(kind, value)
        head.write("a(yv)", fields)
        head.align(8)
        try:
            self._socket.sendall(bytes(head.data + body.data))
        except OSError as error:
            raise BusError(f"the message bus is gone: {error}") from None
        return self._serial

    def _receive(self, deadline: float) -> Received | None:
        """The next message; None where there is none in time."""
        while (message := self._first()) is None:
            left = deadline - time.monotonic()
            if not select.select([self._socket], [], [], max(0.0, left))[0]:
                return None
            try:
                part, ancillary, _, _ = self._socket.recvmsg(1 << 16, socket.CMSG_SPACE(4 * 16))
            except OSError as error:
                raise BusError(f"the message bus is gone: {error}") from None
            for level, kind, data in ancillary:
                if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                    self._fds.extend(array.array("i", data[: len(data) // 4 * 4]))
            if not part:
                raise BusError("the message bus closed the connection")
            self._received += part
        return message

    def _first(self) -> Received | None:
        data = self._received
        if len(data) < 16:
            return None
        endian = "<" if data[:1] == b"l" else ">"
        length, fields_length = (
            struct.unpack_from(endian + "I", data, 4)[0],
            struct.unpack_from(endian + "I", data, 12)[0],
        )
        start = (16 + fields_length + 7) // 8 * 8
        if start + length > _LARGEST_MESSAGE:
            raise BusError("the message bus sent a message that is too large")
        if len(data) < start + length:
            return None
        self._received = data[start + length :]
        try:
            fields = dict(Reader(data[:start], endian, 12).read("a(yv)"))
            reader = Reader(data[start : start + length], endian, 0)
            arguments = [reader.read(kind) for kind in split(str(fields.get(8, "")))]
        except (struct.error, IndexError, KeyError, ValueError) as error:
            raise BusError(f"the message bus sent what is no message: {error}") from None
        count = int(fields.get(9, 0))
        fds, self._fds = self._fds[:count], self._fds[count:]
        if data[1] not in (RETURN, ERROR):
            for fd in fds:
                os.close(fd)
            fds = []
        return Received(data[1], fields, arguments, fds)


def _kinds(message: Received) -> list[tuple[str, Any]]:
    return list(zip(split(str(message.fields.get(8, ""))), message.arguments, strict=True))


def _connected(address: str | None) -> socket.socket:
    """A socket to the first address that answers: 'unix:path=/run/user/1000/bus;...'."""
    given = address or os.environ.get("DBUS_SESSION_BUS_ADDRESS", "")
    if not given and (folder := os.environ.get("XDG_RUNTIME_DIR")):
        given = f"unix:path={Path(folder) / 'bus'}"
    if not given:
        raise BusError("there is no session message bus: DBUS_SESSION_BUS_ADDRESS is not set")
    why = "it is no unix socket"
    for one in given.split(";"):
        transport, _, rest = one.partition(":")
        parts = [part.partition("=") for part in rest.split(",")]
        options = {key: value for key, _, value in parts}
        path = options.get("path") or ("\0" + options["abstract"] if "abstract" in options else "")
        if transport != "unix" or not path:
            continue
        made = socket.socket(socket.AF_UNIX)
        try:
            made.connect(path)
        except OSError as error:
            made.close()
            why = str(error)
        else:
            return made
    raise BusError(f"the session's message bus does not answer: {why}")


def split(signature: str) -> list[str]:
    """The complete types that a signature is made of: 'ua{sv}as' is u, a{sv} and as."""
    types, at = list[str](), 0
    while at < len(signature):
        end = _end(signature, at)
        types.append(signature[at:end])
        at = end
    return types


def _end(signature: str, at: int) -> int:
    if signature[at] == "a":
        return _end(signature, at + 1)
    if signature[at] not in "({":
        return at + 1
    depth = 0
    for end in range(at, len(signature)):
        depth += (signature[end] in "({") - (signature[end] in ")}")
        if depth == 0:
            return end + 1
    raise ValueError(f"{signature!r} is no signature")


def _alignment(kind: str) -> int:
    return _ALIGNMENT[kind[0]] if kind[0] in _ALIGNMENT else struct.calcsize(_FIXED[kind[0]])


class Writer:
    """Values as D-Bus writes them, lowest byte first."""

    def __init__(self) -> None:
        self.data = bytearray()

    def align(self, size: int) -> None:
        """Zeros up to a multiple of ``size``."""
        self.data += b"\0" * (-len(self.data) % size)

    def write(self, kind: str, value: Any) -> None:
        """One value of a complete type."""
        self.align(_alignment(kind))
        match kind[0]:
            case "s" | "o":
                text = str(value).encode()
                self.data += struct.pack("<I", len(text)) + text + b"\0"
            case "g":
                self.data += bytes([len(value)]) + str(value).encode() + b"\0"
            case "v":
                self.write("g", value[0])
                self.write(value[0], value[1])
            case "(" | "{":
                for part, item in zip(split(kind[1:-1]), value, strict=True):
                    self.write(part, item)
            case "a":
                self._write_array(kind[1:], value.items() if isinstance(value, dict) else value)
            case _:
                self.data += struct.pack("<" + _FIXED[kind], value)

    def _write_array(self, kind: str, values: Any) -> None:
        at = len(self.data)
        self.data += b"\0\0\0\0"
        self.align(_alignment(kind))
        start = len(self.data)
        for value in values:
            self.write(kind, value)
        self.data[at : at + 4] = struct.pack("<I", len(self.data) - start)


class Reader:
    """Values out of bytes that begin at a multiple of eight of their message."""

    def __init__(self, data: bytes, endian: str, at: int) -> None:
        self._data = data
        self._endian = endian
        self._at = at

    def read(self, kind: str) -> Any:
        """One value of a complete type."""
        self._align(_alignment(kind))
        match kind[0]:
            case "s" | "o":
                return self._text(self._number("I"))
            case "g":
                return self._text(self._number("B"))
            case "v":
                return self.read(str(self.read("g")))
            case "(":
                return tuple(self.read(part) for part in split(kind[1:-1]))
            case "a":
                return self._array(kind[1:])
            case "b":
                return bool(self._number("I"))
            case _:
                return self._number(_FIXED[kind])

    def _array(self, kind: str) -> Any:
        length = self._number("I")
        self._align(_alignment(kind))
        end, values = self._at + length, list[Any]()
        if end > len(self._data):
            raise ValueError("an array is longer than its message")
        parts = split(kind[1:-1]) if kind[0] == "{" else []
        while self._at < end:
            self._align(8 if parts else 1)
            values.append(tuple(self.read(part) for part in parts) if parts else self.read(kind))
        return dict(values) if parts else values

    def _align(self, size: int) -> None:
        self._at += -self._at % size

    def _number(self, kind: str) -> Any:
        (value,) = struct.unpack_from(self._endian + kind, self._data, self._at)
        self._at += struct.calcsize(kind)
        return value

    def _text(self, length: int) -> str:
        text = self._data[self._at : self._at + length]
        if len(text) < length:
            raise ValueError("a text is longer than its message")
        self._at += length + 1
        return text.decode("utf-8", "replace")
