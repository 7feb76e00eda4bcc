"""Many trials of small things, each through the whole watcher; what was missed is listed by its seed.

    score = run_battery(range(1, 1001), say=print)
    score.kinds["a 0.5 s toast"].found, score.misses[0].seed
    run_battery([17])                     # one of them again

One text engine serves all of them: what it has read on one desktop it knows on the next of that look.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ironcliw.frame import Rect
from ironcliw.quality.told import CHANGE_TYPES, TEXT_TYPES, Told, tell
from ironcliw.quality.trials import FOUND, KINDS, VERDICTS, Trial
from ironcliw.text import TextEngine, open_engine

Detector = Callable[[Trial], Iterable[Told]]
"""What tells of a trial: the watcher, or a control."""

_SAY_EVERY = 50
_EVERY_S = 0.5
_LATE_S = 2.0


@dataclass(frozen=True, slots=True)
class Miss:
    """A trial that was not found. What it shows is made up, so it may be told.

    wanted, read: the words that were there, and what was read at their place
    """

    seed: int
    kind: str
    look: str
    verdict: str
    wanted: tuple[str, ...]
    read: tuple[str, ...]


@dataclass(slots=True)
class BatteryScore:
    """Verdicts by kind, each miss, and the seconds of wall time it took."""

    kinds: dict[str, dict[str, int]] = field(
        default_factory=lambda: {kind: dict.fromkeys(VERDICTS, 0) for kind in KINDS}
    )
    misses: list[Miss] = field(default_factory=list[Miss])
    wall_s: float = 0.0

    @property
    def tried(self) -> int:
        """Trials in all."""
        return sum(sum(verdicts.values()) for verdicts in self.kinds.values())

    @property
    def found(self) -> int:
        """Trials of which the right thing was told, and only when it was there."""
        return sum(verdicts[FOUND] for verdicts in self.kinds.values())

    def add(self, trial: Trial, told: Sequence[Told]) -> None:
        """Judge one trial."""
        verdict = trial.judge(told)
        self.kinds[trial.kind][verdict] += 1
        if verdict != FOUND:
            read = tuple(seen.text for seen in trial.expected.here(told))
            self.misses.append(Miss(trial.seed, trial.kind, trial.place, verdict, trial.expected.words, read))

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        misses = [{name: getattr(miss, name) for name in Miss.__slots__} for miss in self.misses]
        return {"tried": self.tried, "found": self.found, "kinds": self.kinds, "misses": misses, "wall_s": self.wall_s}


def run_battery(seeds: Iterable[int], say: Callable[[str], None] = lambda line: None) -> BatteryScore:
    """Run the trials of these seeds. ModelError where text cannot be read."""
    engine = open_engine()
    return score_battery(seeds, lambda trial: watched(trial, engine), say)


def watched(trial: Trial, engine: TextEngine) -> list[Told]:
    """What the watcher tells of a trial."""
    return list(tell(trial.source(), {*CHANGE_TYPES, *TEXT_TYPES}, engine))


def score_battery(
    seeds: Iterable[int], detector: Detector, say: Callable[[str], None] = lambda line: None
) -> BatteryScore:
    """The score of any detector over the trials of these seeds."""
    score = BatteryScore()
    started_s = time.perf_counter()
    for seed in seeds:
        trial = Trial.of(seed)
        score.add(trial, list(detector(trial)))
        score.wall_s = time.perf_counter() - started_s
        if score.tried % _SAY_EVERY == 0:
            say(f"battery: {score.found} of {score.tried} found")
    return score


# -- detectors whose score is known -------------------------------------------------------------------------------


def silent(trial: Trial) -> list[Told]:
    """Never says anything."""
    return []


def perfect(trial: Trial, late_s: float = 0.0) -> list[Told]:
    """Says what is there, when it is."""
    return _told(trial, trial.expected.window.due_s + late_s)


def shifted(trial: Trial) -> list[Told]:
    """Says it too late."""
    return perfect(trial, _LATE_S)


def always(trial: Trial) -> list[Told]:
    """Says it twice a second from the start."""
    moments = int(trial.script.duration_ms / 1000 / _EVERY_S)
    return [each for moment in range(moments + 1) for each in _told(trial, moment * _EVERY_S)]


def blind(trial: Trial) -> list[Told]:
    """Says in time that everything has changed and reads dots for letters: it knows neither where nor what."""
    everywhere = Rect(0, 0, trial.look.width, trial.look.height)
    time_s = trial.expected.window.due_s
    return [
        Told("change", "", "", (everywhere,), time_s, time_s),
        Told(TEXT_TYPES[0], "", "...", (everywhere,), time_s, time_s),
    ]


def _told(trial: Trial, time_s: float) -> list[Told]:
    expected = trial.expected
    if not expected.words:
        return [Told("change", "", "", (expected.box,), time_s, time_s)]
    return [Told(TEXT_TYPES[0], "", words, (expected.box,), time_s, time_s) for words in expected.words]


MUST_FAIL: dict[str, Detector] = {"silent": silent, "always": always, "shifted": shifted, "blind": blind}
