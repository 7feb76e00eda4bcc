"""A desktop at work, drawn with real anti-aliased text: typing, a clock, scrolling, windows coming to the front.

    for kind, pixels in Desk(seed=1).sequence():
        ...

The mixed sequence is 60 frames: the desktop, 30 of typing, 10 of the clock, 15 of scrolling, 4 of another window coming
to the front. Every seed has other words, code and pictures.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

HEIGHT, WIDTH = 1080, 1920
PANEL_PX, TITLE_PX, LINE_PX, MARGIN_PX = 32, 30, 19, 12
ORDER = (
    ["typing"] * 10
    + ["clock"] * 3
    + ["scroll"] * 5
    + ["window"]
    + ["typing"] * 6
    + ["clock"] * 3
    + ["window"]
    + ["scroll"] * 5
    + ["typing"] * 7
    + ["window"]
    + ["clock"] * 4
    + ["scroll"] * 5
    + ["typing"] * 7
    + ["window"]
)
WORDS = ["return", "value", "import", "range", "window", "frame", "tile", "archive", "segment", "self", "number"]
WORDS += ["region", "count", "bytes", "error", "while", "build", "check", "pixels", "reader", "writer", "history"]


def face(name: str, size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """A font of the system, or the one that Pillow brings."""
    try:
        return ImageFont.truetype(name, size)
    except OSError:
        return ImageFont.load_default(size)


MONO, SANS, SMALL = face("DejaVuSansMono.ttf", 14), face("DejaVuSans.ttf", 15), face("DejaVuSans.ttf", 13)


class Window:
    """A window whose page is longer than it; ``kind`` is editor, terminal or browser."""

    def __init__(self, kind: str, box: tuple[int, int, int, int], rng: random.Random) -> None:
        self.kind, self.box, self.rng = kind, box, rng
        self.top = 0
        self.typed = ""
        left, top, right, bottom = box
        self.size = (right - left, bottom - top - TITLE_PX)
        self.page = Image.new("RGB", (self.size[0], 3 * self.size[1]), self.ground)
        self._fill()

    @property
    def ground(self) -> tuple[int, int, int]:
        return {"editor": (30, 30, 36), "terminal": (12, 16, 14), "browser": (255, 255, 255)}[self.kind]

    def words(self, count: int) -> str:
        return " ".join(self.rng.choice(WORDS) for _ in range(count))

    def _fill(self) -> None:
        draw = ImageDraw.Draw(self.page)
        for number, y in enumerate(range(4, self.page.height - LINE_PX, LINE_PX)):
            if self.kind == "editor":
                draw.text((8, y), f"{number + 1:4d}", font=MONO, fill=(96, 100, 110))
                x = 60 + 34 * self.rng.randint(0, 4)
                for _ in range(self.rng.randint(0, 9)):
                    word = self.rng.choice(WORDS) + self.rng.choice(["(", ")", " =", ":", ",", ""])
                    colour = self.rng.choice([(212, 212, 212), (86, 156, 214), (206, 145, 120), (106, 153, 85)])
                    draw.text((x, y), word, font=MONO, fill=colour)
                    x += int(MONO.getlength(word + " "))
            elif self.kind == "terminal":
                colour = self.rng.choice([(190, 200, 190), (190, 200, 190), (120, 200, 120), (220, 180, 90)])
                draw.text((8, y), f"[{number:4d}] {self.words(self.rng.randint(2, 14))}", font=MONO, fill=colour)
            else:
                draw.text((40, y), self.words(self.rng.randint(6, 15)), font=SANS, fill=(34, 34, 34))
        if self.kind == "browser":
            for y in range(200, self.page.height - 300, 700):
                self.page.paste(self._photo(480, 240), (60, y))

    def _photo(self, width: int, height: int) -> Image.Image:
        noise = np.random.default_rng(self.rng.randint(0, 2**30)).integers(0, 256, (6, 10, 3), dtype=np.uint8)
        return Image.fromarray(noise).resize((width, height), Image.Resampling.BICUBIC)

    def type(self) -> None:
        """One more letter of a line in the middle, with the caret behind it."""
        y = self.top + self.size[1] // 2 // LINE_PX * LINE_PX + 4
        self.typed += self.rng.choice("abcdefghijklmnopqrstuvwxyz_() ")
        draw = ImageDraw.Draw(self.page)
        draw.rectangle((60, y, self.size[0], y + LINE_PX - 1), fill=self.ground)
        draw.text((60, y), self.typed[-90:], font=MONO, fill=(212, 212, 212))
        x = 60 + int(MONO.getlength(self.typed[-90:]))
        draw.rectangle((x + 1, y + 1, x + 2, y + LINE_PX - 2), fill=(240, 240, 240))

    def scroll(self) -> None:
        """Three lines on, from the end back to the beginning."""
        self.top = (self.top + 3 * LINE_PX) % (self.page.height - self.size[1])

    def draw(self, screen: Image.Image) -> None:
        left, top, right, bottom = self.box
        ImageDraw.Draw(screen).rectangle((left - 1, top - 1, right, bottom), outline=(80, 84, 92))
        title = Image.new("RGB", (right - left, TITLE_PX), (58, 61, 69))
        ImageDraw.Draw(title).text((12, 6), f"{self.kind} - work", font=SMALL, fill=(230, 230, 230))
        screen.paste(title, (left, top))
        screen.paste(self.page.crop((0, self.top, self.size[0], self.top + self.size[1])), (left, top + TITLE_PX))
        track = (right - 10, top + TITLE_PX, right - 1, bottom - 1)
        draw = ImageDraw.Draw(screen)
        draw.rectangle(track, fill=(48, 50, 56))
        thumb = track[1] + self.top * (track[3] - track[1]) // self.page.height
        draw.rectangle((track[0] + 1, thumb, track[2] - 1, thumb + 200), fill=(110, 114, 122))


class Desk:
    """Three windows on a wallpaper, and a panel with a clock."""

    def __init__(self, seed: int) -> None:
        rng = random.Random(seed)
        y, x = np.mgrid[:HEIGHT, :WIDTH]
        ground = np.stack([40 + x // 64, 60 + y // 32, 90 + (x + y) // 96], axis=2).astype(np.uint8)
        self.wallpaper = Image.fromarray(ground)
        self.windows = [
            Window("browser", (700, 60, 1880, 1000), rng),
            Window("terminal", (40, 420, 1100, 1040), rng),
            Window("editor", (120, 70, 1500, 980), rng),
        ]
        self.clock_s = rng.randint(0, 80_000)

    def step(self, kind: str) -> None:
        """Let something happen."""
        front = self.windows[-1]
        if kind == "typing":
            front.type()
        elif kind == "clock":
            self.clock_s += 1
        elif kind == "scroll":
            front.scroll()
        else:
            self.windows.insert(2, self.windows.pop(0))

    def pixels(self) -> NDArray[np.uint8]:
        """(1080, 1920, 4) uint8 BGRX."""
        screen = self.wallpaper.copy()
        draw = ImageDraw.Draw(screen)
        draw.rectangle((0, 0, WIDTH, PANEL_PX), fill=(24, 24, 28))
        draw.text((MARGIN_PX, 7), "Activities   Files   Terminal   Editor", font=SMALL, fill=(220, 220, 220))
        hours, rest = divmod(self.clock_s, 3600)
        time = f"{hours % 24:02d}:{rest // 60:02d}:{rest % 60:02d}"
        draw.text((WIDTH - 90, 7), time, font=SMALL, fill=(235, 235, 235))
        for window in self.windows:
            window.draw(screen)
        pixels = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
        pixels[:, :, 2::-1] = np.asarray(screen)
        return pixels

    def sequence(self) -> Iterator[tuple[str, NDArray[np.uint8]]]:
        """The mixed 60 frames, each with what happened before it."""
        yield "first", self.pixels()
        for kind in ORDER:
            self.step(kind)
            yield kind, self.pixels()
