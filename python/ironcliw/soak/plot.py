"""What a soak held over its frames, drawn with Pillow.

draw(result).save("soak.png")
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ironcliw.soak.judging import MIB, WARM_UP, memory_slope, warm
from ironcliw.soak.running import Result

_PX = 2
"""Drawn at twice the size it is meant to be seen at."""
_WIDTH, _PANEL, _GAP, _LEFT, _RIGHT, _TOP = 860, 150, 44, 76, 24, 40
_PAPER, _INK, _FAINT, _LINE, _BAND = "#ffffff", "#1f2328", "#656d76", "#d8dee4", "#f6f8fa"
_COLOURS = ("#0969da", "#bf8700", "#8250df", "#1a7f37")

Lines = list[tuple[str, NDArray[np.float64]]]


def draw(result: Result) -> Image.Image:
    """Memory above, what is to stay as it is below; the warm-up is shaded, and the trend is dashed."""
    samples = result.samples
    panels: list[tuple[str, Lines]] = [
        (
            "Memory, MiB",
            [
                ("resident", samples.column("resident_bytes") / MIB),
                ("anonymous", samples.column("anonymous_bytes") / MIB),
            ],
        ),
        ("Resident memory beside its first value after the warm-up, MiB", [("resident", _beside(result))]),
        (
            "Descriptors, threads, temporary files",
            [(name.replace("_", " "), samples.column(name)) for name in ("descriptors", "threads", "temporary_files")],
        ),
        ("Mappings", [("mappings", samples.column("mappings"))]),
    ]
    height = _TOP + len(panels) * (_PANEL + _GAP)
    picture = Image.new("RGB", (_WIDTH * _PX, height * _PX), _PAPER)
    pen = ImageDraw.Draw(picture)
    _say(pen, (_LEFT, 12), f"Soak: {result.done:,} frames", _INK, 15)
    frames = samples.column("frame")
    for row, (title, lines) in enumerate(panels):
        _panel(pen, _TOP + row * (_PANEL + _GAP), title, frames, lines)
    if len(warm(samples, "frame")) >= 3:
        slope = memory_slope(result.samples)
        said = f"{slope.per_step:.3f} MiB per 100,000 frames (at most {slope.upper:.3f})"
        _say(pen, (_WIDTH - _RIGHT - 290, _TOP + _PANEL + _GAP), said, _FAINT, 11)
    return picture


def _beside(result: Result) -> NDArray[np.float64]:
    column = result.samples.column("resident_bytes") / MIB
    first = warm(result.samples, "resident_bytes")[:1] / MIB
    return np.maximum(column - first, -2) if len(first) else column


def _panel(pen: ImageDraw.ImageDraw, top: int, title: str, frames: NDArray[np.float64], lines: Lines) -> None:
    bottom = top + _PANEL
    _say(pen, (_LEFT, top), title, _INK, 12)
    top += 20
    if len(frames) < 2:
        return
    everything = np.concatenate([values for _, values in lines])
    least, most = float(min(everything.min(), 0)), float(everything.max())
    most = most if most > least else least + 1
    across = (_WIDTH - _LEFT - _RIGHT) / float(frames[-1] - frames[0])

    def at(frame: float, value: float) -> tuple[float, float]:
        x = _LEFT + (frame - frames[0]) * across
        return x * _PX, (bottom - (value - least) / (most - least) * (bottom - top - 8)) * _PX

    shaded = frames[int(len(frames) * WARM_UP)]
    pen.rectangle((_LEFT * _PX, top * _PX, at(float(shaded), least)[0], bottom * _PX), fill=_BAND)
    for share in (0.0, 0.5, 1.0):
        value = least + (most - least) * share
        pen.line([at(float(frames[0]), value), at(float(frames[-1]), value)], fill=_LINE, width=_PX)
        _say(pen, (8, round(at(0, value)[1] / _PX) - 7), f"{value:,.1f}", _FAINT, 11)
    for (name, values), colour, column in zip(lines, _COLOURS, range(len(lines)), strict=False):
        points = [at(float(frame), float(value)) for frame, value in zip(frames, values, strict=True)]
        pen.line(points, fill=colour, width=_PX)
        _say(pen, (_LEFT + column * 130, bottom + 4), name, colour, 11)
    _say(pen, (_WIDTH - _RIGHT - 110, bottom + 4), f"{frames[-1]:,.0f} frames", _FAINT, 11)


def _say(pen: ImageDraw.ImageDraw, at: Iterable[int], text: str, colour: str, size: int) -> None:
    x, y = at
    pen.text((x * _PX, y * _PX), text, fill=colour, font=ImageFont.load_default(size * _PX))
