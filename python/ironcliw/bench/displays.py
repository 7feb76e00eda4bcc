"""A virtual display of our own and real programs on it; both are ended by their process ids.

with xvfb(1920, 1080) as display, terminal(display, [sys.executable, "-c", "print('hello')"]):
    ...
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Generator, Sequence
from typing import NamedTuple

from ironcliw.errors import SourceError

WIDTH, HEIGHT = 1920, 1080
_END_S = 10.0
_LOOK = ("-fa", "DejaVu Sans Mono", "-fs", "11", "-bg", "#101418", "-fg", "#d8dee9", "-geometry", "100x40+20+20")


class Display(NamedTuple):
    """name: such as ``:7``; pid: of its server."""

    name: str
    pid: int

    @property
    def environment(self) -> dict[str, str]:
        """Ours, pointing at this display."""
        inherited = {name: value for name, value in os.environ.items() if name not in ("WINDOWID", "XAUTHORITY")}
        return {**inherited, "DISPLAY": self.name}


def need(*programs: str) -> None:
    """Raise SourceError that names the programs among these that are not installed."""
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        raise SourceError(
            f"this needs {' and '.join(missing)}, which cannot be found; 'make system' installs what it may"
        )


@contextlib.contextmanager
def xvfb(width: int = WIDTH, height: int = HEIGHT, *options: str) -> Generator[Display]:
    """Run an Xvfb of that size on a free number. SourceError where it is not installed or does not start."""
    need("Xvfb")
    read_end, write_end = os.pipe()
    screen = ("-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp", "-noreset", *options)
    command = ["Xvfb", "-displayfd", str(write_end), *screen]
    server = subprocess.Popen(command, pass_fds=[write_end], stderr=subprocess.DEVNULL)
    os.close(write_end)
    try:
        with os.fdopen(read_end) as pipe:
            number = pipe.readline().strip()
        if not number:
            raise SourceError("Xvfb did not start")
        yield Display(f":{number}", server.pid)
    finally:
        _end(server)


@contextlib.contextmanager
def terminal(display: Display, command: Sequence[str]) -> Generator[int]:
    """Run ``command`` in an xterm with an ordinary font and colours; yields the terminal's process id."""
    need("xterm")
    process = subprocess.Popen(["xterm", *_LOOK, "-e", *command], env=display.environment)
    try:
        yield process.pid
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_END_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
