"""A card's failures are typed and write nothing, and under ``auto`` the CPU answers that very call."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from batch_conformance import drawn, expected, same
from gpu_cards import needs_build, open_card

from ironcliw.errors import GpuError, GpuLimitError, GpuLostError, GpuMemoryError, NoGpuError
from ironcliw.kernels import choose, grid_shape, reference
from ironcliw.kernels.gpu import Card, Chosen, Measured, Memory
from ironcliw.kernels.protocol import BINS, FEATURES
from rounds import rounds

pytestmark = needs_build


def python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", "-c", code]
    return subprocess.run(
        command, env=os.environ | environment, capture_output=True, text=True, timeout=120, check=False
    )


def prefer_the_card(chosen: Chosen, size: tuple[int, int], *frames: int) -> None:
    """As if it had been measured to be faster."""
    memory = chosen._memory
    for kernel in ("difference", "describe", "process_batch"):
        for count in frames:
            memory.keep(chosen.machine(chosen.card()), Measured(kernel, *size, count, 2.0, 1.0))  # type: ignore[arg-type]


def opened(open_one: Callable[[], Card], size: tuple[int, int] = (130, 200)) -> Chosen:
    chosen = Chosen(choose("auto").kernels, open_one, "auto", Memory())
    prefer_the_card(chosen, size, 1, 4)
    return chosen


def difference(kernels: Any, before: Any, after: Any) -> tuple[int, list[Any], list[Any], bytes]:
    shape = grid_shape(*after.shape[:2])
    counts, boxes = np.full(shape, 7, np.uint32), np.full((*shape, 4), 7, np.int32)
    mask = np.full(after.shape[:2], 7, np.uint8)
    total = kernels.difference(before, after, 0, None, counts, boxes, mask)
    return total, counts.tolist(), boxes.tolist(), mask.tobytes()


def described(kernels: Any, frame: Any) -> tuple[int, list[Any], list[Any], list[Any]]:
    shape = grid_shape(*frame.shape[:2])
    features, histograms = np.zeros((*shape, FEATURES), np.uint32), np.zeros((*shape, BINS), np.uint16)
    histogram = np.zeros(BINS, np.uint32)
    count = kernels.describe(frame, None, features, histograms, histogram)
    return count, features.tolist(), histograms.tolist(), histogram.tolist()


def test_a_lost_card_is_replaced_by_the_cpu_within_the_call() -> None:
    frames, cards = drawn(130, 200, 6), [open_card()]
    chosen = opened(lambda: cards[0])
    assert difference(chosen, frames[0], frames[1]) == difference(reference, frames[0], frames[1])
    assert chosen.failures == 0
    cards[0].destroy()
    assert difference(chosen, frames[0], frames[2]) == difference(reference, frames[0], frames[2])
    assert chosen.failures == 1
    assert chosen.why().startswith("the graphics processor was lost: ")
    # It is not asked again.
    assert described(chosen, frames[3]) == described(reference, frames[3])
    for number, answer in enumerate(chosen.process_batch(frames[1:5], frames[0])):
        same(answer, expected(frames[number], frames[number + 1], 0))
    assert chosen.failures == 1


@pytest.mark.parametrize("kernel", ["describe", "process_batch"])
def test_the_others_fall_back_too(kernel: str) -> None:
    frames, card = drawn(130, 200, 5), open_card()
    chosen = opened(lambda: card)
    card.destroy()
    if kernel == "describe":
        assert described(chosen, frames[0]) == described(reference, frames[0])
    else:
        for number, answer in enumerate(chosen.process_batch(frames[1:], frames[0])):
            same(answer, expected(frames[number], frames[number + 1], 0))
    assert chosen.failures == 1


def test_a_card_too_small_for_one_size_does_the_others() -> None:
    chosen = opened(lambda: open_card(binding_bytes_max=1 << 16))
    prefer_the_card(chosen, (64, 64), 1)
    large, small = drawn(130, 200, 2), drawn(64, 64, 2)
    for _ in range(2):
        assert difference(chosen, *large) == difference(reference, *large)
    assert chosen.failures == 1
    assert difference(chosen, *small) == difference(reference, *small)
    assert chosen.failures == 1
    assert chosen.why().startswith(chosen.card().name)


def test_limits_are_typed_and_nothing_is_written() -> None:
    card = open_card(binding_bytes_max=1 << 16)
    frame = drawn(130, 200, 1)[0]
    counts, boxes = np.full((3, 4), 7, np.uint32), np.full((3, 4, 4), 7, np.int32)
    message = r"^the graphics processor is too small: a frame's bytes needs 196608, and it has 65536$"
    with pytest.raises(GpuLimitError, match=message):
        card.difference(frame, frame, 0, None, counts, boxes)
    assert (counts == 7).all()
    assert (boxes == 7).all()
    with pytest.raises(GpuLimitError, match="the buffer that was asked for needs"):
        open_card(binding_bytes_max=1 << 62)


def test_lost_is_typed_and_nothing_is_written() -> None:
    card, frame = open_card(), drawn(64, 64, 1)[0]
    card.destroy()
    features, histograms = np.full((1, 1, FEATURES), 7, np.uint32), np.full((1, 1, BINS), 7, np.uint16)
    histogram = np.full(BINS, 7, np.uint32)
    for _ in range(2):
        with pytest.raises(GpuLostError, match=r"^the graphics processor was lost: "):
            card.describe(frame, None, features, histograms, histogram)
    assert {*features.ravel(), *histograms.ravel(), *histogram} == {7}


MEMORY = """
import resource
import numpy as np
from ironcliw import _native
from ironcliw.errors import GpuMemoryError, GpuError
from ironcliw.kernels import choose
from ironcliw.kernels.gpu import Card, Chosen, Measured, Memory
card = Card(_native.Gpu, _native.GpuFault, software=True)
chosen = Chosen(choose("native").kernels, lambda: card, "auto", Memory())
chosen._memory.keep(chosen.machine(chosen.card()), Measured("difference", 2160, 3840, 1, 2.0, 1.0))
frame = np.zeros((2160, 3840, 4), np.uint8)
counts, boxes = np.ones((34, 60), np.uint32), np.ones((34, 60, 4), np.int32)
used = int(open("/proc/self/statm").read().split()[0]) * 4096
resource.setrlimit(resource.RLIMIT_AS, (used + (64 << 20), resource.RLIM_INFINITY))
try:
    card.difference(frame, frame, 0, None, counts, boxes)
