"""``ironcliw start --all``: several screens by one watcher in the background, asked, killed and stopped."""

import json
import os
import signal

import pytest

import ironcliw
from conftest import eventually
from ironcliw.errors import SettingsError
from watcher_home import watcher_home as watcher_home
from watcher_home import write_whole


def test_every_screen_is_watched_logged_and_shown(watcher_home, tmp_path):
    other, hit = tmp_path / "other.txt", tmp_path / "hit.jsonl"
    other.write_text("READY")
    config = tmp_path / "all.toml"
    config.write_text(
        f'[[screen]]\nname = "desk"\nsource = "{watcher_home.source}"\nwhen = "text:BUILD FAILED"\n'
        f'[[screen]]\nname = "lab"\nsource = "board:{other}"\n'
        f'[[screen]]\nname = "gone"\nsource = "board:{tmp_path}/x"\n'
    )
    log = tmp_path / "events.db"
    start = ["start", "--all", "--config", str(config), f"--log={log}", "--then", f"jsonl:{hit}"]
    assert "SOURCE" in watcher_home.call(*start, "x11::9", code=2)
    assert "3 screens (desk, lab, gone)" in watcher_home.call(*start)
    with ironcliw.connect() as watcher:

        def status() -> dict:
            return watcher.status()

        def begun() -> bool:
            """Whether all was read that was there at the start."""
            return all(status()["screens"][name]["frames"] for name in ("desk", "lab"))

        eventually(begun, "both to be seen")
        assert status()["screens"]["gone"]["gaps"] == ["failed"]
        assert status()["state"] == "blind"
        seen = watcher_home.call("status")
        assert "screen    gone: blind (failed)" in seen
        assert "screen    desk: watching" in seen
        assert {rule["screen"] for rule in watcher.list_rules()} == {"desk"}

        watcher_home.show("READY", "BUILD FAILED")
        eventually(lambda: status()["screens"]["desk"]["alerts"] == 1, "the alert")
        top = json.loads(watcher_home.call("top", "--once", "--format", "json"))["metrics"]
        assert top["screen_alerts"]["values"] == {"desk": 1, "lab": 0, "gone": 0}
        assert top["frames_captured"]["values"][""] == sum(top["screen_captures"]["values"].values()) > 0
        assert set(top["memory_used_bytes"]["values"]) >= {"program", "text"}
        assert "lab" in watcher_home.call("top", "--once")
        alone = json.loads(watcher_home.call("top", "--once", "--format", "json", "--screen", "desk"))["metrics"]
        assert "screen_alerts" not in alone
        assert "must be one of desk, lab, gone" in watcher_home.call("top", "--once", "--screen", "nobody", code=2)

        with ironcliw.connect(screen="lab") as lab, ironcliw.connect(screen="desk") as desk:
            assert [line.text for line in lab.screen_text().lines] == ["READY"]
            assert "BUILD FAILED" in desk.screen_text().text
            for client in (lab, desk):
                assert {each.source for each in client.what_changed_since().events} == {client.screen}
                assert {each.source for each in client.search_events().events} == {client.screen}
            assert (lab.search_events("BUILD FAILED").events, lab.list_rules()) == ((), [])
            assert {each["screen"] for each in desk.list_rules()} == {"desk"}
            here, there = lab.arm("text:/BUILD FAILED/"), desk.arm("text:/BUILD FAILED/")
            assert [each["screen"] for each in lab.list_rules()] == ["lab"]
            assert [each["screen"] for each in watcher.list_rules() if "armed" in each] == ["lab", "desk"]
            met = desk.wait_on(there, 50).met
            assert met is not None
            assert met.source == "desk"
            assert lab.wait_on(here, 0).met is None
        with pytest.raises(SettingsError, match="no screen 'nobody': it watches desk, lab, gone"):
            ironcliw.connect(screen="nobody")

        cursor = watcher.arm("text:/DONE \\d/")
        os.kill(status()["engine_pid"], signal.SIGSEGV)
        eventually(lambda: status()["restarts"] == 1 and status()["screens"]["lab"]["gaps"] == [], "another engine", 60)
        write_whole(other, "READY\nDONE 7")
        assert lab.wait_on(here, 0).met is None  # armed there again, and only there
        assert {each["screen"] for each in lab.list_rules()} == {"lab"}
        met = watcher.wait_on(cursor, 50).met
        assert (met.source, met.text) == ("lab", "DONE 7")
        eventually(lambda: status()["screens"]["desk"]["gaps"] == [], "the other one, too", 60)

    watcher_home.call("pause")
    assert {each["state"] for each in status()["screens"].values()} == {"paused"}
    watcher_home.call("stop")
    told = [
        json.loads(line) for line in watcher_home.call("events", "--log", str(log), "--format", "jsonl").splitlines()
    ]
    assert {event["source"] for event in told} == {"desk", "lab", "gone"}
    assert [event["source"] for event in told if event["type"] == "alert"] == ["desk"]
    assert sorted(event["source"] for event in told if event["type"] == "summary") == ["desk", "lab"]
    assert [json.loads(line)["source"] for line in hit.read_text().splitlines()] == ["desk"]
    eventually(lambda: watcher_home.pids() == [], "both processes to end")
