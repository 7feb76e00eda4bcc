"""Makes tests/history/segment_vectors.json: small segments of both implementations, and the tiles of their frames.

    python tools/make_segment_vectors.py

Segments that were written once must be read for ever; a new version of the format gets vectors beside these.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from ironcliw import kernels
from ironcliw.kernels import reference
from ironcliw.kernels.protocol import Kernels

HEIGHT, WIDTH, FIRST = 150, 140, 12


def screens() -> list[np.ndarray[Any, Any]]:
    """A page, a letter, the page again, a scroll, a photo, a shift to the side."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    page = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
    page[:, :, :3] = np.where((x // 2 * 7 + y // 3 * 13 + (y // 3) ** 2) % 5 == 0, 230, 30)[:, :, np.newaxis]
    letter = page.copy()
    letter[20:32, 60:69, :3] = (40, 90, 200)
    scrolled = page.copy()
    scrolled[8:-14] = page[14 + 8 :]
    photo = scrolled.copy()
    photo[70:110, 10:50, :3] = ((7 * x + 13 * y + x * y)[70:110, 10:50, np.newaxis] * [1, 3, 5]) % 256
    aside = photo.copy()
    aside[:, 9:] = photo[:, :-9]
    return [page, letter, page, scrolled, photo, aside]


def vector(kind: Kernels) -> dict[str, Any]:
    """A segment of one implementation, and what any reader must see in it."""
    writer = kind.SegmentWriter(HEIGHT, WIDTH, FIRST)
    grid, moved = np.zeros(kernels.grid_shape(HEIGHT, WIDTH), np.uint64), np.zeros((3, 3), np.bool_)
    data, times, fingerprints = b"", [], []
    for number, screen in enumerate(screens()):
        times.append([10**9 * number, 1_764_000_000 * 10**9 - number])
        data += writer.add(screen, *times[-1])
        reference.fingerprint(screen, grid, moved)
        fingerprints.append([f"{value:016x}" for value in grid.ravel()])
    data += writer.end(10**10)
    return {
        "shape": [HEIGHT, WIDTH, FIRST],
        "held_ns": 10**10,
        "times": times,
        "fingerprints": fingerprints,
        "segment": data.hex(),
    }


def main() -> None:
    """Write the file."""
    found = {"reference": reference.KERNELS, "native": kernels.choose("native").kernels}
    target = Path(__file__).parents[1] / "tests" / "history" / "segment_vectors.json"
    target.write_text(json.dumps({name: vector(kind) for name, kind in found.items()}, indent=1) + "\n")


if __name__ == "__main__":
    main()
