"""A writer in a process of its own, for tests of readers.

with writing(tmp_path, slots=4, frames=3) as writer:
    ironcliw.attach(path=writer.path)
    writer.write(2)
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from ring_pattern import number_in

_HERE = Path(__file__).parent


class RingWriter:
    """One such process."""

    def __init__(self, path: Path, width: int, height: int, slots: int, fault: str, kernels: str | None) -> None:
        self.path = path
        command = [sys.executable, str(_HERE / "ring_process.py"), str(path), str(width), str(height), str(slots)]
        self._process = subprocess.Popen(
            [*command, fault] if fault else command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **({"IRONCLIW_KERNELS": kernels} if kernels else {})},
        )
        self.frames = self._answer()

    @property
    def pid(self) -> int:
        return self._process.pid

    def write(self, count: int = 1) -> int:
        return self.tell(f"write {count}")

    def tell(self, line: str) -> int:
        """Say what is to be done; how many frames were written up to now."""
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        self.frames = self._answer()
        return self.frames

    def is_frame(self, number: int, pixels: NDArray[np.uint8]) -> bool:
        return number_in(pixels) == number

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(10)

    def signal(self, number: int) -> None:
        self._process.send_signal(number)

    def close(self) -> int:
        """End it in an orderly way; its exit code."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.send_signal(signal.SIGCONT)
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        code = self._process.wait(20)
        self._process.stdout.close()
        return code

    def _answer(self) -> int:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the writer ended"
        return int(line)


@contextmanager
def writing(
    folder: Path,
    width: int = 100,
    height: int = 48,
    slots: int = 4,
    frames: int = 1,
    fault: str = "",
    kernels: str | None = None,
) -> Iterator[RingWriter]:
    writer = RingWriter(folder / "watch.sock", width, height, slots, fault, kernels)
    try:
        if frames > 1:
            writer.write(frames - 1)
        yield writer
    finally:
        writer.close()
