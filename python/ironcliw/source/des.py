"""DES for one purpose: RFB's challenge. It protects nothing any more; VNC still asks for passwords this way.

answer = answered(password=b"secret", challenge=sixteen_bytes)
"""

from __future__ import annotations


def _bits(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split()))


_INITIAL = tuple(start - 8 * i for start in (58, 60, 62, 64, 57, 59, 61, 63) for i in range(8))
_FINAL = tuple(_INITIAL.index(i) + 1 for i in range(1, 65))
_EXPANSION = tuple((4 * group + offset - 1) % 32 + 1 for group in range(8) for offset in range(6))
_PERMUTATION = _bits("16 7 20 21 29 12 28 17 1 15 23 26 5 18 31 10 2 8 24 14 32 27 3 9 19 13 30 6 22 11 4 25")
_KEY_BITS = _bits(
    "57 49 41 33 25 17 9 1 58 50 42 34 26 18 10 2 59 51 43 35 27 19 11 3 60 52 44 36 "
    "63 55 47 39 31 23 15 7 62 54 46 38 30 22 14 6 61 53 45 37 29 21 13 5 28 20 12 4"
)
_ROUND_BITS = _bits(
    "14 17 11 24 1 5 3 28 15 6 21 10 23 19 12 4 26 8 16 7 27 20 13 2 "
    "41 52 31 37 47 55 30 40 51 45 33 48 44 49 39 56 34 53 46 42 50 36 29 32"
)
_TURNS = (1, 1, 2, 2, 2, 2, 2, 2, 1, 2, 2, 2, 2, 2, 2, 1)
_S = (
    "E4D12FB83A6C5907 0F74E2D1A6CB9538 41E8D62BFC973A50 FC8249175B3EA06D",
    "F18E6B34972DC05A 3D47F28EC01A69B5 0E7BA4D158C6932F D8A13F42B67C05E9",
    "A09E63F51DC7B428 D709346A285ECBF1 D6498F30B12C5AE7 1AD069874FE3B52C",
    "7DE3069A1285BC4F D8B56F03472C1AE9 A690CB7DF13E5284 3F06A1D8945BC72E",
    "2C417AB6853FD0E9 EB2C47D150FA3986 421BAD78F9C5630E B8C71E2D6F09A453",
    "C1AF92680D34E75B AF427C9561DE0B38 9EF528C3704A1DB6 432C95FABE17608D",
    "4B2EF08D3C975A61 D0B7491AE35C2F86 14BDC37EAF680592 6BD814A7950FE23C",
    "D2846FB1A93E50C7 1FD8A374C56B0E92 7B419CE206ADF358 21E74A8DFC90356B",
)


def answered(password: bytes, challenge: bytes) -> bytes:
    """What a server that knows ``password`` (8 bytes of it count) expects for its 16 bytes of ``challenge``."""
    key = bytes(int(f"{byte:08b}"[::-1], 2) for byte in password[:8].ljust(8, b"\0"))  # bits backwards
    return b"".join(encrypted(key, challenge[at : at + 8]) for at in range(0, len(challenge), 8))


def encrypted(key: bytes, block: bytes) -> bytes:
    """One block of 8 bytes under a key of 8 bytes."""
    state = _chosen(_of(block, 64), _INITIAL)
    left, right = state[:32], state[32:]
    for round_key in _round_keys(key):
        left, right = right, _xor(left, _mixed(right, round_key))
    return _bytes(_chosen(right + left, _FINAL))


def _round_keys(key: bytes) -> list[list[int]]:
    chosen = _chosen(_of(key, 64), _KEY_BITS)
    c, d = chosen[:28], chosen[28:]
    keys: list[list[int]] = []
    for turn in _TURNS:
        c, d = c[turn:] + c[:turn], d[turn:] + d[:turn]
        keys.append(_chosen(c + d, _ROUND_BITS))
    return keys


def _mixed(half: list[int], round_key: list[int]) -> list[int]:
    wide = _xor(_chosen(half, _EXPANSION), round_key)
    narrow: list[int] = []
    for number, rows in enumerate(_S):
        six = wide[6 * number : 6 * number + 6]
        row, column = 2 * six[0] + six[5], int("".join(map(str, six[1:5])), 2)
        narrow += _of(bytes([int(rows.split()[row][column], 16)]), 8)[4:]
    return _chosen(narrow, _PERMUTATION)


def _chosen(bits: list[int], places: tuple[int, ...]) -> list[int]:
    return [bits[place - 1] for place in places]


def _xor(a: list[int], b: list[int]) -> list[int]:
    return [x ^ y for x, y in zip(a, b, strict=True)]


def _of(data: bytes, count: int) -> list[int]:
    return [int(bit) for bit in f"{int.from_bytes(data, 'big'):0{count}b}"]


def _bytes(bits: list[int]) -> bytes:
    return int("".join(map(str, bits)), 2).to_bytes(8, "big")
