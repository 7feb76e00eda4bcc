"""Arguments of the reference kernels, checked.

    frame = pixels(value, "pixels")
    grid = cells(grid, "grid", ("uint64",), (rows, columns), writable=True)
    disjoint({"grid"}, pixels=frame, grid=grid)

Rules and texts are the same as in crates/python/src/buffer.rs.
"""

from __future__ import annotations

import operator
import sys
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ironcliw.frame import TILE

DISTANCE_MAX = 195_075
"""The largest squared distance of two colours: 3 * 255²."""

_KINDS = dict.fromkeys("bhilqn", "int") | dict.fromkeys("BHILQN", "uint") | dict.fromkeys("efdg", "float")
_FOREIGN = ">!" if sys.byteorder == "little" else "<"


class _View(NamedTuple):
    """A value as the buffer protocol shows it."""

    memory: memoryview
    dtype: str
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.dtype} {self.shape}"


def pixels(value: Any, name: str, size: tuple[int, int] | None = None, *, writable: bool = False) -> NDArray[np.uint8]:
    """A frame, of ``size`` (height, width) where that is given; a writable one has four channels."""
    channels = (4,) if writable else (3, 4)
    height, width = size or ("height", "width")
    expected = f"a uint8 array of shape ({height}, {width}, {' or '.join(map(str, channels))})"
    view = _view(value, name, expected)
    three = view.dtype == "uint8" and len(view.shape) == 3
    if not (three and view.shape[2] in channels and size in (None, view.shape[:2])):
        raise _refusal(name, expected, view)
    if 0 in view.shape:
        raise _refusal(name, "at least one pixel", view)
    if not _readable(view.shape, view.strides):
        raise _refusal(name, "rows one after another, of pixels 3 or 4 bytes apart", f"strides {view.strides}")
    if writable and view.memory.readonly:
        raise _refusal(name, "a writable array", "a read-only one")
    return np.asarray(view.memory)


def cells(value: Any, name: str, dtypes: tuple[str, ...], shape: tuple[int, ...], *, writable: bool) -> NDArray[Any]:
    """An array of exactly this shape and one of these dtypes."""
    article = "an" if dtypes[0].startswith("i") else "a"
    expected = f"{article} {' or '.join(dtypes)} array of shape {shape}"
    view = _view(value, name, expected)
    if view.dtype not in dtypes or view.shape != shape:
        raise _refusal(name, expected, view)
    if not view.memory.c_contiguous:
        raise _refusal(name, "C-contiguous memory", f"strides {view.strides}")
    array = np.asarray(view.memory)
    if array.ctypes.data % array.itemsize:
        raise _refusal(name, f"memory aligned to {array.itemsize} bytes", "an unaligned array")
    if writable and view.memory.readonly:
        raise _refusal(name, "a writable array", "a read-only one")
    return array


def blocks(value: Any, name: str) -> NDArray[np.uint8]:
    """A pool of at least one tile: a writable (capacity, 64, 64, 4) uint8 array."""
    expected = f"a uint8 array of shape (capacity, {TILE}, {TILE}, 4)"
    view = _view(value, name, expected)
    if view.dtype != "uint8" or view.shape[1:] != (TILE, TILE, 4):
        raise _refusal(name, expected, view)
    if not view.shape[0]:
        raise _refusal(name, "at least one tile", view)
    return cells(value, name, ("uint8",), view.shape, writable=True)


def rows(value: Any, name: str, dtype: str, numbers: int) -> NDArray[Any]:
    """A writable (capacity, numbers) array of at least one row."""
    expected = f"a {dtype} array of shape (capacity, {numbers})"
    view = _view(value, name, expected)
    if view.dtype != dtype or view.shape[1:] != (numbers,):
        raise _refusal(name, expected, view)
    if not view.shape[0]:
        raise _refusal(name, "at least one row", view)
    return cells(value, name, (dtype,), view.shape, writable=True)


def listed(value: Any, name: str, dtypes: tuple[str, ...]) -> NDArray[Any]:
    """A (count,) array of one of these dtypes, of any length."""
    expected = f"a {' or '.join(dtypes)} array of shape (count,)"
    view = _view(value, name, expected)
    if view.dtype not in dtypes or len(view.shape) != 1:
        raise _refusal(name, expected, view)
    return cells(value, name, dtypes, view.shape, writable=False)


def mask(value: Any, name: str, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """A mask to read; None selects everything."""
    if value is None:
        return np.ones(shape, np.bool_)
    return cells(value, name, ("bool", "uint8"), shape, writable=False) != 0


def distance(value: Any) -> int:
    """A squared colour distance."""
    expected = f"an integer 0 to {DISTANCE_MAX}"
    try:
        threshold = operator.index(value)
    except TypeError:
        raise _refusal("threshold", expected, type(value).__name__) from None
    if not 0 <= threshold <= DISTANCE_MAX:
        raise _refusal("threshold", expected, str(value))
    return threshold


def integer(value: Any, name: str) -> int:
    """A number of 64 bits that may be negative."""
    return _number(value, name, -(2**63), 2**63 - 1, "an integer of 64 bits")


def whole(value: Any, name: str, least: int = 0, most: int = 2**63 - 1) -> int:
    """A number from ``least`` to ``most``."""
    return _number(value, name, least, most, f"an integer {least} to {most}")


def _number(value: Any, name: str, least: int, most: int, expected: str) -> int:
    try:
        number = operator.index(value)
    except TypeError:
        raise _refusal(name, expected, repr(value)) from None
    if not least <= number <= most:
        raise _refusal(name, expected, repr(value))
    return number


def disjoint(written: set[str], **arguments: Any) -> None:
    """Fails where a written argument and another one lie (even partly) in the same stretch of memory."""
    seen: list[tuple[str, NDArray[Any]]] = []
    for name, argument in arguments.items():
        if argument is None:
            continue
        array = np.asarray(argument)
        for other, memory in seen:
            if {name, other} & written and np.may_share_memory(memory, array):
                raise ValueError(f"{other} and {name} overlap in memory")
        seen.append((name, array))


def _view(value: Any, name: str, expected: str) -> _View:
    try:
        memory = memoryview(value)
    except (TypeError, ValueError, BufferError):
        raise _refusal(name, expected, type(value).__name__) from None
    if not memory.shape or not memory.strides or memory.suboffsets:
        raise _refusal(name, expected, type(value).__name__)
    return _View(memory, _dtype(memory.format, memory.itemsize), memory.shape, memory.strides)


def _dtype(code: str, size_bytes: int) -> str:
    """NumPy's name for an element type that the module struct calls ``code``."""
    order, letter = (code[0], code[1:]) if len(code) > 1 else ("@", code)
    if letter == "?":
        return "bool"
    if letter not in _KINDS or order not in "@=<>!":
        return f"format {code}"
    swapped = "byte-swapped " if size_bytes > 1 and order in _FOREIGN else ""
    return f"{swapped}{_KINDS[letter]}{8 * size_bytes}"


def _readable(shape: tuple[int, ...], strides: tuple[int, ...]) -> bool:
    height, width, channels = shape
    # The stride of an axis of length 1 is never used, and may be anything.
    apart = channels if width == 1 else strides[1]
    row_bytes = (width - 1) * apart + channels
    rows_fit = height == 1 or strides[0] >= row_bytes
    return strides[2] == 1 and apart in (3, 4) and channels <= apart and rows_fit


def _refusal(name: str, expected: str, got: object) -> ValueError:
    return ValueError(f"{name}: expected {expected}, got {got}")
