"""What a figure has to stand beside: the machine, how busy it was, and which code ran.

machine()["cpu"], load(), commit()
"""

from __future__ import annotations

import contextlib
import os
import platform
import subprocess
from pathlib import Path

from ironcliw import kernels


def machine() -> dict[str, str | int | None]:
    """Processor, cores we may use, memory in MB, system, Python and the kernels in use."""
    return {
        "cpu": _from_proc("cpuinfo", "model name") or platform.processor() or platform.machine(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_mb": _memory_mb(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "kernels": f"{kernels.IMPLEMENTATION}: {kernels.REASON}",
    }


def in_words() -> str:
    """Machine and commit in one line."""
    here = machine()
    return f"{here['cpu']}, {here['cores']} cores, Python {here['python']}, commit {commit() or 'unknown'}"


def load() -> list[float] | None:
    """How many wanted to run, on average, over the last 1, 5 and 15 minutes; None where the system does not say."""
    return [round(each, 2) for each in os.getloadavg()] if hasattr(os, "getloadavg") else None


def commit() -> str | None:
    """The commit of the checkout this package stands in, ``-dirty`` where it was edited; None outside of one."""
    here = Path(__file__).parent
    command = ["git", "-C", str(here), "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]
    try:
        tracked = subprocess.run(
            ["git", "-C", str(here), "ls-files", "--error-unmatch", "__init__.py"], capture_output=True, check=False
        )
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return None
    return ran.stdout.strip() or None if tracked.returncode == 0 else None


def _memory_mb() -> int | None:
    total = _from_proc("meminfo", "MemTotal")
    return int(total.split()[0]) // 1024 if total else None


def _from_proc(file: str, field: str) -> str | None:
    """The value of the first line ``field: value`` of a file in /proc."""
    with contextlib.suppress(OSError):
        for line in Path("/proc", file).read_text().splitlines():
            name, colon, value = line.partition(":")
            if colon and name.strip() == field:
                return value.strip()
    return None
