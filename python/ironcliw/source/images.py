"""Pictures as a source: one image file, an animated one, or a folder of them in natural name order.

    ImageSource("screen.png")                               # one frame, which stands for a second
    ImageSource("screens/", interval_s=0.5)                 # shot2.png before shot10.png, half a second apart

Transparency is laid over black, EXIF turns are applied, 16-bit greys keep their upper 8 bits. An animated GIF, PNG,
WebP or AVIF given by itself is played with its own delays, those below 20 ms counting as 100 ms as in browsers; in a
folder each file is one frame. A file that cannot be read is a SourceError when its turn comes, naming it.
"""

from __future__ import annotations

import os
import re
import struct
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from ironcliw.clock import MS
from ironcliw.errors import SourceDeniedError, SourceError
from ironcliw.source.arrays import interval_ns
from ironcliw.source.file import check_readable, check_size, kind_of
from ironcliw.source.playback import Picture, Playback, Step
from ironcliw.source.protocol import End

SUFFIXES = (".avif", ".bmp", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp")
"""Names by which the images in a folder are known; other files there are passed over."""

_LOSSLESS_KINDS = {"bmp", "png", "tiff"}
_ANIMATED_FORMATS = {"AVIF", "GIF", "PNG", "WEBP"}
_SHORTEST_DELAY_MS = 20
_DEFAULT_DELAY_MS = 100
_PILLOW_ERRORS = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, struct.error, OverflowError)
"""What Pillow's decoders raise on damaged files, by its own tests' account and ours."""


class ImageSource(Playback):
    """An image file or a folder of images at ``path``, ``interval_s`` seconds of media time apart.

    ``lossless`` is known after ``open``: True where every file is of a kind that keeps pixels as they were.
    """

    def __init__(self, path: str | os.PathLike[str], interval_s: float = 1.0) -> None:
        super().__init__(os.fspath(path))
        self._path = Path(path)
        self._interval_ns = interval_ns(interval_s)
        self._count = 0

    def describe(self) -> dict[str, str]:
        """How many files are shown, and how far apart."""
        return {**super().describe(), "files": str(self._count), "interval_s": f"{self._interval_ns / 1e9:g}"}

    def _play(self) -> Generator[Step]:
        folder = self._path.is_dir()
        paths = _images_in(self._path) if folder else [self._path]
        for path in paths:
            check_readable(path)
        self._count = len(paths)
        self.lossless = all(kind_of(path) in _LOSSLESS_KINDS for path in paths)
        time_ns = 0
        for path in paths:
            for pixels, duration_ns in self._pictures(path, alone=not folder):
                yield Picture(time_ns, pixels)
                time_ns += duration_ns
        yield End(time_ns)

    def _pictures(self, path: Path, *, alone: bool) -> Generator[tuple[NDArray[np.uint8], int]]:
        """The (h, w, 4) BGRX pixels of a file and how many ns they stand; several where animated and alone."""
        with _told(path):
            image = Image.open(path)
        with image:
            check_size(str(path), *image.size)
            with _told(path):
                animated = alone and image.format in _ANIMATED_FORMATS and getattr(image, "n_frames", 1) > 1
                # A PNG may hold a still for readers that cannot animate, ahead of the animation itself.
                first = 1 if animated and getattr(image, "default_image", False) else 0
                count = int(getattr(image, "n_frames", 1)) if animated else 1
            for index in range(first, count):
                with _told(path):
                    image.seek(index)
                    image.load()
                    pixels = _bgrx(image)
                yield pixels, _delay_ns(image) if animated else self._interval_ns


@contextmanager
def _told(path: Path) -> Generator[None]:
    """Pillow's errors and warnings on ``path`` as one SourceError in one line."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            yield
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise SourceError(f"{path}: has more pixels than an image may have here") from None
    except PermissionError:
        raise SourceDeniedError(f"{path}: permission denied") from None
    except Image.UnidentifiedImageError:
        raise SourceError(f"{path}: not an image this can read") from None
    except _PILLOW_ERRORS as error:
        raise SourceError(f"{path}: is damaged ({error})") from None


def _images_in(folder: Path) -> list[Path]:
    """The images in a folder, ``2.png`` before ``10.png``; hidden files and folders in it are passed over."""
    try:
        paths = [
            path
            for path in folder.iterdir()
            if path.suffix.lower() in SUFFIXES and not path.name.startswith(".") and not path.is_dir()
        ]
    except PermissionError:
        raise SourceDeniedError(f"{folder}: permission denied") from None
    if not paths:
        raise SourceError(f"{folder}: holds no images (looked for {', '.join(SUFFIXES)})")
    return sorted(paths, key=lambda path: natural_order(path.name))


def natural_order(name: str) -> tuple[list[tuple[int, str]], str]:
    """A sorting key by which numbers inside names count as numbers and case does not, until all else is equal."""
    parts = re.split(r"([0-9]+)", name.casefold())
    return [(int(part), "") if at % 2 else (-1, part) for at, part in enumerate(parts)], name


def _delay_ns(image: Image.Image) -> int:
    """How long the animation's current frame stands, as browsers show it."""
    delay_ms = float(image.info.get("duration", 0) or 0)
    return round((delay_ms if delay_ms >= _SHORTEST_DELAY_MS else _DEFAULT_DELAY_MS) * MS)


def _bgrx(image: Image.Image) -> NDArray[np.uint8]:
    """An image of any mode as (h, w, 4) BGRX, upright, transparency over black."""
    upright = ImageOps.exif_transpose(image)
    if upright.mode.startswith("I;16"):  # Pillow's own conversion clips instead of scaling
        upright = Image.fromarray((np.asarray(upright) >> 8).astype(np.uint8))
    if upright.has_transparency_data:
        black = Image.new("RGBA", upright.size, (0, 0, 0, 255))
        upright = Image.alpha_composite(black, upright.convert("RGBA"))
    pixels = np.frombuffer(upright.convert("RGB").tobytes("raw", "BGRX"), np.uint8)
    return pixels.reshape(upright.height, upright.width, 4)
