"""How a source is to be watched: ``WatchOptions(when=["error"], fps=5)``."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ironcliw.change import LARGEST_THRESHOLD, LOSSY_THRESHOLD
from ironcliw.errors import SettingsError
from ironcliw.history.ring import DEFAULT_BYTES
from ironcliw.memory import Ledger
from ironcliw.monitor.governor import parse_share
from ironcliw.objects import ObjectDetector
from ironcliw.rule import Condition, Rule
from ironcliw.text import TextEngine

if TYPE_CHECKING:  # SQLite is loaded by those who keep a log
    from ironcliw.store import EventLog
    from ironcliw.vision_model import Asker

Pace = Literal["real", "max"]


@dataclass(frozen=True, slots=True)
class WatchOptions:
    """How to watch.

    when: conditions and rules that raise alerts; any of them
    rules: path of a file of further rules, such as rules.toml
    rules_state: path of a file in which what rules have told is kept over restarts: hashes and times, no words
    starts: recordings only: when the first frame was on the screen, as in 2026-11-27T12:00, for rules that go by hours
    now: whether text that is there at the start raises an alert too
    pace: recordings only: ``real`` plays them at their own speed, ``max`` as fast as they can be read, dropping nothing
    monitor: the monitor's name or number; None is the primary one
    fps: captures a second at most
    include_self: whether to watch the terminal that runs us, too
    exclude: what is left out at the source, as in ``ironcliw.source.exclusion``: ``app:NAME``, ``title:/REGEX/``, ...
    cpu: live sources: a share of one core, such as 5%, that this process should not exceed: then, and where nothing
        happens, on battery and where the machine is hot, captures become fewer; None: as many as ``fps`` says
    latency_s: ... but one at least within this many seconds
    interval_s: seconds between images that carry no times
    text: whether to read text at all
    threads: threads for reading text; None decides from the cores we may use
    engine: what reads the text, or its name; None opens the default one. It may be handed from one watch to the next
        (what it has read before it knows), not to two at the same time
    detector: what finds dialogs and notifications; None opens the default one. As with ``engine``, for one at a time
    threshold: squared RGB distance that a pixel must exceed to count as changed on lossy video
    settle_ms: a changed region is read once it has stood still for this long ...
    reads_per_s: ... and while it keeps moving, this often at most
    probe_interval_s: seconds between looks at a screen that reports no change
    ring_bytes: live sources: what the frames that were just seen may take, one at the least
    share: whether other processes of this user may read these frames (``ironcliw.attach``); then three at the least
    archive: live sources: whether earlier frames are kept, in memory, as far back as the budget for it reaches
    log: where every event is kept as well, before whoever iterates sees it; its owner closes it
    asker: whom to ask what pixels and text cannot settle; None: such conditions are never met. The watch closes it
    ask_s: how long an answer may take
    memory: the ledger whose budgets hold everything; None for one of a quarter of what there is, at most 1 GiB. Watches
        of one process that share a budget share a ledger
    """

    when: Sequence[str | Condition | Rule] | str | Condition | Rule = ()
    rules: str | None = None
    starts: str | None = None
    rules_state: str | None = None
    now: bool = False
    pace: Pace = "real"
    monitor: str | None = None
    fps: float = 10.0
    include_self: bool = False
    exclude: Sequence[str] = ()
    cpu: str | None = None
    latency_s: float = 5.0
    interval_s: float = 1.0
    text: bool = True
    threads: int | None = None
    engine: TextEngine | str | None = None
    detector: ObjectDetector | None = None
    threshold: int = LOSSY_THRESHOLD
    settle_ms: int = 100
    reads_per_s: float = 5.0
    probe_interval_s: float = 1.0
    ring_bytes: int = DEFAULT_BYTES
    share: bool = False
    archive: bool = False
    log: EventLog | None = None
    memory: Ledger | None = None
    asker: Asker | None = None
    ask_s: float = 20.0

    @property
    def conditions(self) -> list[str | Condition | Rule]:
        """``when`` as a list."""
        return [self.when] if isinstance(self.when, str | Condition | Rule) else [*self.when]

    def __post_init__(self) -> None:
        if not 0.05 <= self.fps <= 240:
            raise SettingsError(f"fps must be 0.05 to 240, not {self.fps}")
        if self.pace not in ("real", "max"):
            raise SettingsError(f"pace must be 'real' or 'max', not {self.pace!r}")
        if self.cpu is not None:
            parse_share(self.cpu)
        if not 0.05 <= self.latency_s <= 60:
            raise SettingsError(f"latency_s must be 0.05 to 60, not {self.latency_s}")
        if not 0.01 <= self.reads_per_s <= 1000 or not 0 <= self.settle_ms <= 60_000:
            given = f"{self.reads_per_s} and {self.settle_ms}"
            raise SettingsError(f"reads_per_s must be 0.01 to 1000 and settle_ms 0 to 60000, not {given}")
        if not 0 <= self.threshold <= LARGEST_THRESHOLD:
            raise SettingsError(f"threshold must be 0 to {LARGEST_THRESHOLD}, not {self.threshold}")
        if not (math.isfinite(self.interval_s) and 0 < self.interval_s <= 86_400):
            raise SettingsError(f"interval must be above 0 and at most 86400 seconds, not {self.interval_s}")
