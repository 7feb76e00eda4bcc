"""Has the questions of rules answered by a model, in a thread of its own, and hands the answers back.

    asking = Asking(asker, 20, tell, hand_back)
    asking.take(engine, questions, now_ns)      # under the engine's lock: what they are about is copied
    asking.settle(engine, questions, now_ns)    # of a recording: the same, and the answers are waited for

Capturing and reading never wait for it. A question that is not worth a request yet stays until it is; of a rule's
questions with the same words the newest counts.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ironcliw import clock
from ironcliw.errors import IroncliwError
from ironcliw.event import Event
from ironcliw.frame import TILE, Rect
from ironcliw.metrics import Absent, Family
from ironcliw.monitor.asking_metrics import asking_metrics
from ironcliw.monitor.engine import Engine
from ironcliw.redaction import Gate
from ironcliw.rule.question import Answer, Question
from ironcliw.text.screen import Line
from ironcliw.vision_model import WHY_NOT, Asker, Deadline, Evidence, Picture, Request, evidence_of, request_of
from ironcliw.vision_model.cells import cell_means, cells_of
from ironcliw.vision_model.picture import PART_PATCHES, PICTURE_PATCHES
from ironcliw.vision_model.reserve import Bucket
from ironcliw.vision_model.thrift import Decision, State, Thrift
from ironcliw.volatility import Kind

log = logging.getLogger("ironcliw.monitor")

WAITING_MAX = 256
"""Questions of so many rules wait at the most; of further ones it is said that nobody can be asked."""
KEPT_MAX = 16
RESERVE, RESERVE_NS = 2, 3_600 * clock.SECOND
"""Of a whole watch: requests about changes that have nothing to do with the question; so many, one more an hour."""
_EVERY_NS = clock.SECOND // 2
_PIXELS_NS = 2 * clock.SECOND
_JOIN_S = 2.0


@dataclass
class _Case:
    """One question that is asked again and again: what waits, and what is known from last time."""

    question: Question
    thrift: Thrift
    waiting: bool = True
    due_ns: int = 0
    before: Evidence | None = None
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class _Look:
    """What a case is to be decided on: copied under the lock, looked at outside of it."""

    case: _Case
    question: Question
    region: Rect
    pixels: NDArray[np.uint8]
    lines: tuple[Line, ...]
    restless: Callable[[Rect], bool]
    time_ns: int


class Asking:
    """Of one watch. ``take`` and ``settle`` are called under the engine's lock, the rest from any thread."""

    def __init__(
        self,
        asker: Asker,
        deadline_s: float,
        tell: Callable[[Engine, Answer, int], None],
        hand_back: Callable[[Answer], None],
        gate: Gate | None = None,
    ) -> None:
        """``tell`` takes an answer under the engine's lock, ``hand_back`` one without it."""
        self.asker = asker
        self.skipped = 0
        """Questions that were answered from the last verdict, because nothing had changed."""
        self.kept: deque[tuple[Question, Request]] = deque(maxlen=KEPT_MAX)
        """What was asked last, with the pictures as they were sent."""
        self._deadline_s, self._gate = deadline_s, gate or Gate()
        self._cases: dict[tuple[str, str, Rect | None], _Case] = {}
        self._reserve = Bucket(RESERVE, RESERVE_NS)
        self._looks: deque[_Look] = deque()
        self._wake = threading.Condition()
        self._stopping = False
        self._deadline: Deadline | None = None
        self._looked_ns = -_EVERY_NS
        self._seen = True
        self._lines: tuple[Line, ...] = ()
        self._moved = -1
        self._cells: tuple[NDArray[np.uint8], NDArray[np.int16]] | None = None
        self._thread: threading.Thread | None = None
        self._tell, self._hand_back = tell, hand_back

    def sent(self, event: Event) -> tuple[Picture, ...]:
        """The pictures that a model has judged by, where an alert comes of its answer, exactly as they were sent."""
        conditions = [str(each.get("condition", "")) for each in event.data.get("because", ())]
        for question, request in reversed(self.kept):
            if any(question.words in condition for condition in conditions):
                return request.pictures
        return ()

    # -- live --------------------------------------------------------------------------------------------------

    def take(self, engine: Engine, questions: Sequence[Question], now_ns: int) -> int | None:
        """Take these questions; when to come again, None where nothing waits."""
        self._collect(engine, questions, now_ns)
        with self._wake:
            busy = bool(self._looks)
            if not busy:
                self._looks.extend(self._due(engine, now_ns))
                self._wake.notify_all()
            if self._looks and self._thread is None:  # most watches ask nothing
                self._thread = threading.Thread(target=self._run, name="ironcliw-asking", daemon=True)
                self._thread.start()
        return self._due_ns(now_ns)

    def metrics(self) -> Iterator[Family | Absent]:
        """What it did and cost."""
        return asking_metrics(self.asker, self.skipped)

    def close(self) -> None:
        """End what is being asked, and give the model back."""
        with self._wake:
            self._stopping = True
            if self._deadline is not None:
                self._deadline.cancel()
            self._wake.notify_all()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(_JOIN_S)
        self.asker.close()

    def _run(self) -> None:
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._stopping or self._looks)
                if self._stopping:
                    return
                look = self._looks[0]
            answer = self._answered(look)
            if answer is not None and not self._stopping:
                self._hand_back(answer)
            with self._wake:
                self._looks.popleft()

    # -- recorded ----------------------------------------------------------------------------------------------

    def settle(self, engine: Engine, questions: Sequence[Question], now_ns: int) -> None:
        """Have these questions answered, and those that wait, however long that takes."""
        self._collect(engine, questions, now_ns)
        for look in self._due(engine, now_ns):
            answer = self._answered(look)
            if answer is not None:
                self._tell(engine, answer, now_ns)

    # -- both --------------------------------------------------------------------------------------------------

    def _collect(self, engine: Engine, questions: Sequence[Question], now_ns: int) -> None:
        for question in questions:
            if not self.asker.model.available:
                self.asker.purse.say_once("no model", f"a condition asks a model, and {WHY_NOT}")
                self._tell(engine, Answer(question.id, "unknown", 0.0, WHY_NOT), now_ns)
                continue
            key = (question.rule, question.words, question.region)
            case = self._cases.get(key)
            if case is not None:
                case.question, case.waiting, case.due_ns = question, True, now_ns
                self._seen = False
            elif len(self._cases) < WAITING_MAX:
                self._cases[key] = _Case(question, Thrift(question.words, self._reserve), due_ns=now_ns)
                self._seen = False
            else:
                self._tell(engine, Answer(question.id, "unknown", 0.0, "too many questions"), now_ns)

    def _due_ns(self, now_ns: int) -> int | None:
        waiting = [case.due_ns for case in self._cases.values() if case.waiting]
        return max(min(waiting), now_ns + _EVERY_NS) if waiting else None

    def _due(self, engine: Engine, now_ns: int) -> list[_Look]:
        """Looks at cases that wait, where the screen has changed since they were looked at or their time has come."""
        waiting = [case for case in self._cases.values() if case.waiting]
        passed_ns = now_ns - self._looked_ns
        if not waiting or (passed_ns < _EVERY_NS and self._seen):
            return []
        # Words that came are looked at soon; where only pixels moved, which a caret does all the time, now and then.
        words, moved = engine.lines != self._lines, engine.counts.changed != self._moved and passed_ns >= _PIXELS_NS
        fresh = not self._seen
        due = [case for case in waiting if fresh or words or moved or case.due_ns <= now_ns]
        if not due:
            return []
        self._lines, self._moved = engine.lines, engine.counts.changed
        self._looked_ns, self._seen = now_ns, True
        pixels = engine.snapshot()
        return [_look(case, engine, pixels, now_ns) for case in due]

    def _answered(self, look: _Look) -> Answer | None:
        """The answer, or None where the question is not worth a request yet."""
        case, state = look.case, self._state(look)
        decision = case.thrift.decide(state)
        if decision.what == "later":
            case.due_ns = decision.due_ns
            return None
        case.waiting = False
        if decision.what == "same" and case.answer is not None:
            self.skipped += 1
            return replace(case.answer, id=look.question.id)
        if decision.known is not None:
            self.skipped += 1
            case.thrift.asked(state, decision.known, decision)
            case.answer = Answer(look.question.id, decision.known, 1.0, "it looks as it did before it was so")
            return case.answer
        case.answer = self._asked(case, look, state, decision)
        return case.answer

    def _state(self, look: _Look) -> State:
        """Looks of one moment share their frame, and what is computed of it."""
        if self._cells is None or self._cells[0] is not look.pixels:
            self._cells = (look.pixels, cell_means(look.pixels))
        region = look.region
        inside = [(line.text, _moved(line.box, region)) for line in look.lines if line.box.overlaps(region)]
        cells = cells_of(self._cells[1], region)
        return State((region.width, region.height), cells, inside, look.time_ns, look.restless)

    def _asked(self, case: _Case, look: _Look, state: State, decision: Decision) -> Answer:
        region = look.region
        parts = [Rect(region.x + part.x, region.y + part.y, part.width, part.height) for part in decision.parts]
        patches = PART_PATCHES if parts else PICTURE_PATCHES
        now = evidence_of(look.pixels, look.lines, self._gate, parts=parts or [region], patches=patches)
        question = look.question
        request = request_of(question.words, now, case.before, rule=question.rule, reason=decision.reason)
        self.kept.append((question, request))
        with contextlib.suppress(IroncliwError):  # which is told when it is asked
            self.asker.model.warm()  # loading an SDK takes seconds, which are not the endpoint's
        self._deadline = deadline = Deadline.after(self._deadline_s)
        outcome = self.asker.judge(request, deadline)
        judgement = outcome.judgement
        if judgement.verdict != "unknown":
            case.before = now
        if outcome.how != "none":  # else nobody has looked: what changed is asked about again
            case.thrift.asked(state, judgement.verdict, decision, judgement.quote)
        return Answer(question.id, judgement.verdict, judgement.confidence, judgement.reason, tuple(parts))


def _look(case: _Case, engine: Engine, pixels: NDArray[np.uint8], now_ns: int) -> _Look:
    height, width = pixels.shape[:2]
    whole = Rect(0, 0, width, height)
    region = whole if case.question.region is None else case.question.region.clipped(width, height) or whole
    restless = _restless(engine.volatility.kinds(now_ns), region)
    return _Look(case, case.question, region, pixels, tuple(engine.lines), restless, now_ns)


def _restless(kinds: NDArray[np.uint8], region: Rect) -> Callable[[Rect], bool]:
    """Whether nothing but what never rests is in a rectangle of the region."""

    def restless(rect: Rect) -> bool:
        x, y = (rect.x + region.x) // TILE, (rect.y + region.y) // TILE
        right, bottom = -(-(rect.right + region.x) // TILE), -(-(rect.bottom + region.y) // TILE)
        return bool((kinds[y:bottom, x:right] != Kind.STILL).all())

    return restless


def _moved(box: Rect, region: Rect) -> Rect:
    return Rect(box.x - region.x, box.y - region.y, box.width, box.height)
