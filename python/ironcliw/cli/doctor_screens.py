"""What ``doctor`` says of this session's screen beside the source that it was asked about: Wayland and the portal.

Nobody is asked by a dialog, and no pixel is taken.
"""

from __future__ import annotations

import ctypes
import os
import sys

from ironcliw import kernels
from ironcliw.errors import IroncliwError

_TIMEOUT_S = 2.0
_PIPEWIRE = "libpipewire-0.3.so.0"

Finding = tuple[bool | None, str, str]


def screen_findings() -> list[Finding]:
    """Whether this session can be captured through its compositor, or by its portal, and what to do where not."""
    if not sys.platform.startswith("linux"):
        return []
    if kernels.IMPLEMENTATION != "native":
        why = f"only with the native module: {kernels.REASON}"
        return [(None, "wayland", why), (None, "portal", why)]
    return [_wayland(), _portal()]


def _wayland() -> Finding:
    from ironcliw.source.wayland import WaylandSource  # noqa: PLC0415  (the native module)

    if not os.environ.get("WAYLAND_DISPLAY"):
        here = "the X display is watched as 'screen'" if os.environ.get("DISPLAY") else "run it in the session to watch"
        return None, "wayland", f"no: WAYLAND_DISPLAY is not set; {here}"
    source = WaylandSource(reply_timeout_ms=round(_TIMEOUT_S * 1000))
    try:
        geometry = source.open()
        how = source.describe()["protocol"]
    except IroncliwError as error:
        return None, "wayland", f"no: {error}"
    finally:
        source.close()
    size = f"{geometry.width}x{geometry.height} on {geometry.monitor}"
    return True, "wayland", f"yes, by {how}: {size}; ironcliw watch wayland"


def _portal() -> Finding:
    from ironcliw.source.portal_bus import BusError  # noqa: PLC0415
    from ironcliw.source.portal_session import PortalSession  # noqa: PLC0415

    try:
        session = PortalSession(_TIMEOUT_S)
    except BusError as error:
        return None, "portal", f"no: {error}"
    session.close()
    try:
        ctypes.CDLL(_PIPEWIRE)
    except OSError:
        return None, "portal", f"no: {_PIPEWIRE} is not there; install it (Debian: libpipewire-0.3-0)"
    return True, "portal", f"yes, ScreenCast version {session.version}; ironcliw watch portal, which asks for a screen"
