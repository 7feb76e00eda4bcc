"""What the commands share: settings joined with options, logging, and formats checked early."""

from __future__ import annotations

import logging
import re
import sys
from pathlib import Path
from typing import Any

from ironcliw import kernels, settings
from ironcliw.errors import SettingsError
from ironcliw.frame import Rect
from ironcliw.memory import LARGEST_SIDE_PX
from ironcliw.monitor import WatchOptions
from ironcliw.settings import Settings

log = logging.getLogger("ironcliw")

LEVELS = ("debug", "info", "warning", "error")


def prepare(config: Path | None, log_level: str | None) -> Settings:
    """Load the settings, set up logging to stderr and say once what computes, and why."""
    loaded = settings.load(config)
    log_to_stderr(log_level or loaded.log.level)
    for notice in loaded.notices:
        log.warning("%s", notice)
    log.info("kernels: %s (%s)", kernels.IMPLEMENTATION, kernels.REASON)
    return loaded


def log_to_stderr(level: str) -> None:
    """Log from ``level`` on. SettingsError where there is no such level.

    Other packages log their warnings only: what they would tell while debugging is not ours to keep private.
    """
    if level not in LEVELS:
        raise SettingsError(f"log level must be one of {', '.join(LEVELS)}, not {level!r}")
    logging.basicConfig(stream=sys.stderr, format="ironcliw: %(levelname)s: %(message)s")
    log.setLevel(level.upper())


def watch_options(loaded: Settings, given: dict[str, Any], include_self: bool) -> WatchOptions:
    """Options for a watch: those given on the command line, the settings for the rest."""
    from_settings: dict[str, Any] = {
        "when": loaded.watch.when,
        "now": loaded.watch.now,
        "monitor": loaded.source.monitor,
        "fps": loaded.source.fps,
        "text": loaded.text.enabled,
        "threads": loaded.text.threads,
        "threshold": loaded.change.lossy_distance_squared,
        "settle_ms": loaded.text.settle_ms,
        "reads_per_s": loaded.text.reads_per_s,
        "probe_interval_s": loaded.source.probe_interval_s,
        "ring_bytes": loaded.history.ring_bytes,
    }
    merged = {**from_settings, **given}
    merged["when"] = list(given.get("when") or loaded.watch.when)
    merged["text"] = given.get("text", True) and loaded.text.enabled
    return WatchOptions(**merged, include_self=include_self or loaded.source.include_self)


def check_format(format: str) -> None:
    """Raise SettingsError unless the output format is one we have."""
    if format not in ("human", "jsonl"):
        raise SettingsError(f"format must be human or jsonl, not {format!r}")


def parse_region(text: str) -> Rect:
    """``x,y,w,h`` in whole pixels. Raises SettingsError for all else."""
    fields = [field.strip() for field in text.split(",")]
    if len(fields) != 4 or not all(re.fullmatch(r"[0-9]{1,5}", field) for field in fields):
        raise SettingsError(f"region must be x,y,width,height in whole pixels, as in 0,40,300,200, not {text!r}")
    region = Rect(*map(int, fields))
    if not region.area or max(region) > LARGEST_SIDE_PX:
        raise SettingsError(f"region {text!r} must hold a pixel and lie within {LARGEST_SIDE_PX} pixels")
    return region
