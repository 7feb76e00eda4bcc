"""The contract of an action: something that is done about an event.

An action checks when it is made whether it can be carried out here, so that a watch that could not tell anyone does
not start. ``deliver`` may take its time: a ``Dispatcher`` gives every action a thread of its own.
"""

from __future__ import annotations

from typing import Protocol

from ironcliw.event import Event


class Action(Protocol):
    """Something that is done about an event."""

    @property
    def name(self) -> str:
        """A short name for log lines and counts, such as ``notify``."""
        ...

    def deliver(self, event: Event) -> None:
        """Do it, and return when it is done. Raises ActionError where it could not be done."""
        ...

    def close(self) -> None:
        """Give up what is being done and release everything. From any thread; a second call does nothing."""
        ...
