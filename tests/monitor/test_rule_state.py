"""What rules have told is kept in a file, over restarts of the program."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from ironcliw import clock
from ironcliw.clock import SECOND
from ironcliw.monitor import Watch, WatchOptions
from ironcliw.monitor.rule_state import RuleState
from ironcliw.rule import Rule, RuleSet, parse
from painted import PaintedEngine, blank, paint


def _frames() -> list:
    after = paint(blank(), "it failed", 40, 60)
    return [frame[:, :, 2::-1].copy() for frame in (blank(), after, after, after)]


def _alerts(state: Path, **options) -> list[str]:
    rule = Rule("broke", parse('text:"failed"'), **options)
    wanted = WatchOptions(when=[rule], pace="max", engine=PaintedEngine(), rules_state=os.fspath(state))
    with Watch(_frames(), wanted) as running:
        return [event.rule for event in running if event.type == "alert"]


def test_a_watch_goes_on_with_what_the_one_before_it_told(tmp_path: Path) -> None:
    state = tmp_path / "watch.rules.json"
    assert _alerts(state, cooldown_ns=3_600 * SECOND) == ["broke"]
    assert _alerts(state, cooldown_ns=3_600 * SECOND) == []
    written = state.read_text()
    assert "failed" not in written
    assert (state.stat().st_mode & 0o777, list(tmp_path.iterdir())) == (0o600, [state])
    told = json.loads(written)
    state.write_text(json.dumps(told | {"wall_ns": told["wall_ns"] - 7_200 * SECOND}))
    assert _alerts(state, cooldown_ns=3_600 * SECOND) == ["broke"]


@pytest.mark.parametrize(
    "damage", ["", "{", "[]", "null", '{"wall_ns": "x", "state": {}}', '{"wall_ns": 1, "state": 3}', "[" * 99_999]
)
def test_a_damaged_file_is_begun_anew(tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture) -> None:
    state = tmp_path / "watch.rules.json"
    state.write_text(damage)
    assert _alerts(state, once=True) == ["broke"]
    assert len([record for record in caplog.records if "begin anew" in record.getMessage()]) == 1
    assert json.loads(state.read_text())["state"]["rules"]["broke"]["alerts"] == 1


def test_a_clock_that_was_set_back_does_not_count(tmp_path: Path) -> None:
    state = tmp_path / "watch.rules.json"
    assert _alerts(state, cooldown_ns=60 * SECOND) == ["broke"]
    told = json.loads(state.read_text())
    state.write_text(json.dumps(told | {"wall_ns": clock.wall_ns() + 9_000 * SECOND}))
    assert _alerts(state, cooldown_ns=60 * SECOND) == []


def test_a_folder_that_is_not_there_is_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    kept, rules = RuleState(tmp_path / "none" / "rules.json"), RuleSet([], now=False)
    assert not kept.resume(rules)
    for number in range(3):
        kept.save(rules.remember(number))
    kept.close()
    assert len([record for record in caplog.records if "cannot be written" in record.getMessage()]) == 1
