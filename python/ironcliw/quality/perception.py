"""What is measured beside labelled recordings, and what was asked for of it.

perception = perceive(Asked(battery=1000, hours=8.0), say=print)
perception.battery, perception.restless        # None where it was not asked for
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ironcliw.errors import SettingsError
from ironcliw.quality import battery as batteries
from ironcliw.quality import restless as hours_of
from ironcliw.quality.battery import BatteryScore, run_battery, score_battery
from ironcliw.quality.benched import Benched, from_folder
from ironcliw.quality.counting import Reads
from ironcliw.quality.dialogs import DialogsScore, find_dialogs, labelled_frames
from ironcliw.quality.dialogs import controls as dialog_controls
from ironcliw.quality.endings import End, Ending
from ironcliw.quality.endings import controls as ending_controls
from ironcliw.quality.recordings import Recording
from ironcliw.quality.restless import LONGEST_H, SHORTEST_S, RestlessScore, run_restless, score_restless
from ironcliw.quality.screens import Screen, ScreensScore, read_screens
from ironcliw.quality.screens import controls as screen_controls
from ironcliw.source.synthetic.script import LARGEST_SEED

MOST_TRIALS = 1_000_000
SLUGGISH = Benched(2300.0, 0, 3000.0, 0, 5.0, 2500.0)
"""What the bench would have measured of a watcher that is two seconds late and keeps what it saw."""
_CONTROL_TRIALS = 40
_CONTROL_HOURS = 0.1


@dataclass(frozen=True, slots=True)
class Asked:
    """What to measure beside the recordings. SettingsError for what cannot be had.

    battery: how many trials of small things, of the seeds from 1 on
    trials: seeds of further trials, to repeat what was missed
    hours: how many hours of restless desktops
    benches: where results of the bench are looked for; None: nowhere
    pictures: where pictures of what was missed go; None: nowhere. They show screens, which are private
    """

    battery: int = 0
    trials: Sequence[int] = ()
    hours: float = 0.0
    benches: Path | None = None
    pictures: Path | None = None

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
    screens: ScreensScore | None = None
    dialogs: DialogsScore | None = None
    endings: tuple[Ending, ...] = ()
    reads: Reads | None = None
    benched: Benched | None = None

    @property
    def agreement(self) -> float | None:
        """Share of the characters that agree at the ends of all recordings; None where there are none."""
        characters = sum(ending.characters for ending in self.endings)
        return 1 - sum(ending.wrong for ending in self.endings) / characters if characters else None

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "battery": self.battery and self.battery.to_dict(),
            "restless": self.restless and self.restless.to_dict(),
            "screens": self.screens and self.screens.to_dict(),
            "dialogs": self.dialogs and self.dialogs.to_dict(),
            "endings": [{**asdict(ending), "agreement": ending.agreement} for ending in self.endings],
            "reads": self.reads and {**asdict(self.reads), "pixel_share": self.reads.pixel_share},
            "benched": self.benched and asdict(self.benched),
        }


def perceive(
    asked: Asked,
    screens: Sequence[Screen] = (),
    say: Callable[[str], None] = lambda line: None,
    recordings: Sequence[Recording] = (),
) -> Perception:
    """Measure what is asked for, read the ``screens``, and look for dialogs on them and in the ``recordings``.

    ModelError where text cannot be read, or dialogs not be looked for.
    """
    return Perception(
        benched=from_folder(asked.benches) if asked.benches else None,
        screens=read_screens(screens, say, asked.pictures) if screens else None,
        dialogs=find_dialogs(labelled_frames(screens, recordings)) if screens else None,
        battery=run_battery(asked.seeds, say) if asked.seeds else None,
        restless=run_restless(asked.hours, say) if asked.hours else None,
    )


def controls(
    asked: Asked,
    screens: Sequence[Screen] = (),
    ends: Sequence[End] = (),
    reads: Reads | None = None,
) -> dict[str, Perception]:
    """What detectors of known score make of the same, in short: by name; ``perfect`` must reach every target.

    ends: the whole readings at the ends of recordings
    reads: what was read of recordings; ``always`` reads every changed frame whole and knows no line again
    """
    trials: dict[str, batteries.Detector] = {"perfect": batteries.perfect, **batteries.MUST_FAIL}
    sessions: dict[str, hours_of.Detector] = {"perfect": hours_of.silent, **hours_of.MUST_FAIL}
    read = screen_controls(screens) if screens else {}
    dialogs = dialog_controls([(screen.path.name, screen.dialogs) for screen in screens if screen.dialogs is not None])
    kept = [ending_controls(end.name, end.whole) for end in ends]
    return {
        name: Perception(
            battery=_trials(asked, trial),
            restless=_hours(asked, sessions[name]) if name in sessions else None,
            screens=read.get(name),
            dialogs=dialogs.get(name) if screens else None,
            endings=tuple(endings[name] for endings in kept if name in endings),
            reads=reads and reads.forgetful() if name == "always" else None,
            benched=SLUGGISH if name == "shifted" and asked.benches else None,
        )
        for name, trial in trials.items()
    }


def _trials(asked: Asked, detector: batteries.Detector) -> BatteryScore | None:
    return score_battery(asked.seeds[:_CONTROL_TRIALS], detector) if asked.seeds else None


def _hours(asked: Asked, detector: hours_of.Detector) -> RestlessScore | None:
    return score_restless(min(asked.hours, _CONTROL_HOURS), detector) if asked.hours else None
