"""What watching cannot do without, in bytes, and the frame that a source captures into.

ledger.fit(run, needs(geometry, read_text=True, lossless=True))
frame = CaptureFrame(ledger, geometry)    # frame.memory is handed to the source
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ironcliw import kernels
from ironcliw.errors import BudgetError
from ironcliw.frame import Geometry
from ironcliw.history import Ring
from ironcliw.history.ring import FEWEST_SHARED
from ironcliw.memory import CHANNELS, Buffer, FrameMemory, Keeper, Ledger, Machine, Pool, show_size
from ironcliw.memory.ladder import Ladder
from ironcliw.memory.pool import STEP_BYTES

PROGRAM_BYTES = 70_000_000
"""The interpreter and the libraries that a watch without text loads (68 MB on CPython 3.11, x86-64, Linux)."""

RUNTIME_BYTES = 20_000_000
"""The library that runs networks, as it is loaded for a watch that reads."""

MODELS_BYTES = 60_000_000
"""The networks that read Latin script and see objects, loaded: 53 MB."""

READING_BYTES = 155_000_000
"""What the detecting network holds at most while it looks at one tile of 960 x 352 pixels: 153 MB."""

RING_HEADER_BYTES = 1 << 18
"""A ring's header, and what it is rounded up to."""

ROUNDING_BYTES = 1 << 12
"""A frame in a ring begins on a page."""

ADDRESS_BYTES = 40_000_000
"""Address space that a watch takes beside its frames, above all for the stacks of its threads ..."""

ADDRESS_TEXT_BYTES = 280_000_000
"""... and for reading: networks, their threads, and what they work in."""

READ_AGAIN_BYTES = MODELS_BYTES + READING_BYTES
"""What must be free before text is read again."""

CELLS_PART = 8
"""Stamps, volatility and thumbnails take a frame's bytes divided by this."""


