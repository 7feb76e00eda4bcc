"""Memory by room, asked of whoever keeps the ledger.

registry.collect(memory_metrics(lambda: {"archive": (12_000_000, 50_000_000)}, lambda: "low"))
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from ironcliw.metrics.registry import Collector
from ironcliw.metrics.snapshot import Absent, Family

RoomMemory = Mapping[str, tuple[int, int | None]]
"""By room, the bytes it holds and the bytes it may hold; None where it has no budget."""


def memory_metrics(rooms: Callable[[], RoomMemory], pressure: Callable[[], str] | None = None) -> Collector:
    """Asks for the memory of each room and its budget, and for the pressure memory is under (``low`` and so on)."""

    def memory() -> Iterator[Family | Absent]:
        held = rooms()
        used = {room: used for room, (used, _) in held.items()}
        budget = {room: budget for room, (_, budget) in held.items() if budget is not None}
        yield Family("memory_used_bytes", "gauge", "Memory that a room holds.", used, "room")
        yield Family("memory_budget_bytes", "gauge", "Memory that a room may hold.", budget, "room")
        if pressure is not None:
            level = {pressure(): 1}
            yield Family("memory_pressure", "gauge", "1 for the pressure that memory is under.", level, "level")

    return memory
