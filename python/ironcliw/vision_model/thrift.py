"""When a question is worth a request, and about which parts of the screen.

    thrift = Thrift("the build is green")
    thrift.decide(state)                     # Decision: "same", "known", "ask" with what to show, or "later"
    thrift.asked(state, verdict, decision)

The first look is at all of the region. Later only what changed counts, beside what it was when it was last asked about:
lines that share a word with the question, places without words beside such a line, blocks of words that were never
there before. What was asked about in vain waits longer each time. That a thing is no more is believed only of what
shows the place where it was. All times are of the source.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ironcliw import clock
from ironcliw.frame import Rect
from ironcliw.rule.question import Verdict
from ironcliw.vision_model.cells import cells_of
from ironcliw.vision_model.changes import Changes, Known, State, Words, changes_between, within
from ironcliw.vision_model.focus import parts_to_show, place_of
from ironcliw.vision_model.relevance import Topic
from ironcliw.vision_model.reserve import Bucket
from ironcliw.vision_model.shapes import VAIN_MAX, Vain, shape_of

__all__ = ["Decision", "State", "Thrift"]

PATIENCE_FIRST_NS = 60 * clock.SECOND
PATIENCE_LONGEST_NS = 3600 * clock.SECOND
BURST = 4
REFILL_NS = 120 * clock.SECOND
"""Requests at once where changes are to the point: so many, and one more each time this passes."""
BLOCK_LINES = 2
BLOCK_PX = 60
"""So many lines that were never there before, so close to each other, are a dialog, a notification, a page."""
STOOD_NS = 2 * clock.SECOND
"""What changed without words is asked about once it has stood for this long: its words may not be read yet."""
DRAWN_PX = 48
"""Where none of its words is on the screen, what is drawn and at least so large may be it."""
_PLACE_PX, _LOOK_LEVELS = 64, 12


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do about a question.

    known: the verdict that follows without asking, where ``what`` is "known"
    parts: of the region, in its pixels, to show; none for all of it
    about: shapes of lines that came and went, and places with their looks, that made it worth asking
    boxes: where those are; places: that changed with them
    """

    what: Literal["ask", "same", "known", "later"]
    reason: str
    parts: tuple[Rect, ...] = ()
    due_ns: int = 0
    known: Verdict | None = None
    about: tuple[str | tuple[int, ...], ...] = ()
    boxes: tuple[Rect, ...] = ()
    places: tuple[Rect, ...] = ()


@dataclass
class _Made:
    """What made a verdict yes: where, by which lines, and how it was there before. None: nobody knows where."""

    boxes: tuple[Rect, ...]
    lines: tuple[str, ...]
    before: Known | None

    def places(self, state: State) -> tuple[Rect, ...]:
        """Where it is now: lines move."""
        moved = [box for text, box in state.lines if text in self.lines]
        return (*self.boxes, *moved)


