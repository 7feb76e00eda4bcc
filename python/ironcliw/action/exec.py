"""Runs a command with the event on its standard input.

    action = Exec("play alarm.ogg")
    action.deliver(event)                 # the event's JSON on stdin, one line

There is no shell, and nothing from the screen is among the arguments or in the environment.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import threading
from pathlib import Path

from ironcliw.action.printable import printable
from ironcliw.errors import ActionError, SettingsError
from ironcliw.event import Event

TIMEOUT_S = 30.0
TIMEOUT_MAX_S = 24 * 3_600.0


class Exec:
    """A command of the user's, run once for each event and killed, with its children, after ``timeout_s``.

    command: split as a shell would split it, and run without one
    quiet: what the command prints goes nowhere instead of to our own output
    stdout_to_stderr: what it prints goes to our error output, where our own output is for a program to read

    Its environment is ours, and ``IRONCLIW_RULE``: the condition that was met, as the user wrote it. Raises ActionError
    where the command cannot be split or there is no such program, SettingsError for an absurd timeout.
    """

    name = "exec"

    def __init__(
        self, command: str, *, timeout_s: float = TIMEOUT_S, quiet: bool = False, stdout_to_stderr: bool = False
    ) -> None:
        if not 0 < timeout_s <= TIMEOUT_MAX_S:
            raise SettingsError(
                f"a command's timeout of {timeout_s} s: it must be above 0 and at most {TIMEOUT_MAX_S:.0f}"
            )
        self._arguments = _split(command)
        self._timeout_s = timeout_s
        self._stdout = subprocess.DEVNULL if quiet else 2 if stdout_to_stderr else None
        self._stderr = subprocess.DEVNULL if quiet else None
        self._lock = threading.Lock()
        self._running: subprocess.Popen[bytes] | None = None
        self._closed = False

    def deliver(self, event: Event) -> None:
        """Run the command and wait for it. Raises ActionError where it fails, does not end in time or is given up."""
        process = self._start(event)
        try:
            process.communicate((event.to_json() + "\n").encode(), timeout=self._timeout_s)
        except subprocess.TimeoutExpired:
            raise ActionError(f"{self._label} did not end within {self._timeout_s:g} s and was killed") from None
        finally:
            _kill(process)
            with self._lock:
                self._running = None
        if self._closed and process.returncode < 0:
            raise ActionError(f"{self._label} was still running at the end and was killed")
        if process.returncode:
            raise ActionError(f"{self._label} {_how_it_ended(process.returncode)}")

    def close(self) -> None:
        """Kill the command if it is running."""
        with self._lock:
            self._closed = True
            if self._running is not None:
                _signal(self._running)

    @property
    def _label(self) -> str:
        return f"the command '{printable(self._arguments[0])}'"

    def _start(self, event: Event) -> subprocess.Popen[bytes]:
        environment = dict(os.environ)
        if event.rule is not None:
            environment["IRONCLIW_RULE"] = event.rule.replace("\0", "")
        with self._lock:
            if self._closed:
                raise ActionError(f"{self._label} is not started any more")
            try:
                # A session of its own: Ctrl-C is for us, and its children can be killed along with it.
                self._running = subprocess.Popen(
                    self._arguments,
                    stdin=subprocess.PIPE,
                    stdout=self._stdout,
                    stderr=self._stderr,
                    env=environment,
                    start_new_session=True,
                )
            except OSError as error:
                raise ActionError(f"{self._label} cannot be run: {error.strerror}") from None
            return self._running


def _split(command: str) -> list[str]:
    if "\0" in command:
        raise ActionError("a command cannot hold a NUL character")
    try:
        arguments = shlex.split(command)
    except ValueError as error:
        raise ActionError(f"the command {printable(command)} cannot be split: {error}") from None
    if not arguments:
        raise ActionError("the command is empty")
    if shutil.which(arguments[0]) is None:
        program = Path(arguments[0])
        found = len(program.parts) > 1 and program.exists()
        what = "is not a program that can be run" if found else "is not found"
        raise ActionError(f"the command '{printable(arguments[0])}' {what}")
    return arguments


def _how_it_ended(code: int) -> str:
    if code > 0:
        return f"ended with {code}"
    with contextlib.suppress(ValueError):
        return f"was ended by {signal.Signals(-code).name}"
    return f"was ended by signal {-code}"


def _signal(process: subprocess.Popen[bytes]) -> None:
    """Kill the process and the children that stayed in its session."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Make sure it has ended; one that ended by itself may leave children at work."""
    if process.poll() is None:
        _signal(process)
        process.wait()
    if process.stdin is not None:
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
