"""Where memory is short: a ring of less, or one line with the figure; never a SIGBUS, and never no watching at all."""

from __future__ import annotations

import subprocess
import sys

import pytest

from conftest import DisplayFactory, need

ALLOCATING = """
import os, resource, sys
from ironcliw.errors import FrameMemoryError
from ironcliw.frame import Geometry
from ironcliw.history import Ring

def tried(kind, geometry):
    if kind == "address space":
        used = int(open("/proc/self/statm").read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
        resource.setrlimit(resource.RLIMIT_AS, (used + (20 << 20), used + (20 << 20)))
    elif kind == "files":
        resource.setrlimit(resource.RLIMIT_FSIZE, (20 << 20, 20 << 20))
    elif kind == "refused":
        def refuse(*given):
            raise PermissionError(1, "Operation not permitted")
        os.memfd_create = refuse
    ring = Ring("test", 64 << 20, shared=True)
    try:
        ring.begin(geometry)
        ring.memory.pixels.fill(1)
        print(f"{kind}: {ring.slots} slots", flush=True)
        ring.close()
    except FrameMemoryError as error:
        print(f"{kind}: {error}", flush=True)

for number, kind in enumerate(["address space", "files", "refused", "files", "tiny"]):
    child = os.fork()
    if child == 0:
        tried(kind, Geometry(640, 400) if number == 3 else Geometry(1920, 1080))
        os._exit(0)
    print("exit", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


def allocating(*before: str) -> list[str]:
    command = [*before, sys.executable, "-W", "ignore", "-c", ALLOCATING]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True)
    return done.stdout.splitlines()


def test_memory_that_is_not_there_is_named_by_its_figure_or_done_without() -> None:
    said = allocating()
    assert said[1::2] == ["exit 0"] * 5
    # Three slots of 1080p, each a multiple of 64 KiB, and the header.
    for refusal in (said[0], said[2], said[4]):
        assert "25,034,752 bytes of memory for frames cannot be had" in refusal
    assert 3 <= int(said[6].split()[1]) < 20
    assert said[8] == "tiny: 8 slots"


@pytest.mark.parametrize("size", ["4k", "4m"])
def test_the_size_of_dev_shm_does_not_matter(size: str) -> None:
    need("unshare", "mount")
    script = f'mount -t tmpfs -o size={size} tmpfs /dev/shm && exec "$0" "$@"'
    if subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode:
        pytest.skip("mounting is not allowed here")
    said = allocating("unshare", "-m", "sh", "-c", script)
    assert said[8:] == ["tiny: 8 slots", "exit 0"]


WATCHING = """
import os, resource, sys
import ironcliw
from ironcliw.monitor import Watch, WatchOptions
import ironcliw.source.x11, ironcliw.monitor.live
used = int(open("/proc/self/statm").read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
limit = used + (int(sys.argv[2]) << 20)
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
resource.setrlimit(resource.RLIMIT_STACK, (1 << 20, 1 << 20))
try:
    with Watch(sys.argv[1], WatchOptions(text=False, ring_bytes=64 << 20)) as running:
        print("slots", running.ring.slots)
        while running.engine.counts.changed == 0 and not running.ended:
            running.get(0.05)
        print("captured", running.engine.counts.changed)
except MemoryError as error:
    print("refused:", error)
"""


@pytest.mark.live
@pytest.mark.parametrize("room_mb", [100, 180, 400])
def test_a_watch_goes_on_with_fewer_frames_where_there_is_no_room_for_more(xvfb: DisplayFactory, room_mb: int) -> None:
    display = xvfb(1920, 1080)
    command = [sys.executable, "-c", WATCHING, f"x11:{display.display}", str(room_mb)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    print(done.stdout, done.stderr)
    assert done.returncode == 0
    slots, captured = done.stdout.splitlines()
    assert captured == "captured 1"
    # The budget follows the limit; where that still allows more than there is room for, that is said.
    assert 1 <= int(slots.split()[1]) <= 8
