"""What it costs to watch a 1080p output of a Wayland compositor at 10 captures a second, beside an X screen.

make bench-wayland_cpu ARGS="--rounds 4 --seconds 4"

Interleaved: a few seconds of one, then of the other, on screens that change alike. "ours" is the processor time of this
process, which captures into a ring as the watcher does; "server" is that of Xvfb and of sway (pixman, no screen).
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.conftest import Display  # noqa: E402
from tests.sway import Sway  # noqa: E402

from ironcliw.frame import Geometry, Rect  # noqa: E402
from ironcliw.history import Ring  # noqa: E402
from ironcliw.history.layout import slot_bytes_of  # noqa: E402
from ironcliw.source import Capture, Source  # noqa: E402
from ironcliw.source.protocol import hand_on  # noqa: E402
from ironcliw.source.wayland import WaylandSource  # noqa: E402
from ironcliw.source.x11 import X11Source  # noqa: E402

WIDTH, HEIGHT, FPS = 1920, 1080, 10
SCENES = {"typing": (9, 17), "window": (960, 540), "everything": (WIDTH, HEIGHT)}
DRAW = """
import sys, time
sys.path.insert(0, {root!r})
from tests.{module} import {client}
width, height = {size}
with {client}({display!r}) as client:
    {show}
    step = 0
    while True:
        step += 1
        x, y = (step * 9) % ({screen_width} - width + 1), (step // 200 * 17) % ({screen_height} - height + 1)
        client.rect({window}x, y, width, height, step * 2654435761 % (1 << 24))
        client.sync()
        time.sleep(0.1)
"""


def server_seconds(pid: int) -> float:
    """Processor time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


@contextmanager
def drawing(display: str, size: tuple[int, int], wayland: bool) -> Iterator[None]:
    """Something that draws ten times a second, in a process of its own."""
    program = DRAW.format(
        root=str(ROOT),
        module="wlclient" if wayland else "xclient",
        client="WaylandClient" if wayland else "XClient",
        size=size,
        display=display,
        show="client.show(0x202020)" if wayland else f"window = client.window(0, 0, {WIDTH}, {HEIGHT}, 0x202020)",
        window="" if wayland else "window, ",
        screen_width=WIDTH,
        screen_height=HEIGHT,
    )
    process = subprocess.Popen([sys.executable, "-c", program])
    try:
        time.sleep(1.0)
        yield
    finally:
        process.kill()
        process.wait()


def watched(source: Source, ring: Ring, pid: int, seconds: float) -> tuple[float, float, int]:
    """Processor time of ours and of the server over some seconds, and captures."""
    end, captures = time.monotonic() + seconds, 0
    ours, server = time.process_time(), server_seconds(pid)
    while time.monotonic() < end:
        message = source.read(500)
        if isinstance(message, Capture):
            captures += 1
            changed = message.damage or (Rect(0, 0, WIDTH, HEIGHT),)
            hand_on(source, ring.publish(message.time_ns, message.captured_at_ns, changed))
    return time.process_time() - ours, server_seconds(pid) - server, captures


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=4.0)
    options = parser.parse_args()
    with ExitStack() as stack:
        xvfb = Display("Xvfb", WIDTH, HEIGHT)
        stack.callback(xvfb.close)
        sway = stack.enter_context(Sway(WIDTH, HEIGHT))
        sources: dict[str, Source] = {
            "X11": X11Source(xvfb.display, fps=FPS, include_self=True),
            "wlroots": WaylandSource(display=sway.socket, fps=FPS),
        }
        rings: dict[str, Ring] = {}
        first_ms: dict[str, float] = {}
        for name, source in sources.items():
            started = time.monotonic()
            rings[name] = Ring(name, 4 * slot_bytes_of(Geometry(WIDTH, HEIGHT)))
            source.attach(rings[name].begin(source.open()))
            stack.callback(source.close)
            while not isinstance(source.read(1000), Capture):
                pass
            first_ms[name] = 1000 * (time.monotonic() - started)
        pids = {"X11": xvfb.pid, "wlroots": sway.pid}
        print(f"first frame: {', '.join(f'{name} {ms:.0f} ms' for name, ms in first_ms.items())}")
        print("| scene | screen | captures a second | ours, % of a core | server, % of a core |")
        print("| --- | --- | --- | --- | --- |")
        for scene, size in SCENES.items():
            found: dict[str, list[tuple[float, float, int]]] = {name: [] for name in sources}
            with drawing(xvfb.display, size, False), drawing(sway.socket, size, True):
                for _ in range(options.rounds):
                    for name, source in sources.items():
                        watched(source, rings[name], pids[name], 0.3)
                        found[name].append(watched(source, rings[name], pids[name], options.seconds))
            ours = {name: statistics.median(row[0] for row in rows) for name, rows in found.items()}
            for name, rows in found.items():
                server = statistics.median(row[1] for row in rows)
                captures = statistics.median(row[2] for row in rows)
                figures = [captures / options.seconds, *(100 * s / options.seconds for s in (ours[name], server))]
                print(f"| {scene} | {name} | {figures[0]:.1f} | {figures[1]:.2f} | {figures[2]:.1f} |", flush=True)
            print(f"| {scene} | ratio | | {ours['wlroots'] / ours['X11']:.2f} | |", flush=True)


if __name__ == "__main__":
    main()
