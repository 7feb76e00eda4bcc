"""A desktop's screen-cast portal for tests: a service of our own on a private bus, and real PipeWire behind it.

with Desktop(160, 120) as desktop:        # .environ, and os.environ while it is entered through the fixture
    desktop.show(pixels)                  # one more picture, (height, width, 4) uint8 BGRX
    desktop.portal.answer = 1             # the user declines from now on
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO, Self

import numpy as np
from dbus_fast import Message, MessageType, Variant
from dbus_fast.aio import MessageBus
from numpy.typing import NDArray
from tests.conftest import eventually, listens, need

PORTAL = "org.freedesktop.portal.Desktop"
REQUEST, SESSION = "org.freedesktop.portal.Request", "org.freedesktop.portal.Session"
TOKEN = "restored-5f1c"


class FakePortal:
    """Answers as xdg-desktop-portal does. ``answer``: 0 the user agrees, 1 declines, 2 something else ends it."""

    def __init__(self, address: str, remote: Path) -> None:
        self.answer = 0
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.node = 0
        self.version = 4
        self._remote = remote
        self._address = address
        self._session = ""
        self._sent: set[asyncio.Future[Any]] = set()
        self._loop = asyncio.new_event_loop()
        self._bus: MessageBus | None = None
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        assert self._ready.wait(30)

    def close_session(self) -> None:
        """The user stops sharing."""
        self._loop.call_soon_threadsafe(self._signal, self._session, SESSION, "Closed", "a{sv}", [{}])

    def close(self) -> None:
        """Leave the bus; may be called twice."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(30)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._bus = self._loop.run_until_complete(self._connected())
        self._ready.set()
        self._loop.run_forever()
        self._bus.disconnect()
        self._loop.run_until_complete(asyncio.sleep(0.05))
        self._loop.close()

    async def _connected(self) -> MessageBus:
        bus = await MessageBus(self._address, negotiate_unix_fd=True).connect()
        bus.add_message_handler(self._handle)
        await bus.request_name(PORTAL)
        return bus

    def _handle(self, message: Message) -> Message | None:
        if message.message_type is not MessageType.METHOD_CALL or message.destination == "org.freedesktop.DBus":
            return None
        if message.member == "Get":
            known = {"version": self.version, "AvailableCursorModes": 7}
            return Message.new_method_return(message, "v", [Variant("u", known[message.body[1]])])
        if message.member in ("CreateSession", "SelectSources", "Start"):
            options = message.body[-1]
            self.asked.append((message.member, {name: value.value for name, value in options.items()}))
            sender = str(message.sender).lstrip(":").replace(".", "_")
            path = f"/org/freedesktop/portal/desktop/request/{sender}/{options['handle_token'].value}"
            results: dict[str, Variant] = {}
            if message.member == "CreateSession":
                self._session = f"/org/freedesktop/portal/desktop/session/{sender}/s{len(self.asked)}"
                results["session_handle"] = Variant("s", self._session)
            if message.member == "Start":
                streams = [[self.node, {"position": Variant("(ii)", [7, 9])}]]
                results["streams"] = Variant("a(ua{sv})", streams)
                if self.version >= 4:
                    results["restore_token"] = Variant("s", TOKEN)
            code = self.answer if message.member == "Start" else 0
            self._loop.call_later(0.01, self._signal, path, REQUEST, "Response", "ua{sv}", [code, results])
            return Message.new_method_return(message, "o", [path])
        if message.member == "OpenPipeWireRemote":
            remote = socket.socket(socket.AF_UNIX)
            remote.connect(str(self._remote))
            fd = remote.detach()
            self._loop.call_later(0.2, os.close, fd)
            return Message.new_method_return(message, "h", [0], unix_fds=[fd])
        return Message.new_method_return(message) if message.member == "Close" else None

    def _signal(self, path: str, interface: str, member: str, signature: str, body: list[Any]) -> None:
        assert self._bus is not None
        sent = asyncio.ensure_future(
            self._bus.send(
                Message(
                    message_type=MessageType.SIGNAL,
                    path=path,
                    interface=interface,
                    member=member,
                    signature=signature,
                    body=body,
                )
            ),
            loop=self._loop,
        )
        self._sent.add(sent)
        sent.add_done_callback(self._sent.discard)


