"""The typed errors every room raises; each message says what happened, where, and what to do about it.

try:
    ironcliw.wait("text:done")
except ironcliw.IroncliwError as error:
    print(error)
"""

from __future__ import annotations


class IroncliwError(Exception):
    """Anything Ironcliw itself has to say. The command line prints it as one line and exits with 2."""


class SettingsError(IroncliwError, ValueError):
    """A setting, argument or option that cannot be used: unknown key, negative, NaN or absurd number."""


class SourceError(IroncliwError):
    """Frames cannot be had from this source: missing file, no display, not a video, denied."""


class SourceDeniedError(SourceError, PermissionError):
    """The display or file exists but refuses us."""


class MonitorNotFoundError(SourceError):
    """The display has no monitor of that name or number; the message lists those it has."""


class NativeError(IroncliwError, ImportError):
    """The native module was asked for and is missing, or belongs to another version."""


class GpuError(IroncliwError):
    """A graphics processor does not do kernels' work. The CPU does it instead, unless the card was insisted on."""


class NoGpuError(GpuError):
    """There is none that may be used, or this build cannot use any."""


class GpuLimitError(GpuError):
    """The card is too small for frames of this size."""


class GpuMemoryError(GpuError, MemoryError):
    """The card has no memory left for frames of this size."""


class GpuLostError(GpuError):
    """The card went away, or stopped to answer."""


class MissingExtraError(IroncliwError, ImportError):
    """An optional package is not installed; the message names the extra that brings it."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f"{what} needs the extra '{extra}': pip install 'ironcliw[{extra}]'")
        self.extra = extra


class IpcError(IroncliwError):
    """Another process cannot be asked: nothing usable listens there, it went away, or it refused."""


class NoWatcherError(IpcError):
    """No watcher of ours is running at this socket."""


class PeerGoneError(IpcError):
    """The other process went away while it was asked: it may be another one's turn in a moment."""


class NotArmedError(IpcError):
    """The condition that is waited for is not armed, or no more: nobody asked for it within its lease."""


class MetricsError(IroncliwError):
    """Metrics cannot be shown as asked: the port is in use, or is none."""


class StoreError(IroncliwError):
    """The event log cannot be opened, read or written as asked; the message names its file."""


class StoreInUseError(StoreError):
    """Another writer has this event log open. ``pid``: its process, 0 where that is not known."""

    def __init__(self, message: str, pid: int) -> None:
        super().__init__(message)
        self.pid = pid


class StoreDamagedError(StoreError):
    """What lies there is no event log any more, or never was."""


class StoreForkedError(StoreError):
    """An event log that a parent process opened was used in its child."""


class EngineError(IroncliwError):
    """The process that does the watching is lost each time it is started: it crashes, hangs or is killed."""


class ServiceError(IroncliwError):
    """The watcher in the background cannot be started, or does not end."""


class ModelError(IroncliwError):
    """A model file is missing, unreadable or not the one that was pinned."""


class TextEngineError(ModelError):
    """A text engine that cannot be used: its program, package or system is missing, or it failed on a picture."""


class FilterFileError(IroncliwError, ValueError):
    """A saved filter that cannot be written, or read: missing, truncated, corrupted, of another version."""


class ArchiveError(IroncliwError):
    """History that cannot be kept or read: a budget below the floor, a segment that is none or is damaged."""


class OutsideHistoryError(ArchiveError, LookupError):
    """A time of which no frame is kept; the message says what range there is."""


class ConditionError(IroncliwError, ValueError):
    """A condition that cannot be understood. ``column`` is 1-based and points at the fault."""

    def __init__(self, message: str, condition: str, column: int) -> None:
        pointer = " " * (column - 1) + "^"
        super().__init__(f"{message} (column {column})\n  {condition}\n  {pointer}")
        self.condition = condition
        self.column = column


class RulesError(SettingsError):
    """A file of rules that cannot be understood; the message names the file, the rule and the key."""


class LabelError(IroncliwError):
    """Ground truth that cannot be used: no labels, broken JSON, missing media; the message names the file."""


class ActionError(IroncliwError):
    """An action that cannot be carried out as asked: no such command, no notification service."""


class FeedbackError(IroncliwError):
    """Something said of an alert that cannot be taken in: no such alert or verdict, a file that cannot be written."""


class HistoryError(IroncliwError):
    """What was on the screen before cannot be had: no ring, another version, nothing there yet, not on this system."""


class RecycledFrameError(HistoryError):
    """The watcher has drawn over the frame meanwhile: what was read of it since it was last checked may be torn."""


class WriterGoneError(HistoryError):
    """The watcher whose frames are read has ended, and no other answers in its place."""


class FrameMemoryError(HistoryError, MemoryError):
    """There is no memory for frames; the message names how much is needed."""


class BudgetError(IroncliwError, MemoryError):
    """There is no room for this: a room's budget is used up, or the total is below what watching needs.

    room: whose budget; wanted_bytes: what was asked for; free_bytes: what could be had
    """

    def __init__(self, message: str, room: str = "", wanted_bytes: int = 0, free_bytes: int = 0) -> None:
        super().__init__(message)
        self.room = room
        self.wanted_bytes = wanted_bytes
        self.free_bytes = free_bytes


class ReleasedError(IroncliwError, ValueError):
    """Memory that was given back already is used, or given back once more."""


class UnsupportedError(IroncliwError):
    """This system has no such thing."""


class ForkedError(IroncliwError, RuntimeError):
    """A forked child uses what belongs to its parent; it must make its own."""


class VisionModelError(IroncliwError):
    """A model cannot be asked as set up; the message says which setting to look at."""


class SpendError(IroncliwError):
    """The budget ledger or the egress log cannot be read or written: nothing is sent until it can."""
