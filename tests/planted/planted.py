"""Faults and screens put into the engine's child process by ``sitecustomize``; the project itself knows of none.

IRONCLIW_PLANTED_NATIVE=FILE is an extension to be loaded in place of the built one; ``native-segv@40`` is in it.
IRONCLIW_PLANT=FILE names a file of faults, one a line: ``segv@40`` crashes the child at its 40th capture. Each child
takes the next line off the file; once there are none, children are sound. ``*`` before a fault leaves it for the next.
Sources: ``board:FILE`` shows the lines of a text file, live; ``painted:FRAMES`` is a recording.
"""

import ctypes
import fcntl
import importlib.abc
import importlib.util
import os
import signal
import sys
import time
from pathlib import Path

PAUSE_S = 0.02


def plant() -> None:
    fault, at = _next_fault()
    if native := os.environ.get("IRONCLIW_PLANTED_NATIVE"):
        sys.meta_path.insert(0, _OtherNative(native))
    if fault == "missing":
        sys.modules["ironcliw._native"] = None
    if fault == "import":
        os.kill(os.getpid(), signal.SIGSEGV)
    sys.meta_path.insert(0, _AfterImport(fault, at))


def _next_fault() -> tuple[str, int]:
    path = os.environ.get("IRONCLIW_PLANT")
    if not path:
        return "", 0
    with Path(path).open("r+") as faults:
        fcntl.flock(faults, fcntl.LOCK_EX)
        lines = faults.read().split()
        if not lines:
            return "", 0
        if not lines[0].startswith("*"):
            faults.seek(0)
            faults.truncate()
            faults.write("\n".join(lines[1:]))
    name, _, at = lines[0].removeprefix("*").partition("@")
    return name, int(at or 0)


class _OtherNative(importlib.abc.MetaPathFinder):
    """Loads the extension from another file."""

    def __init__(self, path: str) -> None:
        self._path = path

    def find_spec(self, name, path=None, target=None):
        return importlib.util.spec_from_file_location(name, self._path) if name == "ironcliw._native" else None


class _AfterImport(importlib.abc.MetaPathFinder):
    """Changes ``ironcliw.monitor.watching``, and ``many`` beside it, once they are there."""

    def __init__(self, fault: str, at: int) -> None:
        self._fault, self._at = fault, at
        self._seen = set()

    def find_spec(self, name, path=None, target=None):
        if name not in ("ironcliw.monitor.watching", "ironcliw.monitor.many") or name in self._seen:
            return None
        self._seen.add(name)
        spec = importlib.util.find_spec(name)
        execute = spec.loader.exec_module

        def executed(module) -> None:
            execute(module)
            self._change(module)

        spec.loader.exec_module = executed
        return spec

    def _change(self, watching) -> None:
        sys.path.append(str(Path(__file__).resolve().parents[1]))
        from painted import PaintedEngine

        opened = watching.open_source
        watching.open_engine = lambda *arguments: PaintedEngine()
        watching.open_source = lambda spec, **options: screen(spec) or opened(spec, **options)
        if watching.__name__ != "ironcliw.monitor.watching":
            return
        if self._fault.startswith("native-"):
            from ironcliw import _native  # noqa: TID251 - what fails is in there

            _native.plant(self._fault.removeprefix("native-"), self._at)
        elif self._fault not in ("", "missing"):
            _fault_at(self._at, FAULTS[self._fault])


def _fault_at(at: int, fault) -> None:
    from ironcliw.change import ChangeTracker

    apply, calls = ChangeTracker.apply, [0]

    def counted(tracker, pixels, damage=None):
        calls[0] += 1
        if calls[0] == at or (at < 0 and calls[0] >= -at):
            fault()
        return apply(tracker, pixels, damage)

    ChangeTracker.apply = counted


def _panic() -> None:
    from ironcliw import _native  # noqa: TID251 - what panics is in there

    _native.panic_on_purpose()


FAULTS = {
    "segv": lambda: ctypes.string_at(0),
    "abort": os.abort,
    "ill": lambda: os.kill(os.getpid(), signal.SIGILL),
    "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "stop": lambda: os.kill(os.getpid(), signal.SIGSTOP),
    "hang": lambda: ctypes.PyDLL(None).sleep(3600),  # with the interpreter held
    "panic": _panic,
    "exit": lambda: os._exit(3),
}


def screen(spec):
    if isinstance(spec, str) and spec.startswith("board:"):
        return Board(Path(spec.removeprefix("board:")))
    if isinstance(spec, str) and spec.startswith("painted:"):
        from ironcliw.source.arrays import ArraySource

        source = ArraySource(frames(int(spec.removeprefix("painted:"))), interval_s=0.1, channels="bgr")
        source.name = spec
        return source
    return None


def frames(count: int):
    """A screen of 320 x 192 on which a line comes and goes every second, and a dot moves with each frame."""
    from painted import blank, erase, paint

    pixels = blank(320, 192)
    for number in range(count):
        if number % 20 == 10:
            paint(pixels, f"LINE {number:05d}", 16, 16 + 32 * (number // 20 % 4))
        if number % 20 == 0:
            erase(pixels, 0, 0, 320, 150)
        erase(pixels, 0, 176, 320, 8)
        pixels[176:180, number % 300 : number % 300 + 4] = 200
        yield pixels[:, :, :3].copy()


class Board:
    """Shows the lines of a file, live."""

    live = True
    lossless = True

    def __init__(self, path: Path) -> None:
        self.name = f"board:{path.name}"
        self._path, self._shown, self._count = path, None, 0

    def open(self):
        from ironcliw.frame import Geometry

        self._opened_ns = time.monotonic_ns()
        if not self._path.exists():
            from ironcliw.errors import SourceError

            raise SourceError("there is no board")
        return Geometry(480, 320)

    def attach(self, memory) -> None:
        self._memory = memory

    def read(self, timeout_ms: int):
        from ironcliw.source import Capture, Idle
        from painted import blank, paint

        lines = self._path.read_text().splitlines()
        now_ns = time.monotonic_ns()
        if lines == self._shown:
            time.sleep(PAUSE_S)
            return Idle(now_ns - self._opened_ns, verified=True)
        self._shown = lines
        pixels = blank(480, 320)
        for number, line in enumerate(lines):
            paint(pixels, line, 16, 16 + 24 * number)
        self._memory.pixels[:] = pixels
        self._count += 1
        return Capture(self._count - 1, now_ns - self._opened_ns, now_ns)

    def describe(self) -> dict[str, str]:
        return {}

    def close(self) -> None:
        pass
