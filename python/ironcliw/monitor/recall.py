"""What a restarted engine has to know so that nothing is told twice, and nothing new is taken for old.

    recall = Recall()
    recall.take({"events": 12, "lines": {...}})   # with every message of events, from the child
    recall.to_dict()                              # for the next child

It is kept by the parent, in memory only: it holds the lines of text on the screen. Nothing here loads NumPy.
"""

from __future__ import annotations

from typing import Any

Fields = dict[str, Any]


class Recall:
    """The state of a watch as of the last events that arrived; empty before the first.

    Fields replace those before; ``lines`` come as what was added and which are gone, each line a list that begins with
    its id.
    """

    def __init__(self) -> None:
        self._fields: Fields = {}
        self._lines: dict[int, list[Any]] = {}

    @property
    def events(self) -> int:
        """How many events were told."""
        return int(self._fields.get("events", 0))

    def field(self, name: str, otherwise: Any = None) -> Any:
        """One field as it was last said."""
        return self._fields.get(name, otherwise)

    def take(self, said: Fields) -> None:
        """Take in what changed."""
        said = dict(said)
        lines = said.pop("lines", None)
        self._fields |= said
        if lines is not None:
            for key in lines["gone"]:
                self._lines.pop(key, None)
            self._lines.update({line[0]: line for line in lines["added"]})

    def told(self, **fields: Any) -> int:
        """The parent tells an event of its own: its number. ``fields`` replace those before."""
        self._fields |= {**fields, "events": self.events + 1}
        return self.events

    def to_dict(self) -> Fields:
        """Everything, as JSON values."""
        return {**self._fields, "lines": list(self._lines.values())}


class LineDifferences:
    """In the child: which lines were added and which are gone since the last time."""

    def __init__(self, known: list[list[Any]]) -> None:
        self._known: dict[int, list[Any]] = {line[0]: line for line in known}

    def since(self, lines: list[list[Any]]) -> Fields | None:
        """What changed; None where nothing did."""
        now = {line[0]: line for line in lines}
        added = [line for key, line in now.items() if self._known.get(key) != line]
        gone = [key for key in self._known if key not in now]
        self._known = now
        return {"added": added, "gone": gone} if added or gone else None
