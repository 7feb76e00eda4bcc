"""What a line of text says: the recognising network on one line at a time.

text, confidence = Recogniser(network, open_scripts).read(crop)
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ironcliw.text.paddle.decode import Decoder, Reading
from ironcliw.text.paddle.picture import Pixels, network_input, resized
from ironcliw.text.paddle.scripts import DOUBTFUL, Scripts, listed
from ironcliw.text.paddle.session import Network
from ironcliw.text.paddle.unread import STEP_PX, unread_steps

HEIGHT_PX = 48
"""Height of a line as the network wants it."""

IDEOGRAPHS = "\u2e80"
"""From here on characters are those of Chinese, Japanese and Korean, as wide as two of others."""

PROBABLE = 0.5
SURE = 0.9
"""Characters at least so probable are taken as read even beside a word in an unknown script."""

LEAST_STEPS = 4
"""Narrower lines are widened by their last column to so many steps."""

PIECE_PX = 3200
"""Longest piece of a line, at HEIGHT_PX, that the network sees at once: its cost grows with the square beyond.

The network reads 400 characters at once as well as 40; this only bounds time and memory."""

CUT_REACH = 0.15
"""How far from an even division a cut may be, in pieces, to fall between two words."""

SPACE_WIDTH = 0.15
"""A cut through blank columns at least so wide, in crop heights, is between two words."""

DARK = 128
"""Light text on a ground darker than this is inverted: on dark grounds the network drops more of the blanks between
words (Sans of 9 to 15 pixels: 1.55 % of characters wrong, 1.15 % inverted)."""


class Recogniser:
    """Reads lines. The same crop always gives the same reading: lines never share a batch."""

    def __init__(self, network: Network, open_scripts: Callable[[], Network]) -> None:
        self._network = network
        self._scripts = Scripts(open_scripts, [int(index) for index in listed(network, "classes")])
        self._decoder = Decoder(listed(network, "characters"))

    def read(self, crop: Pixels) -> Reading:
        """The text in ``crop`` (a single line) and how sure the network is of its characters, 0 to 1."""
        if np.median(crop[:, :, :3]) < DARK:
            crop = 255 - crop
        whole = ""
        certainty = length = 0.0
        some_unread = False
        for piece, space_before in pieces(crop):
            text, confidence, unread = self._read_piece(piece)
            some_unread |= unread
            whole += " " + text if space_before else text
            certainty += confidence * len(text)
            length += len(text)
        return Reading(whole.strip(), certainty / length if length else 0.0, some_unread)

    def _read_piece(self, crop: Pixels) -> Reading:
        height, width = crop.shape[:2]
        scaled = resized(crop, max(STEP_PX, round(width * HEIGHT_PX / height)), HEIGHT_PX)
        steps = max(LEAST_STEPS, -(-scaled.shape[1] // STEP_PX))
        canvas = np.pad(scaled, ((0, 0), (0, steps * STEP_PX - scaled.shape[1]), (0, 0)), mode="edge")
        logits, features = self._network.run(network_input(canvas))
        probabilities, further = self._scripts.probabilities(logits[0], features[0])
        best = probabilities.argmax(axis=1)
        sureness = probabilities.max(axis=1)
        ideographs = np.zeros(probabilities.shape[1], np.bool_)
        ideographs[len(ideographs) - len(further) :] = [each >= IDEOGRAPHS for each in further]
        known = ideographs[best] & (sureness >= PROBABLE)
        unread = unread_steps(canvas, best == 0, logits[0].max(axis=1) < DOUBTFUL, sureness >= SURE, known)
        if unread is None:
            return self._decoder.decode(probabilities, further)
        probabilities[unread] = 0
        probabilities[unread, 0] = 1
        reading = self._decoder.decode(probabilities, further)
        # A few marks are all that is left of many a line in another script.
        worded = any(character.isalnum() for character in reading.text)
        return Reading(" ".join(reading.text.split()), reading.confidence, True) if worded else Reading("", 0.0, True)


def pieces(crop: Pixels) -> list[tuple[Pixels, bool]]:
    """``crop`` in pieces that the network can take, cut between words, and whether a space comes before each."""
    height, width = crop.shape[:2]
    count = -(-width * HEIGHT_PX // (height * PIECE_PX))
    if count <= 1:
        return [(crop, False)]
    blank = (crop[:, :, :3].max(axis=0) - crop[:, :, :3].min(axis=0)).max(axis=1) < DARK // 4
    reach = max(1, round(width / count * CUT_REACH))
    cuts: list[tuple[int, bool]] = [(0, False)]
    for number in range(1, count):
        middle = width * number // count
        start, stop = _longest(blank[middle - reach : middle + reach])
        cuts.append((middle - reach + (start + stop) // 2, stop - start >= height * SPACE_WIDTH))
    ends = [cut for cut, _ in cuts[1:]] + [width]
    return [(crop[:, start:end], space) for (start, space), end in zip(cuts, ends, strict=True)]


def _longest(flags: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> tuple[int, int]:
    """The longest range of set flags, half-open; the empty one in the middle where none is set."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8))).reshape(-1, 2)
    if edges.size == 0:
        return len(flags) // 2, len(flags) // 2
    start, stop = edges[np.argmax(edges[:, 1] - edges[:, 0])]
    return int(start), int(stop)
