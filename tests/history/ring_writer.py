"""A writer in a process of its own, for tests of readers.

with writing(tmp_path, slots=4, frames=3) as writer:
    ironcliw.attach(path=writer.path)
    writer.write(2)
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PROGRAM = Path(__file__).with_name("ring_process.py")


class RingWriter:
    """One such process."""

    def __init__(self, kernels: str | None = None) -> None:
        self.path = Path()
        self.frames = 0
        self.process = subprocess.Popen(
            [sys.executable, str(_PROGRAM)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **({"IRONCLIW_KERNELS": kernels} if kernels else {})},
        )

    @property
    def pid(self) -> int:
        return self.process.pid

    def begin(self, path: Path, width: int, height: int, slots: int, fault: str = "") -> None:
        self.path = path
        self.tell(f"new {path} {width} {height} {slots} {fault}")

    def write(self, count: int = 1) -> int:
        return self.tell(f"write {count}")

    def tell(self, line: str) -> int:
        """Say what is to be done; how many frames were written up to now."""
        self.say(line)
        assert self.process.stdout is not None
        answer = self.process.stdout.readline()
        assert answer, "the writer ended"
        self.frames = int(answer)
        return self.frames

    def say(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(20)

    def close(self) -> int:
        """End it in an orderly way, unless it was killed; its exit code."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        code = self.process.wait(20)
        self.process.stdout.close()
        return code


@functools.cache
def _kept(kernels: str | None) -> RingWriter:
    """One process for all tests that leave it in order: to start one takes longer than most of them."""
    writer = RingWriter(kernels)
    atexit.register(writer.close)
    return writer


@contextmanager
def writing(
    folder: Path,
    width: int = 100,
    height: int = 48,
    slots: int = 4,
    frames: int = 1,
    kernels: str | None = None,
) -> Iterator[RingWriter]:
    """A ring in another process, with ``frames`` frames in it; the process is used again."""
    writer = _kept(kernels)
    writer.begin(folder / "watch.sock", width, height, slots)
    if frames > 1:
        writer.write(frames - 1)
    yield writer
    writer.tell("stop")


@contextmanager
def doomed(
    folder: Path,
    width: int = 100,
    height: int = 48,
    slots: int = 4,
    fault: str = "",
    kernels: str | None = None,
) -> Iterator[RingWriter]:
    """The same in a process for this test alone, which may kill it."""
    writer = RingWriter(kernels)
    try:
        writer.begin(folder / "watch.sock", width, height, slots, fault)
        yield writer
    finally:
        writer.close()
