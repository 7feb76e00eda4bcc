"""Scripts: what happens on a desktop and when, made from a seed.

    Script.named("office", seed=7, duration_s=8 * 3600)
    Script.random(seed=7, duration_s=600, kinds=("terminal", "toasts"))
    Script.of([Moment(3_000, Print("terminal", "BUILD FAILED"))], duration_s=6, phrases=["BUILD FAILED"])

Moments are made as they are asked for, so a script of days is no larger than one of seconds.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from ironcliw.errors import SettingsError
from ironcliw.source.synthetic import episodes
from ironcliw.source.synthetic.action import Moment, SetText
from ironcliw.source.synthetic.episodes import Episode
from ironcliw.source.synthetic.words import (
    CAPTIONS,
    DIALOGS,
    FAILURES,
    FIGURES,
    NEVER,
    SERVICES,
    SUCCESSES,
    TOASTS,
    Dice,
)

SHORTEST_S, LONGEST_S = 1, 7 * 24 * 3600
LARGEST_SEED = 2**63 - 1

_FIRST_MS = 3_000
_QUIET_END_MS = 2_500
_TOAST_SLOTS = 3

_KINDS: dict[str, tuple[Episode, ...]] = {
    "terminal": (episodes.command, episodes.command, episodes.log_some, episodes.burst, episodes.clear),
    "dialogs": (episodes.dialog,),
    "toasts": (),
    "figures": (),
    "dashboard": (episodes.back_and_forth, episodes.dot, episodes.progress),
    "windows": (episodes.switch, episodes.dissolve, episodes.drag),
    "videos": (episodes.clip,),
}
KINDS = tuple(_KINDS)
"""What ``Script.random`` can mix: ``toasts`` and ``figures`` go beside the rest, which comes one after the other."""

_PHRASES: dict[str, tuple[str, ...]] = {
    "terminal": (*FAILURES, *SUCCESSES),
    "dialogs": tuple(title for title, _, _ in DIALOGS),
    "toasts": tuple(text for _, text in TOASTS),
    "dashboard": (*(f"{service}: failed" for service in SERVICES), *(f"{caption} 100%" for caption in CAPTIONS)),
}


@dataclass(frozen=True)
class Script:
    """A seeded run of moments.

    name: what it is called; ``replayable`` where name, seed and duration are enough to make it again
    seed: what chance depends on, the video's pixels included
    duration_ms: when it ends
    phrases: what truth states expectations for, met or not
    """

    name: str
    seed: int
    duration_ms: int
    phrases: tuple[str, ...] = ()
    replayable: bool = False
    _make: Callable[[], Iterable[Moment]] = field(default=tuple, repr=False, compare=False)

    def moments(self) -> Iterator[Moment]:
        """What happens, in order, up to the end of the script."""
        for moment in self._make():
            if moment.at_ms >= self.duration_ms:
                return
            yield moment

    @classmethod
    def named(cls, name: str, seed: int = 1, duration_s: float | None = None) -> Script:
        """The script of that name, one of ``NAMES``. SettingsError for another name, seed or duration."""
        if name not in _MIXES and name not in _SINGLES:
            raise SettingsError(f"script: expected one of {', '.join(NAMES)}, got {name!r}")
        if name in _MIXES:
            kinds, default_s, pause_ms = _MIXES[name]
            return cls._mixed(name, seed, default_s if duration_s is None else duration_s, kinds, pause_ms)
        make = partial(_SINGLES[name], Dice(checked_seed(seed), name), _FIRST_MS)
        moments = make() if name != "restless" else _SINGLES[name](Dice(seed, name), 0)
        natural_s = 300 if name == "restless" else (moments[-1].at_ms + _QUIET_END_MS + 500) / 1000
        duration_ms = checked_ms(natural_s if duration_s is None else duration_s)
        phrases = () if name == "restless" else tuple(phrase for kind in _PHRASES.values() for phrase in kind)
        return cls(name, seed, duration_ms, (*phrases, NEVER), True, lambda: moments)

    @classmethod
    def random(cls, seed: int, duration_s: float, kinds: Sequence[str] = KINDS) -> Script:
        """A realistic mix of ``kinds``. SettingsError for other kinds, seeds or durations."""
        unknown = [kind for kind in kinds if kind not in _KINDS]
        if unknown or not kinds:
            raise SettingsError(f"kinds: expected some of {', '.join(KINDS)}, got {', '.join(unknown) or 'none'}")
        return cls._mixed("random", seed, duration_s, kinds, (2_000, 12_000))

    @classmethod
    def of(
        cls, moments: Iterable[Moment], duration_s: float, phrases: Sequence[str] = (), name: str = "custom"
    ) -> Script:
        """A script of your own; moments at the same time happen in the order given."""
        ordered = sorted(moments, key=lambda moment: moment.at_ms)
        if ordered and ordered[0].at_ms < 0:
            raise SettingsError(f"moments: expected times from 0 ms on, got {ordered[0].at_ms}")
        return cls(name, 1, checked_ms(duration_s), tuple(phrases), False, lambda: ordered)

    @classmethod
    def _mixed(cls, name: str, seed: int, duration_s: float, kinds: Sequence[str], pause_ms: tuple[int, int]) -> Script:
        duration_ms = checked_ms(duration_s)
        streams = [partial(_in_turn, checked_seed(seed), duration_ms - _QUIET_END_MS, tuple(kinds), pause_ms)]
        if "toasts" in kinds:
            streams.append(partial(_toasts, seed, duration_ms - _QUIET_END_MS))
        if "figures" in kinds:
            streams.append(partial(_figures, seed))
        phrases = [phrase for kind in kinds for phrase in _PHRASES.get(kind, ())]
        made = lambda: heapq.merge(*(stream() for stream in streams), key=lambda moment: moment.at_ms)  # noqa: E731
        return cls(name, seed, duration_ms, (*phrases, NEVER), name in _MIXES, made)


def checked_seed(seed: int) -> int:
    """The seed. SettingsError where it is none."""
    if not 0 <= seed <= LARGEST_SEED:
        raise SettingsError(f"seed: expected a whole number from 0 to {LARGEST_SEED}, got {seed}")
    return seed


def checked_ms(duration_s: float) -> int:
    """A duration in milliseconds. SettingsError where it is not one that can be played."""
    if not (math.isfinite(duration_s) and SHORTEST_S <= duration_s <= LONGEST_S):
        raise SettingsError(f"duration: expected {SHORTEST_S} to {LONGEST_S} seconds, got {duration_s:g}")
    return round(duration_s * 1000)


def _in_turn(seed: int, until_ms: int, kinds: tuple[str, ...], pause_ms: tuple[int, int]) -> Iterator[Moment]:
    """Episodes one after the other, with a pause after each; none that would not be over in time."""
    dice, at_ms = Dice(seed, "turns"), _FIRST_MS
    choices = [episode for kind in kinds for episode in _KINDS[kind]]
    while choices:
        moments = dice.pick(choices)(dice, at_ms)
        if moments[-1].at_ms > until_ms:
            return
        yield from moments
        at_ms = moments[-1].at_ms + dice.whole(*pause_ms)


def _toasts(seed: int, until_ms: int) -> Iterator[Moment]:
    """Notifications, up to three at a time, each in the lowest slot that is free."""
    dice, at_ms = Dice(seed, "toasts"), _FIRST_MS + 2_000
    free_ms = [0] * _TOAST_SLOTS
    pending: list[Moment] = []
    while True:
        slots = [slot for slot, free in enumerate(free_ms) if free < at_ms]
        if slots:
            lasts_ms = dice.pick((500, 2_000, 5_000, 10_000, 40_000))
            moments = episodes.toast_lasting(dice, at_ms, lasts_ms, fades=dice.chance(50), slot=slots[0])
            if moments[-1].at_ms > until_ms:
                break
            pending = sorted([*pending, *moments], key=lambda moment: moment.at_ms)
            free_ms[slots[0]] = moments[-1].at_ms
        at_ms += dice.whole(6_000, 40_000)
        yield from (moment for moment in pending if moment.at_ms < at_ms)
        pending = [moment for moment in pending if moment.at_ms >= at_ms]
    yield from pending


def _figures(seed: int) -> Iterator[Moment]:
    """Numbers that change about once a second, for ever, and are no news."""
    dice, at_ms = Dice(seed, "figures"), 1_000
    while True:
        figure = dice.pick(FIGURES)
        yield Moment(at_ms, SetText(figure, f"{figure} {dice.whole(100, 999)}"))
        at_ms += dice.whole(700, 1_300)


def _short_toast(dice: Dice, at_ms: int) -> list[Moment]:
    return episodes.toast_lasting(dice, at_ms, 500, fades=False)


def _long_toast(dice: Dice, at_ms: int) -> list[Moment]:
    return episodes.toast_lasting(dice, at_ms, 40_000, fades=True)


_MIXES: dict[str, tuple[tuple[str, ...], float, tuple[int, int]]] = {
    "office": (tuple(kind for kind in KINDS if kind != "figures"), 600, (3_000, 25_000)),
    "terminal": (("terminal",), 300, (1_000, 8_000)),
    "dialogs": (("dialogs", "toasts"), 300, (2_000, 12_000)),
    "dashboard": (("dashboard", "figures"), 300, (1_000, 8_000)),
}
"""By name: kinds, seconds if none are given, and milliseconds between two episodes."""

_SINGLES: dict[str, Episode] = {
    "restless": episodes.unrest,
    "log_line": episodes.log_outcome,
    "log_lines": episodes.log_some,
    "burst": episodes.burst,
    "typing": episodes.typing,
    "command": episodes.command,
    "clear": lambda dice, at_ms: [*episodes.log_some(dice, at_ms), *episodes.clear(dice, at_ms + 30_000)],
    "dialog": episodes.dialog,
    "toast": episodes.toast,
    "toast_short": _short_toast,
    "toast_long": _long_toast,
    "progress": episodes.progress,
    "dot": episodes.dot,
    "back_and_forth": episodes.back_and_forth,
    "switch": episodes.switch,
    "dissolve": episodes.dissolve,
    "drag": lambda dice, at_ms: [*episodes.log_some(dice, 1_000), *episodes.drag(dice, at_ms + 25_000)],
    "video": episodes.clip,
}
NAMES = (*_MIXES, *_SINGLES)
"""The scripts that can be had by name."""
