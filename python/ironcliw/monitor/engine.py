"""The watcher without threads and clocks: captures in, readings out and back in, events out.

    engine = Engine(setup, emit=print)
    engine.begin(geometry, description, now_ns=0)
    engine.capture(message, memory.pixels)
    while reading := engine.take_reading(now_ns):
        engine.finish_reading(reading, perceiver.read(reading))

Everything is driven by source time, so a recording gives the same events however fast it is decoded and whichever
kernels compute it. Not safe for use from several threads at once: the live monitor holds a lock around each call, and
reads text (the slow part) outside of it.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ironcliw import clock
from ironcliw.change import LOSSY_THRESHOLD, Change, ChangeTracker, Tiles
from ironcliw.event import Event
from ironcliw.frame import Geometry, Rect
from ironcliw.memory import Ledger, blank_pixels
from ironcliw.metrics import Copies, FrameCounts, StageTimes
from ironcliw.monitor.announcer import Announcer
from ironcliw.monitor.holding import Holdings
from ironcliw.monitor.incidents import IncidentTeller
from ironcliw.monitor.judging import Judge
from ironcliw.monitor.looking import AROUND_PX, Look, LookPlan
from ironcliw.monitor.pausing import TextPause
from ironcliw.monitor.reading import Reading, core
from ironcliw.monitor.rule_state import RuleState
from ironcliw.monitor.telling import TextTeller
from ironcliw.objects import Detection
from ironcliw.rule import Firing, RuleSet
from ironcliw.rule.windows import Window
from ironcliw.source.protocol import Capture
from ironcliw.text.dissolve import Dissolve
from ironcliw.text.plan import INTERVAL_NS, REGIONS_MAX, SETTLE_NS, Dirty, ReadPlan, Stamp, cut_by, readable, widened
from ironcliw.text.protocol import ReadLine
from ironcliw.text.screen import Line, TextScreen, TextUpdate
from ironcliw.text.thumbnail import thumbnail_of
from ironcliw.volatility import Volatility

BLACK_AFTER_NS = 5 * clock.SECOND
"""A screen that is all zero for this long, after it was not, counts as lost."""

# What changed on lossy video ends in pixels below the threshold. A lossless change is exact, and pixels around it are
# the feet of the line above, which a reader takes for accents.
_LOSSY_MARGIN_PX = 2

# What is read in a picture that moves, and in no alphabet, is read with less confidence than this.
_SURE = 0.9

# Pictures of what was drawn over before it could be read; each at most this part of the screen.
_MOST_KEPT = 4
_LARGEST_KEPT = 1 / 8


@dataclass(frozen=True, slots=True)
class EngineSetup:
    """What an engine is told once.

    source: name of the source, as it stands in events
    run: prefix of event ids, unique to this run (or, for recordings, to what they show)
    live: whether time passes by itself
    lossless: whether an unchanged pixel has an unchanged value; otherwise ``threshold`` (squared RGB distance) applies
    rules: the conditions that raise alerts
    is_echo: whether a line on the screen is one that we printed ourselves
    read_text: whether changed regions are read at all
    settle_ns, interval_ns: when a changed region is read; see ``ReadPlan``
    ledger: whose budgets hold what the engine keeps
    rule_state: where what rules have told is kept over restarts
    """

    source: str
    run: str
    live: bool
    lossless: bool
    rules: RuleSet
    threshold: int = LOSSY_THRESHOLD
    is_echo: Callable[[str], bool] = field(default=lambda text: False)
    read_text: bool = True
    settle_ns: int = SETTLE_NS
    interval_ns: int = INTERVAL_NS
    ledger: Ledger = field(default_factory=Ledger)
    rule_state: RuleState | None = None


class Engine:
    """Change, text and rules of one source, and the events they make."""

    def __init__(self, setup: EngineSetup, emit: Callable[[Event], None]) -> None:
        self.setup = setup
        self.counts = FrameCounts()
        self.stages = StageTimes()
        self.copies = Copies()
        self.captured_bytes = 0
        self.pixels_read_at_start = 0
        self.pixels_read = 0
        self.pixels_of_changed_frames = 0
        self.readings = 0
        self.states_skipped = 0
        self._announcer = Announcer(setup.source, setup.run, setup.live, emit)
        self._judge = Judge(self._announcer, setup.rules, self.stages, setup.rule_state)
        self._teller = TextTeller(self._announcer, self._judge)
        self._incidents = IncidentTeller(self._announcer, self._judge, self.stages)
        self._screen = TextScreen()
        self._geometry = Geometry(1, 1)
        self._tracker = ChangeTracker(1, 1)
        self.holdings = Holdings(setup.ledger, setup.run)
        """What it holds of its ledger."""
        self.volatility = Volatility(1, 1)
        """What is restless on the screen as it is now; a new one where it has another size."""
        self._plan = ReadPlan(1, 1)
        self._looks = LookPlan()
        self._text_pause: TextPause = TextPause(self._announcer, setup.rules)
        setup.ledger.account("text").gauge(self, Engine.text_bytes)
        self._latest: NDArray[np.uint8] | None = None
        self._kept: deque[Reading] = deque()
        self._dissolve = Dissolve()
        self._first_sequence: int | None = None
        self._start_readings = 0
        self._begun = False
        """Whether all that was there when the watch began was read: what else comes is news, also to who goes on."""
        self._now_ns = 0
        self._black_since_ns: int | None = None
        self._seen_light = False
        self._blind_black = False
        self._gaps: set[str] = set()

    # -- the source --------------------------------------------------------------------------------------------

    def begin(self, geometry: Geometry, description: dict[str, Any], now_ns: int) -> None:
        """The source is open: say so."""
        self._announcer.emit("start", now_ns, data=description)
        self.resize(geometry, now_ns)

    def resume(self, geometry: Geometry, recall: dict[str, Any], now_ns: int) -> None:
        """The source is open again after the engine before this one was lost: go on where ``recall`` says it stood.

        What stood on the screen is no news when it is read again; what came meanwhile is.
        """
        self._announcer.events, self._announcer.alerts = recall["events"], recall.get("alerts", 0)
        self._incidents.number_from(recall.get("incident", 0))
        self.counts.restore(recall.get("frames", {}))
        read = recall.get("reading", {})
        self.readings, self.pixels_read_at_start = read.get("readings", 0), read.get("pixels_at_start", 0)
        self.pixels_read, self.pixels_of_changed_frames = read.get("pixels_read", 0), read.get("pixels_full", 0)
        self.states_skipped = read.get("skipped", 0)
        self._first_sequence = recall.get("first_sequence")
        self._begun = self._first_sequence is not None
        lines = [Line(key, text, Rect(*box), confidence, at) for key, text, box, confidence, at in recall["lines"]]
        self._screen.restore(lines)
        self._gaps = set(recall.get("gaps", ()))
        self._judge.resume(recall.get("rules", {}), now_ns, blind=bool(self._gaps))
        self._teller.arm(self._screen.lines, now_ns)
        self.resize(geometry, now_ns)
        self._seen_light = self._blind_black = "black" in self._gaps

    def recall(self) -> dict[str, Any]:
        """What another engine needs to ``resume``, as JSON values."""
        self._look_whether_begun()
        return {
            "events": self._announcer.events,
            "alerts": self.alerts,
            "frames": self.counts.to_dict(),
            "reading": self._read(),
            "first_sequence": self._first_sequence if self._begun else None,
            "lines": [[line.id, line.text, list(line.box), line.confidence, line.time_ns] for line in self.lines],
            "gaps": sorted(self._gaps),
            "rules": self._judge.recall(),
        }

    def _look_whether_begun(self) -> None:
        self._begun |= self._first_sequence is not None and not self._plan.at_start and not self._start_readings

    def resize(self, geometry: Geometry, now_ns: int) -> None:
        """The next capture has this geometry; what was known of the pixels is void, the text is compared anew."""
        self._now_ns = now_ns
        self._geometry = geometry
        self._judge.resize(geometry, started=self._first_sequence is not None)
        self.holdings.fit(geometry, read_text=self.setup.read_text, lossless=self.setup.lossless)
        threshold = 0 if self.setup.lossless else self.setup.threshold
        self._tracker = ChangeTracker(geometry.height, geometry.width, threshold)
        self.volatility = Volatility(geometry.width, geometry.height)
        self._plan = ReadPlan(
            geometry.width,
            geometry.height,
            settle_ns=self.setup.settle_ns,
            interval_ns=self.setup.interval_ns,
            volatility=self.volatility,
            exact=self.setup.lossless,
        )
        self._looks = LookPlan()
        # What is compared of lossy video keeps tiles that hardly changed as they were, and so breaks faint edges.
        self._latest = None if self.setup.lossless else blank_pixels(geometry.height, geometry.width)
        self._kept.clear()
        self._screen.resize(geometry.width, geometry.height)
        self._incidents.resize(geometry.width, geometry.height)
        self._forget_beyond(geometry, now_ns)

    def begin_anew(self, now_ns: int) -> None:
        """Something went wrong within a capture: what is known of the pixels is void."""
        self.resize(self._geometry, now_ns)

    def _forget_beyond(self, geometry: Geometry, now_ns: int) -> None:
        """What stood where the screen no longer is will never be read again: it is gone."""
        far = max((max(line.box.right, line.box.bottom) for line in self._screen.lines), default=0)
        beyond = (Rect(geometry.width, 0, far, far), Rect(0, geometry.height, geometry.width, far))
        for region in beyond:
            update = self._screen.apply(region, (), changed=lambda box: True, time_ns=now_ns)
            self._teller.tell_cut_off(update, now_ns)

    def gap(self, now_ns: int, reason: str, state: str, detail: str) -> None:
        """The source cannot be seen (state ``begin``) or is seen again (``end``), for this reason; others may last."""
        self._now_ns = max(self._now_ns, now_ns)
        if state == "begin":
            self._gaps.add(reason)
        else:
            self._gaps.discard(reason)
        self._announcer.emit("gap", now_ns, data={"reason": reason, "state": state, "detail": detail})
        if state == "begin":
            self._judge.gap(now_ns)
        elif not self._gaps:
            self._judge.back(now_ns, text=False if self._text_pause.on else None)

    def windows(self, windows: Sequence[Window], now_ns: int) -> None:
        """The source says which windows there are, the uppermost first."""
        self._now_ns = max(self._now_ns, now_ns)
        self._judge.windows(windows, now_ns)

    def capture(self, message: Capture, pixels: NDArray[np.uint8]) -> Change:
        """The source shows a new state in ``pixels``, (h, w, 4) uint8 BGRX."""
        self._now_ns = max(self._now_ns, message.time_ns)
        if self.setup.read_text:
            self._keep(message)
        started_ns = time.perf_counter_ns()
        change = self._tracker.apply(pixels, message.damage)
        if change.regions:
            self.volatility.follow(self._tracker.tiles, message.time_ns)
        self.stages.add("change", time.perf_counter_ns() - started_ns)
        self.copies.handed_over("change")
        self.captured_bytes += message.bytes_read
        self._count(message, change)
        self._watch_black(change, message.time_ns)
        if not change.regions:
            return change
        self.copies.copied("shown", self._tracker.stored_bytes(change))
        if self._latest is not None and self.setup.read_text:
            np.copyto(self._latest, pixels)
            self.copies.copied("latest", self._latest.nbytes)
        stamp = Stamp(message.sequence, message.time_ns, message.captured_at_ns)
        if change.first:
            self._start(stamp, pixels)
        else:
            if self.setup.read_text:
                self._plan.follow(change.regions, self._tracker.tiles, stamp, self._tracker.shown)
                self.copies.handed_over("plan")
                self._looks.changed(change.regions, message.time_ns)
                for region in change.regions if self._judge.needs_looks else ():
                    self._looks.want(region, message.time_ns)
                if self._plan.has_large:
                    self._dissolve.look(pixels, message.time_ns)
                    self._plan.dissolving(self._dissolve.until_ns)
            self.pixels_of_changed_frames += self._geometry.width * self._geometry.height
            self._announcer.emit("change", message.time_ns, stamp=stamp, regions=change.regions)
            self._judge.changed(change, stamp, pixels)
        return change

    def pause_text(self, now_ns: int, detail: str) -> None:
        """Read no more text until ``resume_text``, and say so; what changes meanwhile is read then.

        States that were kept because they were drawn over before they could be read count as skipped.
        """
        if self.setup.read_text and self._text_pause.begin(max(now_ns, self._now_ns), detail):
            self.states_skipped += len(self._kept)
            self._kept.clear()

    def resume_text(self, now_ns: int, detail: str) -> None:
        """Read what changed while text was not read, and all that comes."""
        self._text_pause.end(max(now_ns, self._now_ns), detail, seen=not self._gaps)

    def text_bytes(self) -> int:
        """About what is held for text beside the engine that reads it. From any thread."""
        kept = sum(reading.pixels.nbytes + reading.stamps.bytes for reading in tuple(self._kept))
        return kept + self._plan.stamps.bytes + self._screen.bytes

    def _keep(self, message: Capture) -> None:
        """Copy what stood still, and was not read because the reader was busy, before ``message`` draws over it.

        Else words that are there for half a second would be lost while a full screen is being read. Of large regions
        the newest state is what counts.
        """
        largest = _LARGEST_KEPT * self._geometry.width * self._geometry.height
        for dirty in self._plan.stood(message.time_ns, message.damage):
            if self._text_pause.on:
                return
            if len(self._kept) < _MOST_KEPT and self._whole_lines(dirty.region).area <= largest:
                self._plan.take_away(dirty, message.time_ns)
                reading = self._reading(dirty, message.time_ns)
                self._kept += [] if reading is None else [reading]

    def snapshot(self) -> NDArray[np.uint8]:
        """A copy of the last state that was looked at, (h, w, 4) uint8 BGRX."""
        shown = self._tracker.shown.copy()
        self.copies.copied("snapshot", shown.nbytes)
        return shown

    @property
    def tiles(self) -> Tiles:
        """What the last capture that was looked at changed, tile by tile; it changes with the next."""
        return self._tracker.tiles

    @property
    def lines(self) -> tuple[Line, ...]:
        """Every line of text that is known to be on the screen now, in reading order."""
        return self._screen.lines

    @property
    def alerts(self) -> int:
        """How many alerts were raised."""
        return self._announcer.alerts

    @property
    def told(self) -> Counter[str]:
        """How many events were told, by their type."""
        return self._announcer.told

    @property
    def waiting(self) -> dict[str, tuple[int, int]]:
        """How much waits to be read, and how much of it may: regions, and pictures of what was drawn over."""
        return {"regions": (self._plan.waiting, REGIONS_MAX), "kept": (len(self._kept), _MOST_KEPT)}

    def drop(self, reason: str) -> None:
        """A captured frame was not looked at."""
        self.counts.dropped[reason] += 1

    def _start(self, stamp: Stamp, pixels: NDArray[np.uint8]) -> None:
        if self._first_sequence is None:
            self._first_sequence = stamp.sequence
        if self.setup.read_text:
            self._plan.begin(stamp, self._tracker.tiles, in_bands=self.setup.live)
        self._judge.started(stamp, pixels)
        if not self.setup.read_text:
            self._judge.begun(stamp.time_ns)

    def _count(self, message: Capture, change: Change) -> None:
        if change.regions:
            self.counts.changed += 1
        elif message.damage and message.excluded and all(_inside(rect, message.excluded) for rect in message.damage):
            self.counts.excluded += 1
        else:
            self.counts.duplicate += 1

    # -- time --------------------------------------------------------------------------------------------------

    @property
    def now_ns(self) -> int:
        """Source time the engine has come to: when a recording's latest event could be told at the earliest."""
        return self._now_ns

    @property
    def next_due_ns(self) -> int | None:
        """Source time at which ``take_reading`` or ``tick`` wants to be called next."""
        due = [self._judge.due_ns]
        if self.setup.read_text:
            if not self._text_pause.on:
                due += [self._now_ns if self._kept else self._plan.next_due_ns, self._looks.due_ns]
            due += [self._teller.due_ns, self._text_pause.put_off(self._incidents.due_ns)]
        if self._black_since_ns is not None and not self._blind_black:
            due.append(self._black_since_ns + BLACK_AFTER_NS)
        known = [moment for moment in due if moment is not None]
        return min(known) if known else None

    def tick(self, now_ns: int) -> None:
        """Source time has come to ``now_ns``: raise what was waiting for it."""
        self._now_ns = max(self._now_ns, now_ns)
        since = self._black_since_ns
        if since is not None and not self._blind_black and now_ns >= since + BLACK_AFTER_NS:
            self._blind_black = True
            self.gap(now_ns, "black", "begin", "every pixel has been zero for 5 s; the screen may be off or locked")
        self._teller.rest(now_ns)
        if not self._text_pause.waits(now_ns):
            self._incidents.tick(now_ns)
        self._judge.tick(now_ns)

    def _watch_black(self, change: Change, time_ns: int) -> None:
        if not change.black:
            self._seen_light = True
            self._black_since_ns = None
            if self._blind_black:
                self._blind_black = False
                self.gap(time_ns, "black", "end", "the screen shows something again")
        elif self._seen_light and self._black_since_ns is None:
            self._black_since_ns = time_ns

    def hurry(self) -> None:
        """Nothing will settle any more: everything that waits to be read is due now."""
        self._plan.hurry()

    # -- text --------------------------------------------------------------------------------------------------

    def take_reading(self, now_ns: int) -> Reading | None:
        """What was kept, oldest first, else the most urgent part of the screen that is due by ``now_ns``, else None."""
        if self._text_pause.on:
            return None
        if self._kept:
            return self._kept.popleft()
        while self.setup.read_text and (dirty := self._plan.take(now_ns)) is not None:
            reading = self._reading(dirty, now_ns)
            if reading is not None:
                return reading
        return None

    def _reading(self, dirty: Dirty, now_ns: int) -> Reading | None:
        self.states_skipped += dirty.states - 1
        width, height = self._geometry.width, self._geometry.height
        region = self._whole_lines(dirty.region)
        if not readable(region):
            return None
        margin = 0 if self.setup.lossless else _LOSSY_MARGIN_PX
        crop = region.grown(margin, margin).clipped(width, height) or region
        pixels = self._tracker.shown[crop.y : crop.bottom, crop.x : crop.right].copy()
        self.copies.copied("reading", pixels.nbytes)
        stamps = self._plan.stamps.reading(region)
        self._start_readings += dirty.at_start
        return Reading(
            region=region,
            pixels=pixels,
            left=crop.x,
            top=crop.y,
            taken_ns=now_ns,
            at_start=dirty.at_start,
            stamps=stamps,
            geometry=self._geometry,
            thumbnail=thumbnail_of(self._tracker.shown, region),
            taken=self._plan.taking(region, now_ns),
        )

    def put_back(self, reading: Reading) -> None:
        """``reading`` was given up: what it was to read is due again, as it is then."""
        if reading.geometry is self._geometry:
            self._plan.put_back(
                reading.region, reading.stamps, reading.taken, reading.taken_ns, at_start=reading.at_start
            )

    def _whole_lines(self, region: Rect) -> Rect:
        lines = (line.box for line in self._screen.lines)
        return widened(region, lines, self._geometry.width, self._geometry.height)

    def finish_reading(self, reading: Reading, lines: Iterable[ReadLine]) -> None:
        """Take the lines of a reading, boxes in frame pixels, unless the screen has had another size since."""
        self.readings += 1
        self._start_readings -= reading.at_start
        pixels = reading.pixels.shape[0] * reading.pixels.shape[1]
        if reading.at_start:
            self.pixels_read_at_start += pixels
        else:
            self.pixels_read += pixels
        if reading.geometry is not self._geometry:
            return
        ours = [line for line in lines if self._belongs(line, reading)]
        update = self._screen.apply(
            reading.region,
            ours,
            changed=lambda box: reading.stamps.unread(core(box)),
            time_ns=max(reading.taken_ns, 0),
            thumbnail=reading.thumbnail,
        )
        self._note_news(update, reading)
        update, at_start = self._teller.tell(update, reading, self._first_sequence)
        # What is drawn at the start is looked at, too: later words in it are no dialog that has just come.
        if self._incidents.follow(update, at_start, reading) or reading.at_start:
            self._looks.want(reading.region, reading.taken_ns)
        self._look_whether_begun()
        if self._begun:
            self._judge.begun(reading.taken_ns)

    def give_up(self, reading: Reading) -> None:
        """This reading could not be read: it stays as it was."""
        self._start_readings -= reading.at_start

    def take_look(self, now_ns: int) -> Look | None:
        """The part of the screen in which to look for what is drawn, if that is due by ``now_ns``."""
        region = None if self._text_pause.on else self._looks.take(now_ns)
        width, height = self._geometry.width, self._geometry.height
        inside = None if region is None else region.clipped(width, height)
        if inside is None:
            return None
        shown = self._tracker.shown if self._latest is None else self._latest
        copy = self.holdings.copy(shown, "looks")
        if copy is None:
            self._looks.want(inside, now_ns)  # when there is room for it again
            return None
        self.copies.copied("look", shown.nbytes)
        return Look(
            region=inside,
            copy=copy,
            lines=tuple(line.box for line in self._screen.lines),
            taken_ns=now_ns,
            geometry=self._geometry,
            thumbnail=thumbnail_of(shown, inside.grown(*AROUND_PX)),
        )

    def finish_look(self, look: Look, detections: Sequence[Detection]) -> None:
        """Take what was seen in a look, boxes in frame pixels, unless the screen has had another size since."""
        look.copy.release()
        if look.geometry is self._geometry:
            self._incidents.look(look, detections, self._screen.lines)
            self._judge.looked(look.region, detections, self._screen.lines, look.taken_ns)

    def _note_news(self, update: TextUpdate, reading: Reading) -> None:
        """Let what is restless be known by what it says: nothing new, or ticks."""
        texts = [line for pair in (*update.changed, *update.moved) for line in pair]
        texts += [*update.appeared, *update.vanished, *update.uncovered]
        ticking = {new.id for old, new in update.changed if self._teller.is_tick(old, new)}
        news = [line.box for line in texts if line.id not in ticking and line.confidence >= _SURE]
        self.volatility.note_news(news, reading.taken_ns)
        self._plan.finish(reading.taken, [line.box for line in texts], news)

    def _belongs(self, line: ReadLine, reading: Reading) -> bool:
        x, y = line.box.x + line.box.width // 2, line.box.y + line.box.height // 2
        inside = reading.region.overlaps(Rect(x, y, 1, 1))
        cut = reading.at_start and cut_by(line.box, reading.region, self._geometry.height)
        return inside and not cut and not self.setup.is_echo(line.text)

    # -- events ------------------------------------------------------------------------------------------------

    def alert(self, firings: Sequence[Firing]) -> None:
        """Tell what rules fired with by themselves: for an answer that came from outside."""
        self._announcer.alert(firings)

    def finish(self, now_ns: int, data: dict[str, Any]) -> None:
        """The source has ended or the user has: emit the summary. ``data`` adds fields to it."""
        self.tick(now_ns)
        summary: dict[str, Any] = {
            "duration_s": round(now_ns / clock.SECOND, 3),
            "frames": self.counts.to_dict(),
            "alerts": self.alerts,
            "reading": self._read(),
            "stages": self.stages.summary(),
        }
        self._announcer.emit("summary", now_ns, data={**summary, **data})
        self.close()

    def _read(self) -> dict[str, int]:
        return {
            "readings": self.readings,
            "pixels_at_start": self.pixels_read_at_start,
            "pixels_read": self.pixels_read,
            "pixels_full": self.pixels_of_changed_frames,
            "skipped": self.states_skipped,
            "ticks": self._teller.ticks,
        }

    def close(self) -> None:
        """What was held counts no more; a new ``resize`` takes it up again."""
        self.holdings.close()


def _inside(rect: Rect, areas: Sequence[Rect]) -> bool:
    return any(rect.intersection(area) == rect for area in areas)
