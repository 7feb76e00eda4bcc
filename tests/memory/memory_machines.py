"""Folders that look like a machine: /proc with meminfo, statm, pressure, and control groups of both versions."""

from __future__ import annotations

from pathlib import Path

from ironcliw.memory import Machine

PAGE_BYTES = 4096
MB = 1_000_000


class FakeMachine:
    """A machine of files, whose figures are set in MB; ``machine`` reads it."""

    def __init__(self, folder: Path, ram_mb: int = 16_000) -> None:
        self.proc = folder / "proc"
        (self.proc / "self").mkdir(parents=True)
        (self.proc / "pressure").mkdir()
        self.groups = folder / "cgroup"
        self.ram_mb = ram_mb
        self.machine = Machine(self.proc)
        self.available(ram_mb)
        self.resident(50)

    def available(self, mb: float, total_mb: float | None = None) -> None:
        total = self.ram_mb if total_mb is None else total_mb
        text = f"MemTotal: {int(total * MB / 1024)} kB\nMemFree: 1 kB\nMemAvailable: {int(mb * MB / 1024)} kB\n"
        rewrite(self.proc / "meminfo", text)

    def resident(self, mb: float) -> None:
        rewrite(self.proc / "self" / "statm", f"{200 * MB // PAGE_BYTES} {int(mb * MB) // PAGE_BYTES} 10 1 0 1 0\n")

    def stalled(self, some: float, full: float) -> None:
        text = "".join(
            f"{kind} avg10={share:.2f} avg60=0.00 avg300=0.00 total=0\n"
            for kind, share in (("some", some), ("full", full))
        )
        rewrite(self.proc / "pressure" / "memory", text)

    def version_1(self, limits_mb: list[int | None], path: str = "/a/b", root: str = "/") -> list[Path]:
        """A hierarchy of version 1; ``limits_mb`` from the mount down to our group. Returns its folders."""
        mount = self.groups / "memory"
        rewrite(self.proc / "self" / "cgroup", f"12:pids:/x\n4:memory:{path}\n0::/\n")
        rewrite(self.proc / "self" / "mountinfo", f"35 31 0:32 {root} {mount} rw,relatime - cgroup cgroup rw,memory\n")
        folders = folders_below(mount, path, root)
        for folder, limit in zip(folders, limits_mb, strict=True):
            rewrite(folder / "memory.limit_in_bytes", f"{2**63 - 4096 if limit is None else limit * MB}\n")
            self.used(folder, 1)
        return folders

    def unified(self, limits_mb: list[int | None], path: str = "/a/b", high_mb: int | None = None) -> list[Path]:
        """The same for version 2; ``high_mb`` is the memory.high of our group."""
        mount = self.groups / "unified"
        rewrite(self.proc / "self" / "cgroup", f"0::{path}\n")
        rewrite(self.proc / "self" / "mountinfo", f"41 31 0:38 / {mount} rw,relatime shared:9 - cgroup2 cgroup2 rw\n")
        folders = folders_below(mount, path, "/")
        for folder, limit in zip(folders, limits_mb, strict=True):
            rewrite(folder / "memory.max", "max\n" if limit is None else f"{limit * MB}\n")
            rewrite(folder / "memory.high", "max\n")
            self.used(folder, 1)
        if high_mb is not None:
            rewrite(folders[-1] / "memory.high", f"{high_mb * MB}\n")
        return folders

    def used(self, folder: Path, mb: float, cache_mb: float = 0) -> None:
        """What a group uses, ``cache_mb`` of it page cache that can go."""
        unified = (folder / "memory.max").exists()
        rewrite(folder / ("memory.current" if unified else "memory.usage_in_bytes"), f"{int(mb * MB)}\n")
        key = "inactive_file" if unified else "total_inactive_file"
        rewrite(folder / "memory.stat", f"cache 5\n{key} {int(cache_mb * MB)}\nactive_file 7\n")


def folders_below(mount: Path, path: str, root: str) -> list[Path]:
    inside = Path(path).relative_to(root)
    folders = [mount]
    for part in inside.parts:
        folders.append(folders[-1] / part)
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
    return folders


def rewrite(path: Path, text: str) -> None:
    """Into the same file, which a reader may hold open."""
    with path.open("r+" if path.exists() else "w") as file:
        file.write(text)
        file.truncate()
