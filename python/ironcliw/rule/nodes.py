"""How conditions that are made of conditions are evaluated: a tree over evaluators, which are its leaves.

    root = build(condition, leaf_of)      # leaf_of hands out the evaluator of an atom, the same for equal ones
    root.update(step)
    root.value, root.hits                 # how it stands, and what is news

A value is True, False, or None where that cannot be known (Kleene's logic). News passes upwards: what an atom hits with
goes through ``and`` while all the others stand, through ``during`` at those hours; ``not`` hits when it comes to be so,
``for`` when it has lasted, ``then`` when the second is met after the first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from ironcliw import clock
from ironcliw.rule.condition import Condition
from ironcliw.rule.evaluator import Evaluator, Hit
from ironcliw.rule.hours import Hours

Value = bool | None
Wall = Callable[[int], datetime]
"""From source time to the time on the wall, in the zone that hours are meant in."""

FIRST_MAX = 64
LOOK_AGAIN_NS = 3_600 * clock.SECOND
"""Hours are looked at this often at the latest: the clock on the wall may be set."""


@dataclass(slots=True)
class Step:
    """One moment: what the leaves hit with.

    silent: what is so now was so when the watch began, and is no news
    """

    time_ns: int
    wall: Wall | None
    hits: dict[Evaluator, list[Hit]] = field(default_factory=dict[Evaluator, list[Hit]])
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Because:
    """One reason: an atom as it is written, and the words on the screen that make it so, where there are any.

    said: why a model has said so; untrusted
    """

    atom: str
    text: str | None
    said: str | None = None


class Node:
    """``value`` and ``hits`` as of the last update. A deadline is a source time at which to update again."""

    value: Value = None
    hits: Sequence[Hit] = ()
    deadline_ns: int | None = None

    def __init__(self, *children: Node) -> None:
        self.children = children

    def update(self, step: Step) -> None:
        """Take a step in; all nodes of a tree are updated with every step that concerns one of them."""
        for child in self.children:
            child.update(step)
        self.take(step)

    def take(self, step: Step) -> None:
        """Take a step in that the children have taken in."""
        raise NotImplementedError

    def leaves(self) -> Iterator[Leaf]:
        """The atoms, from left to right."""
        for child in self.children:
            yield from child.leaves()

    def because(self) -> Iterator[Because]:
        """Why it is so, as far as it is."""
        for child in self.children:
            if child.value:
                yield from child.because()

    def proof(self) -> Hit | None:
        """What can be shown for it; where there are several things, what came last."""
        proofs = [proof for child in self.children if child.value and (proof := child.proof()) is not None]
        return max(proofs, key=lambda hit: hit.time_ns, default=None)

    def nodes(self) -> Iterator[Node]:
        """This and all below it, from left to right."""
        yield self
        for child in self.children:
            yield from child.nodes()

    def to_list(self) -> list[Any]:
        """What it has to remember itself, as JSON values; empty where that is nothing."""
        return []

    def restore(self, state: list[Any]) -> None:
        """Remember what ``to_list`` gave these values for."""
        del state


class Leaf(Node):
    """An atom."""

    def __init__(self, evaluator: Evaluator, condition: Condition) -> None:
        super().__init__()
        self.evaluator, self.condition = evaluator, condition

    def take(self, step: Step) -> None:
        """As the evaluator says."""
        self.value = self.evaluator.level(step.time_ns)
        self.hits = step.hits.get(self.evaluator, ())

    def leaves(self) -> Iterator[Leaf]:
        """Itself."""
        yield self

    def because(self) -> Iterator[Because]:
        """What it shows."""
        hit = self.hits[0] if self.hits else self.evaluator.proof()
        yield Because(str(self.condition), None if hit is None else hit.text, self.evaluator.said)

    def proof(self) -> Hit | None:
        """What it shows."""
        return self.evaluator.proof()


class AndNode(Node):
    """All of its children."""

    def take(self, step: Step) -> None:
        """What is news to one of them is news where all are so."""
        values = [child.value for child in self.children]
        self.value = False if False in values else None if None in values else True
        self.hits = [hit for child in self.children for hit in child.hits] if self.value else ()


class OrNode(Node):
    """Any of its children."""

    def take(self, step: Step) -> None:
        """What is news to one of them is news."""
        values = [child.value for child in self.children]
        self.value = True if True in values else None if None in values else False
        self.hits = [hit for child in self.children for hit in child.hits]


class NotNode(Node):
    """Not its child: what cannot be seen is not taken for absent."""

    _known: Value = None

    def take(self, step: Step) -> None:
        """News where it comes to be so, after it was seen not to be."""
        inner = self.children[0].value
        self.value = None if inner is None else not inner
        rises = self.value is True and self._known is False and not step.silent
        self.hits = [Hit(step.time_ns, None, (), None, shown=False)] if rises else ()
        self._known = self._known if self.value is None else self.value

    def because(self) -> Iterator[Because]:
        """That nothing of it is there."""
        yield Because("not " + " or ".join(str(leaf.condition) for leaf in self.children[0].leaves()), None)

    def proof(self) -> Hit | None:
        """There is nothing to be shown."""
        return None

    def to_list(self) -> list[Any]:
        """As it was last known."""
        return [] if self._known is None else [self._known]

    def restore(self, state: list[Any]) -> None:
        """Remember that."""
        self._known = state[0] if state else None


class ForNode(Node):
    """Its child, for a while without a break; being out of sight is a break."""

    _since_ns: int | None = None
    _met = False

    def __init__(self, child: Node, duration_ns: int) -> None:
        super().__init__(child)
        self._duration_ns = duration_ns

    def take(self, step: Step) -> None:
        """News once in each while that lasts long enough."""
        child = self.children[0]
        self.hits = ()
        if not child.value:
            # Told once is told: what stood before a gap and stands after it is no news.
            self._since_ns, self._met, self.deadline_ns = None, self._met and child.value is None, None
            self.value = child.value
            return
        if self._since_ns is None:
            self._since_ns = min((hit.time_ns for hit in child.hits), default=step.time_ns)
        due_ns = self._since_ns + self._duration_ns
        self.value = step.time_ns >= due_ns
        self.deadline_ns = None if self.value else due_ns
        if self.value and not self._met:
            self._met = True
            proof = child.proof() or Hit(due_ns, None, (), None)
            self.hits = [replace(proof, time_ns=due_ns, count=1, parts=(), shown=False)]

    def to_list(self) -> list[Any]:
        """Since when, and whether it was told."""
        return [] if self._since_ns is None and not self._met else [self._since_ns, self._met]

    def restore(self, state: list[Any]) -> None:
        """Remember that."""
        self._since_ns, self._met = state or (None, False)


class ThenNode(Node):
    """The first child is met and, later, the second; each first counts for one second."""

    _met = False

    def __init__(self, first: Node, second: Node, within_ns: int) -> None:
        super().__init__(first, second)
        self._within_ns = within_ns
        self._firsts: list[int] = []

    def take(self, step: Step) -> None:
        """News where the second is met in time."""
        first, second = self.children
        self._firsts += [hit.time_ns for hit in first.hits]
        self._firsts = [at for at in self._firsts if step.time_ns - at <= self._within_ns or second.hits][-FIRST_MAX:]
        told: list[Hit] = []
        for hit in second.hits:
            if any(0 < hit.time_ns - at <= self._within_ns for at in self._firsts):
                self._firsts = [at for at in self._firsts if at >= hit.time_ns]
                told.append(hit)
        self._met = bool(told) or (self._met and second.value is not False)
        self.hits = told
        self.value = second.value if self._met else False

    def because(self) -> Iterator[Because]:
        """The second; the first need not be there any more."""
        for leaf in self.children[0].leaves():
            yield Because(f"before: {leaf.condition}", None)
        yield from self.children[1].because()

    def to_list(self) -> list[Any]:
        """When the first was met."""
        return [self._firsts, self._met] if self._firsts or self._met else []

    def restore(self, state: list[Any]) -> None:
        """Remember that."""
        self._firsts, self._met = (list(state[0]), state[1]) if state else ([], False)


class DuringNode(Node):
    """Its child, at certain hours."""

    _inside: Value = None

    def __init__(self, child: Node, hours: Hours) -> None:
        super().__init__(child)
        self._hours = hours

    def take(self, step: Step) -> None:
        """News at these hours; and what is so already when they begin."""
        child = self.children[0]
        if step.wall is None:
            raise RuntimeError("hours need the time on the wall")
        moment = step.wall(step.time_ns)
        inside = self._hours.hold(moment)
        opens, self._inside = inside and self._inside is False, inside
        self.deadline_ns = step.time_ns + _until(self._hours, moment)
        self.value = child.value if inside else False
        self.hits = child.hits if inside else ()
        if opens and child.value and not child.hits:
            proof = child.proof() or Hit(step.time_ns, None, (), None)
            self.hits = [replace(proof, time_ns=step.time_ns, count=1, parts=(), shown=False)]

    def to_list(self) -> list[Any]:
        """Whether it was one of these hours."""
        return [] if self._inside is None else [self._inside]

    def restore(self, state: list[Any]) -> None:
        """Remember that."""
        self._inside = state[0] if state else None


def matters(node: Node, evaluator: Evaluator) -> bool:
    """Whether what ``evaluator`` says could change how ``node`` stands, as everything else does."""
    if isinstance(node, Leaf):
        return node.evaluator is evaluator
    if isinstance(node, AndNode):
        false = [child for child in node.children if child.value is False]
        return any(matters(child, evaluator) and all(each is child for each in false) for child in node.children)
    return any(matters(child, evaluator) for child in node.children)


def _until(hours: Hours, moment: datetime) -> int:
    """Nanoseconds to when to look again."""
    change = hours.next_change(moment)
    if change is None:
        return LOOK_AGAIN_NS
    left = change.timestamp() - moment.timestamp()
    return max(clock.MS, min(round(left * clock.SECOND), LOOK_AGAIN_NS))
