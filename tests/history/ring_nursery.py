"""A process that forks writers and readers to be killed: to start Python for each of a thousand takes half an hour.

with nursery() as born:
    pid = born.writer(path)               # writes frames until it is killed
    pid = born.reader(path)               # looks at frames until it is killed
    born.kill(pid)

It runs itself: python ring_nursery.py, told line by line ``writer SOCKET``, ``reader SOCKET``, ``reap PID``.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path


class Nursery:
    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def writer(self, path: Path) -> int:
        """A process that answers at ``path`` and writes one frame after the other."""
        return self._tell(f"writer {path}")

    def reader(self, path: Path) -> int:
        """A process that has attached at ``path`` and looks at frame after frame."""
        return self._tell(f"reader {path}")

    def kill(self, pid: int) -> None:
        """Kill it and wait for its end."""
        os.kill(pid, signal.SIGKILL)
        assert self._tell(f"reap {pid}") == signal.SIGKILL

    def _tell(self, line: str) -> int:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


@contextlib.contextmanager
def nursery() -> Generator[Nursery]:
    command = [sys.executable, __file__]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Nursery(process)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(30) == 0


def write(path: str) -> None:
    from ring_process import Writer

    from ironcliw.frame import Geometry

    writer = Writer(path, Geometry(200, 100), 4, "")
    print(os.getpid(), flush=True)
    while True:
        writer.write(1)


def read(path: str) -> None:
    import ironcliw

    ring = ironcliw.attach(path=Path(path))
    ring.latest()
    print(os.getpid(), flush=True)
    while True:
        ring.latest()
        ring.wait(0.001)


def main() -> None:
    import ring_process  # noqa: F401 - here and not in each child

    children: set[int] = set()
    for line in sys.stdin:
        verb, given = line.split()
        if verb == "reap":
            _, status = os.waitpid(int(given), 0)
            children.discard(int(given))
            print(os.WTERMSIG(status), flush=True)
            continue
        child = os.fork()
        if child == 0:
            try:
                {"writer": write, "reader": read}[verb](given)
            finally:
                os._exit(1)
        children.add(child)
    for child in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