def needs(geometry: Geometry, *, read_text: bool, lossless: bool) -> dict[str, int]:
    """Bytes by room that a watch of a screen of this size needs; the sum is what a budget must hold at least."""
    frame = geometry.width * geometry.height * CHANNELS
    needed = {"program": PROGRAM_BYTES, "capture": frame, "change": frame if lossless else 2 * frame}
    if read_text:
        needed["program"] += RUNTIME_BYTES
        needed["models"] = MODELS_BYTES
        needed["text"] = READING_BYTES + frame + frame // CELLS_PART
        needed["objects"] = frame
        needed["pool"] = -(-frame // STEP_BYTES) * STEP_BYTES
    return needed


def check_address_space(machine: Machine, *, read_text: bool, frame_bytes: int = 0) -> None:
    """BudgetError, with the figure, where RLIMIT_AS leaves too little for threads, networks and frames."""
    left = machine.address_space_bytes
    if left is None:
        return
    wanted = ADDRESS_BYTES + 3 * frame_bytes + (ADDRESS_TEXT_BYTES if read_text else 0)
    if wanted > left:
        raise BudgetError(
            f"the address space has {show_size(left)} left (RLIMIT_AS, ulimit -v) and watching needs "
            f"{show_size(wanted)}: raise the limit by {show_size(wanted - left)} at least"
            + (f", or by {show_size(max(0, wanted - ADDRESS_TEXT_BYTES - left))} without text" if read_text else ""),
            "program",
            wanted,
            left,
        )


class Holdings:
    """What an engine holds of a ledger, under the name of its run."""

    def __init__(self, ledger: Ledger, run: str) -> None:
        self._ledger, self._run = ledger, run
        self._frames = ledger.account("change").take(0)
        self.pool = Pool(ledger.account("pool"))
        """Copies of frames that come and go."""

    def fit(self, geometry: Geometry, *, read_text: bool, lossless: bool) -> None:
        """Make room for a screen of this size. BudgetError where the total is too small for that."""
        wanted = needs(geometry, read_text=read_text, lossless=lossless)
        check_address_space(self._ledger.machine, read_text=False, frame_bytes=wanted["capture"])
        self._frames.resize(0)
        self._ledger.fit(self._run, wanted)
        self._frames.resize(wanted["capture"] if lossless else 2 * wanted["capture"])

    def copy(self, pixels: NDArray[np.uint8], owner: str) -> Buffer | None:
        """A copy of contiguous ``pixels``, to be released; None where the budget has no room for it now."""
        try:
            buffer = self.pool.take(pixels.nbytes, owner)
        except BudgetError:
            return None
        np.copyto(buffer.array.reshape(pixels.shape), pixels)
        return buffer

    def close(self) -> None:
        """What was held counts no more; ``fit`` takes it up again."""
        self._frames.resize(0)
        self._ledger.leave(self._run)


class SourceHoldings:
    """What a source holds beside the frame, as the room ``source``'s; sources that hold nothing say nothing of it."""

    def __init__(self, ledger: Ledger, source: object) -> None:
        self._ledger, self._source = ledger, source
        self._owner = f"source {id(self)}"
        self._fitted = 0
        ledger.account("source").gauge(source, _held_by)

    def fit(self) -> None:
        """Make room for what it holds now that memory was attached. BudgetError where the total is too small."""
        held = _held_by(self._source)
        if held != self._fitted:
            self._ledger.fit(self._owner, {"source": held})
            self._fitted = held

    def close(self) -> None:
        """It holds nothing any more."""
        self._ledger.leave(self._owner)


def _held_by(source: object) -> int:
    return int(getattr(source, "held_bytes", 0))


def hold_gpu(ledger: Ledger, ladder: Ladder | None = None) -> None:
    """Count what a graphics processor holds for the kernels as the room ``gpu``'s; ``ladder`` lets go under pressure.

    It is bounded by the frame's size, not by the budget: the card is the program's, and no watch's.
    """
    chosen = kernels.ACCELERATED
    if chosen is not None:
        ledger.account("gpu").gauge(chosen, lambda chosen: chosen.held_bytes)
        if ladder is not None:
            ladder.on("buffers", chosen.release, lambda: None)


class CaptureFrame:
    """Frame memory that stands in the ledger as the room ``capture``'s. BudgetError where its budget is too small."""

    def __init__(self, ledger: Ledger, geometry: Geometry) -> None:
        self._claim = ledger.account("capture").take(geometry.width * geometry.height * CHANNELS)
        try:
            self.memory = FrameMemory(geometry.width, geometry.height)
        except BaseException:
            self._claim.release()
            raise

    def close(self) -> None:
        """Zero the pixels and give the memory back; twice is once."""
        self.memory.close()
        if self._claim.size_bytes:
            self._claim.release()


class RingFrames:
    """A ring whose memory stands in the ledger: a frame of it and its header are the room ``capture``'s, the others are
    ``ring``'s. So who comes late to a ledger whose rings are full can still begin, with one frame.
    """

    def __init__(self, ledger: Ledger, ring: Ring) -> None:
        self._ledger, self._ring = ledger, ring
        self._most_bytes = ring.budget_bytes
        self._sparing = False
        self._owner = f"ring {id(self)}"
        self._frame, self._others = ledger.account("capture").take(0), ledger.account("ring").take(0)
        self.due = False
        """Whether ``begin`` should be called, as the room holds more than it may by now."""
        ledger.account("ring").on_budget(self._follow)

    def _follow(self, budget_bytes: int) -> None:
        if self._ledger.account("ring").held_bytes > budget_bytes and self._others.size_bytes:
            self.due = self._ring.slots > self._fewest

    def begin(self, geometry: Geometry, *, fewest: bool = False) -> FrameMemory:
        """Room for frames of this geometry; the first to capture into. BudgetError.

        fewest: as few as can be, now and later, in place of as many as the budget allows
        """
        self._most_bytes = 0 if fewest else self._most_bytes
        # What is free is taken at once: watches that share a budget begin in threads of their own.
        with self._ledger.lock:
            return self._begin(geometry)

    def _begin(self, geometry: Geometry) -> FrameMemory:
        self.due = False
        frame = geometry.width * geometry.height * CHANNELS
        slot = -(-frame // ROUNDING_BYTES) * ROUNDING_BYTES
        self._ledger.fit(self._owner, {"capture": RING_HEADER_BYTES, "ring": (self._fewest - 1) * slot})
        self._others.resize(0)
        free = self._ledger.account("ring").free_bytes
        most = 0 if self._sparing else self._most_bytes
        self._ring.budget_bytes = min(most, slot + max(0, free))
        memory = self._ring.begin(geometry)
        try:
            self._frame.resize(frame + RING_HEADER_BYTES)
            self._others.resize(max(0, self._ring.size_bytes - frame - RING_HEADER_BYTES))
        except BaseException:
            self._ring.close()
            raise
        return memory

    def spare(self, sparing: bool) -> bool:
        """As few frames as can be from the next ``begin`` on, or as many as before; whether that is to be now."""
        changed = self._sparing != sparing
        self._sparing = sparing
        return changed and (not sparing or self._ring.slots > self._fewest)

    @property
    def _fewest(self) -> int:
        return FEWEST_SHARED if self._ring.shared else 1

    def close(self) -> None:
        """Zero the frames and give the memory back; twice is once."""
        self._ring.close()
        self._frame.resize(0)
        self._others.resize(0)
        self._ledger.leave(self._owner)


def memory_told(keeper: Keeper) -> dict[str, Any]:
    """What a summary says of memory, in bytes: the total, what the process holds, and each room that has held some."""
    ledger, pressure = keeper.ledger, keeper.pressure
    machine = Machine(ledger.machine.proc)
    resident = machine.read().resident_bytes
    machine.close()
    rooms = {
        room: {"budget": use.budget, "used": use.used, "peak": use.peak}
        for room, use in ledger.report(resident).items()
        if use.peak
    }
    felt = {
        "level": pressure.level.name.lower(),
        "dropped": list(keeper.ladder.dropped),
        "transitions": pressure.transitions,
    }
    told: dict[str, Any] = {"total": ledger.total_bytes, "rooms": rooms, "pressure": felt}
    return told if resident is None else {**told, "resident": resident}
