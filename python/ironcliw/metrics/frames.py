"""Where every captured frame went, and what was copied on the way.

counts = FrameCounts()
counts.dropped["late"] += 1
counts.to_dict()                      # {"captured": 1, "duplicate": 0, "changed": 0, "excluded": 0, "dropped": ...}
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class FrameCounts:
    """Where every captured frame went: ``captured = duplicate + changed + excluded + dropped``.

    duplicate: nothing changed since the frame before
    changed: something changed and was looked at
    excluded: what was reported as changed lies in blanked areas only
    dropped: by reason, frames that were captured and not looked at
    """

    duplicate: int = 0
    changed: int = 0
    excluded: int = 0
    dropped: Counter[str] = field(default_factory=Counter[str])

    @property
    def captured(self) -> int:
        """All frames that were captured."""
        return self.duplicate + self.changed + self.excluded + self.dropped.total()

    def restore(self, counts: dict[str, Any]) -> None:
        """Count on from what ``to_dict`` gave."""
        self.duplicate, self.changed = counts.get("duplicate", 0), counts.get("changed", 0)
        self.excluded, self.dropped = counts.get("excluded", 0), Counter(counts.get("dropped", {}))

    def to_dict(self) -> dict[str, Any]:
        """The counts as they stand in a ``summary`` event."""
        dropped = self.dropped.copy()  # another thread may add a reason meanwhile
        looked_at = self.duplicate + self.changed + self.excluded
        return {
            "captured": looked_at + dropped.total(),
            "duplicate": self.duplicate,
            "changed": self.changed,
            "excluded": self.excluded,
            "dropped": dict(sorted(dropped.items())),
        }


@dataclass(slots=True)
class Copies:
    """Pixels on their way through a watch: which were copied, and which were handed over as a view.

    count, size_bytes: by place, how often pixels were copied there and how many bytes in all
    handed: by place, how often pixels were handed there without a copy
    """

    count: Counter[str] = field(default_factory=Counter[str])
    size_bytes: Counter[str] = field(default_factory=Counter[str])
    handed: Counter[str] = field(default_factory=Counter[str])

    def copied(self, place: str, size_bytes: int) -> None:
        """``size_bytes`` were copied at ``place``."""
        self.count[place] += 1
        self.size_bytes[place] += size_bytes

    def handed_over(self, place: str) -> None:
        """A view was handed to ``place``."""
        self.handed[place] += 1
