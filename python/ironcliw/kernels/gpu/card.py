"""An open graphics processor, and its failures as typed errors.

card = Card(native.Gpu, native.GpuFault)
card.describe(pixels, None, features, histograms, histogram)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from ironcliw.errors import GpuError, GpuLimitError, GpuLostError, GpuMemoryError, NoGpuError
from ironcliw.kernels.gpu.calibration import Worker

Answer = TypeVar("Answer")

_ERRORS: dict[str, type[GpuError]] = {
    "no_adapter": NoGpuError,
    "limits": GpuLimitError,
    "memory": GpuMemoryError,
    "lost": GpuLostError,
}

MEND = "this build has no kernels for graphics processors: build it with 'maturin develop --release --features gpu'"


class Card:
    """A graphics processor. Calls from several threads take turns; nothing is written by a call that raises.

    native: the class ``Gpu`` of the extension; fault: what it raises
    software: whether an adapter that is a program on the CPU will do
    binding_bytes_max: the largest buffer to ask the card for, 0 for all it has

    Raises GpuError, or what is derived from it.
    """

    def __init__(
        self, native: Any, fault: type[Exception], *, software: bool = False, binding_bytes_max: int = 0
    ) -> None:
        self._fault = fault
        self._gpu: Any = self._told(lambda: native(software, binding_bytes_max))

    @property
    def name(self) -> str:
        """What the card calls itself."""
        return str(self._gpu.name)

    @property
    def backend(self) -> str:
        """``vulkan``, ``metal`` or ``dx12``."""
        return str(self._gpu.backend)

    @property
    def driver(self) -> str:
        """The driver and its version."""
        return str(self._gpu.driver)

    @property
    def software(self) -> bool:
        """Whether it is a program on the CPU."""
        return bool(self._gpu.software)

    def difference(self, *arguments: Any, **named: Any) -> int:
        """See ``ironcliw.kernels.protocol.Difference``."""
        return self._told(lambda: self._gpu.difference(*arguments, **named))

    def describe(self, *arguments: Any, **named: Any) -> int:
        """See ``ironcliw.kernels.protocol.Describe``."""
        return self._told(lambda: self._gpu.describe(*arguments, **named))

    def run_batch(self, *arguments: Any) -> Sequence[int]:
        """See ``ironcliw.kernels.batch.Run``."""
        return self._told(lambda: self._gpu.process_batch(*arguments))

    @property
    def worker(self) -> Worker:
        """The same, to be measured."""
        return Worker(self.difference, self.describe, self.run_batch)

    def speed(self, height: int, width: int, rounds: int, spread: int) -> tuple[float, float, int]:
        """Seconds of a difference and of a copy of frames that lie on the card, and the bytes of a frame there.

        ``rounds`` of each are timed in one submission, over at least ``spread`` frames in turn.
        """
        difference_ns, copy_ns, frame_bytes = self._told(lambda: self._gpu.speed(height, width, rounds, spread))
        return difference_ns / 1e9, copy_ns / 1e9, frame_bytes

    @property
    def held_bytes(self) -> int:
        """Bytes of the buffers that are kept between calls; never waits for a call."""
        return int(self._gpu.held_bytes)

    def release(self) -> None:
        """Let the buffers go; the next call makes them anew."""
        self._gpu.release()

    def destroy(self) -> None:
        """Give the card back; every later call raises GpuLostError."""
        self._gpu.destroy()

    def _told(self, call: Callable[[], Answer]) -> Answer:
        try:
            return call()
        except self._fault as fault:
            kind, message = fault.args
            raise _ERRORS.get(kind, GpuError)(message) from None


def opener(native: Any, *, software: bool = False) -> Callable[[], Card]:
    """How to open the card with this extension (None: there is none); raises GpuError when called."""

    def open_card() -> Card:
        if native is None or not hasattr(native, "Gpu"):
            raise NoGpuError(MEND)
        return Card(native.Gpu, native.GpuFault, software=software)

    return open_card
