"""What ``ironcliw doctor`` says of Wayland and the portal, in sessions that have them and in ones that do not."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.fake_portal import Desktop
from tests.sway import Sway

from ironcliw.cli import doctor_screens
from ironcliw.cli.doctor_screens import screen_findings

pytestmark = pytest.mark.live


@pytest.fixture(autouse=True)
def _nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("WAYLAND_DISPLAY", "DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path / 'bus'}")


def test_where_there_is_neither_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    (wayland, _, why), (portal, _, portal_why) = screen_findings()
    assert (wayland, portal) == (None, None)
    assert why == "no: WAYLAND_DISPLAY is not set; run it in the session to watch"
    assert portal_why.startswith("no: ")
    assert "message bus does not answer" in portal_why
    monkeypatch.setenv("DISPLAY", ":7")
    assert screen_findings()[0][2] == "no: WAYLAND_DISPLAY is not set; the X display is watched as 'screen'"
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-9")
    assert "there is no such socket" in screen_findings()[0][2]
    assert all("\n" not in detail for _, _, detail in screen_findings())


def test_a_compositor_that_can_be_captured_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with Sway(320, 200) as sway:
        monkeypatch.setenv("WAYLAND_DISPLAY", sway.socket)
        assert screen_findings()[0] == (
            True, "wayland", "yes, by wlr-screencopy: 320x200 on HEADLESS-1; ironcliw watch wayland"
        )  # fmt: skip


def test_a_portal_is_named_and_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    with Desktop(64, 48) as desktop:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", desktop.environ["DBUS_SESSION_BUS_ADDRESS"])
        expected = "yes, ScreenCast version 4; ironcliw watch portal, which asks for a screen"
        assert screen_findings()[1] == (True, "portal", expected)
        assert desktop.portal.asked == []
        monkeypatch.setattr(doctor_screens, "_PIPEWIRE", "libpipewire-none.so")
        assert screen_findings()[1][2].startswith("no: libpipewire-none.so is not there; install it")
        desktop.portal.close()
        assert "install xdg-desktop-portal" in screen_findings()[1][2]
