"""The part ``latency``: how long from a changed pixel to its event, and from a new line to its text.

    tables = measure_latency(quick=True, seed=1, say=print)

Another process draws and notes the monotonic time just before it does; the watch runs here, as ``ironcliw.watch`` gives
it. What is not told is counted as missed, not left out.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from ironcliw.bench import scenes
from ironcliw.bench.displays import HEIGHT, Display, terminal, xvfb
from ironcliw.bench.harness import quantile
from ironcliw.bench.processes import Program
from ironcliw.bench.report import Column, Row, Table
from ironcliw.event import Event
from ironcliw.frame import Rect
from ironcliw.monitor import Watch, WatchOptions

PIXEL, PIXEL_WITH_TEXT = "pixel to change event, without text", "pixel to change event"
LINE = "new line to text_appeared"
BURST = f"{scenes.BURST_LINES} lines at once to the last one told"
COLUMNS = [
    Column("what", "from, to"),
    Column("p50_ms", "p50 ms", 1),
    Column("p95_ms", "p95 ms", 1),
    Column("max_ms", "max ms", 1),
    Column("drawn", "drawn"),
    Column("missed", "missed"),
    Column("captures_per_s", "captures a second", 1),
]
SQUARES, LINES, BURSTS = (20, 120), (5, 30), (2, 12)
"""How many are drawn: quickly, and in full."""
_PATIENCE_S = 5.0
_LOOK_NS = 500_000_000
"""Between two looks at what was drawn, where events never cease."""
_NS_PER_MS = 1e6


def measure_latency(quick: bool, seed: int, say: Callable[[str], None]) -> list[Table]:
    """One table. SourceError where Xvfb or xterm is missing; ModelError where the text models are."""
    squares, lines, bursts = SQUARES[not quick], LINES[not quick], BURSTS[not quick]
    rows: list[Row] = []
    for name, text in ((PIXEL, False), (PIXEL_WITH_TEXT, True)):
        say(f"latency: {name}")
        with xvfb() as display:
            rows.append(_summary(name, *_squares(display, squares, seed, text)))
    say(f"latency: {LINE}")
    with xvfb() as display:
        rows.append(_summary(LINE, *_lines(display, lines, seed)))
    say(f"latency: {BURST}")
    with xvfb() as display:
        rows.append(_bursts(display, bursts, seed))
    notes = [
        "1920x1080, 10 frames a second; squares at most 8 a second, lines 1.0 to 2.2 s apart, both at random moments.",
        "Of lines at once, the last one that was told counts, and drawn and missed are lines; meanwhile a square of 16"
        " pixels changes 20 times a second, and every capture that finds it changed is counted.",
    ]
    return [Table("latency", COLUMNS, rows, notes)]


def _squares(display: Display, count: int, seed: int, text: bool) -> tuple[dict[str, int], dict[str, int]]:
    """When each square was drawn and told."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "drawn")
        told: dict[str, int] = {}

        def take(event: Event, now_ns: int) -> None:
            if event.type == "change":
                for number in squares_in(event.regions or (), count):
                    told.setdefault(str(number), now_ns)

        command = scenes.command("rectangles", display.name, str(count), str(seed), str(log))
        with (
            Watch(f"x11:{display.name}", WatchOptions(text=text)) as watch,
            Program(command, display.environment),
        ):
            return _follow(watch, take, log, count, told, 20 + count * scenes.LONGEST_S), told


