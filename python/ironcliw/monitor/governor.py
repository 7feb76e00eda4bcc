"""How often to look: as often as was asked for where something happens, less where nothing does, power is short, the
machine is hot, or a budget of processor time is used up; never less often than the latency that was asked for allows.

    governor = Governor(fps=10, cpu_share=0.05, latency_s=2)
    wait_s = governor.after_capture(changed=True)     # how long to leave the source alone

What is measured: the processor time of this process, and what Linux says in /sys of supplies and thermal zones.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from ironcliw import clock
from ironcliw.errors import SettingsError
from ironcliw.rule import Rule

LOWEST_FPS, HIGHEST_FPS = 0.2, 60.0
SYSTEM = Path("/sys/class")
_LOOK_S = 5.0
"""Between two looks at power and temperature."""
_CPU_WINDOW_S = 1.0
_QUIET_S = 10.0
"""Without a change for this long a source is looked at half as often; then half of that, and so on."""
_LOW_PERCENT = 20
_HOT = 0.9
"""Of the temperature at which a zone counts as critical."""


@dataclass(frozen=True, slots=True)
class Power:
    """On battery? How full? How near is the hottest zone to its critical temperature (1.0)? None: not said."""

    battery: bool = False
    percent: int | None = None
    heat: float | None = None


def read_power(system: Path = SYSTEM) -> Power:
    """What the system says under ``power_supply`` and ``thermal``; nothing known where it says nothing."""
    battery, percent, heat = False, None, None
    for supply in sorted((system / "power_supply").glob("*")):
        if _text(supply / "type") == "Battery":
            battery |= _text(supply / "status") == "Discharging"
            percent = _number(supply / "capacity") if percent is None else percent
    for zone in (system / "thermal").glob("thermal_zone*"):
        now = _number(zone / "temp")
        for point in zone.glob("trip_point_*_type"):
            limit = _number(zone / point.name.replace("_type", "_temp"))
            if _text(point) == "critical" and now is not None and limit is not None and limit > 0:
                heat = max(heat or 0.0, now / limit)
    return Power(battery, percent, heat)


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace").strip()
    except OSError:
        return ""


def _number(path: Path) -> int | None:
    text = _text(path)
    return int(text) if text.lstrip("-").isdigit() else None


def latency_of(rules: Iterable[Rule], fps: float, otherwise_s: float) -> float:
    """Within how many seconds a source must be looked at: as the most hurried rule says, else ``otherwise_s``.

    SettingsError where ``fps``, the most captures a second, cannot give what a rule asks for.
    """
    hurried = min((rule for rule in rules if rule.latency_ns), key=lambda rule: rule.latency_ns or 0, default=None)
    if hurried is None:
        return otherwise_s
    asked_s = (hurried.latency_ns or 0) / clock.SECOND
    most = min(fps, HIGHEST_FPS)
    if most * asked_s < 1:
        raise SettingsError(
            f"rule {hurried.name!r:.80} asks to be seen within {asked_s:g} s, and {most:g} captures a second cannot do"
            f" that: --fps {math.ceil(1 / asked_s)} or more, or a longer latency"
        )
    return min(otherwise_s, asked_s)


class Governor:
    """The rate of one source. ``cpu_share``: of one core, for this whole process; None: no budget."""

    def __init__(
        self,
        fps: float,
        cpu_share: float | None = None,
        latency_s: float = 1 / LOWEST_FPS,
        *,
        system: Path = SYSTEM,
        now_s: Callable[[], float] = time.monotonic,
        cpu_s: Callable[[], float] = time.process_time,
    ) -> None:
        self._highest = min(fps, HIGHEST_FPS)
        self._lowest = min(self._highest, max(LOWEST_FPS, 1 / latency_s))
        self._share, self._system = cpu_share, system
        self._now_s, self._cpu_s = now_s, cpu_s
        now = now_s()
        self._changed_at_s = now
        self._power, self._looked_at_s = read_power(system), now
        self._cpu_at = (now, cpu_s())
        self._budget_fps = self._highest
        self._used = 0.0
        self.fps = self._highest
        """Captures a second as of now."""
        self.reason = "as asked"
        """Why it is not more."""

    def after_capture(self, *, changed: bool) -> float:
        """Seconds to leave the source alone after a capture, or a wait in vain."""
        now = self._now_s()
        if changed:
            self._changed_at_s = now
        if now - self._looked_at_s >= _LOOK_S:
            self._power, self._looked_at_s = read_power(self._system), now
        self._follow_budget(now)
        wanted = self._highest
        quiet = now - self._changed_at_s
        limits = [
            (wanted, "as asked"),
            (wanted / 2 ** min(8, int(quiet / _QUIET_S)), "nothing happens"),
            (self._by_power(wanted), "battery"),
            (wanted / 4 if (self._power.heat or 0) >= _HOT else wanted, "heat"),
            (self._budget_fps, "processor budget"),
        ]
        fps, self.reason = min(limits, key=lambda limit: limit[0])
        if fps < self._lowest:
            fps, self.reason = self._lowest, f"{self.reason}, up to the latency asked for"
        self.fps = fps
        return 1 / fps if fps < self._highest else 0.0

    def _by_power(self, wanted: float) -> float:
        if not self._power.battery:
            return wanted
        low = self._power.percent is not None and self._power.percent <= _LOW_PERCENT
        return wanted / (4 if low else 2)

    def _follow_budget(self, now: float) -> None:
        """Scale the rate by what was used of what may be, slowly upwards and at once downwards."""
        then, used_then = self._cpu_at
        if self._share is None or now - then < _CPU_WINDOW_S:
            return
        used = self._cpu_s()
        self._used = (used - used_then) / (now - then)
        self._cpu_at = (now, used)
        if self._used > self._share:
            self._budget_fps = max(self._lowest, self.fps * max(0.25, self._share / self._used))
        elif self._used < 0.8 * self._share:
            self._budget_fps = min(self._highest, self._budget_fps * 1.25)

    def state(self) -> dict[str, float | str | None]:
        """For ``status`` and ``top``: the rate, why, and what is used of what may be."""
        return {
            "fps": round(self.fps, 2),
            "reason": self.reason,
            "cpu": round(self._used, 4),
            "cpu_budget": self._share,
        }


def parse_share(text: str) -> float:
    """``5%`` as 0.05 of one core. SettingsError for all else, and for what no machine has."""
    try:
        share = float(text.strip().removesuffix("%")) / 100
    except ValueError:
        share = 0.0
    if not (text.strip().endswith("%") and 0.001 <= share <= 64):
        raise SettingsError(f"cpu of {text!r}: expected a share of one core from 0.1% to 6400%, such as 5%")
    return share
