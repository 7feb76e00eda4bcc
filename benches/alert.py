"""How long from a line that is drawn in a terminal to the action that it starts.

    python benches/alert.py [--lines 60] [--seed 1] [--out benches/results]

An xterm on an Xvfb prints lines at random moments, each with a random word, and notes the monotonic time just before.
``ironcliw watch`` in processes of its own, as it is started from a shell, has a rule about them and runs a program for
each alert, which notes the event and the monotonic time at which its own code runs (its interpreter's start included).
What is not told is counted as missed.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from ironcliw.bench import scenes
from ironcliw.bench.displays import Display, terminal, xvfb
from ironcliw.bench.harness import quantile
from ironcliw.bench.latency import read_log
from ironcliw.bench.machine import in_words, load

AIM_MS = 400.0
_NOTE = """
import time
started_ns = time.monotonic_ns()
import sys
with open(sys.argv[1], "a") as noted:
    noted.write(f"{started_ns}\\t{sys.stdin.readline().strip()}\\n")
"""
_PATIENCE_S = 10.0


def measure(display: Display, count: int, seed: int) -> tuple[dict[str, int], dict[str, int]]:
    """When each line was drawn, and when the action it started ran."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        drawn, noted, program = folder / "drawn", folder / "noted", folder / "note.py"
        program.write_text(_NOTE)
        run = shlex.join([sys.executable, "-I", "-S", str(program), str(noted)])
        watch = [sys.executable, "-m", "ironcliw", "watch", f"x11:{display.name}", "--format", "jsonl"]
        # A rule for each last figure: of one alone, what comes within a second of an alert is merged into it.
        rules = [word for last in range(10) for word in ("--when", rf"text:/step \d*{last} finished with token/")]
        environment = {**display.environment, "XDG_STATE_HOME": name, "XDG_RUNTIME_DIR": name}
        with subprocess.Popen(
            [*watch, *rules, "--then", f"exec:{run}"], env=environment, stdout=subprocess.PIPE, text=True
        ) as watching:
            try:
                assert watching.stdout is not None
                watching.stdout.readline()  # it has begun
                threading.Thread(target=watching.stdout.read, daemon=True).start()
                with terminal(display, scenes.command("lines", str(count), str(seed), str(drawn))):
                    _wait(drawn, noted, count)
            finally:
                watching.send_signal(signal.SIGINT)
        return read_log(drawn), _told(noted)


def _wait(drawn: Path, noted: Path, count: int) -> None:
    deadline = time.monotonic() + 60 + count * scenes.LINE_LONGEST_S
    while time.monotonic() < deadline:
        time.sleep(0.25)
        lines = read_log(drawn)
        late = lines and time.monotonic_ns() - max(lines.values()) > _PATIENCE_S * 1e9
        if len(lines) == count and (late or lines.keys() <= _told(noted).keys()):
            return


def _told(noted: Path) -> dict[str, int]:
    """When the action for each line ran; an alert about several lines at once is one of each."""
    told: dict[str, int] = {}
    for line in noted.read_text().splitlines() if noted.exists() else []:
        started_ns, _, event = line.partition("\t")
        for word in json.loads(event).get("text", "").split():
            told.setdefault(word, int(started_ns))
    return told


def main() -> None:
    """Measure, print and, where told to, write it down."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, help="Also write bench-alert.md into this folder.")
    given = parser.parse_args()
    before = load()
    with xvfb() as display:
        drawn, told = measure(display, given.lines, given.seed)
    waits_ms = sorted((told[word] - moment_ns) / 1e6 for word, moment_ns in drawn.items() if word in told)
    report = [
        "# From a line to the action that it starts",
        "",
        f"`python benches/alert.py --lines {given.lines} --seed {given.seed}` on {in_words()};"
        f" load {before} before, {load()} after. A terminal on a virtual display of 1920 x 1080; `ironcliw watch` in"
        " its usual processes, a rule about text, an `exec` action. Times end where the program's own code runs, its"
        " interpreter's start included.",
        "",
        "| lines | told | p50 | p95 | max | aim (p95) | met |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    if waits_ms:
        p50, p95 = quantile(waits_ms, 0.5), quantile(waits_ms, 0.95)
        met = "yes" if p95 <= AIM_MS and len(waits_ms) == len(drawn) else "no"
        times = f"{p50:.0f} ms | {p95:.0f} ms | {max(waits_ms):.0f} ms"
        report.append(f"| {len(drawn)} | {len(waits_ms)} | {times} | {AIM_MS:.0f} ms | {met} |")
    else:
        report.append(f"| {len(drawn)} | 0 | - | - | - | {AIM_MS:.0f} ms | no |")
    print("\n".join(report))
    if given.out is not None:
        given.out.mkdir(parents=True, exist_ok=True)
        (given.out / "bench-alert.md").write_text("\n".join(report) + "\n", encoding="utf-8")


if __name__ == "__main__":
    os.environ.pop("WINDOWID", None)
    main()
