"""What is known of a region, made fit to leave: its words without secrets, its picture with them blacked out.

    now = evidence_of(pixels, lines, Gate())
    request = request_of("is the build green?", now, before, rule="deploy")

Everything that goes to a model is made here, behind one ``redaction.Gate``; where that fails, nothing of it is left.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ironcliw.frame import Rect
from ironcliw.redaction import Gate, TextLine
from ironcliw.vision_model.picture import PICTURE_PATCHES, picture_of, stacked
from ironcliw.vision_model.protocol import Picture, Request
from ironcliw.vision_model.schema import shown

LINES_MAX = 60
_COMPARES = re.compile(
    r"\b(before|chang\w*|again|any ?more|still|since|than|differ\w*|new|moved?|grew|stopped)\b", re.IGNORECASE
)


class Seen(Protocol):
    """An object that was detected: ``objects.Detection`` and the like."""

    @property
    def kind(self) -> str:
        """What it is: dialog, button, ..."""
        ...

    @property
    def box(self) -> Rect:
        """Where it is."""
        ...


@dataclass(frozen=True)
class Evidence:
    """A region at a moment. Nothing in it names a secret that the gate knows.

    lines: its text in reading order, redacted; notes: what is drawn there
    """

    lines: tuple[str, ...]
    picture: Picture
    notes: str = ""
    pixels: NDArray[np.uint8] | None = field(default=None, compare=False, repr=False)

    @cached_property
    def text(self) -> str:
        """Its lines, one below the other."""
        return "\n".join(self.lines)


@dataclass(frozen=True, slots=True)
class _Placed:
    """A line within a crop."""

    text: str
    box: Rect


def evidence_of(
    pixels: NDArray[np.uint8],
    lines: Sequence[TextLine],
    gate: Gate,
    *,
    parts: Sequence[Rect] = (),
    seen: Sequence[Seen] = (),
    patches: int = PICTURE_PATCHES,
) -> Evidence:
    """Evidence from a frame, (h, w, 4) uint8 BGRX, and the lines and objects in it, all in the frame's pixels.

    parts: of the frame that are asked about, at most a few; none for all of it. Several are one picture, one below the
        other. Secrets are looked for in all lines, since their name may stand outside of them.
    """
    height, width = pixels.shape[:2]
    clipped = [part.clipped(width, height) for part in parts]
    inside = [part for part in clipped if part is not None] or [Rect(0, 0, width, height)]
    crop, black = stacked(pixels, inside, gate.boxes(lines))
    words = [
        shown(redacted.text)
        for line, redacted in zip(lines, gate.lines(lines), strict=True)
        if any(part.overlaps(line.box) for part in inside)
    ]
    kinds = [f"{each.kind} at {each.box.x - inside[0].x},{each.box.y - inside[0].y}" for each in seen[:12]]
    return Evidence(
        lines=tuple(words[-LINES_MAX:]),
        picture=picture_of(crop, black, patches=patches),
        notes=gate.text(", ".join(kinds)).text,
    )


def request_of(
    words: str,
    now: Evidence,
    before: Evidence | None = None,
    *,
    rule: str = "",
    reason: str = "",
    compare: bool | None = None,
) -> Request:
    """The request that asks ``words`` of this evidence.

    compare: whether the earlier picture goes along; None: where the words compare. The difference of the text always
        does where there is an earlier one.
    """
    wanted = before is not None and (bool(_COMPARES.search(words)) if compare is None else compare)
    pictures = (now.picture,)
    if before is not None and wanted and before.picture.sha256 != now.picture.sha256:
        pictures = (replace(before.picture, label="before"), now.picture)
    return Request(
        words=words,
        text=now.text,
        difference=difference(before.lines, now.lines) if before is not None and wanted else None,
        pictures=pictures,
        notes=now.notes,
        rule=rule,
        reason=reason,
    )


def difference(before: Sequence[str], now: Sequence[str]) -> str:
    """The lines that came, ``+ line``, and those that went, ``- line``; a line that only moved is neither."""
    left = Counter(before)
    came: list[str] = []
    for line in now:
        if left[line] > 0:
            left[line] -= 1
        else:
            came.append(f"+ {line}")
    gone = [f"- {line}" for line, count in left.items() for _ in range(count)]
    return "\n".join([*gone, *came]) or "nothing"
