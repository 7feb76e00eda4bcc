"""XXH3 64-bit with seed 0 of any bytes, one number at a time.

    xxh3_64(b"a tile")

Tiles are hashed by ``fingerprint``, all at once and always 16,384 bytes long; this is for keys, which may be of any
length and mostly are short. The published algorithm has a path for each range of lengths.
"""

from __future__ import annotations

from ironcliw.kernels.reference.fingerprint import SECRET

PRIME32_1, PRIME32_2, PRIME32_3 = 0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D
PRIME64_1, PRIME64_2, PRIME64_3 = 0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9
PRIME64_4, PRIME64_5 = 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5
AVALANCHE, RRMXMX = 0x165667919E3779F9, 0x9FB21C651E98DF25
START = (PRIME32_3, PRIME64_1, PRIME64_2, PRIME64_3, PRIME64_4, PRIME32_2, PRIME64_5, PRIME32_1)
STRIPE = 64
BLOCK_STRIPES = (len(SECRET) - STRIPE) // 8
LOW32, LOW64 = 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF


def xxh3_64(data: bytes) -> int:
    """The 64-bit hash of ``data``."""
    if len(data) <= 16:
        return _short(data)
    if len(data) <= 240:
        return _middle(data)
    return _long(data)


def _word(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 8], "little")


def _half(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "little")


def _fold(a: int, b: int) -> int:
    product = a * b
    return (product ^ (product >> 64)) & LOW64


def _avalanche(value: int) -> int:
    value = ((value ^ (value >> 37)) * AVALANCHE) & LOW64
    return value ^ (value >> 32)


def _avalanche_xxh64(value: int) -> int:
    value = ((value ^ (value >> 33)) * PRIME64_2) & LOW64
    value = ((value ^ (value >> 29)) * PRIME64_3) & LOW64
    return value ^ (value >> 32)


def _short(data: bytes) -> int:
    size = len(data)
    if size > 8:
        low = (_word(SECRET, 24) ^ _word(SECRET, 32)) ^ _word(data, 0)
        high = (_word(SECRET, 40) ^ _word(SECRET, 48)) ^ _word(data, size - 8)
        swapped = int.from_bytes(low.to_bytes(8, "little"), "big")
        return _avalanche((size + swapped + high + _fold(low, high)) & LOW64)
    if size >= 4:
        return _four_to_eight(_half(data, 0), _half(data, size - 4), size)
    if size:
        combined = data[0] << 16 | data[size >> 1] << 24 | data[-1] | size << 8
        return _avalanche_xxh64(combined ^ (_half(SECRET, 0) ^ _half(SECRET, 4)))
    return _avalanche_xxh64(_word(SECRET, 56) ^ _word(SECRET, 64))


def _four_to_eight(first: int, last: int, size: int) -> int:
    keyed = (last | first << 32) ^ (_word(SECRET, 8) ^ _word(SECRET, 16))
    rotated = keyed ^ ((keyed << 49 | keyed >> 15) & LOW64) ^ ((keyed << 24 | keyed >> 40) & LOW64)
    mixed = (rotated * RRMXMX) & LOW64
    mixed = ((mixed ^ ((mixed >> 35) + size)) * RRMXMX) & LOW64
    return mixed ^ (mixed >> 28)


def _mix(data: bytes, at: int, key: int) -> int:
    return _fold(_word(data, at) ^ _word(SECRET, key), _word(data, at + 8) ^ _word(SECRET, key + 8))


def _middle(data: bytes) -> int:
    size = len(data)
    total = size * PRIME64_1
    if size <= 128:
        for pair in range((size - 1) // 32 + 1):
            total += _mix(data, 16 * pair, 32 * pair) + _mix(data, size - 16 * (pair + 1), 32 * pair + 16)
        return _avalanche(total & LOW64)
    for part in range(8):
        total += _mix(data, 16 * part, 16 * part)
    total = _avalanche(total & LOW64)
    for part in range(8, size // 16):
        total += _mix(data, 16 * part, 16 * (part - 8) + 3)
    return _avalanche((total + _mix(data, size - 16, 136 - 17)) & LOW64)


def _long(data: bytes) -> int:
    lanes: list[int] = list(START)
    stripes = (len(data) - 1) // STRIPE
    for stripe in range(stripes):
        _absorb(lanes, data, STRIPE * stripe, 8 * (stripe % BLOCK_STRIPES))
        if stripe % BLOCK_STRIPES == BLOCK_STRIPES - 1:
            _scramble(lanes)
    _absorb(lanes, data, len(data) - STRIPE, len(SECRET) - STRIPE - 7)
    total = len(data) * PRIME64_1
    for pair in range(4):
        key = 11 + 16 * pair
        total += _fold(lanes[2 * pair] ^ _word(SECRET, key), lanes[2 * pair + 1] ^ _word(SECRET, key + 8))
    return _avalanche(total & LOW64)


def _absorb(lanes: list[int], data: bytes, at: int, key: int) -> None:
    for lane in range(8):
        value = _word(data, at + 8 * lane)
        keyed = value ^ _word(SECRET, key + 8 * lane)
        lanes[lane ^ 1] = (lanes[lane ^ 1] + value) & LOW64
        lanes[lane] = (lanes[lane] + (keyed & LOW32) * (keyed >> 32)) & LOW64


def _scramble(lanes: list[int]) -> None:
    for lane, value in enumerate(lanes):
        keyed = value ^ (value >> 47) ^ _word(SECRET, len(SECRET) - STRIPE + 8 * lane)
        lanes[lane] = (keyed * PRIME32_1) & LOW64
