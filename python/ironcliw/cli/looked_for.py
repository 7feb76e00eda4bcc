"""What pixels and text say about a question by themselves: the lines and objects that have to do with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ironcliw.vision_model import WHY_NOT
from ironcliw.vision_model.relevance import Topic

_LINES_MAX = 20


@dataclass(frozen=True, slots=True)
class Found:
    """lines, objects: what has to do with the question; why_not: why it is not answered."""

    lines: list[str]
    objects: list[str]
    why_not: str


def locally(question: str, lines: Sequence[str], kinds: Sequence[str]) -> Found:
    """Search the lines of a screen, and the kinds of objects on it, for the question's words."""
    topic = Topic(question)
    found = [line for line in lines if topic.touches(line)][:_LINES_MAX]
    counted = Counter(kind for kind in kinds if topic.touches(kind))
    objects = [f"{kind} ({count})" for kind, count in sorted(counted.items())]
    why = f"whether that answers the question takes a model, and {WHY_NOT}"
    return Found(found, objects, why)
