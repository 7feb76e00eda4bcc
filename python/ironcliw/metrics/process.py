"""What this process uses: processor, memory, threads, descriptors. What the system does not tell is absent.

registry.collect(process_metrics())
"""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from pathlib import Path

from ironcliw.metrics.registry import Collector
from ironcliw.metrics.snapshot import Absent, Family


def process_metrics() -> Collector:
    """Asks for this process; processor time counts from now on."""
    user_before_s, system_before_s = cpu_s()

    def process() -> Iterator[Family | Absent]:
        user_s, system_s = cpu_s()
        used = {"user": round(user_s - user_before_s, 6), "system": round(system_s - system_before_s, 6)}
        yield Family("cpu_seconds", "counter", "Processor time of this process.", used, "mode")
        for name, help, value in (
            ("resident_bytes", "Memory of this process that is in RAM.", resident_bytes()),
            ("threads", "Threads of this process.", status_number("Threads")),
            ("descriptors", "Open file descriptors of this process.", descriptors()),
        ):
            yield (
                Absent(name, "this system does not tell") if value is None else Family(name, "gauge", help, {"": value})
            )
        yield Absent("gpu_busy_ratio", "nothing of the watcher runs on a GPU")

    return process


def cpu_s() -> tuple[float, float]:
    """Seconds of processor time this process has used, in its own code and in the system's."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime, usage.ru_stime


def resident_bytes() -> int | None:
    """Bytes of this process in RAM."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return None


def status_number(field: str) -> int | None:
    """A number of /proc/self/status."""
    try:
        for line in Path("/proc/self/status").read_text().splitlines():
            name, _, value = line.partition(":")
            if name == field:
                return int(value.split()[0])
    except OSError:
        pass
    return None


def descriptors() -> int | None:
    """How many file descriptors are open, beside the one it takes to find out."""
    try:
        return sum(1 for _ in Path("/proc/self/fd").iterdir()) - 1
    except OSError:
        return None
