"""How often a source is looked at: by what happens, power, heat and the processor time that was really used."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from conftest import DisplayFactory, eventually
from ironcliw.clock import MS
from ironcliw.errors import SettingsError
from ironcliw.monitor.governor import Governor, Power, latency_of, parse_share, read_power
from ironcliw.monitor.watch_options import WatchOptions
from ironcliw.monitor.watching import Watch
from ironcliw.rule import Rule, parse


def supply(system: Path, status: str, percent: int, heat: int = 40) -> None:
    battery, zone = system / "power_supply/BAT0", system / "thermal/thermal_zone0"
    for folder in (battery, zone):
        folder.mkdir(parents=True, exist_ok=True)
    files = {"type": "Battery", "status": status, "capacity": str(percent)}
    for name, text in files.items():
        (battery / name).write_text(text + "\n")
    zone_files = {"temp": str(1000 * heat), "trip_point_0_type": "critical", "trip_point_0_temp": "100000"}
    for name, text in zone_files.items():
        (zone / name).write_text(text + "\n")


class Clock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_what_the_system_says_is_read(tmp_path: Path) -> None:
    assert read_power(tmp_path) == Power()
    supply(tmp_path, "Discharging", 55, heat=80)
    assert read_power(tmp_path) == Power(True, 55, 0.8)
    (tmp_path / "power_supply/BAT0/capacity").write_text("junk")
    assert read_power(tmp_path) == Power(True, None, 0.8)
    assert isinstance(read_power(), Power)  # of this machine, whatever it has


def test_a_quiet_source_is_looked_at_less_and_a_busy_one_as_asked(tmp_path: Path) -> None:
    clock = Clock()
    governor = Governor(10, latency_s=2, system=tmp_path, now_s=clock)
    assert governor.after_capture(changed=True) == 0
    clock.now += 11
    assert governor.after_capture(changed=False) == pytest.approx(0.2)
    assert governor.reason == "nothing happens"
    clock.now += 1000
    assert governor.after_capture(changed=False) == pytest.approx(2)  # the latency that was asked for
    assert governor.after_capture(changed=True) == 0
    assert governor.fps == 10


def test_battery_and_heat_slow_it_down(tmp_path: Path) -> None:
    clock = Clock()
    supply(tmp_path, "Discharging", 80)
    governor = Governor(8, system=tmp_path, now_s=clock)
    assert governor.after_capture(changed=True) == pytest.approx(1 / 4)
    assert governor.reason == "battery"
    supply(tmp_path, "Discharging", 10)
    clock.now += 6
    assert governor.after_capture(changed=True) == pytest.approx(1 / 2)
    supply(tmp_path, "Charging", 10, heat=95)
    clock.now += 6
    assert governor.after_capture(changed=True) == pytest.approx(1 / 2)
    assert governor.reason == "heat"
    supply(tmp_path, "Charging", 10, heat=50)
    clock.now += 6
    assert governor.after_capture(changed=True) == 0


def test_a_budget_of_real_processor_time_is_kept_and_given_back(tmp_path: Path) -> None:
    """Time stands for itself; what is burnt is burnt here, and counted by the system."""
    clock = Clock()
    governor = Governor(20, cpu_share=0.05, latency_s=5, system=tmp_path, now_s=clock)

    def second(captures_cost_s: float) -> float:
        looks, spent = 0.0, 0.0
        while spent < 1:
            began = time.process_time()
            while time.process_time() - began < captures_cost_s:
                pass
            looks += 1
            spent += max(governor.after_capture(changed=True), 1 / 20)
            clock.now += max(1 / governor.fps, 1 / 20)
        return looks

    second(0.02)
    rates = [second(0.02) for _ in range(8)]
    assert rates[-1] <= 4  # 0.05 s of processor time a second, 0.02 s each
    assert governor.state()["reason"] == "processor budget"
    for _ in range(20):
        second(0.0)
    assert governor.fps == 20


def test_never_outside_its_bounds(tmp_path: Path) -> None:
    clock = Clock()
    assert Governor(240, system=tmp_path, now_s=clock).fps == 60
    slow = Governor(0.05, system=tmp_path, now_s=clock)
    assert slow.after_capture(changed=True) == 0
    clock.now += 500
    assert slow.after_capture(changed=False) == 0  # no slower than it was asked to be
    governor = Governor(10, latency_s=60, system=tmp_path, now_s=clock)
    clock.now += 10_000
    assert governor.after_capture(changed=False) == pytest.approx(5)


def rule(name: str, latency_ms: int | None) -> Rule:
    return Rule(name, parse("text:x"), latency_ns=None if latency_ms is None else latency_ms * MS)


def test_the_most_hurried_rule_decides(tmp_path: Path) -> None:
    rules = [rule("slow", 3000), rule("hurried", 500), rule("any", None)]
    assert latency_of(rules, 10, 5) == 0.5
    assert latency_of(rules, 10, 0.2) == 0.2  # the setting asks for more
    assert latency_of([rules[2]], 10, 5) == 5
    with pytest.raises(SettingsError, match=r"'hurried' asks to be seen within 0.5 s.*--fps 2 or more"):
        latency_of(rules, 1, 5)


def test_nothing_makes_captures_fewer_than_a_rule_allows(tmp_path: Path) -> None:
    """Stillness, an empty battery, heat and a budget that is used up, all at once; without the rule it is far less."""
    supply(tmp_path, "Discharging", 5, heat=99)
    for rules, longest_s in (([rule("hurried", 500)], 0.5), ([], 5)):
        clock, used = Clock(), Clock()
        latency_s = latency_of(rules, 10, 5)
        governor = Governor(10, 0.001, latency_s, system=tmp_path, now_s=clock, cpu_s=used)
        waits = []
        for _ in range(200):
            clock.now += 2
            used.now += 2
            waits.append(governor.after_capture(changed=False))
        assert max(waits) == pytest.approx(longest_s)
        assert governor.reason.endswith("up to the latency asked for")


@pytest.mark.live
def test_a_rule_keeps_a_quiet_screen_looked_at(
    xvfb: DisplayFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ironcliw.monitor.governor._QUIET_S", 0.1)
    rules = tmp_path / "rules.toml"
    rules.write_text('[[rule]]\nname = "corner"\nwhen = "change:0,0,50,50"\nlatency = "500ms"\n')
    source = f"x11:{xvfb(200, 150).display}"
    options = WatchOptions(text=False, fps=20, cpu="90%", rules=str(rules), include_self=True)

    def slowed(watch: Watch) -> bool:
        watch.get(0.05)
        rates = watch.metrics.snapshot().values("capture_rate")
        assert min(rates.values()) >= 2
        return "nothing happens, up to the latency asked for" in rates

    with Watch(source, options) as watch:
        eventually(lambda: slowed(watch), "it is never looked at less")
    with pytest.raises(SettingsError, match="'corner' asks to be seen within"):
        Watch(source, replace(options, fps=1))


def test_shares() -> None:
    assert parse_share("5%") == pytest.approx(0.05)
    for text in ("5", "%", "0%", "-1%", "nan%", "1e9%"):
        with pytest.raises(SettingsError, match="expected a share"):
            parse_share(text)


@pytest.mark.live
def test_a_watch_says_its_rate_and_why(xvfb: DisplayFactory) -> None:
    source = f"x11:{xvfb(200, 150).display}"
    with Watch(source, WatchOptions(text=False, fps=20, cpu="90%")) as watch:
        eventually(lambda: watch.get(0.2) is not None, "it does not begin")
        assert watch.metrics.snapshot().values("capture_rate") == {"as asked": 20}
    with Watch(source, WatchOptions(text=False)) as watch:
        eventually(lambda: watch.get(0.2) is not None, "it does not begin")
        assert "as often as fps says" in watch.metrics.snapshot().absent["capture_rate"]
