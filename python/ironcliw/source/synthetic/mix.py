"""Episodes put together: one after the other with pauses, or side by side.

    for moment in mixed(seed=1, until_ms=600_000, kinds=("terminal", "toasts"), pause_ms=(2_000, 12_000)):
        ...

Moments are made as they are asked for, so a script of days is no larger than one of seconds.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence

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

FIRST_MS = 3_000
"""When the first episode begins."""

_TOASTS_FIRST_MS = 5_000
_TOAST_SLOTS = 3
_TOASTS_APART_MS = 2_000
"""Between a toast and another one in the same words."""

_KINDS: dict[str, tuple[Episode, ...]] = {
    "terminal": (episodes.command, episodes.command, episodes.log_some, episodes.burst, episodes.clear),
    "dialogs": (episodes.dialog,),
    "dashboard": (episodes.back_and_forth, episodes.dot, episodes.progress),
    "windows": (episodes.switch, episodes.dissolve, episodes.drag),
    "videos": (episodes.clip,),
    "toasts": (),
    "figures": (),
}
KINDS = tuple(_KINDS)
"""What can be mixed; ``toasts`` and ``figures`` go beside the rest, which comes one after the other."""

_PHRASES: dict[str, tuple[str, ...]] = {
    "terminal": (*FAILURES, *SUCCESSES),
    "dialogs": tuple(title for title, _, _ in DIALOGS),
    "toasts": tuple(text for _, text in TOASTS),
    "dashboard": (*(f"{service}: failed" for service in SERVICES), *(f"{caption} 100%" for caption in CAPTIONS)),
    "windows": FAILURES[:1],  # stands in the terminal from the start, and is covered and uncovered
}


def phrases(kinds: Sequence[str] = KINDS) -> tuple[str, ...]:
    """What somebody may wait for in these kinds, and one phrase that never comes."""
    return (*dict.fromkeys(phrase for kind in kinds for phrase in _PHRASES.get(kind, ())), NEVER)


def mixed(seed: int, until_ms: int, kinds: Sequence[str], pause_ms: tuple[int, int]) -> Iterator[Moment]:
    """Moments of these kinds, in order; every episode is over by ``until_ms``, figures go on for ever.

    pause_ms: least and most between two episodes
    """
    streams = [_in_turn(seed, until_ms, kinds, pause_ms)]
    if "toasts" in kinds:
        streams.append(_toasts(seed, until_ms))
    if "figures" in kinds:
        streams.append(_figures(seed))
    return heapq.merge(*streams, key=lambda moment: moment.at_ms)


def _in_turn(seed: int, until_ms: int, kinds: Sequence[str], pause_ms: tuple[int, int]) -> Iterator[Moment]:
    dice, at_ms = Dice(seed, "turns"), FIRST_MS
    choices = [episode for kind in kinds for episode in _KINDS[kind]]
    while choices:
        moments = dice.pick(choices)(dice, at_ms)
        if moments[-1].at_ms > until_ms:
            return
        yield from moments
        at_ms = moments[-1].at_ms + dice.whole(*pause_ms)


def _toasts(seed: int, until_ms: int) -> Iterator[Moment]:
    """Notifications, up to three at a time, each in the lowest free slot and in words that no other is showing."""
    dice, at_ms = Dice(seed, "toasts"), _TOASTS_FIRST_MS
    slots: list[tuple[int, tuple[str, str] | None]] = [(0, None)] * _TOAST_SLOTS
    pending: list[Moment] = []
    while True:
        free = [slot for slot, (gone_ms, _) in enumerate(slots) if gone_ms < at_ms]
        if free:
            shown = [words for gone_ms, words in slots if gone_ms + _TOASTS_APART_MS > at_ms]
            words = dice.pick([words for words in TOASTS if words not in shown])
            lasts_ms, fades = dice.pick((500, 2_000, 5_000, 10_000, 40_000)), dice.chance(50)
            moments = episodes.toast_saying(dice, at_ms, words, lasts_ms, fades=fades, slot=free[0])
            if moments[-1].at_ms > until_ms:
                break
            pending = sorted([*pending, *moments], key=lambda moment: moment.at_ms)
            slots[free[0]] = moments[-1].at_ms, words
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
