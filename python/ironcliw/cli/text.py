"""``ironcliw text``: what a screen, a moment of a recording or an image says."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ironcliw import settings
from ironcliw.action import printable
from ironcliw.cli.output import LineWriter
from ironcliw.errors import SourceError
from ironcliw.source import Still, still
from ironcliw.text import ReadLine, open_engine

_PAPER, _INK, _EDGE = "#ffffd8", "#101010", "#d02020"
_SMALLEST_FONT_PX = 6


@dataclass(frozen=True, slots=True)
class TextCommand:
    """The command line of ``text`` as it was given."""

    source: str
    picture: Path | None
    as_json: bool
    threads: int | None = None


def run_text(command: TextCommand) -> int:
    """Print the lines in reading order, and draw them where asked; returns 0.

    SourceError where nothing can be seen or the picture cannot be written, ModelError where text cannot be read.
    """
    seen = still(command.source)
    text = settings.load(None).text
    lines = open_engine(command.threads or text.threads, text.engine).read(seen.pixels)
    if command.picture is not None:
        _draw(seen, lines, command.picture)
    out = LineWriter()
    for line in lines:
        out.write(json.dumps(_fields(line), ensure_ascii=False) if command.as_json else printable(line.text))
    return 0


def _fields(line: ReadLine) -> dict[str, object]:
    return {"text": line.text, "box": list(line.box), "confidence": round(line.confidence, 4)}


def _draw(seen: Still, lines: list[ReadLine], path: Path) -> None:
    """What was read, in the place of what is there: where both differ, it was misread."""
    picture = Image.fromarray(np.ascontiguousarray(seen.pixels[:, :, 2::-1]))
    draw = ImageDraw.Draw(picture)
    for line in lines:
        x, y, width, height = line.box
        draw.rectangle((x - 1, y - 1, x + width, y + height), fill=_PAPER, outline=_EDGE)
        draw.text((x, y + height / 2), line.text, fill=_INK, font=_fitting(line.text, width, height), anchor="lm")
    try:
        picture.save(path)
    except (OSError, ValueError) as error:
        raise SourceError(f"{path}: the picture cannot be written ({error})") from None


def _fitting(text: str, width: int, height: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """The largest font in which ``text`` fits a box."""
    size = max(height, _SMALLEST_FONT_PX)
    font = ImageFont.load_default(size)
    wide = font.getlength(text)
    return font if wide <= width else ImageFont.load_default(max(size * width / wide, _SMALLEST_FONT_PX))
