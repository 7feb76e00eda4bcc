"""The lines of ``ironcliw doctor`` about graphics processors: which there is, and who is faster at what."""

from __future__ import annotations

import os

from ironcliw import kernels
from ironcliw.errors import GpuError
from ironcliw.frame import Geometry
from ironcliw.kernels.gpu.calibration import Kernel
from ironcliw.kernels.gpu.card import MEND

Finding = tuple[bool | None, str, str]

_USUAL = (1080, 1920)
_MEASURED: tuple[tuple[Kernel, int], ...] = (
    ("difference", 1),
    ("describe", 1),
    ("process_batch", 1),
    ("process_batch", 8),
    ("process_batch", 64),
)


def gpu_findings(geometry: Geometry | None) -> list[Finding]:
    """Whether a card is used, and its times beside the CPU's for a screen of this geometry (None: 1080p).

    What was not measured before is measured now, a second each.
    """
    chosen = kernels.ACCELERATED
    if chosen is None:
        off = os.environ.get(kernels.GPU_VARIABLE) == "off"
        return [(None, "gpu", f"none is used, as {kernels.GPU_VARIABLE}=off asks for" if off else MEND)]
    try:
        chosen.card()
    except GpuError as error:
        return [(None if chosen.wanted == "auto" else False, "gpu", str(error))]
    size = _USUAL if geometry is None else (geometry.height, geometry.width)
    findings: list[Finding] = [(True, "gpu", f"{chosen.why()}; {_how(chosen.wanted)}")]
    for kernel, frames in _MEASURED:
        try:
            measured = chosen.measured(kernel, size, frames)
        except GpuError as error:
            findings.append((None, f"  {kernel} x {frames}", f"{error}: the CPU does it"))
            continue
        findings.append((None, f"  {kernel} x {frames}", measured.told(chosen.wanted == "auto")))
    return findings


def _how(wanted: str) -> str:
    if wanted == "auto":
        return "used where it is measured to be faster, upload included"
    return f"always used, as {kernels.GPU_VARIABLE}={wanted} asks for"
