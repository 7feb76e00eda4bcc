"""The part ``program``: what a whole watcher costs at ten frames a second, beside the loop people write today.

    tables = measure_program(quick=True, seed=1, say=print)

Every watcher is a process of its own, on the same Xvfb, one after the other in shuffled order; its processor time and
memory are the kernel's figures. The server's time without anybody watching is taken off what it uses for a watcher.
"""

from __future__ import annotations

import contextlib
import random
import sys
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path

from ironcliw.bench import scenes
from ironcliw.bench.displays import HEIGHT, WIDTH, Display, terminal, xvfb
from ironcliw.bench.extras import peer
from ironcliw.bench.processes import Program, cpu_ns, memory_mb
from ironcliw.bench.report import Column, Row, Table
from ironcliw.errors import MissingExtraError

NOBODY = "nobody"
WITHOUT_TEXT = "Ironcliw, without text"
WITH_TEXT = "Ironcliw"
TODAY = "the loop people write today"
_START_S = 60.0
_DRAW_S = 2.0

COLUMNS = [
    Column("watcher", "watcher"),
    Column("own_percent", "its CPU", 2, " %"),
    Column("server_percent", "server's, for it", 2, " %"),
    Column("sum_percent", "both", 2, " %"),
    Column("rss_mb", "memory", 0, " MB"),
    Column("peak_mb", "at most", 0, " MB"),
    Column("changes", "changes told", 0),
]


@dataclass(frozen=True, slots=True)
class Scene:
    """What is on the screen: ``moves`` whether it changes, ``reported`` whether the server says where (DAMAGE)."""

    name: str
    moves: bool = True
    reported: bool = True


STILL, TYPING = Scene("still", moves=False), Scene("typing")
SCENES = (
    STILL,
    TYPING,
    Scene("polling, still", moves=False, reported=False),
    Scene("polling, all moving", reported=False),
)


@dataclass(frozen=True, slots=True)
class Watcher:
    """A program that watches: how to start it, the line that says it is ready, and how long until it has settled."""

    name: str
    command: Callable[[Display], list[str]]
    ready: str
    settle_s: float


def _watch(*options: str) -> Callable[[Display], list[str]]:
    def command(display: Display) -> list[str]:
        return [sys.executable, "-m", "ironcliw", "watch", f"x11:{display.name}", "--format", "jsonl", *options]

    return command


def _today(display: Display) -> list[str]:
    # -P: the folder of that file is not to be searched for what OpenCV and mss import.
    return [sys.executable, "-P", str(Path(__file__).with_name("today.py")), display.name]


WATCHERS = (
    Watcher(WITHOUT_TEXT, _watch("--no-text"), "start", 3.0),
    Watcher(WITH_TEXT, _watch(), "start", 6.0),
    Watcher(TODAY, _today, "ready", 1.0),
)


def measure_program(quick: bool, seed: int, say: Callable[[str], None]) -> list[Table]:
    """One table a scene. SourceError where Xvfb or xterm is missing, or a watcher does not start."""
    seconds = 5.0 if quick else 20.0
    order = random.Random(seed)
    watchers, notes = installed()
    return [_table(scene, watchers, seconds, order, say, notes) for scene in SCENES]


def installed() -> tuple[list[Watcher], list[str]]:
    """The watchers that can be run, and a line for the one that cannot."""
    try:
        for module in ("cv2", "xxhash"):
            peer(module)
    except MissingExtraError as error:
        return [watcher for watcher in WATCHERS if watcher.name != TODAY], [str(error)]
    return list(WATCHERS), []


def _table(
    scene: Scene,
    watchers: list[Watcher],
    seconds: float,
    order: random.Random,
    say: Callable[[str], None],
    notes: list[str],
) -> Table:
    options = () if scene.reported else ("-extension", "DAMAGE")
    turns: list[Watcher | None] = [None, *watchers]
    order.shuffle(turns)
    rows: dict[str, Row] = {}
    with xvfb(WIDTH, HEIGHT, *options) as display, _shown(scene, display):
        time.sleep(_DRAW_S)
        for watcher in turns:
            name = watcher.name if watcher else NOBODY
            say(f"program: {scene.name}, {name}")
            rows[name] = _alone(display, seconds) if watcher is None else _watched(watcher, display, seconds)
    unwatched = rows[NOBODY]["server_cpu_percent"]
    listed = [finished(name, rows[name], unwatched, scene) for name in (watcher.name for watcher in watchers)]
    server = f"Xvfb alone: {unwatched:.2f} % of a core. {seconds:g} s a watcher, {WIDTH}x{HEIGHT}, 10 frames a second."
    return Table(scene.name, COLUMNS, listed, [server, *notes])


@contextlib.contextmanager
def _shown(scene: Scene, display: Display) -> Generator[None]:
    """Put the scene on the display: a terminal with text, or everything moving."""
    if not scene.reported and scene.moves:
        with Program(scenes.command("moving", display.name), display.environment):
            yield
    else:
        written = [sys.executable, "-c", "import time; print('ready\\n' * 20, flush=True); time.sleep(3600)"]
        with terminal(display, scenes.command("type") if scene.moves else written):
            yield


def _alone(display: Display, seconds: float) -> Row:
    before_ns, started_ns = cpu_ns(display.pid), time.monotonic_ns()
    time.sleep(seconds)
    return {"server_cpu_percent": _percent(cpu_ns(display.pid) - before_ns, time.monotonic_ns() - started_ns)}


def _watched(watcher: Watcher, display: Display, seconds: float) -> Row:
    with Program(watcher.command(display), display.environment) as program:
        program.wait_for(watcher.ready, _START_S)
        time.sleep(watcher.settle_s)
        seen = program.counts["change"]
        before_ns = (cpu_ns(program.pid), cpu_ns(display.pid))
        started_ns = time.monotonic_ns()
        time.sleep(seconds)
        passed_ns = time.monotonic_ns() - started_ns
        used_ns = (cpu_ns(program.pid) - before_ns[0], cpu_ns(display.pid) - before_ns[1])
        memory = memory_mb(program.pid)
        return {
            "own_percent": _percent(used_ns[0], passed_ns),
            "server_cpu_percent": _percent(used_ns[1], passed_ns),
            "rss_mb": memory["rss"],
            "peak_mb": memory["peak"],
            "changes": program.counts["change"] - seen,
            "seconds": passed_ns / 1e9,
        }


def finished(name: str, row: Row, unwatched_percent: float, scene: Scene) -> Row:
    """The row with what the server did for this watcher; without figures where the watcher did not do its work."""
    if scene.moves != (row["changes"] > 0):
        said = "saw nothing move" if scene.moves else f"told {row['changes']} changes of a still screen"
        return {"watcher": f"{name} ({said})", "changes": row["changes"]}
    server_percent = row["server_cpu_percent"] - unwatched_percent
    more = {"server_percent": server_percent, "sum_percent": row["own_percent"] + server_percent}
    return {"watcher": name, **row, **more}


def _percent(used_ns: int, passed_ns: int) -> float:
    return 100 * used_ns / passed_ns
