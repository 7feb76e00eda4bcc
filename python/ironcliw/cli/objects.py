"""``ironcliw objects``: what is drawn in an image, as boxes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, UnidentifiedImageError

from ironcliw.errors import SourceError
from ironcliw.objects import Detection, ObjectDetector
from ironcliw.source.file import check_readable, check_size

COLOURS = {
    "window": "#8888ff",
    "dialog": "#ff3030",
    "toast": "#ff9900",
    "button": "#20c020",
    "field": "#00b0c0",
    "icon": "#c020c0",
}


@dataclass(frozen=True, slots=True)
class ObjectsCommand:
    """The command line of ``objects`` as it was given."""

    image: Path
    picture: Path | None
    as_json: bool


def run_objects(command: ObjectsCommand) -> int:
    """Print what is found, and draw it where asked; returns 0."""
    shown = _opened(command.image)
    pixels: NDArray[np.uint8] = np.ascontiguousarray(np.asarray(shown)[:, :, ::-1])
    found = ObjectDetector().find(pixels)
    if command.picture is not None:
        _draw(shown, found, command.picture)
    for each in found:
        if command.as_json:
            print(json.dumps({"kind": each.kind, "box": list(each.box), "confidence": round(each.confidence, 3)}))
        else:
            x, y, width, height = each.box
            print(f"{each.kind:<7} {each.confidence:.2f}  {width} x {height} at {x}, {y}")
    return 0


def _opened(path: Path) -> Image.Image:
    check_readable(path)
    try:
        with Image.open(path) as image:
            check_size(str(path), *image.size)
            return image.convert("RGB")
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise SourceError(f"{path}: cannot be read as an image ({type(error).__name__})") from None


def _draw(image: Image.Image, found: list[Detection], path: Path) -> None:
    picture = image.copy()
    draw = ImageDraw.Draw(picture)
    for each in found:
        x, y, width, height = each.box
        draw.rectangle((x, y, x + width - 1, y + height - 1), outline=COLOURS[each.kind], width=2)
    try:
        picture.save(path)
    except (OSError, ValueError) as error:
        raise SourceError(f"{path}: the picture cannot be written ({error})") from None
