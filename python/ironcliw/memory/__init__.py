"""Who owns how many bytes: frames to capture into, budgets, a pool of buffers, and what to do under pressure.

ledger = Ledger(parse_size("1GB"))
memory = FrameMemory(1920, 1080)
"""

from ironcliw.memory.budget import CAP_BYTES, GROUPS, ROOMS, SHARES
from ironcliw.memory.frames import CHANNELS, LARGEST_SIDE_PX, Behind, FrameMemory, blank_pixels
from ironcliw.memory.ledger import Account, Claim, Ledger, RoomUse
from ironcliw.memory.machine import Machine, MemoryReading
from ironcliw.memory.pressure import Level, Pressure
from ironcliw.memory.size import parse_size, show_size

__all__ = [
    "CAP_BYTES",
    "CHANNELS",
    "GROUPS",
    "LARGEST_SIDE_PX",
    "ROOMS",
    "SHARES",
    "Account",
    "Behind",
    "Claim",
    "FrameMemory",
    "Ledger",
    "Level",
    "Machine",
    "MemoryReading",
    "Pressure",
    "RoomUse",
    "blank_pixels",
    "parse_size",
    "show_size",
]
