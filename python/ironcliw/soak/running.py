"""A watch of days in minutes (or in days): run, sampled, judged.

result = run_soak(Plan(frames=864_000))
result.good, result.checks
"""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ironcliw.errors import SettingsError
from ironcliw.monitor import Watch, WatchOptions
from ironcliw.soak.desktop import FPS, SoakSource
from ironcliw.soak.judging import Check, judge
from ironcliw.soak.reading import RepeatedDetector, RepeatedReader
from ironcliw.soak.sampling import Samples
from ironcliw.text import open_engine

SAMPLE_FRAMES = 1000
SAMPLES_LEAST = 50
CONDITIONS = (
    "text:BUILD FAILED",
    "text:/passed|finished/i",
    "gone:BUILD FAILED",
    "error",
    "dialog:/permission|allow/i",
    "still:30s",
    "change:0,0,64,64",
)


@dataclass(frozen=True, slots=True)
class Plan:
    """What to soak.

    frames: how many, at 10 a second of the script's time
    real_time: play them at that rate, and read every picture anew; else as fast as it goes
    text: read text
    leak_bytes: plant a leak of so many bytes a frame, which the soak must find
    """

    frames: int
    width: int = 640
    height: int = 360
    text: bool = True
    real_time: bool = False
    leak_bytes: int = 0

    def __post_init__(self) -> None:
        if not 200 <= self.frames <= 10**9:
            raise SettingsError(f"a soak has 200 to 1000000000 frames, not {self.frames}: fewer show no trend")
        if not 0 <= self.leak_bytes <= 1 << 20:
            raise SettingsError(f"a planted leak has 0 to {1 << 20} bytes a frame, not {self.leak_bytes}")

    @property
    def sample_frames(self) -> int:
        """A sample is taken every so many frames."""
        return min(SAMPLE_FRAMES, max(self.frames // SAMPLES_LEAST, 1))


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a soak.

    done: frames that were watched
    read, read_anew: pictures that text was read in, and those of them that the real engine was given
    looked, looked_anew: the same for objects
    crash: how the watch ended where it raised something; empty where it did not
    """

    plan: Plan
    done: int
    seconds: float
    samples: Samples
    checks: tuple[Check, ...]
    frames: dict[str, Any]
    events: dict[str, int]
    event_bytes: int
    stages: dict[str, dict[str, float]]
    read: int
    read_anew: int
    looked: int
    looked_anew: int
    crash: str = ""

    @property
    def good(self) -> bool:
        """Whether every check was passed."""
        return all(check.good for check in self.checks)


@dataclass(slots=True)
class _Told:
    """What the watch said."""

    counts: Counter[str] = field(default_factory=Counter[str])
    size_bytes: int = 0
    summary: dict[str, Any] = field(default_factory=dict[str, Any])
    crash: str = ""


def run_soak(
    plan: Plan, progress: Callable[[int], None] = lambda frame: None, stopped: Callable[[], bool] = lambda: False
) -> Result:
    """Watch ``plan.frames`` frames and judge what was held. SettingsError where this system cannot tell.

    progress: is told how many frames are done, at each sample
    stopped: is asked before each frame; True ends the soak
    """
    with _temporary_folder() as folder:
        samples = Samples(plan.frames // plan.sample_frames + 1, folder)
        leaked: list[bytearray] = []

        def on_frame(sequence: int) -> None:
            if plan.leak_bytes:
                leaked.append(bytearray(b"\x01" * plan.leak_bytes))
            if sequence and sequence % plan.sample_frames == 0:
                samples.take(sequence)
                progress(sequence)
            if stopped():
                source.stop()

        source = SoakSource(plan.frames, plan.width, plan.height, on_frame=on_frame)
        reader = RepeatedReader(open_engine(), lambda: source.round) if plan.text and not plan.real_time else None
        detector = RepeatedDetector() if reader else None
        options = WatchOptions(
            when=CONDITIONS if plan.text else CONDITIONS[-2:],
            pace="real" if plan.real_time else "max",
            fps=FPS,
            text=plan.text,
            engine=reader,
            detector=detector,
        )
        started_s = time.monotonic()
        told = _watch(source, options)
        seconds = time.monotonic() - started_s
    return Result(
        plan=plan,
        done=source.sequence,
        seconds=seconds,
        samples=samples,
        checks=judge(samples, source, told.summary.get("frames", {}), told.crash, exact=not plan.real_time),
        frames=told.summary.get("frames", {}),
        events=dict(sorted(told.counts.items())),
        event_bytes=told.size_bytes,
        stages=told.summary.get("stages", {}),
        read=reader.known.asked if reader else told.summary.get("reading", {}).get("readings", 0),
        read_anew=reader.known.anew if reader else told.summary.get("reading", {}).get("readings", 0),
        looked=detector.known.asked if detector else 0,
        looked_anew=detector.known.anew if detector else 0,
        crash=told.crash,
    )


def _watch(source: SoakSource, options: WatchOptions) -> _Told:
    """Watch to the end, and make of each event what the command line makes of it."""
    told = _Told()
    try:
        with Watch(source, options) as running:
            for event in running:
                told.counts[event.type] += 1
                told.size_bytes += len(event.to_json())
                if event.type == "summary":
                    told.summary = dict(event.data)
    except SettingsError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever ends the watch is what a soak is there to find
        told.crash = f"{type(error).__name__}: {error}"
    return told


@contextmanager
def _temporary_folder() -> Generator[Path]:
    """A folder of our own for temporary files, so that those that are left behind can be counted."""
    before = tempfile.tempdir
    with tempfile.TemporaryDirectory(prefix="ironcliw-soak-") as folder:
        tempfile.tempdir = folder
        try:
            yield Path(folder)
        finally:
            tempfile.tempdir = before
