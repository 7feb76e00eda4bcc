"""What is common to all running watches: events are taken one after the other, and a ``with`` block ends it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from types import TracebackType
from typing import ClassVar, Self

from ironcliw.event import Event


class EventStream(Iterator[Event]):
    """Iterates over the events until the watch has ended and all were taken; raises what ``get`` raises."""

    _patience_s: ClassVar[float] = 1.0
    """How long to wait for an event before ``ended`` is looked at again."""

    @property
    @abstractmethod
    def ended(self) -> bool:
        """Whether the watch has ended and all its events were taken."""

    @abstractmethod
    def get(self, timeout_s: float) -> Event | None:
        """The next event; None where none came in time, or there is no more."""

    @abstractmethod
    def close(self) -> None:
        """End the watch and give everything back."""

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Event:
        while not self.ended:
            event = self.get(self._patience_s)
            if event is not None:
                return event
        raise StopIteration

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
