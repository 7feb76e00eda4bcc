"""What moves on the screen while others watch it; each scene is a process of its own.

    python -m ironcliw.bench.scenes moving :7
    python -m ironcliw.bench.scenes rectangles :7 100 1 /tmp/drawn
    python -m ironcliw.bench.scenes type
    python -m ironcliw.bench.scenes lines 60 1 /tmp/drawn

``moving`` redraws every pixel ten times a second. ``rectangles`` draws squares at random moments, each where none was
before. ``type`` and ``lines`` run in a terminal: ten characters a second, and lines with a random word at random
moments. Squares and lines are noted in a file, each with the monotonic time just before it was drawn.
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

SQUARE_PX, CELL_PX = 24, 40
COLUMNS = WIDTH // CELL_PX
CELLS = COLUMNS * (HEIGHT // CELL_PX)
"""As many squares as can be drawn, each in a cell of its own."""
SHORTEST_S, LONGEST_S = 0.125, 0.4
"""Between two squares: at most eight changes a second."""
WORD_LETTERS = "acdefhkmnprtuvwxy34679"
"""Letters that no reader takes for one another."""
LINE_SHORTEST_S, LINE_LONGEST_S = 1.0, 2.2
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


SCENES: dict[str, Callable[..., None]] = {
    "moving": moving,
    "rectangles": rectangles,
    "type": type_characters,
    "lines": lines,
}
"""What can be shown, by name."""


def command(scene: str, *arguments: str) -> list[str]:
    """How to start a scene as a process of its own."""
    return [sys.executable, "-m", "ironcliw.bench.scenes", scene, *arguments]


if __name__ == "__main__":
    SCENES[sys.argv[1]](*sys.argv[2:])
