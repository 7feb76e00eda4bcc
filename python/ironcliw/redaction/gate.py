"""The one gate through which everything passes that leaves the machine or is logged.

gate = Gate()
gate.text("mail me: jo@example.org")          # Redacted('mail me: [e-mail]', ...)

An error inside withholds everything: it fails closed.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Protocol

from ironcliw.frame import Rect
from ironcliw.redaction.found import Found, Redacted, merged, withheld, without
from ironcliw.redaction.layout import places_in_lines
from ironcliw.redaction.scan import find

log = logging.getLogger("ironcliw.redaction")

EVERYWHERE = Rect(0, 0, 65_536, 65_536)
"""What ``boxes`` gives where the lines could not be looked through: black out all of the picture."""

_GROWN_PX = 3


class TextLine(Protocol):
    """A line of text on a screen: ``ReadLine``, ``Line`` and the like."""

    @property
    def text(self) -> str:
        """What it says."""
        ...

    @property
    def box(self) -> Rect:
        """Where it stands, in pixels."""
        ...


class Gate:
    """Looks for secrets in text, in the lines of a screen, and in its pictures by their lines."""

    def text(self, text: str) -> Redacted:
        """The text with ``[card]``, ``[key]`` and so on in place of secrets; nothing of it where that fails."""
        try:
            return without(text, merged(find(text)))
        except Exception as error:  # noqa: BLE001 - whatever it is, what was not looked through does not leave
            _tell(error)
            return withheld(text)

    def lines(self, lines: Sequence[TextLine]) -> tuple[Redacted, ...]:
        """Each line without its secrets, those that wrap over lines or have their name beside or above included."""
        try:
            found = places_in_lines(lines)
            return tuple(without(line.text, places) for line, places in zip(lines, found, strict=True))
        except Exception as error:  # noqa: BLE001 - as above
            _tell(error)
            return tuple(withheld(line.text) for line in lines)

    def boxes(self, lines: Sequence[TextLine]) -> tuple[Rect, ...]:
        """Where the lines' secrets stand, a little larger, in the lines' pixels; ``EVERYWHERE`` where that fails.

        They may reach over the picture's edge.
        """
        try:
            found = places_in_lines(lines)
            return tuple(_box(line, place) for line, places in zip(lines, found, strict=True) for place in places)
        except Exception as error:  # noqa: BLE001 - as above
            _tell(error)
            return (EVERYWHERE,)


def _box(line: TextLine, place: Found) -> Rect:
    """Characters are not equally wide: so one is added on both sides."""
    length = max(1, len(line.text))
    each = line.box.width / length
    left = line.box.x + max(0.0, (place.start - 1) * each)
    right = line.box.x + min(float(line.box.width), (place.end + 1) * each)
    return Rect(int(left), line.box.y, int(right - left) + 1, line.box.height).grown(_GROWN_PX, _GROWN_PX)


def _tell(error: Exception) -> None:
    log.error("text could not be looked through for secrets (%s): all of it is withheld", type(error).__name__)
