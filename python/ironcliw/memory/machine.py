"""What the machine has and what is left of it: RAM, container limits, stalls, and what this process holds.

machine = Machine()
machine.limit_bytes                   # RAM or the container's limit, whichever is less
machine.read().resident_bytes

Everything comes from files, which stay open: a reading costs some 30 microseconds. What a system has not is None.
"""

from __future__ import annotations

import contextlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from ironcliw.memory.cgroup import Group, groups

PROC = Path("/proc")
_READ_BYTES = 16_384

if sys.platform != "win32":
    import resource


@dataclass(frozen=True, slots=True)
class MemoryReading:
    """Bytes and shares of one moment; None where this system does not tell.

    resident_bytes, virtual_bytes: of this process
    total_bytes, available_bytes: of the machine
    group_bytes, group_share: the container limit that most is used of, and how much of it, 0 to 1 (page cache that can
        go is not counted)
    stalled_some, stalled_full: share of the last 10 s in which some or all tasks waited for memory, 0 to 1
    """

    resident_bytes: int | None = None
    virtual_bytes: int | None = None
    total_bytes: int | None = None
    available_bytes: int | None = None
    group_bytes: int | None = None
    group_share: float | None = None
    stalled_some: float | None = None
    stalled_full: float | None = None


class Machine:
    """This machine, or a folder that looks like its ``/proc``. ``close`` it; not for several threads at once."""

    def __init__(self, proc: Path = PROC) -> None:
        self.proc = proc
        self._page_bytes = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
        self._open: dict[Path, int] = {}
        self._membership: str | None = None
        self._groups: list[Group] = []

    @property
    def limit_bytes(self) -> int | None:
        """The least of RAM, container limit and what RLIMIT_AS lets this process hold; None where none is known."""
        limits = (_kilobytes(self._meminfo(), "MemTotal"), self.container_bytes, self._address_limit())
        return min((size for size in limits if size), default=None)

    def _address_limit(self) -> int | None:
        left = self.address_space_bytes
        return None if left is None else left + (self._own()[1] or 0)

    @property
    def container_bytes(self) -> int | None:
        """The tightest container limit; None where there is none."""
        return min((limit for group in self._own_groups() if (limit := group.limit_bytes(self._text))), default=None)

    @property
    def address_space_bytes(self) -> int | None:
        """What RLIMIT_AS leaves of the address space; None where it is not limited."""
        if sys.platform == "win32":
            return None
        limit = resource.getrlimit(resource.RLIMIT_AS)[0]
        used = self._own()[0] or 0
        return None if limit == resource.RLIM_INFINITY else max(0, limit - used)

    def read(self) -> MemoryReading:
        """How things stand now."""
        meminfo = self._meminfo()
        virtual, resident = self._own()
        used = [each for group in self._own_groups() if (each := group.used(self._text)) is not None]
        share, limit = max(used, default=(None, None))
        some, full = self._stalls()
        return MemoryReading(
            resident_bytes=resident,
            virtual_bytes=virtual,
            total_bytes=_kilobytes(meminfo, "MemTotal"),
            available_bytes=_kilobytes(meminfo, "MemAvailable"),
            group_bytes=limit,
            group_share=share,
            stalled_some=some,
            stalled_full=full,
        )

    def close(self) -> None:
        """Close the files; the next reading opens them again."""
        while self._open:
            os.close(self._open.popitem()[1])

    def __del__(self) -> None:
        self.close()

    def _own(self) -> tuple[int | None, int | None]:
        """Virtual and resident bytes of this process."""
        with contextlib.suppress(ValueError):
            virtual, resident = map(int, (self._text(self.proc / "self" / "statm") or "").split()[:2])
            return virtual * self._page_bytes, resident * self._page_bytes
        return None, None

    def _meminfo(self) -> str:
        return self._text(self.proc / "meminfo") or ""

    def _own_groups(self) -> list[Group]:
        membership = self._text(self.proc / "self" / "cgroup") or ""
        if membership != self._membership:
            self._membership = membership
            self._groups = groups(membership, self._text(self.proc / "self" / "mountinfo") or "")
        return self._groups

    def _stalls(self) -> tuple[float | None, float | None]:
        """The share of time that some and that all tasks waited: of our group where it says so, else of all."""
        for group in self._own_groups():
            if group.pressure is not None and (text := self._text(group.pressure)):
                return _average(text, "some"), _average(text, "full")
        text = self._text(self.proc / "pressure" / "memory") or ""
        return _average(text, "some"), _average(text, "full")

    def _text(self, path: Path) -> str | None:
        """What stands in a file now, None where it cannot be read. It stays open for the next time."""
        for _ in range(2):
            try:
                if path not in self._open:
                    self._open[path] = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
                return os.pread(self._open[path], _READ_BYTES, 0).decode("ascii", "replace")
            except OSError:  # a group that is gone, or an interface that was never there
                if (fd := self._open.pop(path, None)) is None:
                    return None
                os.close(fd)
        return None


def _kilobytes(meminfo: str, name: str) -> int | None:
    for line in meminfo.splitlines():
        if line.startswith(f"{name}:"):
            digits = line.split()[1:2]
            return int(digits[0]) * 1024 if digits and digits[0].isdigit() else None
    return None


def _average(pressure: str, kind: str) -> float | None:
    """The share of the last 10 s in a PSI file's line ``kind``."""
    for line in pressure.splitlines():
        if line.startswith(f"{kind} "):
            for word in line.split():
                if word.startswith("avg10="):
                    with contextlib.suppress(ValueError):
                        return float(word[6:]) / 100
    return None
