"""Small things that must never be missed, each on a desktop of its own that a seed makes.

    trial = Trial.of(17)
    trial.kind, trial.look.theme, trial.look.scale
    trial.judge(told)                     # FOUND, MISREAD, MISSED or FALSE

One log line, a dot of 16 pixels that changes its colour, 99 % that become 100 %, a toast of half a second; in turn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from ironcliw.frame import Rect
from ironcliw.quality.matching import Window
from ironcliw.quality.observing import TextSeen
from ironcliw.quality.told import CHANGE_TYPES, TEXT_TYPES, Told
from ironcliw.quality.truth import EVENT_TOLERANCE_S
from ironcliw.quality.words import Sightings
from ironcliw.source.synthetic import THEMES, Look, Moment, Script, SyntheticSource, truth
from ironcliw.source.synthetic.action import Hide, Print, SetDot, SetProgress, ShowToast
from ironcliw.source.synthetic.font import fonts_here
from ironcliw.source.synthetic.words import CAPTIONS, SERVICES, TOASTS, Dice, log_line, outcome

LINE, DOT, PERCENT, TOAST = "one log line", "a 16-px dot", "99 % -> 100 %", "a 0.5 s toast"
KINDS = (LINE, DOT, PERCENT, TOAST)
FOUND, MISREAD, MISSED, FALSE = "found", "misread", "missed", "told when it was not there"
VERDICTS = (FOUND, MISREAD, MISSED, FALSE)

SCALES = (1.0, 1.125, 1.25, 1.5, 1.75, 2.0)
SMALL, USUAL = (800, 500), (1280, 720)
"""Logical pixels. A change is as small on either; the small one is read at a third of the cost."""

TOAST_MS = 500
_WINDOWS = ("terminal window", "services", "notes")
_QUIET_MS = 900
"""What remains of a trial when its event is over."""
_ANSWERS_PX = 12
"""How far from the label, in pixels, what is told may reach."""
_DOT_TIMES_MAX = 4
"""A region of so many times the dot's area still says where the dot is."""


@dataclass(frozen=True)
class Trial:
    """A desktop on which one thing happens. All of it follows from ``kind`` and ``seed``."""

    kind: str
    seed: int
    look: Look
    script: Script

    @classmethod
    def of(cls, seed: int) -> Trial:
        """The trial of this seed; kinds come in turn."""
        kind, dice = KINDS[seed % len(KINDS)], Dice(seed, "trial")
        look = _look(dice)
        at_ms = 1_000 + dice.whole(0, 600)
        happens = _HAPPENS[kind](dice, at_ms)
        duration_s = (happens[-1].at_ms + _QUIET_MS) / 1000
        before = [*_hidden(dice, kind), *_filled(dice, kind)]
        return cls(kind, seed, look, Script.of([*before, *happens], duration_s, name=f"trial-{seed}"))

    def source(self) -> SyntheticSource:
        """What is to be watched."""
        return SyntheticSource(self.script, self.look)

    @property
    def place(self) -> str:
        """The look in words."""
        look = self.look
        return f"{look.theme}, {look.font}, {look.width}x{look.height} at {look.scale:g}"

    @cached_property
    def expected(self) -> Expected:
        """What must be told."""
        (event,) = (event for event in truth(self.script, self.look)["events"] if event["t"] > 0)
        since_s, due_s = event.get("from", event["t"]), event["t"]
        last_s = event.get("end", due_s) if self.kind == TOAST else due_s
        words = tuple(event["words"])
        return Expected(words, Rect(*event["bbox"]), Window(since_s, last_s, EVENT_TOLERANCE_S))

    def judge(self, told: Iterable[Told]) -> str:
        """Which of ``VERDICTS`` fits what was told of it."""
        return self.expected.judge(list(told))


