"""What this process holds, now and then: memory, descriptors, threads, mappings, files.

samples = Samples(capacity=864, folder=temporary)
samples.take(frame=1000)
samples.column("resident_bytes")      # (taken,) float64
"""

from __future__ import annotations

import gc
import os
import re
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ironcliw.errors import SettingsError

COLUMNS = (
    "frame",
    "seconds",
    "resident_bytes",
    "proportional_bytes",
    "anonymous_bytes",
    "descriptors",
    "memfds",
    "threads",
    "mappings",
    "collections",
    "uncollectable",
    "temporary_files",
)
_KB = 1024


class Samples:
    """Room for ``capacity`` samples, taken at once, so that sampling itself does not grow.

    folder: in which temporary files are made. SettingsError where this system does not tell what a process holds.
    """

    def __init__(self, capacity: int, folder: Path) -> None:
        if not Path("/proc/self/smaps_rollup").exists():
            raise SettingsError("a soak needs /proc/self/smaps_rollup, which only Linux has")
        self._rows = np.zeros((capacity, len(COLUMNS)))
        self._taken = 0
        self._folder = folder
        self._started_s = time.monotonic()

    def __len__(self) -> int:
        return self._taken

    def take(self, frame: int) -> None:
        """One sample after ``frame`` frames; beyond the capacity nothing is kept."""
        if self._taken == len(self._rows):
            return
        memory = _rollup()
        descriptors, memfds = _descriptors()
        garbage = gc.get_stats()
        self._rows[self._taken] = (
            frame,
            time.monotonic() - self._started_s,
            memory["Rss"],
            memory["Pss"],
            memory["Anonymous"],
            descriptors,
            memfds,
            sum(1 for _ in Path("/proc/self/task").iterdir()),
            _lines("/proc/self/maps"),
            sum(generation["collections"] for generation in garbage),
            sum(generation["uncollectable"] for generation in garbage),
            sum(len(files) for _, _, files in os.walk(self._folder)),
        )
        self._taken += 1

    def column(self, name: str) -> NDArray[np.float64]:
        """All samples of one of ``COLUMNS``, (taken,) float64."""
        return self._rows[: self._taken, COLUMNS.index(name)].copy()


def _rollup() -> dict[str, int]:
    """Bytes by kind, of the whole process."""
    text = Path("/proc/self/smaps_rollup").read_text()
    return {name: int(size) * _KB for name, size in re.findall(r"^(\w+):\s+(\d+) kB$", text, re.MULTILINE)}


def _descriptors() -> tuple[int, int]:
    """How many descriptors are open beside the one that is needed to look, and how many of them are memory."""
    folder = "/proc/self/fd"
    targets: list[str] = []
    for name in os.listdir(folder):  # noqa: PTH208 - Path's iterator holds one more descriptor while it is asked
        try:
            targets.append(str(Path(folder, name).readlink()))
        except OSError:  # the one for listing, closed by now
            continue
    return len(targets), sum("memfd:" in target for target in targets)


def _lines(path: str) -> int:
    return Path(path).read_bytes().count(b"\n")