def _lines(display: Display, count: int, seed: int) -> tuple[dict[str, int], dict[str, int]]:
    """When each line was written and read."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "drawn")
        told: dict[str, int] = {}

        def take(event: Event, now_ns: int) -> None:
            if event.type in ("text_appeared", "text_changed") and event.text:
                told.setdefault(event.text.split()[-1], now_ns)

        with (
            terminal(display, scenes.command("lines", str(count), str(seed), str(log))),
            Watch(f"x11:{display.name}", WatchOptions()) as watch,
        ):
            return _follow(watch, take, log, count, told, 40 + count * scenes.LINE_LONGEST_S), told


def _bursts(display: Display, count: int, seed: int) -> Row:
    """How long until the last line of each burst was told, and how many captures a second there were meanwhile."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "drawn")
        told: dict[str, int] = {}
        captured_ns: list[int] = []

        def take(event: Event, now_ns: int) -> None:
            # A burst replaces the one before row by row, and rows that are alike but for their word were edited.
            if event.type in ("text_appeared", "text_changed") and event.text:
                told.setdefault(event.text.split()[-1], now_ns)
            elif event.type == "change" and any(region.overlaps(scenes.BEAT) for region in event.regions or ()):
                captured_ns.append(now_ns)

        with (
            terminal(display, scenes.command("bursts", str(count), str(seed), str(log))),
            Program(scenes.command("beat", display.name), display.environment),
            Watch(f"x11:{display.name}", WatchOptions()) as watch,
        ):
            lines = count * scenes.BURST_LINES
            drawn = _follow(watch, take, log, lines, told, 40 + count * scenes.BURST_LONGEST_S)
    return burst_summary(drawn, told, captured_ns)


def burst_summary(drawn: dict[str, int], told: dict[str, int], captured_ns: list[int]) -> Row:
    """Quantiles over bursts (the lines drawn at one moment) of the last line told; lines drawn and missed."""
    last: dict[int, int] = {}
    for word, moment_ns in drawn.items():
        if word in told:
            last[moment_ns] = max(last.get(moment_ns, 0), told[word])
    bursts = {str(moment_ns): moment_ns for moment_ns in last}
    row = _summary(BURST, bursts, {str(moment_ns): told_ns for moment_ns, told_ns in last.items()})
    row |= {"drawn": len(drawn), "missed": len(drawn.keys() - told.keys())}
    if len(captured_ns) > 1:
        row["captures_per_s"] = (len(captured_ns) - 1) / ((captured_ns[-1] - captured_ns[0]) / 1e9)
    return row


def _follow(
    watch: Watch,
    take: Callable[[Event, int], None],
    log: Path,
    count: int,
    told: dict[str, int],
    longest_s: float,
) -> dict[str, int]:
    """Take events until everything that was drawn was told, or for some seconds after the last; what was drawn when."""
    deadline_ns = time.monotonic_ns() + int(longest_s * 1e9)
    drawn: dict[str, int] = {}
    looked_ns = 0
    while time.monotonic_ns() < deadline_ns:
        event = watch.get(0.2)
        now_ns = time.monotonic_ns()
        if event is not None:
            take(event, now_ns)
        if event is not None and now_ns - looked_ns < _LOOK_NS:
            continue
        looked_ns = now_ns
        drawn = read_log(log)
        late = drawn and now_ns - max(drawn.values()) > _PATIENCE_S * 1e9
        if len(drawn) == count and (drawn.keys() <= told.keys() or late):
            break
    return read_log(log)


def read_log(log: Path) -> dict[str, int]:
    """What a scene noted: the monotonic time by name; lines that are not whole yet are left out."""
    if not log.exists():
        return {}
    entries = (line.split() for line in log.read_text().splitlines(keepends=True) if line.endswith("\n"))
    return {name: int(moment_ns) for name, moment_ns in entries}


def squares_in(regions: tuple[Rect, ...], count: int) -> list[int]:
    """The squares whose place is in a region; the window they are drawn on, a region of its own, is none of them."""
    found: list[int] = []
    for number in range(count):
        x, y = scenes.cell(number)
        square = Rect(x, y, scenes.SQUARE_PX, scenes.SQUARE_PX)
        if any(region.overlaps(square) and region.height < HEIGHT // 2 for region in regions):
            found.append(number)
    return found


def _summary(name: str, drawn: dict[str, int], told: dict[str, int]) -> Row:
    """Quantiles over what was told, and how many were not."""
    waits_ms = [(told[each] - moment_ns) / _NS_PER_MS for each, moment_ns in drawn.items() if each in told]
    row: Row = {"what": name, "drawn": len(drawn), "missed": len(drawn) - len(waits_ms)}
    if waits_ms:
        row |= {"p50_ms": quantile(waits_ms, 0.5), "p95_ms": quantile(waits_ms, 0.95), "max_ms": max(waits_ms)}
    return row
