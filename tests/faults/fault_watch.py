"""``ironcliw watch`` in a process of its own, and what it said, as a test compares it.

with Watched(display, tmp_path, "--when", "text:FAILED") as watched:
    watched.story()                           # [("appeared", "BUILD FAILED"), ("alert", "text:FAILED"), ...]
    watched.stop()["frames"]
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import random
import secrets
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, Self

from conftest import Display, eventually

FULL = os.environ.get("IRONCLIW_FULL") == "1"
"""Whether the long versions are to be run."""

MEMORY_GROWTH_KIB = 8 * 1024
"""What a process may come to hold more in a test; the watchers hold about 100 MiB, a leak here would be 20."""

SMALLEST_PIPE = 4096
SCRIPT = Path(__file__).with_name("painted_watch.py")
Story = list[tuple[str, ...]]


def seeded() -> random.Random:
    """Random numbers whose seed is printed, and can be given again as IRONCLIW_SEED."""
    seed = int(os.environ.get("IRONCLIW_SEED") or secrets.randbelow(2**32))
    print(f"seed: IRONCLIW_SEED={seed}")
    return random.Random(seed)


class Usage(NamedTuple):
    """What a process holds."""

    fds: int
    threads: int
    resident_kib: int


class Watched:
    """A watcher beside the test. ``unread``: its output is a pipe that nobody reads until ``stop``."""

    def __init__(
        self,
        display: Display,
        folder: Path,
        *options: str,
        fault: str | None = None,
        queue: int | None = None,
        real: bool = False,
        unread: bool = False,
        **environ: str,
    ) -> None:
        name = fault or ("real" if real else "intact")
        self._file = folder / f"{name}.jsonl"
        self._errors = folder / f"{name}.txt"
        inherited = {key: value for key, value in os.environ.items() if key not in ("WINDOWID", "IRONCLIW_KERNELS")}
        command = [sys.executable, str(SCRIPT), *(["--real"] if real else [])]
        command += [] if queue is None else ["--queue", str(queue)]
        command += [] if fault is None else ["--fault", fault]
        with self._file.open("wb") as out, self._errors.open("wb") as errors:
            self.process = subprocess.Popen(
                [*command, "watch", "--format", "jsonl", *options],
                env={**inherited, "DISPLAY": display.display, **environ},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE if unread else out,
                stderr=errors,
            )
        if self.process.stdout is not None:
            fcntl.fcntl(self.process.stdout, fcntl.F_SETPIPE_SZ, SMALLEST_PIPE)

    def __enter__(self) -> Self:
        """Returns once it has begun; what is drawn now may still be part of the first capture, see ``seen_by``."""
        self.until(lambda: self.written > 0, "the watch to start")
        return self

    @property
    def written(self) -> int:
        """Bytes of events that wait in its file, or unread in the pipe."""
        if self.process.stdout is None:
            return self._file.stat().st_size
        return struct.unpack("i", fcntl.ioctl(self.process.stdout, termios.FIONREAD, b"\0\0\0\0"))[0]

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    @property
    def errors(self) -> str:
        """What it wrote to stderr."""
        return self._errors.read_text()

    def events(self) -> list[dict[str, Any]]:
        """All events so far."""
        lines = self._file.read_text().splitlines(keepends=True)
        return [json.loads(line) for line in lines if line.endswith("\n")]

    def of(self, *types: str) -> list[dict[str, Any]]:
        """The events of these types."""
        return [event for event in self.events() if event["type"] in types]

    def story(self) -> Story:
        """What happened, without changes, numbers and times."""
        return [_told(event) for event in self.of("text_appeared", "text_vanished", "alert", "gap")]

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait for a condition as long as the process lives."""

        def met() -> bool:
            assert self.process.poll() is None or condition(), f"it ended before {what}: {self.errors}"
            return condition()

        eventually(met, what)

    def until_told(self, *told: str) -> None:
        """Wait for this in the story."""
        self.until(lambda: told in self.story(), f"{told} in {self._file.name}")

    def until_told_times(self, times: int, *told: str) -> None:
        """Wait until this stands in the story so many times."""
        self.until(lambda: self.story().count(told) >= times, f"{told} {times} times in {self._file.name}")

    def usage(self) -> Usage:
        """What it holds now, as the kernel says."""
        proc = Path(f"/proc/{self.process.pid}")
        status = dict(line.split(":", 1) for line in (proc / "status").read_text().splitlines())
        return Usage(len(list((proc / "fd").iterdir())), int(status["Threads"]), int(status["VmRSS"].split()[0]))

    def stop(self) -> dict[str, Any]:
        """Interrupt it and return its summary, whose frames must add up."""
        self.process.send_signal(signal.SIGINT)
        out, _ = self.process.communicate(timeout=60)
        if out is not None:
            self._file.write_bytes(out)
        assert self.process.returncode == 0, self.errors
        (summary,) = self.of("summary")
        assert self.events()[-1] == summary
        assert unexplained(summary) == 0, summary["frames"]
        return summary


@contextlib.contextmanager
def beside(
    display: Display, folder: Path, *options: str, faults: Sequence[str], **more: Any
) -> Iterator[list[Watched]]:
    """An intact watcher and, on the same screen, one with each fault; ``more`` goes to the intact one if ``real``."""
    shared = {name: value for name, value in more.items() if name != "real"}
    runs = [Watched(display, folder, *options, **more)]
    with contextlib.ExitStack() as until_the_end:
        runs += [Watched(display, folder, *options, fault=fault, **shared) for fault in faults]
        for run in runs:
            until_the_end.callback(run.__exit__)
        for run in runs:
            run.__enter__()
        yield runs


def _told(event: dict[str, Any]) -> tuple[str, ...]:
    match event["type"]:
        case "gap":
            return "gap", event["reason"], event["state"]
        case "alert":
            return "alert", event["rule"]
        case kind:
            return kind.removeprefix("text_"), event["text"]


def unexplained(summary: dict[str, Any]) -> int:
    """Captured frames that no count explains."""
    frames = summary["frames"]
    explained = frames["duplicate"] + frames["changed"] + frames["excluded"] + sum(frames["dropped"].values())
    return frames["captured"] - explained


def missing_numbers(events: list[dict[str, Any]]) -> int:
    """Events that were made and never came: each has a number one above the one before."""
    numbers = [int(event["id"].rsplit("-", 1)[1]) for event in events]
    assert numbers == sorted(set(numbers))
    return numbers[-1] - len(numbers)


def wall_s(event: dict[str, Any]) -> float:
    """When an event was made, in the same seconds as ``time.time()``."""
    return datetime.fromisoformat(event["wall"]).timestamp()
