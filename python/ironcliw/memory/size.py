"""Sizes of memory as people write them.

parse_size("1.5 GB")                  # 1_500_000_000
show_size(8_294_400)                  # "8.3 MB"
"""

from __future__ import annotations

import re

from ironcliw.errors import SettingsError

UNITS = {
    "B": 1,
    "KB": 10**3,
    "MB": 10**6,
    "GB": 10**9,
    "KIB": 1 << 10,
    "MIB": 1 << 20,
    "GIB": 1 << 30,
}
"""By the name in capitals. As on disks and in the SI, a MB is 1,000,000 bytes; a MiB is 1,048,576."""

_SIZE = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,9})?)\s*([A-Za-z]{1,3})")


def parse_size(text: str) -> int:
    """Bytes of a size such as ``500MB``, ``1GiB`` or ``1.5 gb``. SettingsError for all else, also for a bare number."""
    found = _SIZE.fullmatch(text.strip())
    unit = UNITS.get(found.group(2).upper()) if found else None
    if found is None or unit is None:
        raise SettingsError(f"a size must be a number and a unit, as in 500MB, 1GB or 1GiB, not {text[:40]!r}")
    return int(float(found.group(1)) * unit) if "." in found.group(1) else int(found.group(1)) * unit


def show_size(size_bytes: int) -> str:
    """A size in the unit that leaves one to three digits before the point."""
    for name, unit in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if abs(size_bytes) >= unit:
            return f"{size_bytes / unit:.{2 if name == 'GB' else 1}f} {name}"
    return f"{size_bytes} B"
