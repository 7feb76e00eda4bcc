"""Arguments that no kernel can work on, and what is said of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest


def read_only(array: Any) -> Any:
    array.flags.writeable = False
    return array


def unaligned(shape: tuple[int, ...], dtype: Any) -> Any:
    size_bytes = int(np.prod(shape)) * np.dtype(dtype).itemsize
    memory = np.zeros(size_bytes + 16, np.uint8)
    start = -memory.ctypes.data % 8 + 1
    return memory[start : start + size_bytes].view(dtype).reshape(shape)


def frame(*shape: int, dtype: Any = np.uint8) -> Any:
    return np.zeros(shape, dtype)


ANY_FRAME = "expected a uint8 array of shape (height, width, 3 or 4), got "
ROWS = "expected rows one after another, of pixels 3 or 4 bytes apart, got "
BAD_FRAMES: dict[str, tuple[Callable[[], Any], str]] = {
    "a list": (lambda: [[[0, 0, 0]]], ANY_FRAME + "list"),
    "None": (lambda: None, ANY_FRAME + "NoneType"),
    "bytes": (lambda: bytes(12), ANY_FRAME + "uint8 (12,)"),
    "a number": (lambda: np.uint8(5), ANY_FRAME + "uint8"),
    "no axes": (lambda: np.array(5, np.uint8), ANY_FRAME + "ndarray"),
    "dates": (lambda: np.zeros((1, 1, 3), "M8[s]"), ANY_FRAME + "ndarray"),
    "two axes": (lambda: frame(64, 64), ANY_FRAME + "uint8 (64, 64)"),
    "four axes": (lambda: frame(1, 64, 64, 4), ANY_FRAME + "uint8 (1, 64, 64, 4)"),
    "two channels": (lambda: frame(64, 64, 2), ANY_FRAME + "uint8 (64, 64, 2)"),
    "five channels": (lambda: frame(64, 64, 5), ANY_FRAME + "uint8 (64, 64, 5)"),
    "channels first": (lambda: frame(3, 64, 64), ANY_FRAME + "uint8 (3, 64, 64)"),
    "floats": (lambda: frame(2, 2, 4, dtype=np.float32), ANY_FRAME + "float32 (2, 2, 4)"),
    "signed": (lambda: frame(2, 2, 4, dtype=np.int8), ANY_FRAME + "int8 (2, 2, 4)"),
    "bools": (lambda: frame(2, 2, 4, dtype=np.bool_), ANY_FRAME + "bool (2, 2, 4)"),
    "big numbers": (lambda: frame(2, 2, 4, dtype=">u2"), ANY_FRAME + "byte-swapped uint16 (2, 2, 4)"),
    "complex": (lambda: frame(2, 2, 4, dtype=np.complex64), ANY_FRAME + "format Zf (2, 2, 4)"),
    "records": (lambda: frame(2, 2, 4, dtype=[("a", "u1")]), ANY_FRAME + "format T{B:a:} (2, 2, 4)"),
    "no rows": (lambda: frame(0, 5, 4), "expected at least one pixel, got uint8 (0, 5, 4)"),
    "no columns": (lambda: frame(5, 0, 3), "expected at least one pixel, got uint8 (5, 0, 3)"),
    "upside down": (lambda: frame(9, 5, 4)[::-1], ROWS + "strides (-20, 4, 1)"),
    "mirrored": (lambda: frame(9, 5, 4)[:, ::-1], ROWS + "strides (20, -4, 1)"),
    "channels turned": (lambda: frame(9, 5, 4)[:, :, ::-1], ROWS + "strides (20, 4, -1)"),
    "every other pixel": (lambda: frame(9, 6, 4)[:, ::2], ROWS + "strides (24, 8, 1)"),
    "channels apart": (lambda: frame(9, 5, 8)[:, :, ::2], ROWS + "strides (40, 8, 2)"),
    "axes turned": (lambda: frame(5, 9, 4).transpose(1, 0, 2), ROWS + "strides (4, 36, 1)"),
    "planes": (lambda: frame(4, 9, 5).transpose(1, 2, 0), ROWS + "strides (5, 1, 45)"),
    "one row repeated": (lambda: np.broadcast_to(frame(1, 5, 4), (9, 5, 4)), ROWS + "strides (0, 4, 1)"),
}


def refusal(call: Callable[..., Any], *arguments: Any) -> str:
    with pytest.raises(ValueError, match=r"^[^\n]+$") as caught:
        call(*arguments)
    assert type(caught.value) is ValueError
    return str(caught.value)


def bad_cells(dtype: Any, shape: tuple[int, ...], expected: str, written: bool) -> list[tuple[Any, str]]:
    """What cannot be cells of this shape, and how the refusal begins after "expected "."""
    name, size = np.dtype(dtype).name, np.dtype(dtype).itemsize
    more = (shape[0] + 1, *shape[1:])
    bad: list[tuple[Any, str]] = [
        ([1], f"{expected}, got list"),
        (np.zeros(shape, np.float64), f"{expected}, got float64 {shape}"),
        (np.zeros((1, *shape), dtype), f"{expected}, got {name} {(1, *shape)}"),
        (np.zeros(more, dtype), f"{expected}, got {name} {more}"),
        (np.zeros((2 * shape[0], *shape[1:]), dtype)[::2], "C-contiguous memory, got strides "),
    ]
    if len(shape) > 1:
        turned = np.zeros(shape, dtype, order="F")
        bad.append((np.zeros(shape[1:], dtype), f"{expected}, got {name} {shape[1:]}"))
        bad.append((turned, f"C-contiguous memory, got strides {turned.strides}"))
    if size > 1:
        swapped = np.dtype(dtype).newbyteorder()
        bad.append((unaligned(shape, dtype), f"memory aligned to {size} bytes, got an unaligned array"))
        bad.append((np.zeros(shape, swapped), f"{expected}, got byte-swapped {name} {shape}"))
    if written:
        bad.append((read_only(np.zeros(shape, dtype)), "a writable array, got a read-only one"))
        bad.append((None, f"{expected}, got NoneType"))
    return bad
