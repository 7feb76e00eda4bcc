"""What is measured beside labelled recordings, and what was asked for of it.

perception = perceive(Asked(battery=1000, hours=8.0), say=print)
perception.battery, perception.restless        # None where it was not asked for
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ironcliw.errors import SettingsError
from ironcliw.quality import battery as batteries
from ironcliw.quality import restless as hours_of
from ironcliw.quality.battery import BatteryScore, run_battery, score_battery
from ironcliw.quality.restless import LONGEST_H, SHORTEST_S, RestlessScore, run_restless, score_restless
from ironcliw.source.synthetic.script import LARGEST_SEED

MOST_TRIALS = 1_000_000
_CONTROL_TRIALS = 40
_CONTROL_HOURS = 0.1


@dataclass(frozen=True, slots=True)
class Asked:
    """What to measure beside the recordings. SettingsError for what cannot be had.

    battery: how many trials of small things, of the seeds from 1 on
    trials: seeds of further trials, to repeat what was missed
    hours: how many hours of restless desktops
    """

    battery: int = 0
    trials: Sequence[int] = ()
    hours: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.battery <= MOST_TRIALS:
            raise SettingsError(f"battery must be 0 to {MOST_TRIALS} trials, not {self.battery}")
        if any(not 0 <= seed <= LARGEST_SEED for seed in self.trials):
            raise SettingsError(f"a trial's seed must be 0 to {LARGEST_SEED}")
        if self.hours != 0 and not SHORTEST_S / 3600 <= self.hours <= LONGEST_H:
            raise SettingsError(f"hours must be 0, or {SHORTEST_S / 3600:.4f} to {LONGEST_H:g}, not {self.hours:g}")

    @property
    def seeds(self) -> list[int]:
        """The seeds of all trials asked for, each once."""
        return list(dict.fromkeys([*range(1, self.battery + 1), *self.trials]))

    @property
    def anything(self) -> bool:
        """Whether anything is asked for."""
        return bool(self.seeds or self.hours)


@dataclass(frozen=True, slots=True)
class Perception:
    """What was measured beside the recordings; None where it was not."""

    battery: BatteryScore | None = None
    restless: RestlessScore | None = None

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "battery": self.battery and self.battery.to_dict(),
            "restless": self.restless and self.restless.to_dict(),
        }


def perceive(asked: Asked, say: Callable[[str], None] = lambda line: None) -> Perception:
    """Measure what is asked for. ModelError where text cannot be read."""
    return Perception(
        battery=run_battery(asked.seeds, say) if asked.seeds else None,
        restless=run_restless(asked.hours, say) if asked.hours else None,
    )


def controls(asked: Asked) -> dict[str, Perception]:
    """What detectors of known score make of the same, in short: by name; ``perfect`` must reach every target."""
    found = {"perfect": Perception(_trials(asked, batteries.perfect), _hours(asked, hours_of.silent))}
    for name in {**batteries.MUST_FAIL, **hours_of.MUST_FAIL}:
        trial, session = batteries.MUST_FAIL.get(name), hours_of.MUST_FAIL.get(name)
        found[name] = Perception(trial and _trials(asked, trial), session and _hours(asked, session))
    return found


def _trials(asked: Asked, detector: batteries.Detector) -> BatteryScore | None:
    return score_battery(asked.seeds[:_CONTROL_TRIALS], detector) if asked.seeds else None


def _hours(asked: Asked, detector: hours_of.Detector) -> RestlessScore | None:
    return score_restless(min(asked.hours, _CONTROL_HOURS), detector) if asked.hours else None
