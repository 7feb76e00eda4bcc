"""Evaluates ``text:``, ``gone:`` and ``count()``.

rule = TextEvaluator(condition, now=False)
hits = rule.on_text(Reading(update, Layout(update.lines)))
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ironcliw.rule.condition import GoneCondition, TextCondition
from ironcliw.rule.evaluator import Evaluator, Hit, Reading
from ironcliw.rule.expression import CountCondition, compared
from ironcliw.rule.occurrence import FLICKER_NS, OccurrenceMemory
from ironcliw.rule.pattern import Phrase, Regex
from ironcliw.rule.scope import EVERYWHERE, Scope
from ironcliw.rule.sighting import Finder, Sighting, sighting_from, sighting_to

REGIONS_MAX = 64
PARTS_MAX = 32


class _OnText(Evaluator):
    """What stands on the screen of one pattern."""

    needs_text = True

    def __init__(self, pattern: Phrase | Regex, scope: Scope) -> None:
        self.pattern = pattern
        self._finder, self._scope = Finder(pattern), scope
        self._memory = OccurrenceMemory()
        self._begun = self._blind = False
        self._now_ns = 0
        self._windows = 0

    def _find(self, reading: Reading) -> list[Sighting]:
        self._now_ns = max(self._now_ns, reading.update.time_ns)
        found = self._finder.find(reading.layout, reading.update.time_ns)
        if self._scope.windows is not None:
            self._windows = self._scope.windows.version
        return found if self._scope.everywhere else [each for each in found if self._scope.holds(each.box)]

    @property
    def unsettled(self) -> bool:
        """Something is missing, or a window that it looks into is elsewhere."""
        windows = self._scope.windows
        return self._memory.missing or (windows is not None and windows.version != self._windows)

    @property
    def follows_windows(self) -> bool:
        """Whether what it sees depends on where windows are."""
        return self._scope.windows is not None

    @property
    def line_ids(self) -> Iterable[int]:
        """Of the lines it stands in."""
        return self._memory.line_ids

    @property
    def deadline_ns(self) -> int | None:
        """When what is missing counts as gone."""
        return self._memory.settles_ns(self._now_ns) if self.leveled else None

    def level(self, time_ns: int) -> bool | None:
        """Whether it stands on the screen; for the moment of a misreading it still does."""
        if self._blind:
            return None
        return self._memory.standing(time_ns) > 0 or (False if self._begun else None)

    def proof(self) -> Hit | None:
        """The last of what stands there."""
        last = self._memory.last
        return None if last is None else Hit(last.appeared_ns, last.text, last.regions, last.confidence)

    def on_begun(self, time_ns: int) -> None:
        """What was not found was not there."""
        self._begun = True

    def on_time(self, time_ns: int) -> list[Hit]:
        """Time passes."""
        self._now_ns = max(self._now_ns, time_ns)
        return []

    def on_gap(self, time_ns: int) -> list[Hit]:
        """How it stands cannot be seen."""
        del time_ns
        self._blind = True
        return []

    def on_back(self, time_ns: int) -> None:
        """What is missing has its moment to come back from now on."""
        self._blind = False
        self._memory.back(time_ns)

    def to_dict(self) -> dict[str, Any]:
        """What stands there, and what is known of it. ``now_ns``: what was due by then has been."""
        state: dict[str, Any] = {"known": known, "now_ns": self._now_ns} if (known := self._memory.to_list()) else {}
        return state | ({"begun": True} if self._begun else {}) | ({"blind": True} if self._blind else {})

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        self._memory.restore(state.get("known", []))
        self._now_ns = state.get("now_ns", 0)
        self._begun, self._blind = bool(state.get("begun")), bool(state.get("blind"))


class TextEvaluator(_OnText):
    """Hits on every new occurrence; on those present at the start only where ``now``."""

    def __init__(self, condition: TextCondition, now: bool, scope: Scope = EVERYWHERE) -> None:
        super().__init__(condition.pattern, scope)
        self._now = now

    def on_text(self, reading: Reading) -> list[Hit]:
        """One hit for all the occurrences that are new in this reading, timed and worded by the first of them."""
        update = reading.update
        uncovered = {line.id for line in update.uncovered}
        found = self._memory.update(update, self._find(reading))
        new = [sighting for sighting in found if not uncovered.issuperset(sighting.ids)]
        if not new or (update.present_at_start and not self._now):
            return []
        whole = _hit(new)
        by_words: dict[str, list[Sighting]] = {}
        for sighting in new:
            by_words.setdefault(sighting.words, []).append(sighting)
        if len(by_words) == 1:
            return [whole]
        parts = tuple(_hit(each) for each in list(by_words.values())[:PARTS_MAX])
        return [Hit(whole.time_ns, whole.text, whole.regions, whole.confidence, whole.count, whole.identity, parts)]


def _hit(new: Sequence[Sighting]) -> Hit:
    first = min(new, key=lambda sighting: sighting.appeared_ns)
    regions = [region for sighting in new for region in sighting.regions]
    return Hit(
        first.appeared_ns, first.text, tuple(regions[:REGIONS_MAX]), first.confidence, len(new), identity=first.words
    )


class CountEvaluator(_OnText):
    """Hits when the number of occurrences comes to be as wanted; not where it is so at the start, but with ``now``."""

    def __init__(self, condition: CountCondition, now: bool, scope: Scope = EVERYWHERE) -> None:
        super().__init__(condition.pattern, scope)
        self._condition, self._now = condition, now
        self._met: bool | None = None
        self._uncounted = False
        self.leveled = True

    @property
    def unsettled(self) -> bool:
        """How many there are may have changed while that could not be seen, too."""
        return self._uncounted or super().unsettled

    def level(self, time_ns: int) -> bool | None:
        """Whether there are as many."""
        if self._blind:
            return None
        met = compared(self._memory.standing(time_ns), self._condition.how, self._condition.number)
        return met if self._begun or (met and self._condition.how in (">=", ">")) else None

    def on_begun(self, time_ns: int) -> None:
        """Now they can be counted; what is so is so since the start."""
        super().on_begun(time_ns)
        self._met = self.level(time_ns) if self._met is None and not self._now else self._met

    def on_text(self, reading: Reading) -> list[Hit]:
        """Count."""
        update = reading.update
        self._memory.update(update, self._find(reading))
        return self._counted(update.time_ns, silent=update.present_at_start and not self._now)

    def on_time(self, time_ns: int) -> list[Hit]:
        """What was missing is gone."""
        super().on_time(time_ns)
        return self._counted(time_ns, silent=False)

    def _counted(self, time_ns: int, *, silent: bool) -> list[Hit]:
        met = self.level(time_ns)
        self._uncounted = self._blind
        if met is None:
            return []
        was, self._met = self._met, met
        if not met or was or silent:
            return []
        proof = self.proof()
        shown = proof is not None and self._condition.how in (">=", ">", "=")
        if proof is None or not shown:
            return [Hit(time_ns, None, (), None, shown=False)]
        return [Hit(max(proof.time_ns, 0), proof.text, proof.regions, proof.confidence)]

    def to_dict(self) -> dict[str, Any]:
        """Whether it was met, too."""
        return super().to_dict() | ({} if self._met is None else {"met": self._met})

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        super().restore(state)
        self._met = state.get("met")


class GoneEvaluator(_OnText):
    """Hits when the last occurrence has been away for ``FLICKER_NS``, timed by when it was first seen to be away."""

    def __init__(self, condition: GoneCondition, scope: Scope = EVERYWHERE) -> None:
        super().__init__(condition.pattern, scope)
        self._last: Sighting | None = None
        self._gone_ns: int | None = None
        self._confirmed_from_ns: int | None = None
        self._told: Hit | None = None

    @property
    def unsettled(self) -> bool:
        """An absence has begun."""
        return self._gone_ns is not None or super().unsettled

    @property
    def deadline_ns(self) -> int | None:
        """When an absence counts as one."""
        return None if self._confirmed_from_ns is None else self._confirmed_from_ns + FLICKER_NS

    def level(self, time_ns: int) -> bool | None:
        """Whether it was seen, and is gone since."""
        del time_ns
        return None if self._blind else self._told is not None

    def proof(self) -> Hit | None:
        """What was there."""
        return self._told

    def on_text(self, reading: Reading) -> list[Hit]:
        """An absence begins, ends, or has lasted long enough."""
        update = reading.update
        sightings = self._find(reading)
        seen_ns = min((sighting.appeared_ns for sighting in sightings), default=update.time_ns)
        hits = self.on_time(seen_ns)
        self._memory.update(update, sightings)
        if self._memory.present:
            self._gone_ns = self._confirmed_from_ns = self._told = None
            self._last = sightings[-1] if sightings else self._last
        elif self._last is not None and self._gone_ns is None:
            self._gone_ns = self._confirmed_from_ns = update.time_ns
        return hits

    def on_time(self, time_ns: int) -> list[Hit]:
        """The absence is confirmed once it has lasted."""
        if self.deadline_ns is None or time_ns < self.deadline_ns or self._last is None or self._gone_ns is None:
            return []
        last = self._last
        self._told = Hit(self._gone_ns, last.text, last.regions, last.confidence, identity=last.words)
        self._last = self._gone_ns = self._confirmed_from_ns = None
        return [self._told]

    def on_gap(self, time_ns: int) -> list[Hit]:
        """Nothing is confirmed unseen."""
        self._confirmed_from_ns = None
        return super().on_gap(time_ns)

    def on_back(self, time_ns: int) -> None:
        """An absence that began before the gap has to last from now on."""
        super().on_back(time_ns)
        if self._gone_ns is not None:
            self._confirmed_from_ns = time_ns

    def to_dict(self) -> dict[str, Any]:
        """What was last seen, and since when it is away."""
        state = super().to_dict()
        if self._last is not None:
            state["last"] = sighting_to(self._last)
        if self._gone_ns is not None:
            state |= {"gone_ns": self._gone_ns, "from_ns": self._confirmed_from_ns}
        return state | ({} if self._told is None else {"told_ns": self._told.time_ns})

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        super().restore(state)
        self._last = sighting_from(state["last"]) if "last" in state else None
        self._gone_ns, self._confirmed_from_ns = state.get("gone_ns"), state.get("from_ns")
        self._told = Hit(state["told_ns"], None, (), None) if "told_ns" in state else None
