"""One new line drawn to its ``text_appeared`` event: how long, and what it costs.

    .venv/bin/python benches/latency.py [--lines 60]

A terminal on a 1080p Xvfb writes a line with a random token at random moments, noting the time just before it writes.
The watcher sees the screen through the ordinary X11 source at 10 fps. A line that is not read back exactly is counted
as missed, not left out.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

from displays import machine, terminal, xvfb

import ironcliw

WRITER = """
import random, sys, time
log = open(sys.argv[1], "a", buffering=1)
lines, seed = int(sys.argv[2]), int(sys.argv[3])
draw = random.Random(seed)
time.sleep(8)
for number in range(lines):
    token = "".join(draw.choice("acdefhkmnprtuvwxy34679") for _ in range(8))
    print(f"{token} {time.monotonic_ns()}", file=log)
    print(f"step {number} finished with token {token}", flush=True)
    time.sleep(draw.uniform(1.0, 2.2))
time.sleep(60)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, xvfb(1920, 1080) as display:
        log, writer = Path(folder, "drawn.log"), Path(folder, "writer.py")
        log.touch()
        writer.write_text(WRITER)
        command = [sys.executable, str(writer), str(log), str(arguments.lines), str(arguments.seed)]
        with terminal(display, command):
            result = measure(display, log, arguments.lines)
    result = {"machine": machine(), "command": " ".join(["benches/latency.py", *sys.argv[1:]]), **result}
    print(json.dumps(result) if arguments.json else "\n".join(f"{name:>22}: {value}" for name, value in result.items()))


def measure(display: str, log: Path, lines: int) -> dict[str, object]:
    seen: dict[str, int] = {}
    started_ns = time.monotonic_ns()
    with ironcliw.watch(f"x11:{display}") as running:
        deadline_ns = started_ns + (20 + 2 * lines) * 10**9
        while time.monotonic_ns() < deadline_ns:
            event = running.get(0.2)
            if event is not None and event.type == "text_appeared" and event.text:
                seen.setdefault(event.text.split()[-1], time.monotonic_ns())
            drawn = [line.split() for line in log.read_text().splitlines()]
            if len(drawn) == lines and (len(seen) >= lines or time.monotonic_ns() - int(drawn[-1][1]) > 3e9):
                break
        cpu_share = running.cpu_s / ((time.monotonic_ns() - started_ns) / 1e9)
    latencies = sorted((seen[token] - int(at)) / 1e6 for token, at in drawn if token in seen)
    return {
        "lines drawn": len(drawn),
        "read back exactly": len(latencies),
        "p50 ms": round(statistics.median(latencies), 1),
        "p95 ms": round(latencies[int(0.95 * (len(latencies) - 1))], 1),
        "max ms": round(latencies[-1], 1),
        "CPU of a core": f"{cpu_share:.1%}",
    }


if __name__ == "__main__":
    main()
