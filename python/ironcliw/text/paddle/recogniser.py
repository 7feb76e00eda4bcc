"""What a line of text says: the recognising network on one line at a time.

text, confidence = Recogniser(network).read(crop)
"""

from __future__ import annotations

import numpy as np

from ironcliw.errors import ModelError
from ironcliw.text.paddle.decode import Decoder, Reading
from ironcliw.text.paddle.picture import Pixels, network_input, resized
from ironcliw.text.paddle.session import Network

HEIGHT_PX = 48
"""Height of a line as the network wants it."""

STEP_PX = 8
"""Columns of the line for each column of the network's output."""

PIECE_PX = 3200
"""Longest piece of a line, at HEIGHT_PX, that the network sees at once."""

DARK = 128
"""Light text on a ground darker than this is turned over: the network drops fewer blanks on light grounds."""

LEAST_STEPS = 4
"""Narrower lines are widened by blank columns to so many steps."""


class Recogniser:
    """Reads lines. The same crop always gives the same reading: lines never share a batch."""

    def __init__(self, network: Network) -> None:
        listed = network.metadata("character")
        if listed is None:
            raise ModelError("the recognition model does not carry its list of characters: run make setup")
        self._network = network
        self._decoder = Decoder(["", *listed.split("\n"), " "])

    def read(self, crop: Pixels) -> Reading:
        """The text in ``crop`` (a single line) and how sure the network is of its characters, 0 to 1."""
        height, width = crop.shape[:2]
        if np.median(crop[:, :, :3]) < DARK:
            crop = 255 - crop
        scaled = resized(crop, max(STEP_PX, round(width * HEIGHT_PX / height)), HEIGHT_PX)
        steps = max(LEAST_STEPS, -(-scaled.shape[1] // STEP_PX))
        canvas = np.pad(scaled, ((0, 0), (0, steps * STEP_PX - scaled.shape[1]), (0, 0)), mode="edge")
        return self._decoder.decode(self._network.run(network_input(canvas))[0])