except GpuError as error:
    print(type(error).__name__, counts.min())
print(chosen.difference(frame, frame, 0, None, counts, boxes), counts.max(), chosen.failures)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="takes memory away with Linux's limits")
def test_out_of_memory_is_typed_and_the_cpu_answers() -> None:
    # A software adapter's memory is the process's, which has too little of it left for six frames of 32 MiB.
    ran = python(MEMORY)
    assert ran.stdout == "GpuMemoryError 1\n0 0 1\n", ran.stderr


NOWHERE = """
import numpy as np
from ironcliw import kernels
from ironcliw.errors import NoGpuError
frames = [np.full((64, 64, 4), shade, np.uint8) for shade in (0, 9)]
try:
    print([answer.differing for answer in kernels.process_batch(frames)], kernels.ACCELERATED.failures)
except NoGpuError as error:
    print("NoGpuError:", error)
print(kernels.ACCELERATED.why())
"""


def test_without_a_driver_there_is_no_card() -> None:
    none = "no graphics processor can be used: no driver shows one; on Linux it needs one for Vulkan"
    nowhere = {"VK_ICD_FILENAMES": "/nowhere.json", "VK_DRIVER_FILES": "/nowhere.json"}
    assert python(NOWHERE, **nowhere).stdout.splitlines() == ["[0, 4096] 1", none]
    assert python(NOWHERE, IRONCLIW_GPU="always", **nowhere).stdout.splitlines() == [f"NoGpuError: {none}", none]


def test_software_is_not_taken_unasked() -> None:
    if not open_card().software:
        pytest.skip("there is a real card here")
    ran = python(NOWHERE)
    assert ran.stdout.splitlines()[0] == "[0, 4096] 1"
    assert "a program on the CPU, which is slower than the CPU's own kernels" in ran.stdout.splitlines()[1]
    ran = python(NOWHERE, IRONCLIW_GPU="software")
    assert ran.stdout.splitlines()[0] == "[0, 4096] 0"


