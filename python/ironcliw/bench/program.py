"""The part ``program``: what a whole watcher costs at ten frames a second, beside the loop people write today.

    tables = measure_program(quick=True, seed=1, say=print)

Every watcher is a process of its own, all on the same Xvfb. They take turns in shuffled order, several times over; who
has no turn is stopped. Processor time and memory are the kernel's figures, and a figure is the median of the turns. The
server's time without anybody watching is taken off what it uses for a watcher.
"""

from __future__ import annotations

import contextlib
import random
import statistics
import sys
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from ironcliw.bench import scenes
from ironcliw.bench.displays import HEIGHT, WIDTH, Display, terminal, xvfb
from ironcliw.bench.extras import peer
from ironcliw.bench.processes import Program, cpu_ns, family, memory_mb
from ironcliw.bench.report import Column, Row, Table
from ironcliw.errors import MissingExtraError
from ironcliw.monitor.spare import AFTER_S

NOBODY = "nobody"
WITHOUT_TEXT = "Ironcliw, without text"
WITH_TEXT = "Ironcliw"
TODAY = "the loop people write today"
_START_S = 60.0
_SETTLE_S = AFTER_S + 4.0
"""Until what was there at the start is read, and the child that waits to take over is there."""
_DRAW_S = 2.0
_CATCH_UP_S = 0.5
"""After it was stopped a watcher captures at once, and the loop people write today is late."""

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


class Turns(NamedTuple):
    """How often each watcher is measured, and how long each time."""

    times: int
    seconds: float


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
    Watcher(WITHOUT_TEXT, _watch("--no-text"), "start", _SETTLE_S),
    Watcher(WITH_TEXT, _watch(), "start", _SETTLE_S),
    Watcher(TODAY, _today, "ready", 1.0),
)


def measure_program(quick: bool, seed: int, say: Callable[[str], None]) -> list[Table]:
    """One table a scene. SourceError where Xvfb or xterm is missing, or a watcher does not start."""
    turns = Turns(2, 2.0) if quick else Turns(4, 2.0)
    order = random.Random(seed)
    watchers, notes = installed()
    return [_table(scene, watchers, turns, order, say, notes) for scene in SCENES]


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
    turns: Turns,
    order: random.Random,
    say: Callable[[str], None],
    notes: list[str],
) -> Table:
    options = () if scene.reported else ("-extension", "DAMAGE")
    rows: dict[str, list[Row]] = {name: [] for name in (NOBODY, *(watcher.name for watcher in watchers))}
    with (
        xvfb(WIDTH, HEIGHT, *options) as display,
        _shown(scene, display),
        contextlib.ExitStack() as running,
    ):
        time.sleep(_DRAW_S)
        programs: dict[str, Program | None] = {NOBODY: None}
        for watcher in watchers:
            say(f"program: {scene.name}, {watcher.name}")
            program = running.enter_context(Program(watcher.command(display), display.environment))
            program.wait_for(watcher.ready, _START_S)
            time.sleep(watcher.settle_s)
            program.pause()
            programs[watcher.name] = program
        say(f"program: {scene.name}, {turns.times} turns each")
        for _ in range(turns.times):
            for name in order.sample(list(programs), len(programs)):
                rows[name].append(_turn(programs[name], display, turns.seconds))
    unwatched = statistics.median(row["server_cpu_percent"] for row in rows[NOBODY])
    listed = [finished(watcher.name, median(rows[watcher.name]), unwatched, scene) for watcher in watchers]
    server = (
        f"Xvfb alone: {unwatched:.2f} % of a core. Medians of {turns.times} turns of {turns.seconds:g} s a watcher,"
        f" {WIDTH}x{HEIGHT}, 10 frames a second."
    )
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


def _turn(program: Program | None, display: Display, seconds: float) -> Row:
    """What the watcher (None: nobody) and the server use while the others stand still."""
    if program is not None:
        program.resume()
    time.sleep(_CATCH_UP_S)
    seen = program.counts["change"] if program else 0
    before_ns, started_ns = _used_ns(program, display), time.monotonic_ns()
    time.sleep(seconds)
    after_ns, passed_ns = _used_ns(program, display), time.monotonic_ns() - started_ns
    own, server = (100 * (after - before) / passed_ns for before, after in zip(before_ns, after_ns, strict=True))
    row: Row = {"own_percent": own, "server_cpu_percent": server, "seconds": passed_ns / 1e9}
    if program is not None:
        each = [memory_mb(pid) for pid in family(program.pid)]
        memory = {name: sum(one[name] for one in each) for name in ("rss", "peak")}
        row |= {"rss_mb": memory["rss"], "peak_mb": memory["peak"], "changes": program.counts["change"] - seen}
        program.pause()
    return row


def _used_ns(program: Program | None, display: Display) -> tuple[int, int]:
    own = sum(cpu_ns(pid) for pid in family(program.pid)) if program else 0
    return own, cpu_ns(display.pid)


def median(rows: list[Row]) -> Row:
    """Of several turns: their median in each column, the largest memory, and all changes and seconds."""
    of = {"peak_mb": max, "changes": sum, "seconds": sum}
    return {name: of.get(name, statistics.median)([row[name] for row in rows]) for name in rows[0]}


def finished(name: str, row: Row, unwatched_percent: float, scene: Scene) -> Row:
    """The row with what the server did for this watcher; without figures where the watcher did not do its work."""
    if scene.moves != (row["changes"] > 0):
        said = "saw nothing move" if scene.moves else f"told {row['changes']} changes of a still screen"
        return {"watcher": f"{name} ({said})", "changes": row["changes"]}
    server_percent = row["server_cpu_percent"] - unwatched_percent
    more = {"server_percent": server_percent, "sum_percent": row["own_percent"] + server_percent}
    return {"watcher": name, **row, **more}
