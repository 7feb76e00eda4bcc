"""From what a person names to the source that captures it.

    open_source("screen")                 # this display
    open_source("x11::7")                 # another X display
    open_source("wayland:DP-1")           # an output of this session's Wayland compositor
    open_source("portal")                 # a screen chosen in the desktop's dialog (GNOME, KDE)
    open_source("fbdir:/run/screens")     # what Xvfb -fbdir keeps there
    open_source("build.mp4"); open_source("shots/"); open_source(frames)
    open_source("synthetic:office?seed=1&hours=8")

"Open" as in a shop: the source that comes back is not yet started; call its ``open``.
"""

from __future__ import annotations

import importlib.util
import os
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeGuard

import numpy as np
from numpy.typing import NDArray

from ironcliw import kernels
from ironcliw.errors import SettingsError, SourceError
from ironcliw.source.exclusion import Exclusions, parse_exclusions
from ironcliw.source.protocol import Source

# Each kind of source is imported when it is asked for: they bring Pillow, PyAV, mss and the native module with them.

ACCEPTED = (
    "'screen', 'x11:DISPLAY', 'wayland[:OUTPUT]', 'portal[:NAME]', 'fbdir:PATH', 'vnc://HOST:PORT', 'rtsp://…' or "
    "another stream, a video, an image, a folder of images, 'synthetic:NAME', or an iterable of arrays"
)
_LONGEST_PROBE_S = 3600
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_VIDEO_SUFFIXES = [".avi", ".flv", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".ogv", ".ts", ".webm", ".wmv"]

Spec = str | os.PathLike[str] | Source | Iterable[NDArray[np.uint8]]


class Wish(NamedTuple):
    """What ``open_source`` was asked for."""

    spec: Any
    monitor: str | None
    fps: float
    include_self: bool
    leave_out: Exclusions
    interval_s: float
    probe_interval_s: float
    password_file: str | None

    @property
    def name(self) -> str:
        """What follows the kind in ``kind:name``."""
        return self.spec.partition(":")[2] if isinstance(self.spec, str) else ""


class Kind(NamedTuple):
    """A kind of source: which specs mean it, and what opens it.

    leaves_out: whether ``source`` sees to what is to be left out; else that is done around it
    """

    is_meant: Callable[[Any], bool]
    source: Callable[[Wish], Source]
    leaves_out: bool = False


def open_source(
    spec: Spec,
    *,
    monitor: str | None = None,
    fps: float = 10.0,
    include_self: bool = False,
    exclude: Sequence[str] = (),
    interval_s: float = 1.0,
    probe_interval_s: float = 1.0,
    password_file: str | None = None,
) -> Source:
    """The source that ``spec`` names, not yet started. A Source comes back as it is.

    monitor, fps, include_self: for screens (a monitor's name or number; captures a second at most; keep our own window)
    exclude: what is left out before a pixel of it is kept, as in ``ironcliw.source.exclusion``; where windows are not
        known, only regions can be
    interval_s: for images and arrays, seconds between two
    password_file: for sources over the network, a private file that holds the password
    probe_interval_s: for X11 screens, seconds between looks at one that reports no change

    A file is judged by its content; "./screen" is a file of that name. SourceError where nothing can be made of
    ``spec``, SettingsError for a synthetic desktop that cannot be had; what is wrong inside a file is told by the
    source's ``open``.
    """
    leave_out = parse_exclusions(exclude)
    wish = Wish(spec, monitor, fps, include_self, leave_out, interval_s, probe_interval_s, password_file)
    for kind in KINDS:
        if kind.is_meant(spec):
            source = kind.source(wish)
            return source if kind.leaves_out else without(source, leave_out)
    raise SourceError(f"cannot watch {type(spec).__name__}: expected {ACCEPTED}")


def without(source: Source, leave_out: Exclusions) -> Source:
    """``source`` with regions left out. SettingsError where windows are to be, of which it knows nothing."""
    if leave_out.by_window:
        name = leave_out.names()[0]
        raise SettingsError(
            f"exclude {name}: {source.name} knows no windows; only region:X,Y,W,H can be left out of it"
        )
    if not leave_out:
        return source
    from ironcliw.source.excluded import ExcludedSource  # noqa: PLC0415

    return ExcludedSource(source, leave_out.regions)


def _is_wayland_session() -> bool:
    """Whether this display is a Wayland compositor's: one is named, and the X server, if any, is the one within it."""
    if not (sys.platform.startswith("linux") and os.environ.get("WAYLAND_DISPLAY")):
        return False
    return not os.environ.get("DISPLAY") or os.environ.get("XDG_SESSION_TYPE") == "wayland"


def _screen(wish: Wish) -> Source:
    """This session's screen, by whatever shows it."""
    return without(_wayland(wish), wish.leave_out) if _is_wayland_session() else _display(wish, None)


def _x11(wish: Wish) -> Source:
    display = wish.name
    if ":" not in display:
        raise SourceError(f"{wish.spec!r}: expected x11:DISPLAY, as in x11::7 or x11:host:0")
    return _display(wish, display)


def _wayland(wish: Wish) -> Source:
    """An output of this session's compositor."""
    if kernels.IMPLEMENTATION != "native":
        raise SourceError("a Wayland compositor is seen only with the native module: see 'ironcliw doctor'")
    from ironcliw.source.wayland import WaylandSource  # noqa: PLC0415

    return WaylandSource(wish.name or wish.monitor, fps=wish.fps)


def _portal(wish: Wish) -> Source:
    """A screen that the user chooses in the desktop's dialog."""
    if kernels.IMPLEMENTATION != "native":
        raise SourceError("the portal is seen only with the native module: see 'ironcliw doctor'")
    from ironcliw.source.portal import PortalSource  # noqa: PLC0415

    return PortalSource(wish.name, fps=wish.fps)


