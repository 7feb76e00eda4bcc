"""What synthetic desktops say, and the dice that choose it.

    dice = Dice(seed=1, what="log")
    log_line(dice, 65_000)                # '09:01:05 worker 3 finished task 5f0c9a'

Dice are rolled with ``random.Random.random`` alone, the one method whose values Python promises to keep, so that the
same seed says the same everywhere.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

SERVICES = ("database", "web server", "queue", "cache")
FIGURES = ("visits", "load")
FAILURES = ("BUILD FAILED", "Segmentation fault", "connection refused")
SUCCESSES = ("All tests passed", "BUILD SUCCESSFUL", "Deployment complete")
COMMANDS = ("make test", "cargo build --release", "./deploy.sh staging", "python train.py", "git push origin main")
EARLIER = (
    "$ make test",
    "BUILD FAILED after 41 s (job 3e07d1)",
    "$ git status",
    "nothing to commit, working tree clean",
)
"""What the terminal shows before anything happens; a failure among it, which is no news."""
CAPTIONS = ("Copying photos", "Uploading report", "Installing update")
NEVER = "permission denied"
"""Stands in no script, although 'permission granted' does."""

DIALOGS = (
    ("Unsaved changes", "Save changes to report.txt?", ("Save", "Discard")),
    ("Update ready", "Restart now to install it?", ("Restart", "Later")),
    ("Delete account", "This cannot be undone.", ("Delete", "Cancel")),
    ("Session expired", "Please sign in again.", ("Sign in",)),
)
TOASTS = (
    ("Backup", "Backup finished"),
    ("Mail", "New message from Alice"),
    ("Storage", "Disk almost full"),
    ("Network", "Wi-Fi disconnected"),
    ("Calendar", "Meeting in 10 minutes"),
)
NOTES = (
    "Shopping",
    "bread, apples, tea",
    "Call the plumber",
    "Tuesday: dentist",
    "Books to return",
    "Garden: water the roses",
    "Ideas for the trip",
    "museum in the morning",
    "boat in the afternoon",
    "dinner by the harbour",
)
PAGE = (
    "The weather in the valley",
    "Morning fog clears by noon and gives way to sunshine.",
    "Light winds from the west, highs around twenty degrees.",
    "Hikers should carry water above the tree line.",
    "Tomorrow: clouds, with showers towards the evening.",
    "The lake is calm; boats leave every hour.",
    "The mountain railway runs until nine.",
)

_LOG = (
    "worker {digit} finished task {hex}",
    "GET /items/{hex} 200 in {number} ms",
    "permission granted to user {hex}",
    "retrying request {hex} (attempt {digit})",
    "compiled module {hex} in {number} ms",
    "cache hit ratio 0.{number} on shard {digit}",
    "checkpoint {hex} saved",
)


class Dice:
    """Chooses by chance: the same for the same ``seed`` and ``what`` on every machine."""

    def __init__(self, seed: int, what: str) -> None:
        self._roll = random.Random(f"{seed}/{what}").random

    def whole(self, low: int, high: int) -> int:
        """A whole number from ``low`` to ``high``, both included."""
        return low + int(self._roll() * (high - low + 1))

    def pick(self, options: Sequence[T]) -> T:
        """One of ``options``."""
        return options[self.whole(0, len(options) - 1)]

    def chance(self, percent: int) -> bool:
        """True in so many of a hundred cases."""
        return self.whole(1, 100) <= percent

    def hex(self) -> str:
        """Six hexadecimal digits."""
        return f"{self.whole(0, 0xFFFFFF):06x}"


def time_of_day(at_ms: int) -> str:
    """What a clock that began at nine shows."""
    second = 9 * 3600 + at_ms // 1000
    return f"{second // 3600 % 24:02}:{second // 60 % 60:02}:{second % 60:02}"


def log_line(dice: Dice, at_ms: int) -> str:
    """A line that nobody waits for."""
    line = dice.pick(_LOG).format(digit=dice.whole(1, 9), hex=dice.hex(), number=dice.whole(11, 99))
    return f"{time_of_day(at_ms)} {line}"


def outcome(dice: Dice) -> str:
    """A line that somebody may wait for, unlike any before it."""
    return f"{dice.pick(FAILURES + SUCCESSES)} after {dice.whole(2, 90)} s (job {dice.hex()})"
