"""The memory limits of containers: control groups of version 1 and 2.

for group in groups(Path("/proc/self/cgroup").read_text(), Path("/proc/self/mountinfo").read_text()):
    group.used(read)                  # (0.4, 1_000_000_000), or None where it limits nothing
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

NO_LIMIT_BYTES = 1 << 60
"""Version 1 writes the largest number it has where there is no limit."""

NEAR = 0.7
"""Below this share of the limit the page cache need not be looked up, which takes the kernel longest."""

ReadText = Callable[[Path], str | None]


@dataclass(frozen=True, slots=True)
class Group:
    """One control group: the files for its limits, its use and its statistics, and the pressure file or None."""

    limits: tuple[Path, ...]
    usage: Path
    statistics: Path
    cache_key: str
    pressure: Path | None

    def limit_bytes(self, read: ReadText) -> int | None:
        """The tightest of its limits; None where it has none."""
        found = (_number(read(path)) for path in self.limits)
        return min((limit for limit in found if limit is not None and 0 < limit < NO_LIMIT_BYTES), default=None)

    def used(self, read: ReadText) -> tuple[float, int] | None:
        """How much of its limit is used, 0 to 1, without page cache that can go, and the limit; None without one."""
        limit, used = self.limit_bytes(read), _number(read(self.usage))
        if limit is None or used is None:
            return None
        if used > NEAR * limit:
            used -= _statistic(read(self.statistics), self.cache_key)
        return max(0, used) / limit, limit


def groups(membership: str, mounts: str) -> list[Group]:
    """The groups whose limits bind a process, innermost first, from its ``cgroup`` and ``mountinfo`` files."""
    found: list[Group] = []
    for line in membership.splitlines():
        number, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        unified = number == "0" and not controllers
        if not unified and "memory" not in controllers.split(","):
            continue
        for folder in _folders(path, mounts, unified):
            found.append(_unified(folder) if unified else _version_1(folder))
    return found


def _folders(path: str, mounts: str, unified: bool) -> list[Path]:
    """The folder of a group and those above it, up to where the hierarchy is mounted."""
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        fields, kinds = before.split(), after.split()
        if len(fields) < 5 or len(kinds) < 3:
            continue
        right = kinds[0] == "cgroup2" if unified else kinds[0] == "cgroup" and "memory" in kinds[2].split(",")
        if not right:
            continue
        root, mount = PurePosixPath(fields[3]), Path(fields[4])
        group = PurePosixPath(path)
        # Inside a container the path may be the host's, and what is mounted only our part of the hierarchy.
        inside = group.relative_to(root) if group.is_relative_to(root) else PurePosixPath()
        folder = mount / inside
        if ".." in inside.parts or not folder.is_dir():
            folder = mount
        return [folder, *(above for above in folder.parents if above.is_relative_to(mount))]
    return []


def _unified(folder: Path) -> Group:
    limits = (folder / "memory.max", folder / "memory.high")
    return Group(limits, folder / "memory.current", folder / "memory.stat", "inactive_file", folder / "memory.pressure")


def _version_1(folder: Path) -> Group:
    return Group(
        (folder / "memory.limit_in_bytes",),
        folder / "memory.usage_in_bytes",
        folder / "memory.stat",
        "total_inactive_file",
        None,
    )


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and (text := text.strip()).isdigit() else None


def _statistic(text: str | None, key: str) -> int:
    for line in (text or "").splitlines():
        name, _, value = line.partition(" ")
        if name == key and value.isdigit():
            return int(value)
    return 0
