"""Packages to compare with, from the extra ``bench``; none of them is needed for anything else.

cv2 = peer("cv2")                     # the module, or MissingExtraError
"""

from __future__ import annotations

import importlib
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from ironcliw.errors import MissingExtraError

PACKAGES = {
    "cv2": "opencv-python-headless",
    "numba": "numba",
    "xxhash": "xxhash",
    "imagehash": "imagehash",
    "mss": "mss",
}
"""Package to install, by module name."""


def peer(module: str) -> Any:
    """Import a module of the extra. Raises MissingExtraError where it is not installed."""
    try:
        return importlib.import_module(module)
    except ImportError:
        raise MissingExtraError(f"comparing with {PACKAGES.get(module, module)}", "bench") from None


def versions() -> dict[str, str]:
    """Versions of what is compared with and of NumPy, of those that are installed."""
    found: dict[str, str] = {}
    for package in ("numpy", *PACKAGES.values()):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