class Thrift:
    """Of one question of one rule. ``reserve``: what may be asked about changes that have nothing to do with it."""

    def __init__(self, words: str, reserve: Bucket | None = None) -> None:
        self._topic = Topic(words)
        self._known: Known | None = None
        self._made: _Made | None = None
        self._vain = Vain()
        self._turning: dict[str, Verdict] = {}
        self._seen: set[str] = set()
        self._pending: dict[Rect, int] = {}
        self._asked_ns = 0
        self._patience_ns = PATIENCE_FIRST_NS
        self._bucket = Bucket(BURST, REFILL_NS)
        self._reserve = reserve or Bucket(2, PATIENCE_LONGEST_NS)
        self.verdict: Verdict | None = None

    def decide(self, state: State) -> Decision:
        """Whether the state is worth asking about now."""
        if self._known is None or self._known.cells.shape != state.cells.shape:
            return Decision("ask", "first")
        changes = changes_between(self._known, state)
        if not changes:
            return Decision("same", "nothing changed")
        lines, places = self._pointed(changes, state)
        self._seen.update(shape_of(text) for text, _ in changes.came)
        if self._undone(changes, lines, places, state):
            assert self._made is not None
            return Decision("known", "undone", known="no", boxes=self._made.boxes)
        if (lines or places) and self._bucket.left(state.time_ns) >= 1:
            return self._ask("words" if lines else "pixels", lines, places, changes, state)
        due_ns = self._asked_ns + self._patience_ns
        if state.time_ns >= due_ns and self._reserve.left(state.time_ns) >= 1:
            return self._ask("patience", (*changes.came, *changes.gone), changes.places, changes, state)
        due_ns = max(due_ns, self._reserve.next_ns(state.time_ns))
        if lines or places:
            due_ns = min(due_ns, self._bucket.next_ns(state.time_ns))
        elif self._pending:
            due_ns = min(due_ns, min(self._pending.values()) + STOOD_NS)
        return Decision("later", "patience", due_ns=due_ns)

    def asked(self, state: State, verdict: Verdict, decision: Decision, quote: str | None = None) -> None:
        """The state was asked about, and this is what was answered; an unknown verdict leaves what was known."""
        before = self._known
        if decision.reason == "patience":
            self._reserve.take(state.time_ns)
            self._patience_ns = min(self._patience_ns * 2, PATIENCE_LONGEST_NS)
        elif decision.reason in ("words", "pixels"):
            self._bucket.take(state.time_ns)
        if verdict not in (self.verdict, "unknown"):
            self._patience_ns = PATIENCE_FIRST_NS
            self._vain.forget()
            self._turned(state, verdict, decision, quote)
            self._made = _making(state, decision, before, quote) if verdict == "yes" else None
            self.verdict = verdict
        elif decision.what == "ask":
            for each in decision.about:
                self._vain.add(each, state.time_ns)
        self._settle(state, decision, before)

    def _turned(self, state: State, verdict: Verdict, decision: Decision, quote: str | None) -> None:
        """Remember what it was that turned the answer: the line that was quoted, or the only one that was new."""
        quoted = _line_with(quote, state)
        sign = f"+{shape_of(quoted[0])}" if quoted is not None else decision.about[0] if decision.about else ""
        if isinstance(sign, str) and sign in decision.about and (quoted is not None or len(decision.about) == 1):
            self._turning.pop(sign, None)
            self._turning[sign] = verdict
            while len(self._turning) > VAIN_MAX:
                del self._turning[next(iter(self._turning))]

    def _settle(self, state: State, decision: Decision, before: Known | None) -> None:
        """What was shown is known now; the rest stays to be asked about."""
        if decision.what != "known":
            self._asked_ns = state.time_ns
        whole = (Rect(0, 0, *state.size),)
        shown = decision.parts or (decision.boxes if decision.what == "known" else whole)
        if before is None or before.cells.shape != state.cells.shape or shown == whole:
            self._known = Known.of(state)
        else:
            self._known = before.copy()
            self._known.take(state, shown, decision.places)
        self._seen.update(shape_of(text) for text, _ in state.lines)

    def _pointed(self, changes: Changes, state: State) -> tuple[tuple[Words, ...], tuple[Rect, ...]]:
        """The lines and the places without words that have to do with the question and were not asked about in vain."""
        now_ns = state.time_ns
        kept = self._made.places(state) if self._made is not None else ()
        drawn = not any(self._topic.touches(text, exact=True) for text, _ in state.lines)
        about = self._topic.lines_of(state.lines)
        block = [line for line in self._block(changes.came) if drawn or self._topic.touches(line[0])]
        came = [line for line in changes.came if line in about or line in block]
        about = self._topic.lines_of((*state.lines, *changes.gone))
        gone = [line for line in changes.gone if line in about or line[0] in self._lines]
        lines = [line for line in (*came, *gone) if not self._in_vain(_sign(line, changes), now_ns)]
        near = [
            box
            for box in changes.wordless
            if (drawn and min(box.width, box.height) >= DRAWN_PX)
            or within(box, kept)
            or self._topic.near(box, state.lines)
        ]
        near = [box for box in near if not self._vain.holds(_place(box, state), now_ns)]
        self._pending = {box: self._pending.get(box, now_ns) for box in near}
        return tuple(lines), tuple(box for box in near if lines or now_ns - self._pending[box] >= STOOD_NS)

    def _in_vain(self, sign: str, now_ns: int) -> bool:
        """Whether it was asked about to no avail; what has turned the answer before may turn it again."""
        return self._vain.holds(sign, now_ns) and self._turning.get(sign) in (None, self.verdict)

    @property
    def _lines(self) -> tuple[str, ...]:
        return self._made.lines if self._made is not None else ()

    def _block(self, came: Sequence[Words]) -> list[Words]:
        """Lines that were never there before, where several of them came close together and edit no others."""
        stood = [box for _, box in self._known.lines] if self._known is not None else []
        new = [line for line in came if shape_of(line[0]) not in self._seen and not within(line[1], stood)]
        return [
            (text, box)
            for text, box in new
            if sum(box.grown(BLOCK_PX, BLOCK_PX).overlaps(other) for _, other in new) >= BLOCK_LINES
        ]

    def _undone(self, changes: Changes, lines: Sequence[Words], places: Sequence[Rect], state: State) -> bool:
        """Whether that which made it yes is as it was before, and nothing else happened that it could be about."""
        made = self._made
        if self.verdict != "yes" or made is None or made.before is None or not made.before.shows(state, made.boxes):
            return False
        gone = {text for text, _ in changes.gone}
        others = [line for line in lines if line[0] not in gone and not within(line[1], made.boxes)]
        return not others and not [place for place in places if not within(place, made.boxes)]

    def _ask(
        self, reason: str, lines: Sequence[Words], places: Sequence[Rect], changes: Changes, state: State
    ) -> Decision:
        boxes = [place_of(box, changes.places, state.size) for _, box in lines]
        boxes += [self._topic.beside(place, state.lines) for place in places]
        if self.verdict == "yes":  # a no is worth nothing where what was there is not shown
            if self._made is None:
                boxes = []
            else:
                boxes += self._made.places(state)
        around = parts_to_show(boxes, state.size)
        about = (*(_sign(line, changes) for line in lines), *(_place(place, state) for place in places))
        with_it = tuple(place for place in changes.places if within(place, around))
        return Decision("ask", reason, around, about=about, boxes=tuple(boxes), places=with_it)


