"""Evaluates ``text:`` and ``gone:``.

rule = TextEvaluator(condition, now=False)
hits = rule.on_text(Reading(update, Layout(update.lines)))
"""

from __future__ import annotations

from ironcliw.rule.condition import GoneCondition, TextCondition
from ironcliw.rule.evaluator import Evaluator, Hit, Reading
from ironcliw.rule.occurrence import FLICKER_NS, OccurrenceMemory
from ironcliw.rule.sighting import Finder, Sighting

REGIONS_MAX = 64


class TextEvaluator(Evaluator):
    """Hits on every new occurrence; on those present at the start only where ``now``."""

    needs_text = True

    def __init__(self, condition: TextCondition, now: bool) -> None:
        self._finder = Finder(condition.pattern)
        self._memory = OccurrenceMemory()
        self._now = now

    def on_text(self, reading: Reading) -> list[Hit]:
        """One hit for all the occurrences that are new in this reading, timed and worded by the first of them."""
        update = reading.update
        uncovered = {line.id for line in update.uncovered}
        found = self._memory.update(update, self._finder.find(reading.layout, update.time_ns))
        new = [sighting for sighting in found if not uncovered.issuperset(sighting.ids)]
        if not new or (update.present_at_start and not self._now):
            return []
        first = min(new, key=lambda sighting: sighting.appeared_ns)
        regions = [region for sighting in new for region in sighting.regions]
        return [Hit(first.appeared_ns, first.text, tuple(regions[:REGIONS_MAX]), first.confidence, len(new))]

    def on_back(self, time_ns: int) -> None:
        """What is missing has its moment to come back from now on."""
        self._memory.back(time_ns)


class GoneEvaluator(Evaluator):
    """Hits when the last occurrence has been away for ``FLICKER_NS``, timed by when it was first seen to be away."""

    needs_text = True

    def __init__(self, condition: GoneCondition) -> None:
        self._finder = Finder(condition.pattern)
        self._memory = OccurrenceMemory()
        self._last: Sighting | None = None
        self._gone_ns: int | None = None
        self._confirmed_from_ns: int | None = None

    @property
    def deadline_ns(self) -> int | None:
        """When an absence counts as one."""
        return None if self._confirmed_from_ns is None else self._confirmed_from_ns + FLICKER_NS

    def on_text(self, reading: Reading) -> list[Hit]:
        """An absence begins, ends, or has lasted long enough."""
        update = reading.update
        sightings = self._finder.find(reading.layout, update.time_ns)
        seen_ns = min((sighting.appeared_ns for sighting in sightings), default=update.time_ns)
        hits = self.on_time(seen_ns)
        self._memory.update(update, sightings)
        if self._memory.present:
            self._gone_ns = self._confirmed_from_ns = None
            self._last = sightings[-1] if sightings else self._last
        elif self._last is not None and self._gone_ns is None:
            self._gone_ns = self._confirmed_from_ns = update.time_ns
        return hits

    def on_time(self, time_ns: int) -> list[Hit]:
        """The absence is confirmed once it has lasted."""
        if self.deadline_ns is None or time_ns < self.deadline_ns or self._last is None or self._gone_ns is None:
            return []
        hit = Hit(self._gone_ns, self._last.text, self._last.regions, self._last.confidence)
        self._last = self._gone_ns = self._confirmed_from_ns = None
        return [hit]

    def on_gap(self, time_ns: int) -> None:
        """Nothing is confirmed unseen."""
        del time_ns
        self._confirmed_from_ns = None

    def on_back(self, time_ns: int) -> None:
        """An absence that began before the gap has to last from now on."""
        self._memory.back(time_ns)
        if self._gone_ns is not None:
            self._confirmed_from_ns = time_ns
