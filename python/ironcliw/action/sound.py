"""A sound for each alert, played by a program of the system.

sound = Sound()                       # two short tones; ActionError where no program can play them
sound = Sound("~/alarm.wav")
"""

from __future__ import annotations

import contextlib
import io
import math
import os
import shutil
import signal
import subprocess
import sys
import threading
import wave
from collections.abc import Generator
from pathlib import Path

from ironcliw.errors import ActionError
from ironcliw.event import Event

_PLAYERS = (("pw-play",), ("paplay",), ("aplay", "-q"), ("afplay",), ("ffplay", "-nodisp", "-autoexit", "-v", "quiet"))
_TIMEOUT_S = 15.0
_RATE, _TONES_HZ, _TONE_S = 22_050, (880.0, 1174.7), 0.12


class Sound:
    """Plays ``file``, or two short tones. ActionError where there is no such file, or nothing here that plays it."""

    name = "sound"

    def __init__(self, file: str | None = None) -> None:
        self._path = None if file is None else Path(file).expanduser().absolute()
        if self._path is not None and not os.access(self._path, os.R_OK):
            raise ActionError(f"the sound {self._path} cannot be read")
        player = next((each for each in _PLAYERS if shutil.which(each[0])), None)
        if player is None:
            names = ", ".join(each[0] for each in _PLAYERS)
            raise ActionError(f"nothing here plays a sound: install one of {names}")
        self._player = player
        self._lock = threading.Lock()
        self._running: subprocess.Popen[bytes] | None = None
        self._closed = False

    def deliver(self, event: Event) -> None:
        """Play it to its end. Raises ActionError where the player fails or does not end."""
        with contextlib.ExitStack() as stack:
            path = str(self._path) if self._path is not None else stack.enter_context(_tones())
            process = self._start(path)
            try:
                code = process.wait(_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                raise ActionError(f"{self._player[0]} did not end within {_TIMEOUT_S:g} s and was killed") from None
            finally:
                _kill(process)
                with self._lock:
                    self._running = None
            if code:
                raise ActionError(f"{self._player[0]} cannot play it: it ended with {code}")

    def close(self) -> None:
        """Stop playing."""
        with self._lock:
            self._closed = True
            if self._running is not None:
                _kill(self._running)

    def _start(self, path: str) -> subprocess.Popen[bytes]:
        quiet = subprocess.DEVNULL
        with self._lock:
            if self._closed:
                raise ActionError("no sound is played any more")
            try:
                self._running = subprocess.Popen(
                    [*self._player, path], stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True
                )
            except OSError as error:
                raise ActionError(f"{self._player[0]} cannot be run: {error.strerror}") from None
            return self._running


def _kill(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextlib.contextmanager
def _tones() -> Generator[str]:
    """A path at which the tones can be read while the block runs: memory, where the system has such files."""
    data = tones()
    if sys.platform.startswith("linux"):
        fd = os.memfd_create("ironcliw-sound", os.MFD_CLOEXEC)
        try:
            os.write(fd, data)
            yield f"/proc/{os.getpid()}/fd/{fd}"
        finally:
            os.close(fd)
        return
    import tempfile  # noqa: PLC0415 - only where there is no memfd

    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        file.write(data)
        file.flush()
        yield file.name


def tones() -> bytes:
    """Two short tones as a WAV file: 16 bit, mono."""
    samples = bytearray()
    count = round(_RATE * _TONE_S)
    for tone_hz in _TONES_HZ:
        for at in range(count):
            loud = math.sin(math.pi * at / count)  # fades in and out: no click
            samples += round(12_000 * loud * math.sin(2 * math.pi * tone_hz * at / _RATE)).to_bytes(
                2, "little", signed=True
            )
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(_RATE)
        file.writeframes(bytes(samples))
    return made.getvalue()
