"""A virtual display and real programs on it, for benches.

with xvfb(1920, 1080) as display:
    with terminal(display, ["python3", "-c", "print('hello')"]):
        ...
"""

from __future__ import annotations

import contextlib
import os
import platform
import subprocess
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def xvfb(width: int, height: int) -> Iterator[str]:
    """Run an Xvfb of that size on a free display number; yields its name, such as ``:7``."""
    read_end, write_end = os.pipe()
    screen = f"{width}x{height}x24"
    command = ["Xvfb", "-displayfd", str(write_end), "-screen", "0", screen, "-nolisten", "tcp", "-noreset"]
    server = subprocess.Popen(command, pass_fds=[write_end], stderr=subprocess.DEVNULL)
    os.close(write_end)
    try:
        with os.fdopen(read_end) as pipe:
            number = pipe.readline().strip()
        if not number:
            raise SystemExit("Xvfb did not start")
        yield f":{number}"
    finally:
        server.terminate()
        server.wait(10)


@contextlib.contextmanager
def terminal(display: str, command: list[str], geometry: str = "100x40+20+20") -> Iterator[subprocess.Popen[bytes]]:
    """Run ``command`` in an xterm with an ordinary font and colours."""
    look = ["-fa", "DejaVu Sans Mono", "-fs", "11", "-bg", "#101418", "-fg", "#d8dee9", "-geometry", geometry]
    process = subprocess.Popen(["xterm", *look, "-e", *command], env={**os.environ, "DISPLAY": display})
    try:
        yield process
    finally:
        process.terminate()
        process.wait(10)


def machine() -> str:
    """This machine and commit in one line, for the head of a result."""
    cpu = "unknown CPU"
    with contextlib.suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        cpu = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return f"{cpu}, {len(os.sched_getaffinity(0))} cores, Python {platform.python_version()}, {commit.stdout.strip()}"
