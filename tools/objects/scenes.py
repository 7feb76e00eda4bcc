"""Scenes: drawn desktops and pages whose dialogs, toasts, cards and menus are known to the pixel.

    python tools/objects/scenes.py OUT --count 200 [--first 0] [--held]     # OUT/000000.png and .json, ...

The same seed draws the same scene (with the same version of Chromium and the same fonts). ``--held`` draws the styles
that nothing is trained on.
"""

from __future__ import annotations

import argparse
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from chromium import Chromium
from numpy.typing import NDArray
from PIL import Image

SCRIPTS = ("chance", "styles", "parts", "apps", "overlays", "scene")


@dataclass(frozen=True, slots=True)
class Scene:
    """(height, width, 3) uint8 R, G, B; objects as (kind, (left, top, right, bottom), share that is not covered)."""

    seed: int
    pixels: NDArray[np.uint8]
    style: str
    objects: list[tuple[str, tuple[int, int, int, int], float]]


def page() -> str:
    """The page that draws."""
    parts = [(Path(__file__).parent / f"{name}.js").read_text() for name in SCRIPTS]
    return "<!doctype html><meta charset=utf-8><body></body><script>" + "\n".join(parts) + "</script>"


def scenes(seeds: range, held: bool) -> Iterator[Scene]:
    """Scenes by their seeds. OSError where there is no Chromium."""
    flag = "true" if held else "false"
    with Chromium() as browser:
        for place, seed in enumerate(seeds):
            if place % 200 == 0:
                browser.load(page())
            size = browser.evaluate(f"sizeOf({seed})")
            browser.resize(size["width"], size["height"], size["scale"])
            drawn = browser.evaluate(f"draw({seed}, {flag})")
            with Image.open(io.BytesIO(browser.picture())) as image:
                pixels = np.asarray(image.convert("RGB"))
            yield Scene(seed, pixels, drawn["style"], [_label(each, size["scale"]) for each in drawn["objects"]])


def _label(each: dict[str, Any], scale: float) -> tuple[str, tuple[int, int, int, int], float]:
    left, top, right, bottom = (round(side * scale) for side in each["box"])
    return each["kind"], (left, top, right, bottom), each["seen"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--held", action="store_true")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    for scene in scenes(range(arguments.first, arguments.first + arguments.count), arguments.held):
        name = arguments.out / f"{scene.seed:06}"
        Image.fromarray(scene.pixels).save(name.with_suffix(".png"), compress_level=1)
        name.with_suffix(".json").write_text(json.dumps({"style": scene.style, "objects": scene.objects}))


if __name__ == "__main__":
    main()
