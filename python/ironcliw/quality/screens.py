"""Labelled screenshots: which of their phrases are read.

    score = read_screens([Path("data/dev")])
    score.found, score.phrases, score.misses

``DIR/screens/screens_gt.json`` lists screens with ``file`` and ``lines``, each with ``text`` and perhaps ``bbox``; and,
where that is labelled, ``dialog``: the dialog that is there (``approx_bbox``), or null where there is none.
Words are looked for as in recordings: without white space, quotes and case, over wraps, short ones only alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ironcliw.errors import LabelError
from ironcliw.frame import Rect
from ironcliw.quality.observing import TextSeen
from ironcliw.quality.pictures import save
from ironcliw.quality.recordings import read_json
from ironcliw.quality.words import Sightings
from ironcliw.text import ReadLine, open_engine

_NOWHERE = Rect(0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that must be read on a screen, and where they stand, if that is known."""

    text: str
    box: Rect | None


@dataclass(frozen=True, slots=True)
class Screen:
    """A labelled screenshot.

    dialogs: what must be found on it, and nothing else; None where that is not labelled
    """

    path: Path
    phrases: tuple[Phrase, ...]
    dialogs: tuple[Rect, ...] | None = None


@dataclass(frozen=True, slots=True)
class PhraseMiss:
    """A phrase that was not read; ``picture`` names the file that shows it, where one was asked for."""

    screen: str
    phrase: Phrase
    picture: str = ""


@dataclass(slots=True)
class ScreensScore:
    """How many phrases were to be read and were."""

    screens: int = 0
    phrases: int = 0
    misses: list[PhraseMiss] = field(default_factory=list[PhraseMiss])

    @property
    def found(self) -> int:
        """Phrases that were read."""
        return self.phrases - len(self.misses)

    @property
    def recall(self) -> float | None:
        """Their share; None where there are no phrases."""
        return self.found / self.phrases if self.phrases else None

    def add(self, screen: Screen, read: Sequence[TextSeen]) -> list[Phrase]:
        """Look for the phrases of one screen in what was read; those that are not there."""
        sightings = Sightings(read)
        missing = [phrase for phrase in screen.phrases if not sightings.of(phrase.text)]
        self.screens += 1
        self.phrases += len(screen.phrases)
        self.misses += [PhraseMiss(screen.path.name, phrase) for phrase in missing]
        return missing

    def to_dict(self) -> dict[str, Any]:
        """For JSON: labels only, nothing that was read."""
        misses = [
            {"screen": miss.screen, "text": miss.phrase.text, "picture": miss.picture or None} for miss in self.misses
        ]
        return {"screens": self.screens, "phrases": self.phrases, "found": self.found, "misses": misses}


def find_screens(folders: Sequence[Path]) -> list[Screen]:
    """The labelled screens of these folders. LabelError where something is wrong with the labels."""
    found: list[Screen] = []
    for folder in folders:
        path = folder / "screens" / "screens_gt.json"
        if path.exists():
            found += _from_file(path)
    return found


def _from_file(path: Path) -> list[Screen]:
    fields = read_json(path)
    screens = cast("dict[str, Any]", fields).get("screens") if isinstance(fields, dict) else None
    if not isinstance(screens, list):
        raise LabelError(f"{path}: an object with a list of screens was expected")
    return [_screen(path, fields) for fields in cast("list[Any]", screens)]


def _screen(path: Path, fields: Any) -> Screen:
    try:
        name, lines = fields["file"], fields["lines"]
        phrases = tuple(_phrase(line) for line in lines)
        dialogs = _dialogs(fields["dialog"]) if "dialog" in fields else None
    except (KeyError, TypeError, ValueError):
        wanted = "a screen needs file and lines, a line text and perhaps bbox, a dialog approx_bbox"
        raise LabelError(f"{path}: {wanted}") from None
    if not isinstance(name, str) or Path(name).name != name or not (path.parent / name).is_file():
        raise LabelError(f"{path}: {name!r:.60} is not the name of a picture beside it")
    return Screen(path.parent / name, phrases, dialogs)


def _dialogs(fields: Any) -> tuple[Rect, ...]:
    if fields is None:
        return ()
    box = Rect(*(int(number) for number in fields["approx_bbox"]))
    if min(box.width, box.height) < 1:
        raise ValueError(box)
    return (box,)


def _phrase(fields: Any) -> Phrase:
    text, box = fields["text"], fields.get("bbox")
    if not isinstance(text, str) or not text.strip():
        raise ValueError(text)
    return Phrase(text, None if box is None else Rect(*(int(number) for number in box)))


def open_picture(path: Path) -> NDArray[np.uint8]:
    """A picture as (h, w, 4) uint8 BGRX. LabelError where it is none."""
    try:
        with Image.open(path) as picture:
            rgb = picture.convert("RGB")
    except OSError as error:
        raise LabelError(f"{path}: cannot be read as a picture ({error})") from None
    return np.frombuffer(rgb.tobytes("raw", "BGRX"), np.uint8).reshape(rgb.height, rgb.width, 4)


def read_screens(
    screens: Sequence[Screen],
    say: Callable[[str], None] = lambda line: None,
    pictures: Path | None = None,
) -> ScreensScore:
    """Read each screen whole and look for its phrases. ModelError where text cannot be read.

    pictures: where a picture of each miss goes; None: nowhere
    """
    score, engine = ScreensScore(), open_engine()
    for screen in screens:
        pixels = open_picture(screen.path)
        missing = score.add(screen, seen(engine.read(pixels)))
        if pictures is not None:
            for number, phrase in enumerate(missing):
                name = save(pixels, phrase.box, pictures / f"{screen.path.stem}-{number}.png")
                at = len(score.misses) - len(missing) + number
                score.misses[at] = replace(score.misses[at], picture=name)
        say(f"{screen.path.name}: {len(screen.phrases) - len(missing)} of {len(screen.phrases)} phrases")
    return score


def seen(lines: Sequence[ReadLine]) -> list[TextSeen]:
    """Lines read from one picture as if they had appeared together."""
    return [TextSeen(line.text, line.box, 0.0, 0.0) for line in lines]


def controls(screens: Sequence[Screen]) -> dict[str, ScreensScore]:
    """Readers of known score: one that reads nothing, one that reads the next screen's phrases, and a perfect one."""
    scores = {name: ScreensScore() for name in ("silent", "shifted", "perfect")}
    for number, screen in enumerate(screens):
        following = screens[(number + 1) % len(screens)] if len(screens) > 1 else Screen(screen.path, ())
        for name, phrases in (("silent", ()), ("shifted", following.phrases), ("perfect", screen.phrases)):
            # Far from one another, so that none runs over into the next.
            read = [
                TextSeen(phrase.text, Rect(0, 100 * row, 8 * len(phrase.text), 16), 0.0, 0.0)
                for row, phrase in enumerate(phrases)
            ]
            scores[name].add(screen, read)
    return scores
