"""The build with kernels for graphics processors, where it is under test: ``make test-gpu``."""

from __future__ import annotations

import os

import pytest

from ironcliw.kernels.gpu import Card

BUILT = bool(os.environ.get("IRONCLIW_TEST_GPU"))
needs_build = pytest.mark.skipif(not BUILT, reason="runs in 'make test-gpu', which builds the extension with it")


def open_card(binding_bytes_max: int = 0) -> Card:
    """A card of our own, in software where there is no other."""
    from ironcliw import _native  # noqa: TID251 - the card itself is tested

    return Card(_native.Gpu, _native.GpuFault, software=True, binding_bytes_max=binding_bytes_max)  # type: ignore[attr-defined]
