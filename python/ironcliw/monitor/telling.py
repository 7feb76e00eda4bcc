"""Tells what readings changed: lines that appeared, were edited, moved or vanished, and the conditions they meet.

teller = TextTeller(announcer, judge)
teller.tell(update, reading, first_sequence=0)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from ironcliw.event import EventType
from ironcliw.monitor.announcer import Announcer
from ironcliw.monitor.judging import Judge
from ironcliw.monitor.reading import Reading
from ironcliw.text.difference import difference, movements
from ironcliw.text.restless import Rested, RestlessLines
from ironcliw.text.screen import Line, TextUpdate


class TextTeller:
    """All text events of one run. ``ticks``: edits of clocks and counters that were not worth an event."""

    def __init__(self, announcer: Announcer, judge: Judge) -> None:
        self.ticks = 0
        self._announcer, self._judge = announcer, judge
        self._restless = RestlessLines()

    @property
    def due_ns(self) -> int | None:
        """Source time at which ``rest`` wants to be called; None where nothing ticks untold."""
        return self._restless.due_ns

    def is_tick(self, before: Line, after: Line) -> bool:
        """Whether an edit is one tick more of a clock or a counter."""
        return self._restless.is_tick(before, after)

    def rest(self, now_ns: int) -> None:
        """Say where clocks and counters came to rest."""
        self._tell_rested(self._restless.rested(now_ns), now_ns)

    def arm(self, lines: tuple[Line, ...], now_ns: int) -> None:
        """These lines stood on the screen before, and were told: the rules know them, and nobody is told again."""
        self._judge.hear(TextUpdate(now_ns, lines=lines, appeared=lines, present_at_start=True))

    def tell(
        self, update: TextUpdate, reading: Reading, first_sequence: int | None
    ) -> tuple[TextUpdate, Sequence[Line]]:
        """Emit what is news in ``update``; what was there when the watch began only arms the rules.

        Returns the news, and the lines that were there.

        first_sequence: of the capture that the watch began with
        """
        old = [line for line in update.appeared if not _is_news(line, reading, first_sequence)]
        if old:
            news = {line.id for line in update.appeared} - {line.id for line in old}
            known = tuple(line for line in update.lines if line.id not in news)
            at_start = replace(update, lines=known, appeared=tuple(old), present_at_start=True)
            self._judge.text(at_start, reading)
            update = replace(update, appeared=tuple(line for line in update.appeared if line.id in news))
        for line in update.vanished:
            self._tell_rested([self._restless.gone(line)], reading.taken_ns)
            self._emit_line("text_vanished", line, reading)
        for movement in movements(update.moved):
            where = {"dx": movement.dx, "dy": movement.dy, "lines": movement.lines}
            stamp = reading.stamp(movement.box)
            self._announcer.emit("text_moved", reading.taken_ns, stamp=stamp, regions=(movement.box,), data=where)
        before = {new.id: old for old, new in update.changed}
        for line in sorted([*update.appeared, *(new for _, new in update.changed)], key=lambda line: line.box[1::-1]):
            if line.id in before:
                self._tell_edit(before[line.id], line, reading)
            else:
                self._emit_line("text_appeared", line, reading)
        self._judge.text(update, reading)
        return update, old

    def tell_cut_off(self, update: TextUpdate, now_ns: int) -> None:
        """Emit what vanished because the screen no longer reaches there."""
        for line in update.vanished:
            self._tell_rested([self._restless.gone(line)], now_ns)
            self._announcer.emit(
                "text_vanished", now_ns, regions=(line.box,), text=line.text, confidence=line.confidence
            )
        if update.vanished:
            self._judge.text(update)

    def _tell_edit(self, before: Line, line: Line, reading: Reading) -> None:
        """Say what was edited; of a clock or a counter only that it began, and where it came to rest."""
        told = self._restless.told_as(before)
        if self._restless.ticks(before, line, reading.stamp(line.box), reading.taken_ns):
            self.ticks += 1
        else:
            self._emit_line("text_changed", line, reading, difference(told.text, line.text))

    def _tell_rested(self, rested: Iterable[Rested | None], now_ns: int) -> None:
        for each in rested:
            if each is not None:
                line, data = each.after, difference(each.before.text, each.after.text)
                shown = {"regions": (line.box,), "text": line.text, "confidence": line.confidence, "data": data}
                self._announcer.emit("text_changed", now_ns, stamp=each.stamp, **shown)

    def _emit_line(self, kind: EventType, line: Line, reading: Reading, data: dict[str, Any] | None = None) -> None:
        self._announcer.emit(
            kind,
            reading.taken_ns,
            stamp=reading.stamp(line.box),
            regions=(line.box,),
            text=line.text,
            confidence=line.confidence,
            data=data or {},
        )


def _is_news(line: Line, reading: Reading, first_sequence: int | None) -> bool:
    stamp = reading.stamp(line.box)
    return stamp is not None and first_sequence is not None and stamp.sequence > first_sequence