FORKED = """
import os
import numpy as np
from ironcliw import kernels
frames = [np.full((64, 64, 4), shade, np.uint8) for shade in (0, 9)]
kernels.process_batch(frames)
kernels.ACCELERATED.wanted = "auto"
kernels.ACCELERATED._memory.keep(
    kernels.ACCELERATED.machine(kernels.ACCELERATED.card()),
    __import__("ironcliw.kernels.gpu").kernels.gpu.Measured("process_batch", 64, 64, 2, 2.0, 1.0),
)
print([answer.differing for answer in kernels.process_batch(frames)], kernels.ACCELERATED.failures, flush=True)
if (child := os.fork()) == 0:
    print([answer.differing for answer in kernels.process_batch(frames)], kernels.ACCELERATED.why(), flush=True)
    os._exit(0)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
print([answer.differing for answer in kernels.process_batch(frames)], kernels.ACCELERATED.failures)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_forked_child_leaves_its_parents_card_alone() -> None:
    ran = python(
        FORKED.replace("import os\n", "import os, warnings\nwarnings.simplefilter('ignore')\n"), IRONCLIW_GPU="software"
    )
    gone = "the graphics processor was opened before a fork, and is its parent's"
    assert ran.stdout.splitlines() == ["[0, 4096] 0", f"[0, 4096] {gone}", "0", "[0, 4096] 0"], ran.stderr


def test_threads_take_turns() -> None:
    card = open_card()
    wrong: list[str] = []

    def work(seed: int) -> None:
        frames = drawn(70 + seed, 100, 3, seed=seed)
        wanted = [difference(reference, frames[0], frame) for frame in frames[1:]]
        for _ in range(5):
            if [difference(card, frames[0], frame) for frame in frames[1:]] != wanted:
                wrong.append(f"seed {seed}")

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


class Stale:
    """The planted fault: a card that is gone leaves what was there before, and says nothing."""

    def __init__(self, card: Card) -> None:
        self._card = card

    def __getattr__(self, name: str) -> Any:
        return getattr(self._card, name)

    def run_batch(self, before: Any, frames: Any, *rest: Any) -> Any:
        try:
            return self._card.run_batch(before, frames, *rest)
        except GpuLostError:
            return [0] * len(frames)


def goes_away_meanwhile(number: int, wrap: Callable[[Card], Any]) -> tuple[bool, int]:
    """Batches while the card is given back at a moment drawn by lot: whether all answers were right, and failures."""
    random = np.random.default_rng(number)
    frames, card = drawn(130, 200, 5, seed=number), open_card()
    chosen = opened(lambda: wrap(card))
    wanted = [expected(*pair, 0) for pair in pairwise(frames)]
    answers: list[list[Any]] = []
    begun = threading.Event()

    def work() -> None:
        for _ in range(12):
            answers.append(chosen.process_batch(frames[1:], frames[0]))
            begun.set()

    thread = threading.Thread(target=work)
    thread.start()
    begun.wait(60)
    time.sleep(float(random.uniform(0, 0.03)))
    card.destroy()
    thread.join()
    right = all(alike(answer, wanted) for answer in answers)
    return right, chosen.failures


def alike(answer: list[Any], wanted: list[Any]) -> bool:
    try:
        for mine, other in zip(answer, wanted, strict=True):
            same(mine, other)
    except AssertionError:
        return False
    return True


def test_a_card_that_goes_away_at_any_moment() -> None:
    count = rounds(short=6, full=300)
    outcomes = [goes_away_meanwhile(number, lambda card: card) for number in range(count)]
    wrong = [number for number, (right, _) in enumerate(outcomes) if not right]
    assert wrong == [], f"seeds with wrong answers: {wrong}"
    assert any(failures for _, failures in outcomes)
    assert all(failures <= 1 for _, failures in outcomes)


def test_the_planted_fault_is_noticed() -> None:
    assert not all(goes_away_meanwhile(number, Stale)[0] for number in range(6))


def test_buffers_are_kept_and_let_go() -> None:
    card, frames = open_card(), drawn(130, 200, 3)
    for _ in range(3):
        assert difference(card, *frames[:2]) == difference(reference, *frames[:2])
        card.release()
        assert described(card, frames[2]) == described(reference, frames[2])


def test_resident_frames_can_be_timed() -> None:
    difference_s, copy_s, frame_bytes = open_card().speed(128, 192, 4, 3)
    assert difference_s > 0
    assert copy_s > 0
    assert frame_bytes == 128 * 192 * 4


def test_errors_are_ours() -> None:
    for kind in (NoGpuError, GpuLimitError, GpuMemoryError, GpuLostError):
        assert issubclass(kind, GpuError)
    assert issubclass(GpuMemoryError, MemoryError)
