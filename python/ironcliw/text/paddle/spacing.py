"""Whether what is said of a line fits its ink: a space in each wide gap, a character for each glyph.

ink = stretches_of_ink(ink_of(canvas))
spaces_fit(spaces, ink) and not glyphs_unsaid(line, steps, ink)
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ironcliw.text.paddle.content import stretches
from ironcliw.text.paddle.unread import STEP_PX

LEAST_SPACE_PX, LARGEST_GAP_PX = 8, 14
"""Blank columns, at 48 pixels of height, that a space has at least, and that may stand where none is said."""

LEAST_SPACE_SHARE = 0.6
"""Share of the usual width of a line's spaces that the narrowest has at least: fixed-width dots are parted, too."""

PARTED = frozenset('"%\u201c\u201d\u2026\u2033\u22ef')
"""Characters whose ink stands in several stretches side by side."""

Steps = tuple[int, int]
"""Of a network's output, half-open; each is STEP_PX columns."""

Columns = tuple[int, int]
"""Half-open."""


def stretches_of_ink(ink: NDArray[np.bool_]) -> list[Columns]:
    """The columns of (h, w) bool that hold ink, parted where any does not."""
    return stretches(np.asarray(ink.any(axis=0)))


def spaces_fit(spaces: list[Steps], ink: list[Columns]) -> bool:
    """Whether spaces are said where the ink parts widest, and only there."""
    within = {(end, start): start - end for (_, end), (start, _) in pairwise(ink)}
    gaps = list(within)
    widths: list[int] = []
    for first, end in spaces:
        near = [gap for gap in gaps if gap[0] < (end + 1) * STEP_PX and gap[1] > (first - 1) * STEP_PX]
        widest = max(near, key=lambda gap: gap[1] - gap[0], default=(0, 0))
        within.pop(widest, None)
        widths.append(widest[1] - widest[0])
    widths.sort()
    least = max(LEAST_SPACE_PX, LEAST_SPACE_SHARE * widths[len(widths) // 2]) if widths else LARGEST_GAP_PX + 1
    narrowest = widths[0] if widths else LARGEST_GAP_PX + 1
    return narrowest >= least and max(within.values(), default=0) < narrowest


def glyphs_unsaid(line: str, steps: list[Steps], ink: list[Columns]) -> bool:
    """Whether two stretches of ink are nearest to one character of ``line``, which stands at ``steps``.

    A network without a memory says one "l" where two stand close, and drops what is crowded, without any doubt.
    """
    said = [(character, (first + end) * STEP_PX / 2) for character, (first, end) in zip(line, steps, strict=True)]
    visible = [(character, middle) for character, middle in said if character != " "]
    middles = np.array([middle for _, middle in visible])
    nearest = [int(np.abs(middles - (start + end) / 2).argmin()) for start, end in ink] if visible else []
    return any(one == other and visible[one][0] not in PARTED for one, other in pairwise(nearest))
