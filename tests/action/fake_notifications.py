"""A desktop's notification service for tests: ``python fake_notifications.py ok|hung|failing|buttons``.

It prints ``ready`` once it answers on the session bus, and then each notification as a JSON list.
"""

# No postponed annotations here: dbus-fast reads signatures from them.
import asyncio
import json
import sys
from pathlib import Path

from dbus_fast import DBusError
from dbus_fast.aio import MessageBus
from dbus_fast.service import ServiceInterface, method, signal


class Notifications(ServiceInterface):
    def __init__(self, mode: str) -> None:
        super().__init__("org.freedesktop.Notifications")
        self._mode = mode
        self._shown, self._pressed = 0, [1, "default"]

    @method()
    async def Notify(  # noqa: N802
        self,
        app_name: "s",  # noqa: F821
        replaces_id: "u",  # noqa: F821
        app_icon: "s",  # noqa: F821
        summary: "s",  # noqa: F821
        body: "s",  # noqa: F821
        actions: "as",  # noqa: F722
        hints: "a{sv}",  # noqa: F722
        expire_timeout: "i",  # noqa: F821
    ) -> "u":  # noqa: F821
        if self._mode == "hung":
            await asyncio.sleep(3_600)
        if self._mode == "failing":
            raise DBusError("org.freedesktop.Notifications.Error", "no room left on the screen")
        if self._mode == "buttons":
            # It has the buttons it was given pressed at once, one for each notification, and looks at the picture.
            self._shown += 1
            picture = hints["image-path"].value if "image-path" in hints else None
            data = Path(picture.removeprefix("file://")).read_bytes().hex() if picture else None
            print(json.dumps([summary, body, actions[1::2], data]), flush=True)
            press = [action for action in actions[::2] if action != "default"][(self._shown - 1) % 4]
            asyncio.get_running_loop().call_later(0.05, self._press, self._shown, press)
            return self._shown
        print(json.dumps([app_name, summary, body]), flush=True)
        return 1

    def _press(self, number: int, key: str) -> None:
        self._pressed = [number, key]
        self.ActionInvoked()

    @method()
    def GetCapabilities(self) -> "as":  # noqa: F722, N802
        return ["body", "body-markup", *(["actions"] if self._mode == "buttons" else [])]

    @method()
    def GetServerInformation(self) -> "ssss":  # noqa: F821, N802
        return ["fake", "test", "1", "1.2"]

    @method()
    def CloseNotification(self, id: "u") -> None:  # noqa: F821, N802
        pass

    @signal()
    def NotificationClosed(self) -> "uu":  # noqa: F821, N802
        return [1, 1]

    @signal()
    def ActionInvoked(self) -> "us":  # noqa: F821, N802
        return self._pressed


async def main() -> None:
    bus = await MessageBus().connect()
    bus.export("/org/freedesktop/Notifications", Notifications(sys.argv[1]))
    await bus.request_name("org.freedesktop.Notifications")
    print("ready", flush=True)
    await bus.wait_for_disconnect()


if __name__ == "__main__":
    asyncio.run(main())
