"""How much memory a process has, by its number: ``resident_bytes(pid)``."""

from __future__ import annotations

from pathlib import Path


def resident_bytes(pid: int | None) -> int | None:
    """Bytes of memory that the process has resident; None where it is gone, or the system does not tell."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:"))
    except (OSError, ValueError, StopIteration):
        return None
