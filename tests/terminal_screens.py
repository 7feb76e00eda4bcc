"""Recordings of a terminal, drawn with Pillow's own font at run time.

write_session(tmp_path / "build.mkv", [(0, []), (1000, ["$ make"]), (2000, ["$ make", "BUILD FAILED"])])
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from making import write_video


def screen(lines: Sequence[str], width: int = 640, height: int = 360, size: int = 20) -> np.ndarray:
    """A dark terminal that shows ``lines`` as an RGB frame."""
    picture = Image.new("RGB", (width, height), (16, 20, 24))
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(size)
    for number, line in enumerate(lines):
        draw.text((20, 16 + number * size * 3 // 2), line, fill=(220, 225, 230), font=font)
    return np.asarray(picture)


def write_session(path: Path, states: Sequence[tuple[int, Sequence[str]]], end_ms: int | None = None) -> Path:
    """A lossless recording in which the terminal shows each state's lines from its time (ms) on."""
    frames, times = [], []
    shown_until = end_ms if end_ms is not None else states[-1][0] + 1000
    for (start, lines), (following, _) in zip(states, [*states[1:], (shown_until, [])], strict=True):
        for moment in range(start, following, 100):
            frames.append(screen(lines))
            times.append(moment)
    return write_video(path, frames, times, time_base=Fraction(1, 1000))
