"""``ironcliw doctor --volatility``: what is restless on a screen or in a recording, and where, as a heat picture."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ironcliw import clock
from ironcliw.cli.output import LineWriter
from ironcliw.errors import SettingsError, SourceError
from ironcliw.frame import TILE
from ironcliw.monitor import Watch, watch
from ironcliw.volatility import Kind, RestlessPart

LONGEST_S = 86_400.0
SAID = {Kind.CARET: "blinks", Kind.TICKING: "ticks", Kind.MOVING: "moves"}

_HOTTEST = 10.0
"""Changes a second from which on a tile is drawn as hot as can be."""
_DIMMED = 3
_EDGE = (255, 255, 255)
_COLD, _WARM, _HOT = np.array([(60, 0, 80), (230, 40, 30), (255, 240, 120)], np.float32)


@dataclass(frozen=True, slots=True)
class VolatilityCommand:
    """The command line as it was given; ``seconds`` of source time are watched."""

    source: str
    monitor: str | None
    seconds: float
    picture: Path | None


def run_volatility(command: VolatilityCommand) -> int:
    """Watch, print one line for each restless part, and draw the map where asked; returns 0.

    SettingsError for seconds that cannot be, SourceError where nothing can be seen or the picture cannot be written,
    ModelError where text cannot be read: what a log does is told from a film by what it says.
    """
    if not 0 < command.seconds <= LONGEST_S:
        raise SettingsError(f"--seconds must be above 0 and at most {LONGEST_S:.0f}, not {command.seconds:g}")
    with watch(command.source, monitor=command.monitor, pace="max") as running:
        now_ns = _watched(running, round(command.seconds * clock.SECOND))
    volatility = running.engine.volatility
    parts = volatility.parts(now_ns)
    if command.picture is not None:
        _draw(running.engine.snapshot(), volatility.heat(now_ns), parts, command.picture)
    out = LineWriter()
    for part in parts:
        x, y, width, height = part.box
        out.write(f"{SAID[part.kind]:7} {part.rate:5.1f}/s  {width}x{height} at {x},{y}")
    if not parts:
        out.write(f"nothing restless in {now_ns / clock.SECOND:.1f} s")
    return 0


def _watched(running: Watch, for_ns: int) -> int:
    """Watch that long or to the end; the source time it came to."""
    started_ns = clock.monotonic_ns()
    live = running.source.live
    while not running.ended:
        now_ns = clock.monotonic_ns() - started_ns if live else running.engine.now_ns
        if now_ns >= for_ns:
            return now_ns
        running.get(min((for_ns - now_ns) / clock.SECOND, 1.0))
    return running.engine.now_ns


def _draw(pixels: NDArray[np.uint8], heat: NDArray[np.float32], parts: list[RestlessPart], path: Path) -> None:
    """The screen, dimmed, under the heat of its tiles; each restless part with its frame and rate."""
    height, width = pixels.shape[:2]
    glow: NDArray[np.float32] = np.log1p(heat) / np.log1p(_HOTTEST)
    glow = np.clip(glow, 0, 1).repeat(TILE, axis=0).repeat(TILE, axis=1)[:height, :width, None]
    colour = _COLD + np.minimum(2 * glow, 1) * (_WARM - _COLD) + np.maximum(2 * glow - 1, 0) * (_HOT - _WARM)
    strength = np.minimum(2 * glow, 0.6)
    drawn = (1 - strength) * (pixels[:, :, 2::-1] // _DIMMED) + strength * colour
    picture = Image.fromarray(drawn.astype(np.uint8))
    draw = ImageDraw.Draw(picture)
    for part in parts:
        box = part.box.grown(2, 2)
        draw.rectangle((box.x, box.y, box.right - 1, box.bottom - 1), outline=_EDGE)
        label = f"{SAID[part.kind]} {part.rate:.1f}/s"
        draw.text((box.x, max(box.y - 2, 12)), label, fill=_EDGE, font=ImageFont.load_default(12), anchor="lb")
    try:
        picture.save(path)
    except (OSError, ValueError) as error:
        raise SourceError(f"{path}: the picture cannot be written ({error})") from None
