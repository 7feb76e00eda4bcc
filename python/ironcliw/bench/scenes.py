"""What moves on the screen while others watch it; each scene is a process of its own.

    python -m ironcliw.bench.scenes moving :7
    python -m ironcliw.bench.scenes rectangles :7 100 1 /tmp/drawn
    python -m ironcliw.bench.scenes type
    python -m ironcliw.bench.scenes lines 60 1 /tmp/drawn
    python -m ironcliw.bench.scenes bursts 8 1 /tmp/drawn
    python -m ironcliw.bench.scenes beat :7

``moving`` redraws every pixel ten times a second, ``beat`` a small square twenty times, never in the same colour.
``rectangles`` draws squares at random moments, each where none was before. ``type``, ``lines`` and ``bursts`` run in a
terminal: ten characters a second, and lines with a random word at random moments, one or forty at a time. Squares and
lines are noted in a file, each with the monotonic time just before it was drawn.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from ironcliw.bench.displays import HEIGHT, WIDTH
from ironcliw.bench.xclient import XClient
from ironcliw.frame import Rect

SQUARE_PX, CELL_PX = 24, 40
COLUMNS = WIDTH // CELL_PX
CELLS = COLUMNS * (HEIGHT // CELL_PX)
"""As many squares as can be drawn, each in a cell of its own."""
SHORTEST_S, LONGEST_S = 0.125, 0.4
"""Between two squares: at most eight changes a second."""
WORD_LETTERS = "acdefhkmnprtuvwxy34679"
"""Letters that no reader takes for one another."""
LINE_SHORTEST_S, LINE_LONGEST_S = 1.0, 2.2
BURST_LINES = 40
"""As many as the terminal has rows: everything that stood there scrolls away."""
BURST_SHORTEST_S, BURST_LONGEST_S = 6.0, 8.0
BEAT = Rect(1840, 1000, 16, 16)
"""Where the small square is; no terminal of ours reaches there."""
_BEATS_PER_S = 20
_EXTRA_ROWS, _STEP_ROWS = 540, 7
_MOVES_PER_S = 10
_KEYS_PER_S = 10
_SETTLE_S = 3.0
_STAY_S = 3600.0


def cell(number: int) -> tuple[int, int]:
    """Left and top of square ``number``. ValueError beyond the last cell."""
    if not 0 <= number < CELLS:
        raise ValueError(f"square {number}: there are cells for {CELLS}")
    row, column = divmod(number, COLUMNS)
    margin = (CELL_PX - SQUARE_PX) // 2
    return column * CELL_PX + margin, row * CELL_PX + margin


def moving(display: str) -> None:
    """Every pixel changes ten times a second: waves of colour that run downwards, without anything to read."""
    client = XClient(display)
    window = client.window(0, 0, WIDTH, HEIGHT, 0)
    y, x = np.ogrid[: HEIGHT + _EXTRA_ROWS, :WIDTH]
    # Steps of 3 in red along y make sure that no pixel keeps its colour when the picture moves by 7 rows.
    waves = [(x // 5 + y) % 256, (x // 7 + y // 2) % 256, (3 * y + x // 3) % 256]
    pixels = np.stack(np.broadcast_arrays(*waves, 0), axis=2).astype(np.uint8).tobytes()
    picture = client.picture(pixels, WIDTH, HEIGHT + _EXTRA_ROWS)
    due_s, top = time.monotonic(), 0
    while True:
        client.show(picture, window, top, WIDTH, HEIGHT)
        client.sync()
        top = (top + _STEP_ROWS) % _EXTRA_ROWS
        due_s += 1 / _MOVES_PER_S
        time.sleep(max(0.0, due_s - time.monotonic()))


def rectangles(display: str, count: str, seed: str, log: str) -> None:
    """Draw squares at random moments; ``number monotonic_ns`` goes to the file ``log`` just before each."""
    client = XClient(display)
    draw = random.Random(int(seed))
    window = client.window(0, 0, WIDTH, HEIGHT, 0x101418)
    client.sync()
    time.sleep(_SETTLE_S)
    with Path(log).open("a", buffering=1) as drawn:
        for number in range(int(count)):
            time.sleep(draw.uniform(SHORTEST_S, LONGEST_S))
            x, y = cell(number)
            print(f"{number} {time.monotonic_ns()}", file=drawn)
            client.fill(window, x, y, SQUARE_PX, SQUARE_PX, 0xFF8000)
            client.sync()
    time.sleep(_STAY_S)


def type_characters() -> None:
    """Type into the terminal, ten characters a second, a line every sixty."""
    draw = random.Random(1)
    for number in range(10**9):
        time.sleep(1 / _KEYS_PER_S)
        letter = draw.choice(WORD_LETTERS + "   ")
        print(letter, end="\n" if number % 60 == 59 else "", flush=True)


def lines(count: str, seed: str, log: str) -> None:
    """Print lines with a random word at random moments; ``word monotonic_ns`` goes to the file ``log`` just before."""
    draw = random.Random(int(seed))
    with Path(log).open("a", buffering=1) as drawn:
        time.sleep(_SETTLE_S + 5)
        for number in range(int(count)):
            word = "".join(draw.choice(WORD_LETTERS) for _ in range(8))
            print(f"{word} {time.monotonic_ns()}", file=drawn)
            print(f"step {number} finished with token {word}", flush=True)
            time.sleep(draw.uniform(LINE_SHORTEST_S, LINE_LONGEST_S))
    time.sleep(_STAY_S)


def bursts(count: str, seed: str, log: str) -> None:
    """Print forty lines at once, each with a random word; ``word monotonic_ns`` of all goes to ``log`` just before."""
    draw = random.Random(int(seed))
    with Path(log).open("a", buffering=1) as drawn:
        time.sleep(_SETTLE_S + 5)
        for number in range(int(count)):
            words = ["".join(draw.choice(WORD_LETTERS) for _ in range(8)) for _ in range(BURST_LINES)]
            # No line end behind the last one: the first of them must not scroll off.
            shown = "".join(f"\nitem {number} {row} was built with token {word}" for row, word in enumerate(words))
            moment_ns = time.monotonic_ns()
            drawn.write("".join(f"{word} {moment_ns}\n" for word in words))
            print(shown, end="", flush=True)
            time.sleep(draw.uniform(BURST_SHORTEST_S, BURST_LONGEST_S))
    time.sleep(_STAY_S)


def beat(display: str) -> None:
    """A small square changes its colour twenty times a second, so that every capture at ten finds it changed."""
    client = XClient(display)
    window = client.window(*BEAT, 0x101418)
    due_s = time.monotonic()
    for number in range(10**9):
        client.fill(window, 0, 0, BEAT.width, BEAT.height, 0x400000 + number * 0x10101 % 0x800000)
        client.sync()
        due_s += 1 / _BEATS_PER_S
        time.sleep(max(0.0, due_s - time.monotonic()))


SCENES: dict[str, Callable[..., None]] = {
    "moving": moving,
    "rectangles": rectangles,
    "type": type_characters,
    "lines": lines,
    "bursts": bursts,
    "beat": beat,
}
"""What can be shown, by name."""


def command(scene: str, *arguments: str) -> list[str]:
    """How to start a scene as a process of its own."""
    return [sys.executable, "-m", "ironcliw.bench.scenes", scene, *arguments]


if __name__ == "__main__":
    SCENES[sys.argv[1]](*sys.argv[2:])
