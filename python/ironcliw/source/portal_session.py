"""The screen-cast portal's conversation: a session, what is to be shown, the user's word, and a descriptor.

session = PortalSession(timeout_s=5.0)
node, fd = session.start(token="", user_s=180.0)      # the desktop asks the user, unless the token says what was chosen
session.token                                         # for the next time
"""

from __future__ import annotations

import contextlib
import secrets
from typing import Any

from ironcliw.source.portal_bus import Bus, BusError

DESKTOP = "org.freedesktop.portal.Desktop"
PATH = "/org/freedesktop/portal/desktop"
SCREEN_CAST = "org.freedesktop.portal.ScreenCast"
MONITOR = 1
HIDDEN, EMBEDDED, METADATA = 1, 2, 4
UNTIL_REVOKED = 2
REMEMBERS = 4
"""The first version of the portal's interface that gives tokens."""

ALLOW = "choose a screen and press 'Share' in the dialog in which the desktop asks whether to share your screen"


class DeniedError(Exception):
    """The user or the desktop said no."""


class PortalSession:
    """One session of screen casting. Raises BusError where there is no portal, DeniedError where it refuses."""

    def __init__(self, timeout_s: float) -> None:
        self.token = ""
        self.position = (0, 0)
        self.cursor = "hidden"
        self._session = ""
        self._bus = Bus(timeout_s=timeout_s)
        try:
            self._owner = self._owner_of_portal()
            for interface, member in (("Request", "Response"), ("Session", "Closed")):
                self._bus.match(
                    f"type='signal',sender='{DESKTOP}',interface='org.freedesktop.portal.{interface}',member='{member}'"
                )
            self.version = int(self._property("version"))
        except BaseException:
            self._bus.close()
            raise

    def start(self, token: str, user_s: float) -> tuple[int, int]:
        """PipeWire's number for the stream and a descriptor that PipeWire answers at, which is the caller's."""
        mark = secrets.token_hex(8)
        results = self._request(
            "CreateSession", "a{sv}", [], {"session_handle_token": ("s", f"ironcliw{mark}")}, user_s
        )
        self._session = str(results.get("session_handle", ""))
        options: dict[str, Any] = {"types": ("u", MONITOR), "multiple": ("b", False)}
        cursors = int(self._property("AvailableCursorModes")) if self.version >= 2 else 0
        if cursors & (METADATA | HIDDEN):
            options["cursor_mode"] = ("u", METADATA if cursors & METADATA else HIDDEN)
            self.cursor = "told beside the pictures" if cursors & METADATA else "hidden"
        if self.version >= REMEMBERS:
            options["persist_mode"] = ("u", UNTIL_REVOKED)
            if token:
                options["restore_token"] = ("s", token)
        self._request("SelectSources", "oa{sv}", [self._session], options, user_s)
        results = self._request("Start", "osa{sv}", [self._session, ""], {}, user_s)
        self.token = str(results.get("restore_token", ""))
        streams: list[tuple[int, dict[str, Any]]] = results.get("streams") or []
        if not streams:
            raise DeniedError(f"the portal shows no screen: {ALLOW}")
        node, properties = streams[0]
        position = properties.get("position")
        self.position = (int(position[0]), int(position[1])) if position else (0, 0)
        answer = self._bus.call(DESKTOP, PATH, SCREEN_CAST, "OpenPipeWireRemote", "oa{sv}", [self._session, {}])
        return int(node), int(answer[0])

    def is_closed(self) -> bool:
        """Whether the desktop has ended the session. BusError where the bus is gone."""
        found = self._bus.signal(self._session, self._owner, 0.0)
        return found is not None and found[0] == "Closed"

    def close(self) -> None:
        """End the session; may be called twice."""
        if self._session:
            session, self._session = self._session, ""
            with contextlib.suppress(BusError):
                self._bus.call(DESKTOP, session, "org.freedesktop.portal.Session", "Close")
        self._bus.close()

    def _owner_of_portal(self) -> str:
        try:
            return self._bus.owner(DESKTOP)
        except BusError as error:
            raise BusError(
                f"no desktop portal answers ({error}): install xdg-desktop-portal and the back end of your desktop",
                error.name,
            ) from None

    def _property(self, name: str) -> Any:
        try:
            answer = self._bus.call(DESKTOP, PATH, "org.freedesktop.DBus.Properties", "Get", "ss", [SCREEN_CAST, name])
        except BusError as error:
            raise BusError(
                f"the desktop portal has no ScreenCast ({error}): install the portal back end of your desktop",
                error.name,
            ) from None
        return answer[0]

    def _request(
        self, member: str, signature: str, arguments: list[Any], options: dict[str, Any], user_s: float
    ) -> dict[str, Any]:
        """What a request comes to, once the desktop and perhaps the user has decided. DeniedError where that is no."""
        mark = f"ironcliw{secrets.token_hex(8)}"
        given = [*arguments, {**options, "handle_token": ("s", mark)}]
        path = str(self._bus.call(DESKTOP, PATH, SCREEN_CAST, member, signature, given)[0])
        found = self._bus.signal(path, self._owner, user_s)
        if found is None:
            raise DeniedError(f"nobody answered the portal's question for {user_s:g} s: {ALLOW}")
        code, results = found[1]
        if code == 1:
            raise DeniedError(f"sharing the screen was declined: {ALLOW}")
        if code != 0:
            raise DeniedError(f"the portal ended the request ({member}): {ALLOW}")
        return results
