"""The main job, shown: watch a real screen for half a minute and say what appears on it.

    make demo

Without a display this opens a virtual one (Xvfb) with real programs in it: a terminal that runs a build, which fails
after a while with a random token in its message, a clock, and a window that pops up. With a display it watches that.
What was noticed is saved as an annotated GIF. No key and no network service is used.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

WATCHED_S = 30
GIF = Path("demo.gif")
IRONCLIW = [sys.executable, "-m", "ironcliw"]

BUILD = r"""
echo "$ make -j2 all"; sleep 6
for i in $(seq 1 14); do echo "[$i/20] compiling src/module_$i.c"; sleep 0.8; done
echo "src/module_15.c:42: error: undeclared identifier 'frobnicate'"
echo "BUILD FAILED: job $1 stopped with 1 error"
sleep 600
"""
CLOCK = r"""while :; do printf '\r%s ' "$(date +%T)"; sleep 1; done"""


def main() -> int:
    """Run the demo; returns the exit code of the watch."""
    display = os.environ.get("DISPLAY")
    if display:
        print(f"demo: watching display {display} for {WATCHED_S} s; make something happen on it")
        return watch(["--when", "text:/error|failed|denied/i"], dict(os.environ))
    if not shutil.which("Xvfb") or not shutil.which("xterm"):
        print("demo: there is no display, and Xvfb or xterm for a virtual one are not installed", file=sys.stderr)
        return 2
    token = secrets.token_hex(3)
    print(f"demo: no display here, so this opens a virtual one; its build will fail with the token {token}")
    conditions = ["text:BUILD FAILED", f"text:{token}", "text:/permission|allow access/i"]
    with virtual_display() as environment, programs(environment, token):
        return watch([part for condition in conditions for part in ("--when", condition)], environment)


def watch(options: list[str], environment: dict[str, str]) -> int:
    """Run ``ironcliw watch`` as a user would, for half a minute, saving the GIF."""
    command = [*IRONCLIW, "watch", *options, "--for", f"{WATCHED_S}s", "--gif", str(GIF)]
    print(
        "demo: $ ironcliw", *(f"'{part}'" if " " in part or "|" in part else part for part in command[3:]), flush=True
    )
    return subprocess.run(command, env=environment, check=False).returncode


@contextlib.contextmanager
def virtual_display() -> Iterator[dict[str, str]]:
    """A 1280x720 Xvfb on a free display number; yields an environment that points at it."""
    read_end, write_end = os.pipe()
    command = ["Xvfb", "-displayfd", str(write_end), "-screen", "0", "1280x720x24", "-nolisten", "tcp", "-noreset"]
    server = subprocess.Popen(command, pass_fds=[write_end], stderr=subprocess.DEVNULL)
    os.close(write_end)
    try:
        with os.fdopen(read_end) as pipe:
            number = pipe.readline().strip()
        if not number:
            raise SystemExit("demo: Xvfb did not start")
        yield {**os.environ, "DISPLAY": f":{number}"}
    finally:
        server.terminate()
        server.wait(10)


@contextlib.contextmanager
def programs(environment: dict[str, str], token: str) -> Iterator[None]:
    """A terminal with a build, a clock, and after a while a dialog."""
    with tempfile.TemporaryDirectory() as folder:
        build, clock = Path(folder, "build.sh"), Path(folder, "clock.sh")
        build.write_text(BUILD)
        clock.write_text(CLOCK)
        terminal = ["xterm", "-fa", "DejaVu Sans Mono", "-fs", "11", "-bg", "#101418", "-fg", "#d8dee9"]
        started = [
            subprocess.Popen([*terminal, "-geometry", "90x30+30+30", "-e", "bash", str(build), token], env=environment),
            subprocess.Popen([*terminal, "-geometry", "10x1-40+40", "-e", "bash", str(clock)], env=environment),
            subprocess.Popen(
                ["bash", "-c", 'sleep 13; exec xmessage -geometry +820+320 "Backup wants permission to read /home"'],
                env=environment,
            ),
        ]
        time.sleep(1.5)
        try:
            yield
        finally:
            for process in started:
                process.terminate()
            for process in started:
                process.wait(10)


if __name__ == "__main__":
    sys.exit(main())
