"""The child process that the engine runs in, seen from its parent: started, written to, ended, and why it ended.

    child = EngineProcess(kernels=None)
    child.tell({"begin": {...}})
    message = child.hear(timeout_s=7.5)   # None where it is gone
    child.end(grace_s=5.0)                # "killed by SIGSEGV"

Nothing here loads NumPy: the parent has to stay small, and must not be brought down by what brings down the child.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ironcliw.errors import IpcError
from ironcliw.ipc.message import receive, send

NATIVE_CRASHES = frozenset({signal.SIGSEGV, signal.SIGBUS, signal.SIGILL, signal.SIGABRT, signal.SIGFPE})
"""What native code ends a process with."""

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_PROGRAM = "import sys; sys.path.append(sys.argv.pop(1)); from ironcliw.monitor.child import main; main()"


class EngineProcess:
    """One child. ``kernels``: what IRONCLIW_KERNELS is in it; None leaves the environment as it is.

    Start it from a thread that lives as long as the child is wanted: the child is killed when that thread ends.
    """

    def __init__(self, kernels: str | None = None) -> None:
        self._socket, theirs = socket.socketpair()
        self._sending = threading.Lock()
        environment = dict(os.environ) if kernels is None else {**os.environ, "IRONCLIW_KERNELS": kernels}
        root = str(Path(__file__).parents[2])
        # -P: a folder somebody works in must not stand in for the packages that the child imports.
        command = [sys.executable, "-P", "-c", _PROGRAM, root, str(theirs.fileno()), str(os.getpid())]
        # Blocked signals stay blocked in the child: Ctrl-C reaches everything in the terminal, and the child is to end
        # with its summary when its parent says so.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        try:
            self._process = subprocess.Popen(
                command, env=environment, pass_fds=(theirs.fileno(),), stdin=subprocess.DEVNULL
            )
        except BaseException:
            self._socket.close()
            raise
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            theirs.close()

    @property
    def pid(self) -> int:
        """The child's process."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.poll() is None

    def tell(self, message: dict[str, Any], fds: Sequence[int] = ()) -> None:
        """Send a message; nothing where the child is gone, which ``hear`` will say."""
        with self._sending, contextlib.suppress(OSError):
            send(self._socket, message, fds=fds)

    def hear(self, timeout_s: float) -> tuple[dict[str, Any], bytes] | None:
        """The next message and its bytes; None where the child is gone. TimeoutError where none came in time."""
        self._socket.settimeout(timeout_s)
        try:
            message = receive(self._socket)
        except TimeoutError:
            raise
        except (OSError, IpcError):  # it was ended in the middle of a message
            return None
        if message is None:
            return None
        head, payload, fds = message
        for fd in fds:  # the child sends none here
            os.close(fd)
        return head, payload

    def end(self, grace_s: float) -> int:
        """Wait so long for the child to end, then kill it; how it ended, as ``subprocess`` says it."""
        try:
            return self._process.wait(grace_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()
        finally:
            self._socket.close()

    def kill(self) -> None:
        """End the child at once, from any thread; ``end`` must follow."""
        self._process.kill()


def how_it_ended(code: int) -> str:
    """What to say of a child that ended with ``code``: a signal by its name."""
    if code >= 0:
        return f"it ended with {code}"
    with contextlib.suppress(ValueError):
        return f"killed by {signal.Signals(-code).name}"
    return f"killed by signal {-code}"
