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


class MissingExtraError(IroncliwError, ImportError):
    """An optional package is not installed; the message names the extra that brings it."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f"{what} needs the extra '{extra}': pip install 'ironcliw[{extra}]'")
        self.extra = extra


class IpcError(IroncliwError):
    """Another process cannot be asked: nothing usable listens there, it went away, or it refused."""


class NoWatcherError(IpcError):
    """No watcher of ours is running at this socket."""


class ModelError(IroncliwError):
    """A model file is missing, unreadable or not the one that was pinned."""


class TextEngineError(ModelError):
    """A text engine that cannot be used: its program, package or system is missing, or it failed on a picture."""


class FilterFileError(IroncliwError, ValueError):
    """A saved filter that cannot be written, or read: missing, truncated, corrupted, of another version."""


class ConditionError(IroncliwError, ValueError):
    """A condition that cannot be understood. ``column`` is 1-based and points at the fault."""

    def __init__(self, message: str, condition: str, column: int) -> None:
        pointer = " " * (column - 1) + "^"
        super().__init__(f"{message} (column {column})\n  {condition}\n  {pointer}")
        self.condition = condition
        self.column = column


class LabelError(IroncliwError):
    """Ground truth that cannot be used: no labels, broken JSON, missing media; the message names the file."""


class ActionError(IroncliwError):
    """An action that cannot be carried out as asked: no such command, no notification service."""
