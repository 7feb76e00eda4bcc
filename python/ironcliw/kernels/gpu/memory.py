"""What was measured before, kept in a file of the cache folder.

    memory = Memory()
    memory.find("NVIDIA ... 555.1", "difference", (1080, 1920), 1)
    memory.keep("NVIDIA ... 555.1", measured)

A file that cannot be read or written costs a measurement, and nothing else.
"""

from __future__ import annotations

import json
import math
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from ironcliw.kernels.gpu.calibration import KERNELS, Kernel, Measured

FORMAT = 1
MACHINES_MAX = 8
ROWS_MAX = 256
FILE_BYTES_MAX = 1 << 20


def cache_path() -> Path | None:
    """``ironcliw/gpu.json`` in ``$XDG_CACHE_HOME``, else in the system's cache folder; None where there is no home."""
    given, home = os.environ.get("XDG_CACHE_HOME", ""), os.environ.get("HOME", "")
    if not given and sys.platform == "win32":
        given = os.environ.get("LOCALAPPDATA", "")
    if not given and home:
        given = str(Path(home) / ("Library/Caches" if sys.platform == "darwin" else ".cache"))
    return Path(given) / "ironcliw" / "gpu.json" if given else None


class Memory:
    """Rows of measurements by machine: a text that names card, driver and our version.

    path: the file; None: nothing is kept beyond this process
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._kept: dict[tuple[str, str, int, int, int], Measured] = {}
        self._read()

    def find(self, machine: str, kernel: Kernel, size: tuple[int, int], frames: int) -> Measured | None:
        """What was measured of this, if it was."""
        return self._kept.get((machine, kernel, *size, frames))

    def rows(self, machine: str) -> list[Measured]:
        """All that was measured with this card."""
        return [row for key, row in self._kept.items() if key[0] == machine]

    def keep(self, machine: str, measured: Measured) -> None:
        """Remember it, in the file too where there is one."""
        self._read()
        key = (machine, measured.kernel, measured.height, measured.width, measured.frames)
        self._kept.pop(key, None)
        self._kept[key] = measured
        while len(self._kept) > ROWS_MAX:
            del self._kept[next(iter(self._kept))]
        self._write()

    def _read(self) -> None:
        if self._path is None:
            return
        try:
            with self._path.open("rb") as file:
                found: Any = json.loads(file.read(FILE_BYTES_MAX))
            rows = [_row(row) for row in found["rows"] if found["format"] == FORMAT]
        except (OSError, ValueError, TypeError, KeyError):
            return
        for row in rows:
            if row is not None:
                self._kept.setdefault(*row)

    def _write(self) -> None:
        if self._path is None:
            return
        rows = [[key[0], *measured] for key, measured in self._kept.items()]
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with tempfile.NamedTemporaryFile("w", dir=self._path.parent, prefix="gpu.", delete=False) as file:
                json.dump({"format": FORMAT, "rows": rows}, file)
            Path(file.name).replace(self._path)
        except OSError:
            return


def _row(row: Any) -> tuple[tuple[str, str, int, int, int], Measured] | None:
    """A row of the file, where it is one."""
    try:
        machine, kernel, height, width, frames, cpu_ms, gpu_ms = row
        times = all(type(each) is float and 0 < each < math.inf for each in (cpu_ms, gpu_ms))
        counts = all(type(each) is int and each > 0 for each in (height, width, frames))
    except (TypeError, ValueError):
        return None
    if not (type(machine) is str and kernel in KERNELS and times and counts):
        return None
    return (machine, kernel, height, width, frames), Measured(kernel, height, width, frames, cpu_ms, gpu_ms)
