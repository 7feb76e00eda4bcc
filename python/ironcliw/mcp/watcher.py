"""The watcher that is asked: the one that runs, else one that is started for as long as the client is there.

watcher = Watcher("watch", ["start", "screen", "--name", "watch", "--foreground"])
watcher.begin()                       # returns at once
watcher.client()                      # waits until it answers; starts it again where it was lost
watcher.close()                       # ends it, where it was started here
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from ironcliw.errors import NoWatcherError, ServiceError
from ironcliw.service.client import Client
from ironcliw.service.places import log_path, open_log

START_S, STOP_S = 90.0, 12.0
STARTS_MAX, STARTS_S = 5, 600.0
"""So often in so long one that crashes is started again."""
_LOOK_S = 0.1
_PR_SET_PDEATHSIG = 1


class Watcher:
    """``command``: the command line of ironcliw that starts a watcher of this name in the foreground."""

    def __init__(self, name: str, command: Sequence[str]) -> None:
        self.name = name
        self._command = [sys.executable, "-P", "-m", "ironcliw", *command]
        self._child: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        # A child ends with the thread that started it: this one ends with the process.
        self._starter = ThreadPoolExecutor(1, "ironcliw-starter")
        self._started_s: list[float] = []
        self._answered = False

    @property
    def ours(self) -> bool:
        """Whether it was started here."""
        return self._child is not None

    def begin(self) -> None:
        """Start one unless one runs."""
        try:
            Client(self.name)
        except NoWatcherError:
            self._begin()

    def _begin(self) -> None:
        self._started_s = [each for each in self._started_s if each > time.monotonic() - STARTS_S]
        self._started_s.append(time.monotonic())
        self._answered = False
        self._child = self._starter.submit(self._start).result()

    def _start(self) -> subprocess.Popen[bytes]:
        libc = ctypes.CDLL(None) if sys.platform.startswith("linux") else None
        parent = os.getpid()

        def bind() -> None:
            """End with the parent, however that ends."""
            if libc is not None:
                libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM))
                if os.getppid() != parent:
                    os._exit(1)

        log_fd = open_log(self.name)
        try:
            # Its own group: Ctrl-C in a terminal is the client's, which then ends us.
            return subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=log_fd,
                stderr=log_fd,
                preexec_fn=bind,
                process_group=0,
            )
        finally:
            os.close(log_fd)

    def client(self, screen: str | None = None) -> Client:
        """The watcher, once it answers, asked about one of several screens or about all.

        ServiceError where it was started and ended.

        One that was started here and crashed is started again; one that was stopped is not, for whoever did that meant
        it, but another of its name is as good.
        """
        with self._lock:
            try:
                client = Client(self.name)
            except NoWatcherError:
                if self._crashed():
                    self._begin()
                client = self._waited_for()
            self._answered = True
        return client if screen is None else Client(self.name, screen)

    def _crashed(self) -> bool:
        """Whether it was started here, has answered, and is gone although nobody ended it."""
        again = self._answered and len(self._started_s) < STARTS_MAX
        return again and self._child is not None and bool(self._child.poll())

    def _waited_for(self) -> Client:
        if self._child is None:
            return Client(self.name)
        deadline_s = time.monotonic() + START_S
        while True:
            try:
                return Client(self.name)
            except NoWatcherError:
                if (code := self._child.poll()) is not None:
                    raise ServiceError(
                        f"the watcher that was started ended with {code}: {log_path(self.name)} says why"
                    ) from None
                if time.monotonic() > deadline_s:
                    raise ServiceError(
                        f"the watcher does not answer after {START_S:.0f} s: {log_path(self.name)} says more"
                    ) from None
            time.sleep(_LOOK_S)

    def close(self) -> None:
        """End it, where it was started here; one that ran before goes on."""
        child, self._child = self._child, None
        if child is not None:
            child.terminate()
            try:
                child.wait(STOP_S)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        self._starter.shutdown()
