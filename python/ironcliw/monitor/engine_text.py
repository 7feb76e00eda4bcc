"""The text of a watch: what is to be read next, what became of it, and the looks at what was drawn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ironcliw.frame import Rect
from ironcliw.monitor.engine_state import EngineState
from ironcliw.monitor.looking import AROUND_PX, Look
from ironcliw.monitor.reading import Reading, core
from ironcliw.objects import Detection
from ironcliw.rule import Firing
from ironcliw.text.plan import Dirty, cut_by, readable, widened
from ironcliw.text.protocol import ReadLine
from ironcliw.text.screen import TextUpdate
from ironcliw.text.thumbnail import thumbnail_of

# What changed on lossy video ends in pixels below the threshold. A lossless change is exact, and pixels around it are
# the feet of the line above, which a reader takes for accents.
_LOSSY_MARGIN_PX = 2

# What is read in a picture that moves, and in no alphabet, is read with less confidence than this.
_SURE = 0.9


class EngineText(EngineState):
    """The part of an engine that has text read and takes it in."""

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
        region = dirty.region if dirty.proof else self._whole_lines(dirty.region)
        if not readable(region):
            return None
        margin = 0 if self.setup.lossless else _LOSSY_MARGIN_PX
        crop = region.grown(margin, margin).clipped(width, height) or region
        # After a scroll a terminal is many regions, each of which is widened to all of its lines.
        self.states_skipped += sum(other.states - 1 for other in self._plan.take_inside(region, now_ns))
        # What is compared of lossy video keeps tiles that hardly changed as they were: fine print is blurred there.
        shown = self._latest if dirty.proof and self._latest is not None else self._tracker.shown
        pixels = shown[crop.y : crop.bottom, crop.x : crop.right].copy()
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
            proof=dirty.proof,
        )

    @property
    def has_news_to_read(self) -> bool:
        """Whether parts of the screen want reading, now or later, for the first time."""
        return self._plan.waiting > 0

    def put_back(self, reading: Reading) -> None:
        """``reading`` was given up: what it was to read is due again, as it is then."""
        if reading.geometry is self._geometry:
            self._plan.put_back(
                reading.region,
                reading.stamps,
                reading.taken,
                reading.taken_ns,
                at_start=reading.at_start,
                proof=reading.proof,
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
            thumbnail=None if reading.proof else reading.thumbnail,
            proves=(lambda box: not self._is_cut(box, reading)) if reading.proof else None,
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
        return inside and not self._is_cut(line.box, reading) and not self.setup.is_echo(line.text)

    def _is_cut(self, box: Rect, reading: Reading) -> bool:
        """Whether a line at ``box`` may go on outside the band of the screen that was read."""
        return (reading.at_start or reading.proof) and cut_by(box, reading.region, self._geometry.height)

    def hurry(self) -> None:
        """Nothing will settle any more: everything that waits to be read is due now."""
        self._plan.hurry()

    def _look_whether_begun(self) -> None:
        self._begun |= self._first_sequence is not None and not self._plan.at_start and not self._start_readings

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

    def alert(self, firings: Sequence[Firing]) -> None:
        """Tell what rules fired with by themselves: for an answer that came from outside."""
        self._announcer.alert(firings)
