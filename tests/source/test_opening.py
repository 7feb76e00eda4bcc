"""From what a person names to a source: screens, paths, arrays, and what is none of them."""

from __future__ import annotations

import importlib.machinery
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from PIL import Image

from ironcliw import kernels
from ironcliw import source as room
from ironcliw.errors import SettingsError, SourceDeniedError, SourceError
from ironcliw.frame import Geometry
from ironcliw.memory import FrameMemory
from ironcliw.source import End, Message, Source, open_source
from ironcliw.source.arrays import ArraySource
from ironcliw.source.exclusion import Exclusions
from ironcliw.source.images import ImageSource
from ironcliw.source.video import VideoSource
from making import Played, cards, write_gif, write_video


class Screen:
    """Stands in for a screen source, and keeps what it was asked for."""

    name, live, lossless = "screen", True, True

    def __init__(self, display: str | None = None, **options: Any) -> None:
        self.asked = {"display": display, **options}

    def open(self) -> Geometry:
        return Geometry(1, 1)

    def attach(self, memory: FrameMemory) -> None: ...

    def read(self, timeout_ms: int) -> Message:
        return End(timeout_ms)

    def describe(self) -> dict[str, str]:
        return {}

    def close(self) -> None: ...


class NativeScreen(Screen):
    pass


