"""``ironcliw watch --all`` from the shell: names, rules, actions; and what belongs to one source alone."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import DisplayFactory, eventually
from xclient import XClient

WATCH = [sys.executable, "-m", "ironcliw", "watch", "--all"]


@pytest.mark.live
def test_each_source_does_what_its_rules_and_the_command_say(xvfb: DisplayFactory, tmp_path: Path) -> None:
    left, right = xvfb(200, 150), xvfb(200, 150)
    (tmp_path / "rules.toml").write_text(
        f'[[rule]]\nname = "corner"\nwhen = "change:0,0,50,50"\nthen = ["jsonl:{tmp_path / "corner.jsonl"}"]\n'
    )
    (tmp_path / "ironcliw.toml").write_text(
        f"""
        [text]
        enabled = false
        [source]
        include_self = true
        [[screen]]
        name = "left"
        source = "x11:{left.display}"
        rules = "{tmp_path / "rules.toml"}"
        [[screen]]
        name = "right"
        source = "x11:{right.display}"
        when = "change:0,0,50,50"
        """
    )
    everything = tmp_path / "all.jsonl"
    command = [
        *WATCH,
        "--config",
        str(tmp_path / "ironcliw.toml"),
        "--then",
        f"jsonl:{everything}",
        "--format",
        "jsonl",
    ]
    environment = {**os.environ, "XDG_STATE_HOME": str(tmp_path / "state")}
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process,
        XClient(left.display) as first,
        XClient(right.display) as second,
    ):
        try:
            assert process.stdout is not None
            begun: set[str] = set()
            while len(begun) < 2:
                event = json.loads(process.stdout.readline())
                begun |= {event["source"]} if event["type"] == "start" else set()
            windows = [(client, client.window(10, 10, 20, 20, 0xFF0000)) for client in (first, second)]
            corner, colours = tmp_path / "corner.jsonl", itertools.count(0x102030)

            def acted() -> bool:
                for client, window in windows:  # what comes with the first capture is no change
                    client.rect(window, 0, 0, 20, 20, next(colours))
                    client.sync()
                return all(file.stat().st_size for file in (corner, everything))

            eventually(acted, "no alert was acted on")
        finally:
            process.terminate()
            rest = process.stdout.read() if process.stdout is not None else ""
        assert process.wait(20) == 0
    alerts = [event for line in rest.splitlines() if (event := json.loads(line))["type"] == "alert"]
    assert {event["source"] for event in alerts} == {"left", "right"}
    assert {json.loads(line)["source"] for line in corner.read_text().splitlines()} == {"left"}
    assert {json.loads(line)["source"] for line in everything.read_text().splitlines()} == {"right"}


def test_what_belongs_to_one_source_is_refused() -> None:
    done = subprocess.run([*WATCH, "--when", "text:a"], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert "--when" in done.stderr
    assert "[[screen]]" in done.stderr
