"""Who owns how many bytes: frames to capture into, budgets, a pool of buffers, and what to do under pressure.

ledger = Ledger(parse_size("1GB"))
memory = FrameMemory(1920, 1080)
"""

from ironcliw.memory.budget import CAP_BYTES, GROUPS, ROOMS, SHARES
from ironcliw.memory.frames import CELL, CHANNELS, LARGEST_SIDE_PX, Behind, FrameMemory, blank_pixels
from ironcliw.memory.keeper import Keeper
from ironcliw.memory.ladder import RUNGS, Ladder
from ironcliw.memory.ledger import Account, Claim, Ledger, RoomUse
from ironcliw.memory.machine import Machine, MemoryReading
from ironcliw.memory.plan import ledger_from_plan
from ironcliw.memory.pool import Buffer, Leak, Pool, PoolStats
from ironcliw.memory.pressure import Level, Pressure
from ironcliw.memory.size import parse_size, show_size

__all__ = [
    "CAP_BYTES",
    "CELL",
    "CHANNELS",
    "GROUPS",
    "LARGEST_SIDE_PX",
    "ROOMS",
    "RUNGS",
    "SHARES",
    "Account",
    "Behind",
    "Buffer",
    "Claim",
    "FrameMemory",
    "Keeper",
    "Ladder",
    "Leak",
    "Ledger",
    "Level",
    "Machine",
    "MemoryReading",
    "Pool",
    "PoolStats",
    "Pressure",
    "RoomUse",
    "blank_pixels",
    "ledger_from_plan",
    "parse_size",
    "show_size",
]
