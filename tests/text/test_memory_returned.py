"""What reading a screen leaves in memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import sys
import numpy as np
from ocr_pictures import picture_of
from ironcliw.text.paddle import PaddleEngine

def held_mb():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS")) / 1024

engine = PaddleEngine(1)
engine.read(picture_of((8, 50, "first line")))
before = held_mb()
for turn in range(3):
    lines = [(8, 20 + 90 * row, f"run {turn} {row} " + "of many words " * (3 + row)) for row in range(8)]
    assert len(engine.read(picture_of(*lines, width=1920, height=760))) == 8
print(held_mb() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory goes back to the system with glibc only")
def test_a_screen_leaves_little_behind() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=Path(__file__).parent, capture_output=True, text=True, check=True
    )
    assert float(done.stdout) < 40
