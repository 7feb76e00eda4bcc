"""What a line of text says: the recognising network on one line at a time.

text, confidence = Recogniser(network, open_scripts).read(crop)
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ironcliw.text.paddle.decode import Decoder, Reading
from ironcliw.text.paddle.picture import Pixels, network_input
from ironcliw.text.paddle.pieces import read_in_pieces, upright
from ironcliw.text.paddle.scripts import DOUBTFUL, Scripts, listed
from ironcliw.text.paddle.session import Network
from ironcliw.text.paddle.unread import unread_steps

IDEOGRAPHS = "\u2e80"
"""From here on characters are those of Chinese, Japanese and Korean, as wide as two of others."""

PROBABLE = 0.5
SURE = 0.9
"""Characters at least so probable are taken as read even beside a word in an unknown script."""


class Recogniser:
    """Reads lines. The same crop always gives the same reading: lines never share a batch."""

    def __init__(self, network: Network, open_scripts: Callable[[], Network]) -> None:
        self._network = network
        self._scripts = Scripts(open_scripts, [int(index) for index in listed(network, "classes")])
        self._decoder = Decoder(listed(network, "characters"))

    def read(self, crop: Pixels) -> Reading:
        """The text in ``crop`` (a single line) and how sure the network is of its characters, 0 to 1."""
        return read_in_pieces(upright(crop), self._read_piece)

    def _read_piece(self, canvas: Pixels) -> Reading:
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
