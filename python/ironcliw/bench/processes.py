"""What a process costs, seen from outside: processor time to the nanosecond, memory, and the lines it prints.

with Program(["ironcliw", "watch", "--format", "jsonl"], environment) as program:
    program.wait_for("start", timeout_s=30)
    before_ns = cpu_ns(program.pid)
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast

from ironcliw.errors import SourceError

_SCHEDULER_CLOCK = 2
_END_S = 10.0


def cpu_ns(pid: int) -> int:
    """Nanoseconds of processor time of all threads of a process, ended ones too. OSError where there is none."""
    # The kernel's number for the processor clock of another process; /proc/PID/stat counts in steps of 10 ms.
    return time.clock_gettime_ns((~pid << 3) | _SCHEDULER_CLOCK)


def family(pid: int) -> list[int]:
    """A process and its children: a watcher has its engine in one."""
    children = (task.read_text() for task in Path(f"/proc/{pid}/task").glob("*/children"))
    return [pid, *(int(child) for listed in children for child in listed.split())]


def memory_mb(pid: int) -> dict[str, float]:
    """Resident memory of a process in MB, ``rss`` now and ``peak`` since it began. OSError where there is none."""
    fields = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line)
    return {name: int(fields[field].split()[0]) / 1000 for name, field in (("rss", "VmRSS"), ("peak", "VmHWM"))}


class Program:
    """A running program that prints JSON lines; their ``type`` is counted. Left, it is asked to end, and then made to.

    What it prints is not kept. Standard error is, for the message where it fails.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._name = " ".join(command[:4])
        self._process = subprocess.Popen(
            list(command),
            env=dict(environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
        )
        self._state = threading.Condition()
        self._types: Counter[str] = Counter()
        self._ended = False
        self._errors = b""
        self._threads = [threading.Thread(target=target, daemon=True) for target in (self._count, self._collect)]
        for thread in self._threads:
            thread.start()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def counts(self) -> Counter[str]:
        """How many lines of each type it has printed until now."""
        with self._state:
            return self._types.copy()

    def wait_for(self, kind: str, timeout_s: float) -> None:
        """Return when it has printed a line of this type. SourceError where it ended or took too long."""
        with self._state:
            self._state.wait_for(lambda: self._types[kind] or self._ended, timeout_s)
            if self._types[kind]:
                return
        self.close()
        said = self._errors.decode(errors="replace").strip().splitlines()
        raise SourceError(f"{self._name}: no '{kind}'" + (f"; it said: {said[-1]}" if said else ""))

    def pause(self) -> None:
        """Let it do nothing until ``resume``."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> None:
        for pid in family(self.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def close(self) -> None:
        """End it and wait for that."""
        if self._process.poll() is None:
            self._process.terminate()
            self.resume()  # else it would not hear of its end
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for thread in self._threads:
            thread.join(_END_S)
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _count(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            kind = _type_of(line)
            with self._state:
                self._types[kind] += 1
                self._state.notify_all()
        with self._state:
            self._ended = True
            self._state.notify_all()

    def _collect(self) -> None:
        assert self._process.stderr is not None
        self._errors = self._process.stderr.read()


def _type_of(line: bytes) -> str:
    """The type of a JSON line; ``?`` where it is none."""
    try:
        value: Any = json.loads(line)
    except ValueError:
        return "?"
    return str(cast("dict[str, Any]", value).get("type", "?")) if isinstance(value, dict) else "?"
