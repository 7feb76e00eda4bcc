"""What follows from what macOS says of its surfaces. The system is a stand-in here: it has not been run there yet."""

from __future__ import annotations

import time
from typing import Any

import pytest

from ironcliw.errors import SourceDeniedError, SourceError, UnsupportedError
from ironcliw.source import macos
from ironcliw.source.macos import MacSource


class ScreenFaultError(Exception):
    pass


class Screen:
    """A screen that tells what it was given to tell."""

    def __init__(self, *arguments: Any) -> None:
        self.told: list[Any] = []

    def size(self) -> tuple[int, int]:
        return (70, 50)

    def name(self) -> str:
        return "display 7"

    def scale(self) -> float:
        return 2.0


class ScreenOfSurfaces(Screen):
    def next_surface(self, timeout_ms: int) -> Any:
        if not self.told:
            time.sleep(timeout_ms / 1000)
            return ("idle", None, True, ""), None
        told = self.told.pop(0)
        if isinstance(told, Exception):
            raise told
        return told


def opened(monkeypatch: pytest.MonkeyPatch, screen: type[Screen]) -> tuple[MacSource, Any]:
    monkeypatch.setattr(macos._native, "ScreenCapture", screen, raising=False)
    monkeypatch.setattr(macos._native, "ScreenError", ScreenFaultError, raising=False)
    source = MacSource()
    source.open()
    return source, source._native


def test_a_surface_comes_once_something_has_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    source, native = opened(monkeypatch, ScreenOfSurfaces)
    assert source.next_surface(1) is None
    surface = object()
    native.told += [(("idle", None, False, ""), None), (("captured", None, False, ""), surface)]
    assert source.next_surface(60_000) is surface
    source.interrupt()
    assert source.next_surface(60_000) is None


def test_a_screen_that_cannot_be_seen_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    source, native = opened(monkeypatch, ScreenOfSurfaces)
    native.told += [
        (("hidden", None, False, "the display sleeps"), None),
        ScreenFaultError("denied", "open System Settings"),
        ScreenFaultError("lost", "macOS stopped the capture"),
    ]
    with pytest.raises(SourceError, match="shows nothing: the display sleeps"):
        source.next_surface(1000)
    with pytest.raises(SourceDeniedError, match="open System Settings"):
        source.next_surface(1000)
    with pytest.raises(SourceError, match="macOS stopped the capture"):
        source.next_surface(1000)
    source.close()
    with pytest.raises(SourceError, match="is closed: open it"):
        source.next_surface(1000)


def test_a_build_without_graphics_processors_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    source, _ = opened(monkeypatch, Screen)
    with pytest.raises(UnsupportedError, match="cargo feature 'gpu'"):
        source.next_surface(1000)
