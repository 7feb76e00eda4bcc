"""Whether rules have questions; what it takes to answer them is loaded with the first one, and by nobody else.

inquiring = Inquiring(asker, ask_s=20)
inquiring.take(engine, now_ns)            # live, under the engine's lock
inquiring.settle(engine, now_ns)          # recorded
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from ironcliw.event import Event
from ironcliw.metrics import Absent, Family
from ironcliw.monitor.engine import Engine
from ironcliw.rule.question import Answer

if TYPE_CHECKING:
    from ironcliw.monitor.asking import Asking
    from ironcliw.vision_model import Asker, Picture


class Inquiring:
    """Of one watch. ``asker``: whom to ask; None: nobody, which rules that ask are told."""

    def __init__(self, asker: Asker | None, ask_s: float) -> None:
        self._asker, self._ask_s = asker, ask_s
        self.asking: Asking | None = None
        """Has them answered; None until there is a question."""
        self._hand_back: Callable[[Answer], None] = lambda answer: None

    def start(self, hand_back: Callable[[Answer], None]) -> None:
        """``hand_back`` takes each answer, from a thread of another's, and gives it to ``tell``."""
        self._hand_back = hand_back

    def take(self, engine: Engine, now_ns: int) -> int | None:
        """Take what the rules ask; when to come again, None where nothing waits."""
        questions = engine.setup.rules.take_questions(now_ns)
        if not questions and self.asking is None:
            return None
        return self._opened().take(engine, questions, now_ns)

    def settle(self, engine: Engine, now_ns: int) -> None:
        """Have answered what the rules ask as of now, however long that takes."""
        questions = engine.setup.rules.take_questions(now_ns)
        if questions or self.asking is not None:
            self._opened().settle(engine, questions, now_ns)

    def tell(self, engine: Engine, answer: Answer, now_ns: int) -> None:
        """Hand an answer to the rules, under the engine's lock, and tell what they fire with."""
        engine.alert(engine.setup.rules.on_answer(answer, now_ns))

    def sent(self, event: Event) -> tuple[Picture, ...]:
        """What a model was shown where an alert comes of its answer; nothing where it does not."""
        return () if self.asking is None else self.asking.sent(event)

    def close(self) -> None:
        """End what is being asked, and give the model back."""
        if self.asking is not None:
            self.asking.close()
        elif self._asker is not None:
            self._asker.close()

    def metrics(self) -> Iterator[Family | Absent]:
        """A collector of what was asked, and what it cost."""
        if self.asking is None:
            yield Absent("model_requests", "no condition has asked a model")
        else:
            yield from self.asking.metrics()

    def _opened(self) -> Asking:
        if self.asking is None:
            from ironcliw.monitor.asking import Asking  # noqa: PLC0415 - see the top
            from ironcliw.vision_model import nobody  # noqa: PLC0415

            self.asking = Asking(self._asker or nobody(), self._ask_s, self.tell, self._hand_back)
        return self.asking