def _making(state: State, decision: Decision, before: Known | None, quote: str | None) -> _Made | None:
    """Where it is that makes it so: what was shown because it had changed, or the line that was quoted."""
    if decision.reason == "first" or before is None or not decision.boxes:
        quoted = _line_with(quote, state)
        return None if quoted is None else _Made((quoted[1],), (quoted[0],), None)
    about = set(decision.about)
    lines = tuple(text for text, box in state.lines if within(box, decision.boxes) and f"+{shape_of(text)}" in about)
    return _Made(decision.boxes, lines, before)


def _line_with(quote: str | None, state: State) -> Words | None:
    """The line that holds what was quoted."""
    wanted = shape_of(quote or "")
    return next((line for line in reversed(state.lines) if wanted and wanted in shape_of(line[0])), None)


def _sign(line: Words, changes: Changes) -> str:
    """That a line of this shape came, or went."""
    return f"{'+' if line in changes.came else '-'}{shape_of(line[0])}"


def _place(box: Rect, state: State) -> tuple[int, ...]:
    """A place, and roughly how it looks."""
    cells = cells_of(state.cells, box)
    look = cells.reshape(-1, cells.shape[-1]).mean(axis=0) // _LOOK_LEVELS if cells.size else ()
    return (box.x + box.width // 2) // _PLACE_PX, (box.y + box.height // 2) // _PLACE_PX, *map(int, look)
