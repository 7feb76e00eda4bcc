"""Words whose script the network does not know: their ink is there, and it says nothing, or a little of everything.

unread = unread_steps(canvas, silent, doubtful, sure, ideographs)    # a bool for each step, or None where all is read

The network was trained to keep silent where it knows no character, and most words in Cyrillic, Arabic, Hebrew or
Armenian leave it silent over several letters; what it says beside that is guessed. Words made only of letters that look
like Latin ones cannot be told from those.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ironcliw.text.paddle.picture import Pixels

STEP_PX = 8
"""Columns of a line for each step of the network's output."""

WORD_GAP_PX = 12
"""Blank columns, at 48 pixels of height, that part words."""

SILENT_STEPS, SILENT_STEPS_DOUBTED = 8, 6
"""Silence over so many steps of ink is an unread word; fewer are enough where more of the word is doubtful.

The network is silent over five steps of a wide letter at most; icons are narrower than eight.
"""

KNOWN_IDEOGRAPHS = 2
"""A word with so many is in a script that the network knows."""

DOUBTFUL_SHARE, DOUBTFUL_SHARE_HIGH = 0.1, 0.2
"""Share of a word's steps at which no Latin character fits: rules and frames are silent without a doubt."""

INK_CONTRAST = 0.35
"""Share of a line's contrast from which on a pixel is ink."""

LEAST_RISE_PX = 20
"""Ink flatter than this is a rule or a row of dots."""

LEAST_EDGES = 1.2
"""Edges that each column of letters crosses on average: progress bars and frames have fewer."""

REPEATING = 0.75
"""Ink whose columns correlate so well with themselves at some distance is a row of equal signs: ////, ||||, ####."""

LONGEST_PERIOD_PX = 40


def unread_steps(
    canvas: Pixels,
    silent: NDArray[np.bool_],
    doubtful: NDArray[np.bool_],
    sure: NDArray[np.bool_],
    ideographs: NDArray[np.bool_],
) -> NDArray[np.bool_] | None:
    """Which steps of a line belong to words in an unknown script, or are guessed beside one; None where none are.

    canvas: (48, 8 * steps, 4) the line as the network saw it, dark on light
    silent: (steps,) whether the network says nothing; doubtful: whether no Latin character fits well; sure: whether
        what it says is all but certain
    ideographs: (steps,) whether it is likely to be one of these: the network is silent over most of their width
    """
    if doubtful.mean() == 0 or _longest(silent)[1] < SILENT_STEPS_DOUBTED:
        return None
    ink = ink_of(canvas)
    words = [word for word in _words(ink) if ideographs[_steps(*word, len(silent))].sum() < KNOWN_IDEOGRAPHS]
    unread = [word for word in words if _is_unread(ink, silent, doubtful, word)]
    if not unread:
        return None
    steps = np.zeros(len(silent), np.bool_)
    for left, right in words:
        word = _steps(left, right, len(silent))
        said = ~silent[word]
        # Beside a word that could not be read, only what is certain counts as read.
        if (left, right) in unread or (said.any() and not sure[word][said].all() and doubtful[word].any()):
            steps[word] = True
    return steps


def ink_of(canvas: Pixels) -> NDArray[np.bool_]:
    """Which of a line's pixels stand out from its ground: (h, w) bool."""
    colours = canvas[:, :, :3].astype(np.int16)
    contrast = np.abs(colours - np.median(colours.reshape(-1, 3), axis=0)).max(axis=2)
    return contrast > max(8, INK_CONTRAST * float(np.percentile(contrast, 98)))


def _words(ink: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Half-open ranges of columns, parted by WORD_GAP_PX blank ones."""
    columns = np.flatnonzero(ink.any(axis=0))
    if columns.size == 0:
        return []
    gaps = np.flatnonzero(np.diff(columns) > WORD_GAP_PX)
    starts = columns[np.concatenate(([0], gaps + 1))]
    ends = columns[np.concatenate((gaps, [columns.size - 1]))] + 1
    return list(zip(starts.tolist(), ends.tolist(), strict=True))


def _is_unread(
    ink: NDArray[np.bool_], silent: NDArray[np.bool_], doubtful: NDArray[np.bool_], word: tuple[int, int]
) -> bool:
    steps = _steps(*word, len(silent))
    first, length = _longest(silent[steps])
    doubt = float(doubtful[steps].mean())
    enough = length >= SILENT_STEPS and doubt >= DOUBTFUL_SHARE
    enough |= length >= SILENT_STEPS_DOUBTED and doubt >= DOUBTFUL_SHARE_HIGH
    if not enough:
        return False
    start = (steps.start + first) * STEP_PX
    part = ink[:, max(word[0], start) : min(word[1], start + length * STEP_PX)]
    if part.shape[1] < 2 * STEP_PX or _rise(part) < LEAST_RISE_PX:
        return False
    middle = part.shape[1] // 2
    if min(_rise(part[:, :middle]), _rise(part[:, middle:])) < LEAST_RISE_PX // 2:
        return False  # half of it dots: a bar that fills up
    edges = np.count_nonzero(part[:, 1:] != part[:, :-1]) / part.shape[1]
    return edges >= LEAST_EDGES and _repetition(part) < REPEATING


def _rise(ink: NDArray[np.bool_]) -> int:
    rows = np.flatnonzero(ink.any(axis=1))
    return int(rows[-1] - rows[0]) + 1 if rows.size else 0


def _repetition(ink: NDArray[np.bool_]) -> float:
    """How well the columns' amounts of ink correlate with themselves at the best distance; 1 where all are equal."""
    amounts = ink.sum(axis=0).astype(np.float64)
    amounts -= amounts.mean()
    if np.square(amounts).mean() < 1:
        return 1.0
    best = 0.0
    for period in range(4, min(LONGEST_PERIOD_PX, amounts.size // 2)):
        one, other = amounts[:-period], amounts[period:]
        norm = np.sqrt(np.square(one).sum() * np.square(other).sum())
        best = max(best, float((one * other).sum() / (norm + 1e-9)))
    return best


def _steps(left: int, right: int, count: int) -> slice:
    return slice(left // STEP_PX, min(count, -(-right // STEP_PX)))


def _longest(flags: NDArray[np.bool_]) -> tuple[int, int]:
    """First index and length of the longest run of set flags; (0, 0) where none is set."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8))).reshape(-1, 2)
    if edges.size == 0:
        return 0, 0
    start, end = edges[np.argmax(edges[:, 1] - edges[:, 0])].tolist()
    return start, end - start
