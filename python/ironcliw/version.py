"""The package's version.

    package_version()                     # '0.1.0'

The native module must be of the same one.
"""

from __future__ import annotations

import tomllib
from importlib import metadata
from pathlib import Path

UNKNOWN = "0+unknown"


def package_version() -> str:
    """The installed version; in a source tree that is not installed, the one its Cargo.toml names."""
    try:
        return metadata.version("ironcliw")
    except metadata.PackageNotFoundError:
        return tree_version(Path(__file__).parents[2])


def tree_version(root: Path) -> str:
    """The version that ``Cargo.toml`` in ``root`` names, or ``0+unknown``."""
    try:
        manifest = tomllib.loads((root / "Cargo.toml").read_text(encoding="utf-8"))
        return str(manifest["workspace"]["package"]["version"])
    except (OSError, KeyError, tomllib.TOMLDecodeError):
        return UNKNOWN
