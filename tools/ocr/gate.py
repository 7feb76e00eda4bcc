"""Refuse networks that read worse than the upstream ones they were made of.

    check(detector, recogniser, tiny, characters, folder)     # ValueError where they do; some 5 s

Both read the same lines of what screens show, rendered here in the fonts that are there (the one that Pillow carries,
DejaVu), in four themes and sizes. Characters are counted against what was drawn: the derived recogniser may get no more
of them wrong than upstream's does, and the derived detector must see text at the same pixels. What the quick network is
believed in may hold no more mistakes than the recogniser's reading of the same lines.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from difflib import SequenceMatcher
from itertools import cycle
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "python"))

from ironcliw.text.paddle.decode import Decoder
from ironcliw.text.paddle.detector import LEVEL, full_size
from ironcliw.text.paddle.picture import Pixels, network_input, resized
from ironcliw.text.paddle.pieces import HEIGHT_PX, canvas_of, upright
from ironcliw.text.paddle.quick import QuickRecogniser
from ironcliw.text.paddle.recogniser import Recogniser
from ironcliw.text.paddle.session import Network

LINES = (
    "error: undeclared identifier 'frobnicate'",
    "BUILD FAILED: job 53deae stopped",
    "[12/20] compiling src/module_12.c",
    "Save changes to report.txt?",
    "drwxr-xr-x 2 root root 4096",
    "127.0.0.1:8080 GET /index.html 200",
    "Größe ändern und schließen",
    "if (x != y) { return -1; }",
    "Permission denied (publickey)",
    "99 % of 1.25 GB, 3 min left",
    "0x7fff5a3c91d0 <main+42>",
    "3 passed, 1 failed in 12.07s",
    "Ctrl+Shift+P  Open Recent",
    "Traceback (most recent call last):",
    "user@host:~/src$ git status",
    "déjà vu à l'école, señor",
)
FONTS = ("", "DejaVuSans.ttf", "DejaVuSansMono.ttf", "DejaVuSerif.ttf")
"""File names as Pillow finds them; the empty one is its own."""

THEMES = (("#ffffff", "#1e1e1e"), ("#002b36", "#93a1a1"), ("#1e1e1e", "#d4d4d4"), ("#f0f0f0", "#303a8c"))
SIZES_PX = (12, 16, 14, 22)

SLACK = 1
"""Characters that rounding may turn over."""

LEAST_BELIEVED = 0.4
"""Share of the lines that a quick recogniser worth having reads without a doubt."""

DETECTED_SHARE = 0.002
"""Share of a picture's pixels that may lie on the other side of the detector's level."""


def check(detector: Path, recogniser: Path, tiny: Path, characters: Path, folder: Path) -> None:
    """ValueError where the networks in ``folder`` read worse than the upstream ones at the paths."""
    _check_recogniser(recogniser, folder)
    _check_quick(tiny, characters, folder)
    _check_detector(detector, folder)


def rendered() -> Iterator[tuple[str, Pixels]]:
    """Texts and their pictures, (h, w, 4) uint8 BGRX: each text in the next font, theme and size."""
    fonts, themes, sizes = cycle(FONTS), cycle(THEMES + THEMES[:1]), cycle(SIZES_PX + SIZES_PX[:2])
    for text in LINES:
        yield text, _picture(text, next(fonts), next(themes), next(sizes))


def _picture(text: str, font_name: str, theme: tuple[str, str], size: int) -> Pixels:
    font: ImageFont.ImageFont | ImageFont.FreeTypeFont = ImageFont.load_default(size)
    if font_name:
        with contextlib.suppress(OSError):  # not installed here
            font = ImageFont.truetype(font_name, size)
    left, top, right, bottom = (round(edge) for edge in font.getbbox(text))
    image = Image.new("RGB", (right - left + 8, bottom - top + 6), theme[0])
    ImageDraw.Draw(image).text((4 - left, 3 - top), text, font=font, fill=theme[1])
    blue_first = np.asarray(image)[:, :, ::-1]
    return np.dstack([blue_first, np.zeros(blue_first.shape[:2], np.uint8)])


def _check_recogniser(recogniser: Path, folder: Path) -> None:
    derived = Recogniser(Network(folder / "recogniser.onnx", 2), lambda: Network(folder / "scripts.onnx", 2))
    reference = _upstream_reader(Network(recogniser, 2))
    wrong = wrong_upstream = characters = 0
    for text, picture in rendered():
        characters += len(text)
        wrong += _mistakes(text, derived.read(picture).text)
        wrong_upstream += _mistakes(text, reference(picture))
    if wrong > wrong_upstream + SLACK:
        raise ValueError(
            f"the recogniser made reads {wrong} of {characters} characters wrong, the upstream one {wrong_upstream}"
        )


def _check_quick(tiny: Path, characters: Path, folder: Path) -> None:
    quick = QuickRecogniser(Network(folder / "quick.onnx", 2))
    derived = Recogniser(Network(folder / "recogniser.onnx", 2), lambda: Network(folder / "scripts.onnx", 2))
    upstream, listed = Network(tiny, 2), ["", *characters.read_text(encoding="utf-8").rstrip("\n").split("\n"), " "]
    decoder = Decoder(listed, rivals={})
    wrong = wrong_recogniser = believed = 0
    for text, picture in rendered():
        reading = quick.read(picture)
        if reading is None:
            continue
        believed += 1
        wrong += _mistakes(text, reading.text)
        wrong_recogniser += _mistakes(text, derived.read(picture).text)
        said = decoder.decode(upstream.run(network_input(canvas_of(upright(picture))))[0][0]).text
        if said != reading.text:
            raise ValueError(f"the quick recogniser made reads {reading.text!r}, the upstream one {said!r}")
    if believed < LEAST_BELIEVED * len(LINES):
        raise ValueError(f"the quick recogniser made doubts {len(LINES) - believed} of {len(LINES)} lines")
    if wrong > wrong_recogniser + SLACK:
        raise ValueError(f"the quick recogniser made reads {wrong} characters wrong, the other one {wrong_recogniser}")


def _upstream_reader(network: Network) -> Callable[[Pixels], str]:
    listed = network.metadata("character")
    if listed is None:
        raise ValueError("the upstream recogniser does not carry its list of characters")
    decoder = Decoder(["", *listed.split("\n"), " "])

    def read(picture: Pixels) -> str:
        if np.median(picture[:, :, :3]) < 128:
            picture = 255 - picture
        height, width = picture.shape[:2]
        scaled = resized(picture, round(width * HEIGHT_PX / height), HEIGHT_PX)
        padded = np.pad(scaled, ((0, 0), (0, -scaled.shape[1] % 8), (0, 0)), mode="edge")
        return decoder.decode(network.run(network_input(padded))[0][0]).text

    return read


def _mistakes(text: str, read: str) -> int:
    """Characters of either that are not in the other's place; blanks do not count."""
    a, b = "".join(text.split()), "".join(read.split())
    return max(len(a), len(b)) - sum(match.size for match in SequenceMatcher(None, a, b, False).get_matching_blocks())


def _check_detector(detector: Path, folder: Path) -> None:
    screen = np.full((192, 320, 4), 255, np.uint8)
    y = 4
    for _, picture in list(rendered())[:6]:
        part = picture[:, :312]
        screen[y : y + part.shape[0], 4 : 4 + part.shape[1]] = part
        y += part.shape[0] + 4
    batch = network_input(screen)
    expected = Network(detector, 2).run(batch)[0][0, 0] > LEVEL
    found = full_size(Network(folder / "detector.onnx", 2).run(batch)[0][0]) > LEVEL
    differing = float((expected != found).mean())
    if differing > DETECTED_SHARE:
        raise ValueError(f"the detector made sees text at other pixels than the upstream one ({100 * differing:.1f} %)")