class Desktop:
    """A bus, PipeWire, a producer whose pictures the test gives, and the portal. ``fps`` 0: at any time."""

    def __init__(self, width: int = 160, height: int = 120, fps: int = 0) -> None:
        need("dbus-daemon", "pipewire", "pw-link", "pw-dump")
        self.size, self.fps = (width, height), fps
        self.folder = Path(tempfile.mkdtemp(prefix="ironcliw-desktop-"))
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._feed: BinaryIO | None = None
        self._linker: threading.Thread | None = None
        self._over = threading.Event()
        try:
            self._begin(self.folder / "bus")
        except BaseException:
            self.close()
            raise

    def _begin(self, bus: Path) -> None:
        self.environ = {
            "XDG_RUNTIME_DIR": str(self.folder),
            "PIPEWIRE_RUNTIME_DIR": str(self.folder),
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={bus}",
        }
        self._start("bus", "dbus-daemon", "--session", "--nofork", f"--address=unix:path={bus}")
        eventually(lambda: listens(bus), "the bus is not ready")
        self.start_pipewire()
        self.portal = FakePortal(self.environ["DBUS_SESSION_BUS_ADDRESS"], self.folder / "pipewire-0")
        self.start_producer()
        self._linker = threading.Thread(target=self._link)
        self._linker.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start_pipewire(self) -> None:
        """The daemon, on the same socket as before."""
        self._start("pipewire", "pipewire")
        eventually((self.folder / "pipewire-0").exists, "PipeWire is not ready")

    def start_producer(self) -> None:
        """A node of pictures."""
        width, height = self.size
        theirs, ours = os.pipe()
        command = (sys.executable, str(Path(__file__).with_name("pipewire_screen.py")))
        self._start("producer", *command, str(width), str(height), str(self.fps), stdin=theirs)
        os.close(theirs)
        self._feed = os.fdopen(ours, "wb")
        self.show(np.zeros((height, width, 4), np.uint8))
        eventually(lambda: self._node() > 0, "the producer has no node")
        self.portal.node = self._node()

    def show(
        self,
        pixels: NDArray[np.uint8],
        damage: Sequence[tuple[int, int, int, int]] = (),
        pointer: tuple[int, int] = (-1, -1),
    ) -> None:
        """One more picture; without ``damage`` it does not say what changed. Another size is agreed on."""
        assert self._feed is not None
        height, width = pixels.shape[:2]
        self.size = (width, height)
        self._feed.write(struct.pack("=iiiii", width, height, *pointer, len(damage)))
        for rect in damage:
            self._feed.write(struct.pack("=iiii", *rect))
        self._feed.write(pixels.tobytes())
        self._feed.flush()

    def pid(self, name: str) -> int:
        """The process of ``pipewire`` or ``producer``."""
        return self._processes[name].pid

    def stop(self, name: str) -> None:
        """End ``pipewire`` or ``producer``."""
        process = self._processes.pop(name)
        for number in (signal.SIGTERM, signal.SIGCONT):
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(number)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if name == "producer" and self._feed is not None:
            with contextlib.suppress(BrokenPipeError):
                self._feed.close()
            self._feed = None

    def close(self) -> None:
        """End everything."""
        self._over.set()
        if self._linker is not None:
            self._linker.join(30)
        if hasattr(self, "portal"):
            self.portal.close()
        for name in list(self._processes)[::-1]:
            self.stop(name)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _link(self) -> None:
        """What a session manager does: whoever wants the screen is linked to it."""
        while not self._over.wait(0.1):
            with contextlib.suppress(subprocess.TimeoutExpired):  # of a daemon that stands still
                self._call("pw-link", "testscreen:out_0", "ironcliw:in_0")

    def _node(self) -> int:
        try:
            found = json.loads(self._call("pw-dump") or "[]")
        except ValueError:
            return 0
        for one in found:
            properties = (one.get("info") or {}).get("props") or {}
            if one.get("type", "").endswith(":Node") and properties.get("node.name") == "testscreen":
                return int(one["id"])
        return 0

    def _call(self, *command: str) -> str:
        env = {**os.environ, **self.environ}
        return subprocess.run(command, env=env, check=False, capture_output=True, text=True, timeout=30).stdout

    def _start(self, name: str, *command: str, stdin: int = subprocess.DEVNULL) -> None:
        self._processes[name] = subprocess.Popen(
            command,
            env={**os.environ, **self.environ},
            stdin=stdin,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
