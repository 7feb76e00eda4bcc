"""Every [[screen]] in one child: lost together, taken up again each where it stood, and told by its name."""

import os
import signal
import time

import pytest
from supervising import Followed, plants  # noqa: F401 - a fixture

from conftest import eventually
from ironcliw.errors import SettingsError
from ironcliw.monitor import SupervisedWatch
from ironcliw.store import EventLog, EventReader


def settings(folder, **screens: str):
    path = folder / "ironcliw.toml"
    path.write_text("\n".join(f'[[screen]]\nname = "{name}"\n{body}' for name, body in screens.items()))
    return path


@pytest.fixture
def boards(plants, tmp_path):  # noqa: F811
    """Two boards, their settings, and what writes on one of them."""
    paths = {name: tmp_path / f"{name}.txt" for name in ("left", "right")}

    def show(name: str, *lines: str) -> None:
        fresh = paths[name].with_suffix(".new")
        fresh.write_text("\n".join(lines))
        fresh.replace(paths[name])

    for name in paths:
        show(name, "READY")
    rules = tmp_path / "rules.toml"
    rules.write_text('[[rule]]\nname = "broke"\nwhen = "text:BUILD FAILED"\nthen = ["exec:true"]\n')
    config = settings(
        tmp_path,
        left=f'source = "board:{paths["left"]}"\nrules = "{rules}"\n',
        right=f'source = "board:{paths["right"]}"\nwhen = "text:BUILD FAILED"\n',
    )
    return config, show, paths


def follow(config, keep=None) -> Followed:
    running = SupervisedWatch()
    running.begin(None, {}, settings={"config": str(config)}, keep=keep)
    return Followed(running)


def of(watch: Followed, name: str, *kinds: str):
    return [event for event in watch.of(*kinds) if event.source == name]


def known(watch: Followed) -> bool:
    """Whether all was read that was there at the start of each, and the supervisor knows it."""
    tellers = watch.running._supervisor._told._tellers
    return len(tellers) == 2 and all(each.recall.field("first_sequence") is not None for each in tellers.values())


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGKILL])
def test_a_crash_is_a_gap_of_each_and_nothing_is_told_twice_or_lost(boards, tmp_path, number):
    config, show, _ = boards
    kept = EventLog(tmp_path / "events.db")
    watch = follow(config, keep=lambda about: kept)
    try:
        eventually(lambda: known(watch), "the first look")
        assert watch.running.screens == ("left", "right")
        assert watch.running.status.about["then"] == {"left": {"broke": ["exec:true"]}, "right": {}}
        for name in ("left", "right"):
            show(name, "READY", "BUILD FAILED")
        eventually(lambda: len(watch.of("alert")) == 2, "both alerts")
        acknowledged = kept.status().acknowledged
        os.kill(watch.running.status.pid, number)
        eventually(lambda: watch.gaps().count(("crashed", "end")) == 2, "both to be seen again", 60)
        for name in ("left", "right"):
            show(name, "READY", "BUILD FAILED", f"AGAIN {name.upper()}")
        eventually(lambda: len(watch.of("text_appeared")) == 4, "the next lines")
        watch.stop()
    finally:
        watch.running.kill()
        watch.end()
        kept.close()
    for name in ("left", "right"):
        assert [event.text for event in of(watch, name, "text_appeared")] == ["BUILD FAILED", f"AGAIN {name.upper()}"]
        assert [event.data["state"] for event in of(watch, name, "gap")] == ["begin", "end"]
        assert len(of(watch, name, "alert")) == len(of(watch, name, "start")) == 1
        (summary,) = of(watch, name, "summary")
        assert summary.data["restarts"] == 1
        run = of(watch, name, "start")[0].id.partition("-")[0]
        numbered = [event.id for event in watch.events if event.source == name]
        assert numbered == [f"{run}-{number + 1}" for number in range(len(numbered))]
    with EventReader(tmp_path / "events.db") as reader:
        stored = [each.event for each in reader.since()]
    assert [event.id for event in stored] == [event.id for event in watch.events]
    assert {event.source for event in stored} == {"left", "right"}
    assert 0 < acknowledged <= len(stored)


def test_a_child_that_waits_sees_again_within_two_seconds(boards, monkeypatch):
    monkeypatch.setattr("ironcliw.monitor.spare.AFTER_S", 0.5)
    config, _, _ = boards
    watch = follow(config)
    try:
        eventually(lambda: known(watch), "the first look")
        eventually(lambda: watch.running._supervisor.spare.pid is not None, "the child that waits", 60)
        spare = watch.running._supervisor.spare.pid
        time.sleep(3)  # it loads
        os.kill(watch.running.status.pid, signal.SIGSEGV)
        eventually(lambda: watch.gaps().count(("crashed", "end")) == 2, "both to be seen again", 60)
        assert watch.running.status.pid == spare
        ends = [(event.time, event.data["state"]) for event in watch.of("gap")]
        print(f"blind for {max(t for t, s in ends if s == 'end') - min(t for t, s in ends if s == 'begin'):.2f} s")
        watch.stop()
    finally:
        watch.running.kill()
        watch.end()


def test_one_that_cannot_be_watched_is_told_once_whatever_becomes_of_the_child(boards):
    config, show, paths = boards
    paths["right"].unlink()
    watch = follow(config)
    try:
        eventually(lambda: of(watch, "right", "gap") != [], "its failure")
        eventually(lambda: of(watch, "left", "start") != [], "the other one")
        os.kill(watch.running.status.pid, signal.SIGKILL)
        eventually(lambda: len(of(watch, "left", "gap")) == 2, "the other one to be seen again", 60)
        assert len(of(watch, "right", "gap")) == 1
        show("right", "READY")
        eventually(lambda: of(watch, "right", "start") != [], "it begins", 60)
        assert [event.data["state"] for event in of(watch, "right", "gap")] == ["begin", "end"]
        watch.stop()
    finally:
        watch.running.kill()
        watch.end()
    assert {event.source for event in watch.of("summary")} == {"left", "right"}


def test_recordings_go_on_at_their_own_speed_and_end_once(plants, tmp_path):  # noqa: F811
    plants.faults.write_text("segv@30")
    running = SupervisedWatch()
    config = settings(tmp_path, one='source = "painted:60"\n', two='source = "painted:10"\n')
    running.begin(None, {}, settings={"config": str(config)})
    with running:
        told = [(event.source, event.type) for event in running]
    assert plants.faults.read_text() == ""
    for name in ("one", "two"):
        assert told.count((name, "start")) == told.count((name, "summary")) == 1
    assert told.count(("one", "gap")) == 2
    assert told.count(("two", "gap")) == 0  # it had come to its end


def test_settings_without_a_screen_are_refused(tmp_path):
    path = tmp_path / "ironcliw.toml"
    path.write_text("")
    running = SupervisedWatch()
    with pytest.raises(SettingsError, match=r"\[\[screen\]\]"):
        running.begin(None, {}, settings={"config": str(path)})
