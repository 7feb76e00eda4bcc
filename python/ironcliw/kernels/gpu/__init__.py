"""The kernels on a graphics processor, where that is measured to be faster, upload included.

    chosen = Chosen(cpu_kernels, opener, wanted="auto", memory=Memory())
    chosen.difference(before, after, 0, None, counts, boxes)      # by whoever is faster at frames of this size
    chosen.why()                                                  # "NVIDIA ...: for 1 frame of 1920x1080 the CPU ..."

Only builds with the cargo feature ``gpu`` have it; see docs/reference/gpu.md. The environment variable ``IRONCLIW_GPU``
chooses: ``auto`` (the faster), ``off``, ``always`` (a card, or the error that says why not) or ``software`` (always,
and an adapter that is a program on the CPU will do: for tests). Whatever becomes of a card within a call, under
``auto`` the CPU answers that same call.
"""

from __future__ import annotations

from ironcliw.kernels.gpu.calibration import Measured, measure
from ironcliw.kernels.gpu.card import Card, opener
from ironcliw.kernels.gpu.chosen import Chosen
from ironcliw.kernels.gpu.memory import Memory, cache_path

__all__ = ["Card", "Chosen", "Measured", "Memory", "cache_path", "measure", "opener"]
