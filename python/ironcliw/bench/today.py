"""The loop people write today: mss, xxhash, OpenCV's difference and contours, and the last 300 frames in a deque.

    python -P today.py :7

Prints a JSON line for every frame that changed. Runs as a file of its own, so that nothing of Ironcliw is in its
memory. The deque is filled before ``ready`` is printed: what is measured is the loop as it is after half a minute.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from collections import deque
from typing import Any

import numpy as np
from numpy.typing import NDArray

FPS = 10
HISTORY = 300


def main(display: str) -> None:
    """Watch until ended."""
    mss: Any = importlib.import_module("mss")
    cv2: Any = importlib.import_module("cv2")
    xxhash: Any = importlib.import_module("xxhash")
    history: deque[NDArray[np.uint8]] = deque(maxlen=HISTORY)
    with mss.MSS(display=display) as screen:
        monitor = screen.monitors[1]
        while len(history) < HISTORY:
            history.append(np.array(screen.grab(monitor)))
        last_digest = xxhash.xxh3_64_intdigest(history[-1])
        print(json.dumps({"type": "ready"}), flush=True)
        while True:
            started_s = time.monotonic()
            frame: NDArray[np.uint8] = np.array(screen.grab(monitor))
            digest = xxhash.xxh3_64_intdigest(frame)
            if digest != last_digest:
                boxes = changed_boxes(cv2, history[-1], frame)
                print(json.dumps({"type": "change", "boxes": boxes}), flush=True)
            history.append(frame)
            last_digest = digest
            time.sleep(max(0.0, 1 / FPS - (time.monotonic() - started_s)))


def changed_boxes(cv2: Any, before: NDArray[np.uint8], after: NDArray[np.uint8]) -> list[tuple[int, ...]]:
    """A rectangle (x, y, width, height) around each contour of what differs between two (h, w, 4) frames."""
    gray = cv2.cvtColor(cv2.absdiff(before, after), cv2.COLOR_BGRA2GRAY)
    _, mask = cv2.threshold(gray, 0, 255, cv2.THRESH_BINARY)
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    return [tuple(cv2.boundingRect(contour)) for contour in contours]


if __name__ == "__main__":
    main(sys.argv[1])
