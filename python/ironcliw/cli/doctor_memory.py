"""The lines of ``ironcliw doctor`` about memory: limits, budgets, what is held, and pressure."""

from __future__ import annotations

import resource
from pathlib import Path

from ironcliw import settings
from ironcliw.errors import IroncliwError
from ironcliw.frame import Geometry
from ironcliw.memory import ROOMS, Ledger, Machine, MemoryReading, Pressure, show_size
from ironcliw.monitor.holding import hold_gpu, needs

Finding = tuple[bool | None, str, str]


def memory_findings(config: Path | None, geometry: Geometry | None) -> list[Finding]:
    """What a watch of a screen of this geometry (None: unknown) may hold here, room by room."""
    try:
        loaded = settings.load(config)
        ledger = loaded.memory.ledger()
        if geometry is not None:
            ledger.fit("doctor", needs(geometry, read_text=loaded.text.enabled, lossless=True))
    except IroncliwError as error:
        return [(False, "memory", str(error))]
    reading = ledger.machine.read()
    level = Pressure().follow(reading, ledger.total_bytes, 0)
    findings: list[Finding] = [(True, "memory", _total(ledger, geometry, loaded.memory.total is not None))]
    findings.append((None, "  limits", _limits(ledger.machine, reading)))
    findings.append((None, "  pressure", f"{level.name.lower()}; {_pressure(reading)}"))
    hold_gpu(ledger)
    for room, use in ledger.report().items():
        held = f"; {show_size(use.used)} held now" if use.used else ""
        findings.append((None, f"  {room}", f"{show_size(use.budget):>9} for {ROOMS[room]}{held}"))
    ledger.machine.close()
    return findings


def _total(ledger: Ledger, geometry: Geometry | None, given: bool) -> str:
    origin = "memory.total in the settings" if given else "a quarter of what there is, at most 1 GiB"
    told = f"{show_size(ledger.total_bytes)} at most ({origin})"
    if geometry is None:
        return told
    return f"{told}; watching {geometry.width}x{geometry.height} pixels needs {show_size(ledger.floor_bytes)}"


def _limits(machine: Machine, reading: MemoryReading) -> str:
    container = machine.container_bytes
    address = resource.getrlimit(resource.RLIMIT_AS)[0]
    told = [
        f"RAM {_size(reading.total_bytes)}, {_size(reading.available_bytes)} available",
        f"container {'none' if container is None else show_size(container)}",
        f"address space {'none' if address == resource.RLIM_INFINITY else show_size(address)}",
    ]
    return "; ".join(told)


def _pressure(reading: MemoryReading) -> str:
    group = "" if reading.group_share is None else f"{reading.group_share:.0%} of the container's limit used, "
    stalls = "unknown" if reading.stalled_some is None else f"{reading.stalled_some:.1%} of the last 10 s"
    return f"{group}tasks waited for memory: {stalls}; this process holds {_size(reading.resident_bytes)}"


def _size(size_bytes: int | None) -> str:
    return "unknown" if size_bytes is None else show_size(size_bytes)
