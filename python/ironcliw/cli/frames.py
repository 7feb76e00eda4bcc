"""``ironcliw frame`` and ``ironcliw frames``: what was on the screen, from the running watcher's archive."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

import numpy as np
from PIL import Image

from ironcliw import clock
from ironcliw.cli.clip import save_clip
from ironcliw.cli.output import LineWriter
from ironcliw.errors import ActionError
from ironcliw.history import ArchiveClient, ArchivedFrame
from ironcliw.ipc import Connection, socket_path
from ironcliw.service.moments import parse_length_s, parse_moment

TIMEOUT_S = 30.0


class History(Protocol):
    """What the commands need: the archive itself, or its client."""

    def frame_at(self, time_ns: int | None = None, *, wall_ns: int | None = None) -> ArchivedFrame:
        """The frame that was shown at a time."""
        ...

    def since(self, seconds: float) -> Iterable[ArchivedFrame]:
        """Each distinct frame since so many seconds before the last look."""
        ...


@dataclass(frozen=True, slots=True)
class FrameCommand:
    """The command line of ``frame`` as it was given."""

    time: str
    out: Path
    name: str
    screen: str | None = None


@dataclass(frozen=True, slots=True)
class FramesCommand:
    """The command line of ``frames`` as it was given."""

    since: str
    out: Path
    name: str
    screen: str | None = None


def run_frame(command: FrameCommand) -> int:
    """Ask the watcher of that name and save the picture."""
    parse_moment(command.time, _now())
    check_out(command.out)
    with Connection(socket_path(command.name), TIMEOUT_S) as connection:
        LineWriter().write(save_frame(ArchiveClient(connection, command.screen), command.time, command.out))
    return 0


def run_frames(command: FramesCommand) -> int:
    """Ask the watcher of that name and save the video."""
    seconds = parse_length_s(command.since, "--since")
    check_out(command.out)
    with Connection(socket_path(command.name), TIMEOUT_S) as connection:
        LineWriter().write(save_frames(ArchiveClient(connection, command.screen), seconds, command.out))
    return 0


def save_frame(history: History, time: str, out: Path) -> str:
    """Save the frame of that time as a picture, and say which it is. ActionError where that cannot be done."""
    frame = history.frame_at(wall_ns=parse_moment(time, _now()))
    try:
        Image.fromarray(np.ascontiguousarray(frame.pixels[:, :, 2::-1])).save(out)
    except (OSError, ValueError) as error:
        raise ActionError(f"cannot save {out}: {_reason(error)}") from None
    height, width = frame.pixels.shape[:2]
    shown = clock.rfc3339(frame.wall_ns)
    return f"saved {out}: {width}x{height}, shown since {shown} (it shows what was on the screen)"


def save_frames(history: History, seconds: float, out: Path) -> str:
    """Save what was shown as a video, and say what is in it. ActionError where that cannot be done."""
    count = save_clip(history.since(seconds), out)
    return f"saved {out}: {count} distinct frames (it shows what was on the screen)"


def check_out(out: Path) -> None:
    """Raise ActionError where a file of that name cannot be."""
    if out.is_dir():
        raise ActionError(f"cannot save {out}: it is a folder")
    if not out.parent.is_dir():
        raise ActionError(f"cannot save {out}: no such folder: {out.parent}")


def _now() -> datetime:
    return datetime.now().astimezone()


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error)).lower()
