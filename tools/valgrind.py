"""Uses everything in the extension 1,000 times under valgrind: no memory of it may be lost.

python tools/valgrind.py              # runs itself under valgrind and reads the report; exit 1 with what was lost
python tools/valgrind.py --use        # only the part that is looked at
python tools/valgrind.py --planted    # with a leak, which must be found

The interpreter and NumPy lose memory of their own at exit: only stacks that pass through the extension count. Python's
objects point into each other, so what is lost of them is "possibly lost" to valgrind, like the types that live as long
as the process; what was lost in every tenth round, or more often, is no type.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path

EXTENSION = "_native.abi3.so"
ROUNDS = 1_000
_ALWAYS = {"Leak_DefinitelyLost", "InvalidRead", "InvalidWrite", "InvalidFree", "UninitCondition", "UninitValue"}


def use(planted: bool) -> None:
    """Every kernel, tracker and filter on small frames, and what each refuses."""
    import numpy as np

    from ironcliw import kernels
    from ironcliw.change import ChangeTracker
    from ironcliw.dedup import BloomFilter

    assert kernels.IMPLEMENTATION == "native", kernels.REASON
    random = np.random.default_rng(1)
    pixels = random.integers(0, 256, (130, 200, 4), np.uint8)
    tracker = ChangeTracker(130, 200, 0)
    seen = BloomFilter(0.1)
    for number in range(ROUNDS):
        pixels[number % 130, number % 200] ^= 255
        tracker.apply(pixels, None)
        keys = random.integers(0, 2**63, 16, np.uint64)
        assert seen.check_and_add_many(keys).shape == seen.contains_many(keys).shape
        try:
            kernels.fingerprint(pixels[:, :, 0], np.zeros((3, 4), np.uint64), np.zeros((3, 4), np.bool_))
        except (TypeError, ValueError):
            pass
        else:
            raise AssertionError("a bad array was taken")
        if number % 100 == 0:
            assert all(works for _, works, _ in kernels.self_test())
        if planted:
            leak(kernels.BloomBits(8, 4, 1))


def leak(thing: object) -> None:
    """Count one reference too many, as a binding with a fault would."""
    import ctypes

    ctypes.pythonapi.Py_IncRef(ctypes.py_object(thing))


def lost(report: Path) -> list[str]:
    """One line for each report of valgrind's whose stack passes through the extension."""
    errors = []
    for error in ElementTree.parse(report).getroot().iter("error"):
        kind = error.findtext("kind", "")
        frames = list(error.iter("frame"))
        blocks = int(error.findtext("xwhat/leakedblocks", "0"))
        counts = kind in _ALWAYS or (kind == "Leak_PossiblyLost" and blocks >= ROUNDS // 10)
        if counts and any(frame.findtext("obj", "").endswith(EXTENSION) for frame in frames):
            functions = [frame.findtext("fn", "?") for frame in frames[:8]]
            what = error.findtext("xwhat/text") or error.findtext("what", "")
            errors.append(f"{kind}: {what}: {' < '.join(functions)}")
    return errors


def under_valgrind(part: str) -> list[str]:
    """What valgrind reports of a run of this file with ``part``."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [
            *("valgrind", "--quiet", "--leak-check=full", "--show-leak-kinds=definite,possible", "--xml=yes"),
            *(f"--xml-file={report}", "--num-callers=30", sys.executable, __file__, part),
        ]
        # The interpreter's own allocator would hide what is lost within its arenas.
        environment = {**os.environ, "PYTHONMALLOC": "malloc", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        subprocess.run(command, env=environment, check=True)
        return lost(report)


def main() -> int:
    """Check that a planted leak is found, then that there is no other."""
    if sys.argv[1:] in (["--use"], ["--planted"]):
        use(planted=sys.argv[1] == "--planted")
        return 0
    if not under_valgrind("--planted"):
        print("valgrind does not find a planted leak here, so it would find no other either", file=sys.stderr)
        return 1
    reports = under_valgrind("--use")
    print("\n".join(reports) or f"valgrind: 0 reports in {ROUNDS:,} rounds")
    return 1 if reports else 0


if __name__ == "__main__":
    raise SystemExit(main())
