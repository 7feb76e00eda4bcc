"""Displays for live tests: real servers, each on a number of its own, all ended by their process ids.

def test_something(xvfb):
    display = xvfb(640, 480)          # .display ":7", .pid, .stop(), .restart(), .run("xterm", ...)
"""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

START_SECONDS = 30.0

# By default an example that takes 200 ms fails, and taking less the next time it is called flaky: that is the machine's
# load and not the test's matter.
settings.register_profile("patient", settings(), deadline=None)
settings.load_profile("patient")


def need(*programs: str) -> None:
    """Skip the test where a program is missing; on CI, which may install them, fail instead."""
    missing = [program for program in programs if shutil.which(program) is None]
    if not missing:
        return
    message = f"live test without {', '.join(missing)}"
    if os.environ.get("CI") == "true" and os.geteuid() == 0:
        pytest.fail(message)
    pytest.skip(message)


def eventually(condition: Callable[[], bool], what: str, seconds: float = START_SECONDS) -> None:
    """Wait until the condition holds; the limit only ends a test that hangs."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"waited {seconds:g} s in vain: {what}")
        time.sleep(0.02)


def listens(path: Path) -> bool:
    """Whether somebody answers at a Unix socket: its file is there a moment before that."""
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(str(path)) == 0


class Display:
    """An X server of ours. ``options`` follow its size on the command line."""

    def __init__(self, server: str, width: int, height: int, options: tuple[str, ...] = ()) -> None:
        self._server = server
        self.size = (width, height)
        self.options = options
        self._process: subprocess.Popen[bytes] | None = None
        self._programs: list[subprocess.Popen[bytes]] = []
        self.number: int | None = None
        self._start()

    @property
    def display(self) -> str:
        """The display's name, like ``:7``."""
        return f":{self.number}"

    @property
    def pid(self) -> int:
        """The server's process."""
        assert self._process is not None
        return self._process.pid

    def run(self, *command: str, **environ: str) -> subprocess.Popen[bytes]:
        """Start a program on this display; it is ended with the display."""
        need(command[0])
        inherited = {name: value for name, value in os.environ.items() if name != "WINDOWID"}
        env = {**inherited, "DISPLAY": self.display, **environ}
        process = subprocess.Popen(
            command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self._programs.append(process)
        return process

    def call(self, *command: str) -> str:
        """Run a program on this display to its end and return what it printed."""
        need(command[0])
        env = {**os.environ, "DISPLAY": self.display}
        return subprocess.run(command, env=env, check=True, capture_output=True, text=True, timeout=60).stdout

    def find_windows(self, name: str) -> list[int]:
        """The shown windows of a class."""
        need("xdotool")
        command = ["xdotool", "search", "--onlyvisible", "--class", name]
        env = {**os.environ, "DISPLAY": self.display}
        found = subprocess.run(command, env=env, check=False, capture_output=True, text=True, timeout=60)
        return [int(line) for line in found.stdout.split()]

    def stop(self) -> None:
        """End the server; programs on it lose their display."""
        if self._process is not None:
            _end(self._process)
            self._process = None

    def restart(self) -> None:
        """The same server on the same number, with nothing on it."""
        self.stop()
        self._start()

    def close(self) -> None:
        """End the programs and the server."""
        for process in self._programs:
            _end(process)
        self._programs.clear()
        self.stop()

    def _start(self) -> None:
        width, height = self.size
        size = (
            ("-screen", "0", f"{width}x{height}x24")
            if self._server == "Xvfb"
            else ("-geometry", f"{width}x{height}", "-depth", "24", "-SecurityTypes", "None", "-rfbport", "-1")
        )
        number = () if self.number is None else (self.display,)
        read_end, write_end = os.pipe()
        command = [
            self._server,
            *number,
            "-displayfd",
            str(write_end),
            *size,
            "-noreset",
            "-nolisten",
            "tcp",
            *self.options,
        ]
        self._process = subprocess.Popen(
            command,
            pass_fds=(write_end,),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(write_end)
        try:
            self.number = int(_line(read_end, self._server))
        except BaseException:
            self.stop()
            raise
        finally:
            os.close(read_end)


def _line(fd: int, server: str) -> str:
    """The line that a server writes when it is ready."""
    text = b""
    deadline = time.monotonic() + START_SECONDS
    while not text.endswith(b"\n"):
        if not select.select([fd], [], [], max(0.0, deadline - time.monotonic()))[0]:
            pytest.fail(f"{server} was not ready within {START_SECONDS:g} s")
        part = os.read(fd, 64)
        if not part:
            pytest.fail(f"{server} ended before it was ready")
        text += part
    return text.decode()


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process, even a stopped one, and wait for that."""
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGCONT)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@pytest.fixture(scope="session", autouse=True)
def _state_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What watches with actions remember of their alerts goes into a folder of the tests' own, not into the user's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


DisplayFactory = Callable[..., Display]


@pytest.fixture
def xvfb() -> Iterator[DisplayFactory]:
    """``xvfb(width=1280, height=720, *options)`` starts a server; all are ended after the test."""
    need("Xvfb")
    yield from _factory("Xvfb")


@pytest.fixture
def xvnc() -> Iterator[DisplayFactory]:
    """Like ``xvfb``, with a server whose resolution can be changed."""
    need("Xvnc", "xrandr")
    yield from _factory("Xvnc")


def _factory(server: str) -> Iterator[DisplayFactory]:
    displays: list[Display] = []

    def start(width: int = 1280, height: int = 720, *options: str) -> Display:
        displays.append(Display(server, width, height, options))
        return displays[-1]

    try:
        yield start
    finally:
        for display in displays:
            display.close()


def open_fds() -> int:
    """File descriptors that this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))


def threads() -> int:
    """Threads of this process."""
    return len(list(Path("/proc/self/task").iterdir()))
