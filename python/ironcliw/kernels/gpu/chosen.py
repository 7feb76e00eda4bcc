"""Each call by whoever is measured to be faster at it, and by the CPU where the card fails.

chosen = Chosen(cpu, opener(native), "auto", Memory(cache_path()))
chosen.process_batch(frames, before)
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeVar

from ironcliw.errors import GpuError, GpuLimitError, GpuMemoryError
from ironcliw.kernels.batch import Processed, on_cpu, process_batch
from ironcliw.kernels.gpu.calibration import SECONDS, Kernel, Measured, Worker, bucket, measure
from ironcliw.kernels.gpu.card import Card
from ironcliw.kernels.gpu.memory import Memory
from ironcliw.kernels.protocol import Kernels, Pixels
from ironcliw.version import package_version

Wanted = Literal["auto", "off", "always", "software"]
Answer = TypeVar("Answer")

_log = logging.getLogger("ironcliw.kernels")


class Chosen:
    """``difference``, ``describe`` and ``process_batch``; safe for use from several threads.

    cpu: whose kernels are used where the card is not
    open_card: how to open it; called once, at the first use, and raises GpuError
    wanted: ``auto`` uses the faster one; ``always`` and ``software`` never the CPU, and raise GpuError instead
    memory: what was measured before
    """

    def __init__(
        self,
        cpu: Kernels,
        open_card: Callable[[], Card],
        wanted: Wanted,
        memory: Memory,
        seconds: float = SECONDS,
    ) -> None:
        self.wanted: Wanted = wanted
        self._cpu = Worker(cpu.difference, cpu.describe, on_cpu(cpu))
        self._open_card, self._memory, self._seconds = open_card, memory, seconds
        self._lock = threading.Lock()
        self._card: Card | None = None
        self._opened_by = 0
        self._why_not = ""
        self._too_large: set[tuple[int, int]] = set()
        self.failures = 0

    def difference(self, before: Pixels, after: Pixels, threshold: int, tiles: Any, *into: Any, **named: Any) -> int:
        """See ``ironcliw.kernels.protocol.Difference``."""
        card = self._card_for("difference", before, 1, tiles)
        return self._by(card, before, lambda who: who.difference(before, after, threshold, tiles, *into, **named))

    def describe(self, pixels: Pixels, tiles: Any, *into: Any, **named: Any) -> int:
        """See ``ironcliw.kernels.protocol.Describe``."""
        card = self._card_for("describe", pixels, 1, tiles)
        return self._by(card, pixels, lambda who: who.describe(pixels, tiles, *into, **named))

    def process_batch(
        self, frames: Sequence[Pixels], before: Pixels | None = None, threshold: int = 0
    ) -> list[Processed | ValueError]:
        """See ``ironcliw.kernels.batch.process_batch``."""
        return process_batch(self._run_batch, frames, before, threshold)

    def _run_batch(self, before: Pixels | None, frames: Sequence[Pixels], *rest: Any) -> Sequence[int]:
        card = self._card_for("process_batch", frames[0], len(frames), None)
        return self._by(card, frames[0], lambda who: who.run_batch(before, frames, *rest))

    def measured(self, kernel: Kernel, size: tuple[int, int], frames: int) -> Measured:
        """What both take for this, measured now where it was not before (a second). GpuError."""
        card, frames = self.card(), bucket(frames)
        found = self._memory.find(self.machine(card), kernel, size, frames)
        if found is None:
            found = measure(kernel, size, frames, self._cpu, card.worker, self._seconds)
            self._memory.keep(self.machine(card), found)
        return found

    def card(self) -> Card:
        """The card, opened where it is not yet. GpuError where there is none, or none any more."""
        with self._lock:
            return self._opened()

    @property
    def held_bytes(self) -> int:
        """What the card's buffers take, on it and in this process's memory; 0 where it was not used. Never waits."""
        card = self._card
        return 0 if card is None or self._opened_by != os.getpid() else card.held_bytes

    def release(self) -> None:
        """Let the card's buffers go; the next call makes them anew."""
        card = self._card
        if card is not None and self._opened_by == os.getpid():
            card.release()

    def why(self) -> str:
        """One line: which card there is, or why none is used."""
        try:
            card = self.card()
        except GpuError as error:
            return str(error)
        return f"{card.name}, {card.backend}, driver {card.driver or 'unknown'}"

    @staticmethod
    def machine(card: Card) -> str:
        """What measurements hold for."""
        return f"{card.name}; {card.backend}; {card.driver}; ironcliw {package_version()}"

    def _opened(self) -> Card:
        if self._why_not:
            raise GpuError(self._why_not)
        if self._card is not None and self._opened_by == os.getpid():
            return self._card
        if self._card is not None:
            # What a driver holds does not survive a fork, and is not to be touched here, not even to be freed.
            raise GpuError("the graphics processor was opened before a fork, and is its parent's")
        try:
            self._card, self._opened_by = self._open_card(), os.getpid()
        except GpuError as error:
            self._why_not = str(error)
            raise
        return self._card

    def _card_for(self, kernel: Kernel, pixels: Any, frames: int, tiles: Any) -> Card | None:
        """The card, where it is to do this; None: the CPU is."""
        if self.wanted == "off":
            return None
        if self.wanted != "auto":
            return self.card()
        size = getattr(pixels, "shape", ())[:2]
        # What is selected is a small part of a frame; arguments that are no frames are refused by the CPU's kernel.
        if tiles is not None or self._why_not or len(size) != 2 or 0 in size or size in self._too_large:
            return None
        # Who comes while another thread measures does not wait.
        if not self._lock.acquire(blocking=False):
            return None
        try:
            card = self._opened()
            known = self._memory.find(self.machine(card), kernel, size, bucket(frames))
            if known is None:
                known = measure(kernel, size, bucket(frames), self._cpu, card.worker, self._seconds)
                self._memory.keep(self.machine(card), known)
                _log.info("%s: %s", kernel, known.told())
            if known.faster != "gpu":
                card.release()  # what was measured with is of no use to the CPU
                return None
            return card
        except GpuError as error:
            self._failed(error, size)
            return None
        finally:
            self._lock.release()

    def _by(self, card: Card | None, pixels: Any, call: Callable[[Card | Worker], Answer]) -> Answer:
        """By the card, where it is to do this and does; else by the CPU."""
        if card is not None:
            try:
                return call(card)
            except GpuError as error:
                if self.wanted != "auto":
                    raise
                self._failed(error, pixels.shape[:2])
        return call(self._cpu)

    def _failed(self, error: GpuError, size: tuple[int, int]) -> None:
        """Never try this again: frames of this size, or, unless the card is only too small for them, the card."""
        self.failures += 1
        if isinstance(error, GpuLimitError | GpuMemoryError):
            self._too_large.add(size)
        elif not self._why_not:
            self._why_not = str(error)
        _log.warning("%s; the CPU does its work", error)
