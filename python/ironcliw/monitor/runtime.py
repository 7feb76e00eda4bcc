"""What the watcher may use of this machine: how many threads, and on which cores.

runtime = Runtime.here()              # cores by affinity and container limits
runtime.worker_threads                # threads that reading text is worth
runtime.pin([0])                      # this process and the threads it starts stay on core 0

There is no pool of threads of our own, because nothing would use it: a watch has two threads (capturing and reading),
no kernel splits a frame over several, and the text runtime brings its own, as many as a watch tells it to.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from ironcliw.errors import SettingsError, UnsupportedError

MOST_THREADS = 64


@dataclass(frozen=True, slots=True)
class Runtime:
    """Cores and limits, as they were when it was made.

    cores: those the machine has
    allowed: numbers of those this process may run on; None where the system does not tell
    quota_cores: how many cores' worth of time the container grants (0.5 is half of one); None without a limit
    worker_threads: how many threads working at once make sense, at least 1
    """

    cores: int
    allowed: tuple[int, ...] | None
    quota_cores: float | None
    worker_threads: int

    @classmethod
    def here(cls, worker_threads: int | None = None, root: Path = Path("/")) -> Runtime:
        """What this process has. ``worker_threads``: 1 to 64 where it is decided already; SettingsError for all else.

        root: where ``proc`` and ``sys`` are
        """
        if worker_threads is not None and (isinstance(worker_threads, bool) or not 1 <= worker_threads <= MOST_THREADS):
            raise SettingsError(f"worker_threads must be 1 to {MOST_THREADS}, not {worker_threads}")
        cores = os.cpu_count() or 1
        allowed = tuple(sorted(os.sched_getaffinity(0))) if hasattr(os, "sched_getaffinity") else None
        quota = quota_cores(root)
        found = min(len(allowed) if allowed else cores, cores if quota is None else max(1, math.floor(quota)))
        return cls(cores, allowed, quota, worker_threads or max(1, min(found, MOST_THREADS)))

    def pin(self, cores: Iterable[int]) -> Runtime:
        """Keep this thread, and those it starts from now on, on these cores; the runtime as it is then.

        UnsupportedError where the system has no such thing, SettingsError for cores that we may not use.
        """
        wanted = set(cores)
        if not hasattr(os, "sched_setaffinity") or self.allowed is None:
            raise UnsupportedError("this system does not let a process choose its cores: leave CPU affinity out")
        if not wanted or not wanted <= set(self.allowed):
            raise SettingsError(f"cores {sorted(wanted)} are not among those we may use: {list(self.allowed)}")
        os.sched_setaffinity(0, wanted)
        return Runtime.here()

    def describe(self) -> str:
        """One line for doctor."""
        allowed = "unsupported" if self.allowed is None else f"{len(self.allowed)} of {self.cores} cores"
        quota = "" if self.quota_cores is None else f", the container grants {self.quota_cores:g}"
        return f"{self.worker_threads} worker threads ({allowed}{quota})"


def quota_cores(root: Path = Path("/")) -> float | None:
    """How many cores' worth of time our control group and those above it grant; None where nothing limits it."""
    try:
        lines = (root / "proc/self/cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    limits: list[float] = []
    for line in lines:
        _, controllers, path = (*line.split(":", 2), "", "")[:3]
        if controllers == "":
            limits += _limits(root / "sys/fs/cgroup", path, _unified)
        elif "cpu" in controllers.split(","):
            for mount in (controllers, "cpu"):
                limits += _limits(root / "sys/fs/cgroup" / mount, path, _legacy)
    return min(limits, default=None)


def _limits(mount: Path, path: str, read: Callable[[Path], float | None]) -> list[float]:
    """The limits of a group and of all above it. In a container the mount itself may be the group."""
    parts = [part for part in path.split("/") if part not in ("", "..")]
    groups = [mount.joinpath(*parts[:depth]) for depth in range(len(parts) + 1)]
    return [limit for group in groups if (limit := read(group)) is not None]


def _unified(group: Path) -> float | None:
    return _ratio(_words(group / "cpu.max"))


def _legacy(group: Path) -> float | None:
    return _ratio([*_words(group / "cpu.cfs_quota_us"), *_words(group / "cpu.cfs_period_us")])


def _words(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").split()
    except (OSError, UnicodeDecodeError):
        return []


def _ratio(words: list[str]) -> float | None:
    """Microseconds granted in each period, as cores; ``max`` and -1 are no limit."""
    try:
        quota, period = (int(word) for word in words[:2])
    except ValueError:
        return None
    return quota / period if quota > 0 and period > 0 else None