def _fbdir(wish: Wish) -> Source:
    from ironcliw.source.fbdir import FbdirSource  # noqa: PLC0415

    if not wish.name:
        raise SourceError(f"{wish.spec!r}: expected a name after fbdir:")
    return FbdirSource(wish.name, wish.fps)


def _vnc(wish: Wish) -> Source:
    from ironcliw.source.vnc import VncSource  # noqa: PLC0415

    return VncSource(wish.spec, wish.fps, password_file=wish.password_file)


def _stream(wish: Wish) -> Source:
    from ironcliw.source.stream import StreamSource  # noqa: PLC0415

    return StreamSource(wish.spec, wish.fps, password_file=wish.password_file)


def _synthetic(wish: Wish) -> Source:
    from ironcliw.source.synthetic import SyntheticSource, from_spec  # noqa: PLC0415

    return SyntheticSource(*from_spec(wish.spec))


def _arrays(wish: Wish) -> Source:
    from ironcliw.source.arrays import ArraySource  # noqa: PLC0415

    return ArraySource(wish.spec, interval_s=wish.interval_s)


def _display(wish: Wish, display: str | None) -> Source:
    """The native source of this system where the extension is in use, else mss, which leaves no window out."""
    if sys.platform.startswith("linux") and kernels.IMPLEMENTATION == "native":
        from ironcliw.source.x11 import X11Source  # noqa: PLC0415

        if not 0.001 <= wish.probe_interval_s <= _LONGEST_PROBE_S:  # NaN fails this too
            raise SettingsError(f"probe_interval_s: expected 0.001 to {_LONGEST_PROBE_S}, got {wish.probe_interval_s}")
        return X11Source(
            display,
            monitor=wish.monitor,
            fps=wish.fps,
            include_self=wish.include_self,
            leave_out=wish.leave_out,
            probe_ms=round(wish.probe_interval_s * 1000),
        )
    if display is None and kernels.IMPLEMENTATION == "native" and sys.platform in ("darwin", "win32"):
        return without(_system_screen(wish), Exclusions(regions=wish.leave_out.regions))
    from ironcliw.source.mss_screen import MssSource  # noqa: PLC0415

    return without(MssSource(display, monitor=wish.monitor, fps=wish.fps), wish.leave_out)


def _system_screen(wish: Wish) -> Source:
    """The source of macOS or Windows."""
    if sys.platform == "darwin":
        from ironcliw.source.macos import MacSource  # noqa: PLC0415

        return MacSource(wish.monitor, wish.fps, leave_out=wish.leave_out, include_self=wish.include_self)
    from ironcliw.source.windows import WindowsSource  # noqa: PLC0415

    return WindowsSource(wish.monitor, wish.fps, leave_out=wish.leave_out, include_self=wish.include_self)


def _path(wish: Wish) -> Source:
    """The source that plays a file or folder."""
    from ironcliw.source.file import check_readable, kind_of  # noqa: PLC0415

    path_like: str | os.PathLike[str] = wish.spec
    name = os.fspath(path_like)
    path = Path(name)
    if name and not path.is_dir():
        check_readable(path)
    if not name:
        raise SourceError(f"no source was named: expected {ACCEPTED}")
    kind = "folder" if path.is_dir() else kind_of(path)
    if kind is None and path.suffix.lower() not in _VIDEO_SUFFIXES:
        raise SourceError(f"{name}: neither a video nor an image this can read; expected {ACCEPTED}")
    by_video = kind in (None, "video") or (kind == "gif" and importlib.util.find_spec("av") is not None)
    if by_video:
        from ironcliw.source.video import VideoSource  # noqa: PLC0415

        return VideoSource(name)
    from ironcliw.source.images import ImageSource  # noqa: PLC0415

    return ImageSource(name, interval_s=wish.interval_s)


def _is_source(spec: Any) -> TypeGuard[Source]:
    """Whether ``spec`` keeps the sources' contract; a Path, which also has an ``open``, does not."""
    return all(callable(getattr(spec, verb, None)) for verb in ("open", "attach", "read", "describe", "close"))


def _is(word: str) -> Callable[[Any], bool]:
    """Whether a spec is this word, or the word, a colon and a name."""
    return lambda spec: isinstance(spec, str) and (spec == word or spec.startswith(f"{word}:"))


def _begins(beginning: str) -> Callable[[Any], bool]:
    return lambda spec: isinstance(spec, str) and spec.startswith(beginning)


def _is_iterable(spec: Any) -> bool:
    return isinstance(spec, Iterable) and not isinstance(spec, bytes | bytearray)


def _is_screen(spec: Any) -> bool:
    return isinstance(spec, str) and spec == "screen"


def _is_address(spec: Any) -> bool:
    return isinstance(spec, str) and _ADDRESS.match(spec) is not None


def _is_path(spec: Any) -> bool:
    return isinstance(spec, str | os.PathLike)


def _itself(wish: Wish) -> Source:
    return wish.spec


# The first that is meant is taken.
KINDS: tuple[Kind, ...] = (
    Kind(_is_screen, _screen, leaves_out=True),
    Kind(_begins("x11:"), _x11, leaves_out=True),
    Kind(_is("wayland"), _wayland),
    Kind(_is("portal"), _portal),
    Kind(_is_source, _itself),
    Kind(_begins("fbdir:"), _fbdir),
    Kind(_begins("vnc://"), _vnc),
    Kind(_is_address, _stream),
    Kind(_begins("synthetic:"), _synthetic),
    Kind(_is_path, _path),
    Kind(_is_iterable, _arrays),
)