@pytest.fixture
def screens(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both screen modules replaced: which one is chosen, and how it is called, is what is asked here."""
    for name, attribute, kind in (("x11", "X11Source", NativeScreen), ("mss_screen", "MssSource", Screen)):
        module = ModuleType(f"ironcliw.source.{name}")
        setattr(module, attribute, kind)
        monkeypatch.setitem(sys.modules, module.__name__, module)


def asked(spec: str, **options: Any) -> dict[str, Any]:
    source = open_source(spec, **options)
    assert isinstance(source, Screen)
    return {"native": isinstance(source, NativeScreen), **source.asked}


@pytest.mark.usefixtures("screens")
def test_screens_with_the_native_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernels, "IMPLEMENTATION", "native", raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    defaults = {
        "native": True, "display": None, "monitor": None, "fps": 10.0, "include_self": False, "probe_ms": 1000,
        "leave_out": Exclusions(),
    }  # fmt: skip
    assert asked("screen") == defaults
    assert asked("x11::7", fps=3) == {**defaults, "display": ":7", "fps": 3}
    assert asked("screen", probe_interval_s=0.25) == {**defaults, "probe_ms": 250}
    for probe_interval_s in (0, -1, float("nan"), 1e9):
        with pytest.raises(SettingsError, match="probe_interval_s: expected"):
            open_source("screen", probe_interval_s=probe_interval_s)
    assert asked("x11:HOST:0.1") == {**defaults, "display": "HOST:0.1"}
    assert asked("screen", monitor="HDMI-1", include_self=True) == {
        **defaults, "monitor": "HDMI-1", "include_self": True,
    }  # fmt: skip


@pytest.mark.usefixtures("screens")
@pytest.mark.parametrize(
    ("implementation", "platform"), [("reference", "linux"), ("reference", "darwin"), ("native", "freebsd14")]
)
def test_screens_without_it(monkeypatch: pytest.MonkeyPatch, implementation: str, platform: str) -> None:
    monkeypatch.setattr(kernels, "IMPLEMENTATION", implementation, raising=False)
    monkeypatch.setattr(sys, "platform", platform)
    assert asked("screen", monitor="1") == {"native": False, "display": None, "monitor": "1", "fps": 10.0}
    assert asked("x11::7") == {"native": False, "display": ":7", "monitor": None, "fps": 10.0}


@pytest.mark.skipif(kernels.IMPLEMENTATION != "native", reason="these sources are in the extension")
@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_screens_of_other_systems(monkeypatch: pytest.MonkeyPatch, platform: str) -> None:
    from ironcliw import _native  # noqa: TID251 - a stand-in for what it has on those systems

    asked_for: list[tuple[object, ...]] = []

    def begin(*arguments: object) -> None:
        asked_for.append(arguments)
        raise ScreenError("denied", "open System Settings")

    class ScreenError(Exception):
        pass

    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(_native, "ScreenCapture", begin, raising=False)
    monkeypatch.setattr(_native, "ScreenError", ScreenError, raising=False)
    monkeypatch.delenv("__CFBundleIdentifier", raising=False)
    source = open_source("screen", monitor="1", fps=20.0, exclude=["app:keys", "title:/bank/", "window:7"])
    with pytest.raises(SourceDeniedError, match=r"^open System Settings$"):
        source.open()
    ours = [os.getpid()] if platform == "darwin" else [os.getpid(), os.getppid()]
    interval_ms = 50 if platform == "darwin" else 0
    assert asked_for == [("1", interval_ms, [7], ["keys"], ["bank"], ours)]


@pytest.mark.parametrize("spec", ["x11:", "x11:7", "x11:host"])
def test_a_display_without_a_number(spec: str) -> None:
    with pytest.raises(SourceError, match="expected x11:DISPLAY, as in x11::7"):
        open_source(spec)


def test_a_video(tmp_path: Path) -> None:
    pytest.importorskip("av")
    path = write_video(tmp_path / "a.mkv", cards(2))
    for spec in (path, str(path)):
        source = open_source(spec)
        assert isinstance(source, VideoSource)
        assert Played(source).kinds == "CCE"


def test_content_counts_and_not_the_name(tmp_path: Path) -> None:
    pytest.importorskip("av")
    video = write_video(tmp_path / "a.mkv", cards(1)).rename(tmp_path / "really.png")
    image = tmp_path / "really.mp4"
    Image.fromarray(cards(1)[0]).save(image, format="PNG")
    assert isinstance(open_source(video), VideoSource)
    assert isinstance(open_source(image), ImageSource)


def test_an_image_and_a_folder(tmp_path: Path) -> None:
    for number in (1, 2):
        Image.fromarray(cards(1)[0]).save(tmp_path / f"{number}.png")
    assert Played(open_source(tmp_path / "1.png", interval_s=0.5)).messages[-1] == End(500_000_000)
    assert Played(open_source(str(tmp_path), interval_s=0.5)).messages[-1] == End(1_000_000_000)


@pytest.mark.parametrize("there", [True, False])
def test_a_gif_is_a_video_where_pyav_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: bool) -> None:
    spec = importlib.machinery.ModuleSpec("av", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: spec if there else None)
    source = open_source(write_gif(tmp_path / "a.gif", [10, 30]))
    assert isinstance(source, VideoSource if there else ImageSource)


def test_arrays() -> None:
    source = open_source(cards(3), interval_s=0.5)
    assert isinstance(source, ArraySource)
    assert Played(source).times_ms == [0, 500, 1000]
    assert Played(open_source(iter(cards(2)))).times_ms == [0, 1000]
    assert Played(open_source(np.stack(cards(2)))).times_ms == [0, 1000]


def test_a_source_is_itself() -> None:
    screen: Source = Screen()
    assert open_source(screen) is screen


def test_a_file_called_screen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Image.fromarray(cards(1)[0]).save(tmp_path / "screen", format="PNG")
    monkeypatch.chdir(tmp_path)
    assert isinstance(open_source("./screen"), ImageSource)
    assert isinstance(open_source(Path("screen")), ImageSource)


@pytest.mark.parametrize("spec", ["gone.mp4", "sreen", "no/such/folder/"])
def test_no_such_file(spec: str) -> None:
    with pytest.raises(SourceError, match=r"^no such file: "):
        open_source(spec)


def test_streams_and_remote_screens() -> None:
    assert open_source("HTTPS://host/a.m3u8?token=x").name == "https://host"
    assert open_source("rtsp://me@camera:554/live").name == "rtsp://camera:554"
    assert open_source("vnc://desk").name == "vnc://desk:5900"
    with pytest.raises(SourceError, match="no password in an address") as caught:
        open_source("http://user:secret@host/a.mp4")
    assert "secret" not in str(caught.value)
    with pytest.raises(SourceError, match="expected one of http"):
        open_source("file:///a.mp4")


def test_regions_are_left_out_of_anything_and_windows_of_screens_only(tmp_path: Path) -> None:
    Image.new("RGB", (40, 30), (200, 100, 50)).save(tmp_path / "a.png")
    source = open_source(tmp_path / "a.png", exclude=["region:30,20,100,5"])
    played = Played(source)
    assert played.kinds == "CE"
    with pytest.raises(SettingsError, match=r"exclude app:x: .*a\.png knows no windows"):
        open_source(tmp_path / "a.png", exclude=["app:x"])


@pytest.mark.parametrize("spec", [None, 7, 2.5, b"a.mp4", object()])
def test_what_cannot_be_watched(spec: Any) -> None:
    with pytest.raises(SourceError, match=f"cannot watch {type(spec).__name__}: expected 'screen'"):
        open_source(spec)


def test_neither_video_nor_image(tmp_path: Path) -> None:
    path = tmp_path / "README.txt"
    path.write_text("hello")
    with pytest.raises(SourceError, match="neither a video nor an image"):
        open_source(path)
    with pytest.raises(SourceError, match="no source was named"):
        open_source("")
    with pytest.raises(SettingsError, match="interval_s"):
        open_source([], interval_s=-1)


def test_a_text_named_mp4_is_told_by_the_source(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_text("hello")
    with pytest.raises(SourceError, match="not a video"):
        open_source(path).open()


def test_the_room_is_entered_without_its_heavy_furniture() -> None:
    script = "import sys, ironcliw.source; print([name for name in ('av', 'PIL', 'mss') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
    assert set(room.__all__) <= set(dir(room))
