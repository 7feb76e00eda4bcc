"""What a condition asks that pixels and text cannot settle, and what is answered.

``says("plain words")`` puts a Question; the conductor has it answered by ``vision_model`` and hands the Answer back. A
rule never waits for one: until it is there, the condition is what it was before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ironcliw.frame import Rect

Verdict = Literal["yes", "no", "unknown"]


@dataclass(frozen=True, slots=True)
class Question:
    """Whether something is so on the screen, as of a moment.

    id: the same in its Answer; unique within a run
    rule: name of the rule that asks
    words: what is asked, as the user wrote it
    region: where to look, in frame pixels; None for the whole frame
    time_ns: source time of the state that is asked about
    """

    id: int
    rule: str
    words: str
    region: Rect | None
    time_ns: int


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to the Question of this ``id``.

    verdict: ``unknown`` also where nobody could be asked: no model, no budget, no reply in time
    confidence: 0 to 1
    reason: one line in words of ours or the model's, for people; untrusted, never acted upon
    regions: which parts of the frame were shown; none where all of what was asked about
    """

    id: int
    verdict: Verdict
    confidence: float = 0.0
    reason: str = ""
    regions: tuple[Rect, ...] = ()
