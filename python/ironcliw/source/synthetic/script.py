"""Scripts: what happens on a desktop and when, made from a seed.

Script.named("office", seed=7, duration_s=8 * 3600)
Script.random(seed=7, duration_s=600, kinds=("terminal", "toasts"))
Script.of([Moment(3_000, Print("terminal", "BUILD FAILED"))], duration_s=6, phrases=["BUILD FAILED"])
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from ironcliw.errors import SettingsError
from ironcliw.source.synthetic import episodes
from ironcliw.source.synthetic.action import Moment
from ironcliw.source.synthetic.episodes import Episode
from ironcliw.source.synthetic.mix import FIRST_MS, KINDS, mixed, phrases
from ironcliw.source.synthetic.words import Dice

SHORTEST_S, LONGEST_S = 1, 7 * 24 * 3600
LARGEST_SEED = 2**63 - 1

_QUIET_END_MS = 3_000


@dataclass(frozen=True)
class Script:
    """A seeded run of moments.

    name: what it is called
    seed: what chance depends on, the video's pixels included
    duration_ms: when it ends
    phrases: what truth states expectations for, met or not
    replayable: whether name, seed and duration are enough to make it again
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
        """The script of that name, one of ``NAMES``, of its usual length if none is given.

        SettingsError for another name, seed or duration.
        """
        if name not in NAMES:
            raise SettingsError(f"script: expected one of {', '.join(NAMES)}, got {name!r}")
        if name in _MIXES:
            kinds, usual_s, pause_ms = _MIXES[name]
            return cls._mixed(name, seed, usual_s if duration_s is None else duration_s, kinds, pause_ms)
        dice = Dice(checked_seed(seed), name)
        if name == _RESTLESS:
            moments, usual_s, kinds = episodes.unrest(dice, 0), _RESTLESS_S, KINDS
        else:
            episode, kind = _SINGLES[name]
            moments, kinds = episode(dice, FIRST_MS), (kind,)
            usual_s = (moments[-1].at_ms + _QUIET_END_MS) / 1000
        duration_ms = checked_ms(usual_s if duration_s is None else duration_s)
        return cls(name, seed, duration_ms, phrases(kinds), True, lambda: moments)

    @classmethod
    def random(cls, seed: int, duration_s: float, kinds: Sequence[str] = KINDS) -> Script:
        """A realistic mix of ``kinds``. SettingsError for other kinds, seeds or durations."""
        unknown = [kind for kind in kinds if kind not in KINDS]
        if unknown or not kinds:
            raise SettingsError(f"kinds: expected some of {', '.join(KINDS)}, got {', '.join(unknown) or 'none'}")
        return cls._mixed("random", seed, duration_s, tuple(kinds), (2_000, 12_000))

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
        make = partial(mixed, checked_seed(seed), duration_ms - _QUIET_END_MS, kinds, pause_ms)
        return cls(name, seed, duration_ms, phrases(kinds), name in _MIXES, make)


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


def _cleared(dice: Dice, at_ms: int) -> list[Moment]:
    lines = episodes.log_some(dice, at_ms)
    return [*lines, *episodes.clear(dice, lines[-1].at_ms + 5_000)]


def _dragged(dice: Dice, at_ms: int) -> list[Moment]:
    lines = episodes.log_some(dice, at_ms)
    return [*lines, *episodes.drag(dice, lines[-1].at_ms + 5_000)]


_MIXES: dict[str, tuple[tuple[str, ...], float, tuple[int, int]]] = {
    "office": (tuple(kind for kind in KINDS if kind != "figures"), 600, (3_000, 25_000)),
    "terminal": (("terminal",), 300, (1_000, 8_000)),
    "dialogs": (("dialogs", "toasts"), 300, (2_000, 12_000)),
    "dashboard": (("dashboard", "figures"), 300, (1_000, 8_000)),
}
"""By name: kinds, usual seconds, and least and most milliseconds between two episodes."""

_RESTLESS = "restless"
_RESTLESS_S = 300.0

_SINGLES: dict[str, tuple[Episode, str]] = {
    "log_line": (episodes.log_outcome, "terminal"),
    "log_lines": (episodes.log_some, "terminal"),
    "burst": (episodes.burst, "terminal"),
    "typing": (episodes.typing, "terminal"),
    "command": (episodes.command, "terminal"),
    "clear": (_cleared, "terminal"),
    "dialog": (episodes.dialog, "dialogs"),
    "toast": (episodes.toast, "toasts"),
    "toast_short": (episodes.toast_short, "toasts"),
    "toast_long": (episodes.toast_long, "toasts"),
    "progress": (episodes.progress, "dashboard"),
    "dot": (episodes.dot, "dashboard"),
    "back_and_forth": (episodes.back_and_forth, "dashboard"),
    "switch": (episodes.switch, "windows"),
    "dissolve": (episodes.dissolve, "windows"),
    "drag": (_dragged, "windows"),
    "video": (episodes.clip, "videos"),
}
"""By name: what happens once, and the kind whose phrases are waited for."""

NAMES = (*_MIXES, _RESTLESS, *_SINGLES)
"""The scripts that can be had by name."""
