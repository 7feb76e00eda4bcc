"""A real watch of a real screen whose memory is taken away while it runs."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from conftest import eventually, need
from rounds import FULL, rounds

MB = 1_000_000
GROUPS = Path("/sys/fs/cgroup/memory")
SCRIPT = Path(__file__).with_name("memory_watch.py")
TYPING = "i=0; while :; do i=$((i+1)); echo line $i of the build says something; sleep 0.3; done"
DWELL_S = 10 if FULL else 1


class Victim:
    """The watch, and what it has said; what it holds is read from outside."""

    def __init__(self, *arguments: str, group: Path | None = None) -> None:
        def enter() -> None:
            if group is not None:
                (group / "cgroup.procs").write_text(str(os.getpid()))

        self.process = subprocess.Popen(
            [sys.executable, str(SCRIPT), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            preexec_fn=enter,
        )
        self.counts: Counter[str] = Counter()
        self.gaps: list[str] = []
        self.levels: list[tuple[float, str]] = []
        self.ring: list[int] = []
        self.summary: dict[str, Any] = {}
        self._thread = threading.Thread(target=self._follow)
        self._thread.start()

    def _follow(self) -> None:
        for line in self.process.stdout:
            said = json.loads(line)
            self.counts[said["type"]] += 1
            if said["type"] == "level":
                self.levels.append((time.monotonic(), said["level"]))
            elif said["type"] == "ring":
                self.ring.append(said["bytes"])
            elif said["type"] == "gap":
                self.gaps.append(f"{said['data']['reason']} {said['data']['state']}")
            elif said["type"] == "summary":
                self.summary = said["data"]

    @property
    def resident_mb(self) -> float:
        pages = Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]
        return int(pages) * resource.getpagesize() / MB

    def budget(self, mb: int) -> None:
        self.process.stdin.write(f"total {mb * MB}\n")
        self.process.stdin.flush()

    def end(self) -> int:
        with contextlib.suppress(OSError):
            self.process.stdin.write("end\n")
            self.process.stdin.flush()
        code = self.process.wait(60)
        self.close()
        return code

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self._thread.join()
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        self.process.stdout.close()


@pytest.fixture
def typing(xvfb):
    """A display on which a terminal prints three lines a second."""
    need("xterm")
    display = xvfb(800, 600)
    display.run("xterm", "-geometry", "100x30+0+0", "-e", "sh", "-c", TYPING)
    return display


@pytest.mark.parametrize("sharing", [(), ("--share",)], ids=["private", "shared"])
def test_a_watch_that_is_squeezed_lets_go_goes_on_capturing_and_comes_back(typing, sharing):
    victim = Victim(typing.display, str(400 * MB), str(DWELL_S), *sharing)
    try:
        budget = 115 if sharing else 110  # three frames of a shared ring are needed: 111 MB at least
        eventually(lambda: victim.counts["text_appeared"] > 0, "text is read", 120)
        eventually(lambda: victim.resident_mb > 1.15 * budget, "the networks take their part")
        before_mb = victim.resident_mb
        started = time.monotonic()
        victim.budget(budget)
        eventually(lambda: victim.resident_mb <= 1.05 * budget, "the watch lets go")
        taken_s = time.monotonic() - started
        print(f"{before_mb:.0f} MB to {victim.resident_mb:.0f} MB of {budget} in {taken_s:.1f} s")
        assert not FULL or taken_s <= 5
        eventually(lambda: victim.gaps == ["memory begin"], "it says that text is not read")
        changes, readings = victim.counts["change"], victim.counts["text_appeared"]
        eventually(lambda: victim.counts["change"] >= changes + rounds(4, 40), "capture goes on")
        time.sleep(rounds(0, 15))
        assert victim.resident_mb <= 1.05 * budget
        victim.budget(400)
        eventually(lambda: victim.gaps == ["memory begin", "memory end"], "text is read again", 90)
        eventually(lambda: victim.counts["text_appeared"] > readings, "and what is read is told", 90)
        eventually(lambda: victim.levels[-1][1] == "LOW", "all is well again", 120)
        names = [name for _, name in victim.levels]
        assert "CRITICAL" in names
        most = max(victim.ring)
        smaller = victim.ring.index(min(victim.ring[victim.ring.index(most) :]))
        assert victim.ring[smaller] < most / 2
        eventually(lambda: max(victim.ring[smaller:]) == most, "the ring becomes as large again", 60)
        if FULL:  # on a machine that does nothing else, whose own pressure is none
            assert names[-4:] == ["CRITICAL", "HIGH", "MEDIUM", "LOW"], names
            assert names.count("CRITICAL") == 1
            falls = [moment for moment, _ in victim.levels[-3:]]
            assert all(later - earlier > 0.8 * DWELL_S for earlier, later in pairwise(falls))
        assert victim.end() == 0
        counted = victim.summary["frames"]
        assert counted["captured"] == counted["changed"] + counted["duplicate"] + counted["excluded"]
    finally:
        victim.close()


@contextlib.contextmanager
def memory_group(limit_mb: int) -> Iterator[Path]:
    """A memory control group (version 1) of this limit; skipped where none can be made."""
    parent = GROUPS / "ironcliw-tests"
    group = parent / f"{os.getpid()}-{limit_mb}"
    try:
        group.mkdir(parents=True)
        (group / "memory.limit_in_bytes").write_text(str(limit_mb * MB))
    except OSError as error:
        pytest.skip(f"no memory control group can be made here: {error}")
    try:
        yield group
    finally:
        group.rmdir()
        with contextlib.suppress(OSError):
            parent.rmdir()


def kills(group: Path) -> int:
    """Processes that the kernel has killed because the group was full."""
    told = dict(line.split() for line in (group / "memory.oom_control").read_text().splitlines())
    return int(told.get("oom_kill", 0))


def test_a_container_of_a_quarter_more_than_the_budget_never_kills(typing):
    budget = 360
    with memory_group(budget * 5 // 4) as group:
        victim = Victim(typing.display, str(budget * MB), str(DWELL_S), group=group)
        try:
            eventually(lambda: victim.counts["text_appeared"] >= rounds(3, 60), "text is read", 180)
            assert victim.end() == 0
            assert kills(group) == 0
            peak = int((group / "memory.max_usage_in_bytes").read_text()) / MB
            print(f"at most {peak:.0f} MB of {budget * 5 // 4}")
        finally:
            victim.close()


def test_the_control_a_container_kills_who_holds_more(typing):
    with memory_group(60) as group:
        victim = Victim(typing.display, str(360 * MB), str(DWELL_S), group=group)
        assert victim.process.wait(60) == 1  # a budget above the container's limit is refused, not tried
        victim.close()
        assert kills(group) == 0
        enter = f"open({str(group / 'cgroup.procs')!r}, 'w').write('0'); bytearray(100_000_000)"
        assert subprocess.run([sys.executable, "-c", enter], check=False).returncode == -9
        assert kills(group) == 1


def watch_within(limit_mb: int, display: str, *options: str) -> subprocess.CompletedProcess[str]:
    """One second of ``ironcliw watch`` in a limited address space."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (limit_mb * MB, limit_mb * MB))

    command = [sys.executable, "-m", "ironcliw", "watch", f"x11:{display}", "--for", "1s", "--format", "jsonl"]
    return subprocess.run([*command, *options], preexec_fn=limit, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize("limit_mb", [180, 300] if not FULL else range(120, 1000, 40))
def test_a_limited_address_space_is_enough_or_refused_with_the_figure(xvfb, limit_mb):
    done = watch_within(limit_mb, xvfb(640, 480).display, *([] if limit_mb > 400 else ["--no-text"]))
    if done.returncode == 0:
        assert '"type":"summary"' in done.stdout
    else:
        assert done.returncode == 2, done.stderr
        line = done.stderr.strip().splitlines()[-1]
        assert "the address space " in line
        assert " MB" in line


def test_the_figure_that_is_named_is_enough(xvfb):
    display = xvfb(640, 480).display
    refused = watch_within(150, display, "--no-text")
    needed_mb = float(refused.stderr.split("starting needs ")[1].split()[0])
    done = watch_within(int(needed_mb) + 80, display, "--no-text")
    assert done.returncode == 0, done.stderr
