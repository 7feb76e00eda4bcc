"""A supervised watch over screens that a test draws, with faults that it plants; see ``tests/planted``."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import eventually
from ironcliw.event import Event
from ironcliw.monitor import SupervisedWatch

PLANTED = Path(__file__).resolve().parents[1] / "planted"


class Followed:
    """A watch whose events are collected by a thread."""

    def __init__(self, running: SupervisedWatch) -> None:
        self.running = running
        self.events: list[Event] = []
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._follow)
        self._thread.start()

    def _follow(self) -> None:
        try:
            self.events.extend(self._each())
        except Exception as error:  # noqa: BLE001 - for the test to look at
            self.error = error

    def _each(self) -> Iterator[Event]:
        for event in self.running:
            self.events.append(event)
        yield from ()

    def of(self, *kinds: str) -> list[Event]:
        return [event for event in list(self.events) if event.type in kinds]

    def texts(self) -> list[str]:
        return [event.text or "" for event in self.of("text_appeared")]

    def gaps(self) -> list[tuple[str, str]]:
        return [(event.data["reason"], event.data["state"]) for event in self.of("gap")]

    def begun(self) -> bool:
        """Whether all was read that was there at the start, and the supervisor knows it."""
        return self.running._supervisor._told.recall.field("first_sequence") is not None

    def strike(self, number: int) -> None:
        """Send the engine a signal, and wait until there is another one that sees."""
        ended, pid = self.gaps().count(("crashed", "end")), self.running.status.pid
        assert pid is not None
        os.kill(pid, number)
        eventually(lambda: self.gaps().count(("crashed", "end")) > ended, "the engine to see again", 60)
        assert self.running.status.pid != pid

    def stop(self) -> list[Event]:
        self.running.stop()
        return self.end()

    def end(self) -> list[Event]:
        self._thread.join(60)
        assert not self._thread.is_alive()
        return self.events


class Plants:
    """Where children get their faults and screens from."""

    def __init__(self, folder: Path) -> None:
        self.board = folder / "board.txt"
        self.faults = folder / "faults.txt"
        self.board.write_text("")
        self.faults.write_text("")

    def show(self, *lines: str) -> None:
        fresh = self.board.with_suffix(".new")
        fresh.write_text("\n".join(lines))
        fresh.replace(self.board)


@pytest.fixture
def plants(tmp_path, monkeypatch) -> Plants:
    made = Plants(tmp_path)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(PLANTED), os.environ.get("PYTHONPATH", "")]).strip(":"))
    monkeypatch.setenv("IRONCLIW_PLANT", str(made.faults))
    return made


@contextlib.contextmanager
def following(source: str, **options) -> Iterator[Followed]:
    with SupervisedWatch(source, options) as running:
        followed = Followed(running)
        try:
            yield followed
        finally:
            running.kill()
            followed.end()


SIGNALS = (signal.SIGSEGV, signal.SIGABRT, signal.SIGILL, signal.SIGKILL, signal.SIGBUS)
