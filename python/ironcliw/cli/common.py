"""What the commands share: settings joined with options, logging, and formats checked early."""

from __future__ import annotations

import logging
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ironcliw import clock
from ironcliw.errors import SettingsError
from ironcliw.frame import Rect

if TYPE_CHECKING:
    from ironcliw.monitor import WatchOptions
    from ironcliw.settings import Settings

# Settings, kernels and the monitor are imported where they are used: a command that has another process watch does
# without them.

log = logging.getLogger("ironcliw")

LEVELS = ("debug", "info", "warning", "error")


def prepare(config: Path | None, log_level: str | None) -> Settings:
    """Load the settings, set up logging to stderr and say once what computes, and why."""
    from ironcliw import kernels, settings  # noqa: PLC0415

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
    from ironcliw.monitor.options import options_from  # noqa: PLC0415

    return options_from(loaded, {**given, "include_self": include_self})


def duration_s(text: str) -> float:
    """``30s``, ``10m`` and so on in seconds; ConditionError, pointing at the fault, for all else."""
    plain = re.fullmatch(r"(\d{1,6})(s|m|h)", text)
    if plain is not None and 0 < (seconds := int(plain[1]) * {"s": 1, "m": 60, "h": 3600}[plain[2]]) <= 3600:
        return float(seconds)
    from ironcliw.rule import parse_duration  # noqa: PLC0415 - brings NumPy, which the usual ones do without

    return parse_duration(text) / clock.SECOND


def check_format(format: str) -> None:
    """Raise SettingsError unless the output format is one we have."""
    if format not in ("human", "jsonl"):
        raise SettingsError(f"format must be human or jsonl, not {format!r}")


def parse_region(text: str) -> Rect:
    """``x,y,w,h`` in whole pixels. Raises SettingsError for all else."""
    fields = [field.strip() for field in text.split(",")]
    if len(fields) != 4 or not all(re.fullmatch(r"[0-9]{1,5}", field) for field in fields):
        raise SettingsError(f"region must be x,y,width,height in whole pixels, as in 0,40,300,200, not {text!r}")
    from ironcliw.memory import LARGEST_SIDE_PX  # noqa: PLC0415

    region = Rect(*map(int, fields))
    if not region.area or max(region) > LARGEST_SIDE_PX:
        raise SettingsError(f"region {text!r} must hold a pixel and lie within {LARGEST_SIDE_PX} pixels")
    return region
