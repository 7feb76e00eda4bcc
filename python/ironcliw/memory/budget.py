"""Who may hold how many bytes: the rooms, what they need, and how what is left is shared.

budgets = share(1_000_000_000, needs, SHARES)
sum(budgets.values())                 # 1_000_000_000, always

A room's need is what it cannot watch without, from the screen's size and the models that are loaded. A tenth of the
total stays free, so that rooms which use their whole budget are no reason for alarm. The rest is shared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ironcliw.errors import BudgetError, SettingsError
from ironcliw.memory.size import show_size

ROOMS = {
    "program": "the interpreter, libraries, and a tenth of the total that stays free",
    "capture": "the frame that the source captures into",
    "source": "what a source holds beside it: where a compositor writes pixels that have to be converted",
    "change": "the frame as it was last looked at",
    "models": "the networks that read text and see objects, as they are loaded",
    "text": "what reading takes while it lasts, readings that wait, lines read before, looks that were drawn over",
    "gpu": "frames on a graphics processor and on their way to it, and its answers",
    "objects": "the copy of a frame in which boxes are looked for",
    "pool": "buffers that are given back and taken again",
    "events": "events that wait to be taken",
    "dedup": "filters of what was seen before",
    "features": "descriptors of what the screen looked like",
    "ring": "the last frames, for other processes",
    "archive": "distinct tiles of earlier frames",
    "store": "the event log",
}
"""Every room with buffers, and what it holds."""

SPARED = ("models", "text", "objects")
"""Rooms that only reading needs: watching goes on without them."""

SHARES = {
    "text": 5,
    "objects": 2,
    "pool": 3,
    "events": 3,
    "dedup": 5,
    "features": 2,
    "ring": 20,
    "archive": 55,
    "store": 5,
}
"""How what is left after all needs is shared, in parts of their sum."""

GROUPS = {
    "rust_memory_pool": ("pool", "capture", "change", "source"),
    "frame_buffer": ("archive", "ring"),
    "bloom_filters": ("dedup",),
    "claude_vision": ("text", "models", "objects", "features"),
    "metal_buffers": (),
    "overhead": ("program", "events", "store"),
}
"""The original plan's component budgets, and the rooms that do their work. What kernels hold on a graphics processor is
counted as the room ``gpu``'s and has no budget unless it is given one: what the plan meant for that stays free."""

FREE_PART = 10
"""One part in so many of the total is nobody's: what libraries hold is not known to the byte."""

CAP_BYTES = int(6.4 * (1 << 30))
"""No total is above this: 40 % of the 16 GiB that the original plan had in mind."""

DEFAULT_MOST_BYTES = 1 << 30
DEFAULT_PART = 4
"""Where no total is given: one part in so many of what the machine (or container) has, and at most a GiB."""


def floor_bytes(needs: Mapping[str, int]) -> int:
    """The smallest total in which these needs fit beside the part that stays free."""
    return -(-sum(needs.values()) * FREE_PART // (FREE_PART - 1))


def share(
    total_bytes: int, needs: Mapping[str, int], shares: Mapping[str, int], fixed: Mapping[str, int] | None = None
) -> dict[str, int]:
    """A budget for each room, bytes; they sum to ``total_bytes``.

    needs: bytes by room, what it cannot do without
    shares: parts by room of what is left
    fixed: budgets by room, or by one of GROUPS for its rooms together, instead of their needs and shares

    Raises BudgetError where that does not fit, with the floor and what it is made of; SettingsError for a fixed budget
    below what its rooms need, or two for one room.
    """
    budgets = {room: needs.get(room, 0) for room in ROOMS}
    settled: set[str] = set()
    for name, size in (fixed or {}).items():
        rooms = GROUPS.get(name, (name,))
        _check_fixed(name, size, rooms, needs, settled)
        settled.update(rooms)
        _divide(size - sum(budgets[room] for room in rooms), rooms, shares, budgets)
    floor = floor_bytes(budgets)
    if total_bytes < floor:
        parts = ", ".join(f"{room} {show_size(size)}" for room, size in budgets.items() if size)
        message = f"a memory budget of {show_size(total_bytes)} is too small: {show_size(floor)} is the least ({parts}"
        raise BudgetError(f"{message}; a tenth stays free)", "program", floor, total_bytes)
    budgets["program"] += total_bytes // FREE_PART
    _divide(total_bytes - sum(budgets.values()), [room for room in ROOMS if room not in settled], shares, budgets)
    budgets["program"] += total_bytes - sum(budgets.values())  # where every room's budget was asked for
    return budgets


def _check_fixed(name: str, size: int, rooms: Sequence[str], needs: Mapping[str, int], settled: set[str]) -> None:
    need = sum(needs.get(room, 0) for room in rooms)
    if size < need:
        raise SettingsError(f"a memory budget of {show_size(size)} for {name}: {show_size(need)} is the least")
    if twice := settled.intersection(rooms):
        raise SettingsError(f"two memory budgets for {min(twice)}: one of them is that of {name}")


def _divide(size: int, rooms: Sequence[str], shares: Mapping[str, int], budgets: dict[str, int]) -> None:
    """Add ``size`` to the budgets of these rooms, by their shares; what is left over, or all of it, to the first."""
    whole = sum(shares.get(room, 0) for room in rooms)
    left = size
    for room in rooms if whole else ():
        part = size * shares.get(room, 0) // whole
        budgets[room] += part
        left -= part
    if rooms:
        budgets[rooms[0]] += left


def default_total(limit_bytes: int | None) -> int:
    """The total where none is given: a quarter of ``limit_bytes``, at most a GiB; a GiB where nobody knows."""
    return DEFAULT_MOST_BYTES if not limit_bytes else min(limit_bytes // DEFAULT_PART, DEFAULT_MOST_BYTES)


def checked_total(total_bytes: int, limit_bytes: int | None) -> int:
    """``total_bytes``, where it is neither above the cap nor above what there is. SettingsError with the figure."""
    if total_bytes < 1:
        raise SettingsError(f"a memory budget must be above 0, not {total_bytes} bytes")
    if total_bytes > CAP_BYTES:
        raise SettingsError(f"a memory budget of {show_size(total_bytes)}: {show_size(CAP_BYTES)} is the most")
    if limit_bytes and total_bytes > limit_bytes:
        raise SettingsError(
            f"a memory budget of {show_size(total_bytes)}: there are only {show_size(limit_bytes)} here"
        )
    return total_bytes