@dataclass(frozen=True, slots=True)
class Expected:
    """An event that must be told: with all ``words``, where it has any, at ``box`` and within ``window``."""

    words: tuple[str, ...]
    box: Rect
    window: Window

    def judge(self, told: Sequence[Told]) -> str:
        """Told in time and with its words, told in time with others, not told, or told when it was not there."""
        if not self.words:
            times_s = [each.time_s for each in told if each.type in CHANGE_TYPES and self._is_small(each.regions)]
            return self._timed([times_s]) or MISSED
        here = self.here(told)
        sightings = Sightings(here)
        verdict = self._timed([[sighting.time_s for sighting in sightings.of(words)] for words in self.words])
        return verdict or (MISREAD if any(self.window.answers(seen.time_s) for seen in here) else MISSED)

    def here(self, told: Sequence[Told]) -> list[TextSeen]:
        """What was told of text near the box."""
        near = self.box.grown(_ANSWERS_PX, _ANSWERS_PX)
        return [
            TextSeen(each.text, region, each.time_s, each.told_s)
            for each in told
            if each.type in TEXT_TYPES
            for region in each.regions[:1]
            if region.overlaps(near)
        ]

    def _timed(self, sightings_s: Sequence[Sequence[float]]) -> str | None:
        """FALSE where something was seen outside the window, FOUND where all were in it; None where one is missing."""
        if any(not self.window.answers(time_s) for times_s in sightings_s for time_s in times_s):
            return FALSE
        return FOUND if all(sightings_s) else None

    def _is_small(self, regions: Sequence[Rect]) -> bool:
        near = self.box.grown(_ANSWERS_PX, _ANSWERS_PX)
        largest = _DOT_TIMES_MAX * self.box.area
        return any(near.intersection(region) == region and region.area <= largest for region in regions)


def _look(dice: Dice) -> Look:
    scale = dice.pick(SCALES)
    width, height = USUAL if dice.chance(10) else SMALL
    fonts = [font for font in fonts_here() if font != "auto"]
    size = (-int(-width * scale // 1), -int(-height * scale // 1))
    return Look(scale, size, dice.pick(tuple(THEMES)), dice.pick(fonts))


def _hidden(dice: Dice, kind: str) -> list[Moment]:
    """Mostly, windows on which nothing happens are not there: what is not there need not be read at the start."""
    needed = {LINE: "terminal window", DOT: "services", PERCENT: "services"}.get(kind, dice.pick(_WINDOWS))
    return [Moment(0, Hide(window)) for window in _WINDOWS if window != needed and dice.chance(75)]


def _filled(dice: Dice, kind: str) -> list[Moment]:
    """What stands in the terminal before: nothing, some lines, or so many that the next one scrolls.

    Always the same lines, so that an engine that has read them knows them.
    """
    lines, count = Dice(1, "filling"), dice.pick((0, 3, 8, 30) if kind == LINE else (0,))
    return [Moment(0, Print("terminal", log_line(lines, row * 1_000))) for row in range(count)]


def _line(dice: Dice, at_ms: int) -> list[Moment]:
    text = outcome(dice) if dice.chance(50) else log_line(dice, at_ms)
    return [Moment(at_ms, Print("terminal", text))]


def _dot(dice: Dice, at_ms: int) -> list[Moment]:
    return [Moment(at_ms, SetDot(f"{dice.pick(SERVICES)} dot", dice.pick(("warning", "bad"))))]


def _percent(dice: Dice, at_ms: int) -> list[Moment]:
    caption = dice.pick(CAPTIONS)
    return [Moment(0, SetProgress("progress", caption, 99)), Moment(at_ms, SetProgress("progress", caption, 100))]


def _toast(dice: Dice, at_ms: int) -> list[Moment]:
    title, text = dice.pick(TOASTS)
    slot = dice.whole(0, 2)
    return [Moment(at_ms, ShowToast("toast", title, text, slot)), Moment(at_ms + TOAST_MS, Hide("toast"))]


_HAPPENS: dict[str, Callable[[Dice, int], list[Moment]]] = {LINE: _line, DOT: _dot, PERCENT: _percent, TOAST: _toast}
