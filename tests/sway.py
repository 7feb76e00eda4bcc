"""A real Wayland compositor for tests: sway without a screen, as a user of its own where the tests run as root.

with Sway(640, 480) as sway:          # .socket for WaylandSource(display=...), .environ for programs
    sway.tell("output HEADLESS-1 resolution 800x600")
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Self

from tests.conftest import eventually, need

NOBODY = 65534
CONFIG = """
xwayland disable
default_border none
default_floating_border none
focus_follows_mouse no
seat * hide_cursor 1
output HEADLESS-1 resolution {width}x{height} position 0,0
"""


BARE = 0x3F3F3F
"""What sway shows where nothing is, 0xRRGGBB. Another background is drawn by a program beside it, which may be late."""


class Sway:
    """sway with one output of this size, HEADLESS-1; ``tell`` changes it as swaymsg does.

    ``within``: another sway, whose windows are the ``outputs`` of this one (WL-1, ...): to close one is to unplug it.
    """

    def __init__(self, width: int = 640, height: int = 480, within: Sway | None = None, outputs: int = 1) -> None:
        self._within, self._outputs = within, outputs
        need("sway", "swaymsg", *(("setpriv",) if os.geteuid() == 0 else ()))
        self.folder = Path(tempfile.mkdtemp(prefix="ironcliw-sway-"))
        self._config = self.folder / "config"
        self._config.write_text(CONFIG.format(width=width, height=height))
        self._process: subprocess.Popen[bytes] | None = None
        self._programs: list[subprocess.Popen[bytes]] = []
        if os.geteuid() == 0:
            os.chown(self.folder, NOBODY, NOBODY)
            self._config.chmod(0o644)
        self.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def socket(self) -> str:
        """The compositor's socket."""
        return str(self.folder / "wayland-1")

    @property
    def pid(self) -> int:
        """The compositor's process."""
        assert self._process is not None
        return self._process.pid

    @property
    def environ(self) -> dict[str, str]:
        """What a program on this screen finds in its environment."""
        kept = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WINDOWID")}
        return {**kept, "XDG_RUNTIME_DIR": str(self.folder), "WAYLAND_DISPLAY": "wayland-1"}

    def start(self) -> None:
        """Start it, on the same socket as before."""
        headless = {
            "WLR_BACKENDS": "headless",
            "WLR_RENDERER": "pixman",
            "WLR_LIBINPUT_NO_DEVICES": "1",
            "WLR_HEADLESS_OUTPUTS": "1",
            "HOME": str(self.folder),
        }
        if self._within is not None:
            nested = {"WLR_BACKENDS": "wayland", "WLR_WL_OUTPUTS": str(self._outputs)}
            headless |= nested | {"WAYLAND_DISPLAY": self._within.socket}
        env = {**{k: v for k, v in self.environ.items() if k != "WAYLAND_DISPLAY"}, **headless}
        other = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups") if os.geteuid() == 0 else ()
        self._process = subprocess.Popen(
            [*other, "sway", "-c", str(self._config)],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        eventually(lambda: Path(self.socket).exists() and self._ipc() is not None, "sway is not ready")
        last = "HEADLESS-1" if self._within is None else f"WL-{self._outputs}"
        eventually(lambda: self._says("-t", "get_outputs").find(f'"{last}"') >= 0, "sway has no output")

    def tell(self, command: str) -> None:
        """One command of sway's; fails where sway refuses it."""
        answer = self._says("--", command)
        assert '"success": true' in answer, answer

    def run(self, *command: str) -> subprocess.Popen[bytes]:
        """Start a program on this screen; it is ended with it."""
        need(command[0])
        process = subprocess.Popen(
            command, env=self.environ, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self._programs.append(process)
        return process

    def stop(self) -> None:
        """End the compositor; programs on it lose their display."""
        if self._process is None:
            return
        for number in (signal.SIGTERM, signal.SIGCONT):
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None
        for left in [*self.folder.glob("sway-ipc.*"), *self.folder.glob("wayland-*")]:
            left.unlink(missing_ok=True)

    def close(self) -> None:
        """End the programs and the compositor."""
        for process in self._programs:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            process.wait()
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _ipc(self) -> str | None:
        return next((str(path) for path in self.folder.glob("sway-ipc.*.sock")), None)

    def _says(self, *arguments: str) -> str:
        command = ["swaymsg", "-s", self._ipc() or "", *arguments]
        return subprocess.run(command, check=False, capture_output=True, text=True, timeout=30).stdout
