"""``ironcliw ask`` with a model: it words what was counted, and nothing more."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from model_server import ModelServer

from ironcliw import clock
from ironcliw.cli import main
from ironcliw.event import Event
from ironcliw.store import EventLog

SECRET = "hunter2secret"
ANSWER = '{"verdict":"yes","confidence":0.9,"reason":"it failed \\u001b[31monce","quote":null}'


def run(*words: str) -> int:
    before, sys.argv = sys.argv, ["ironcliw", *words]
    try:
        main()
    except SystemExit as ended:
        return int(ended.code or 0)
    finally:
        sys.argv = before
    return 0


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    then = datetime.now(UTC) - timedelta(minutes=3)
    wall = clock.rfc3339(round(then.timestamp()) * clock.SECOND)
    kept = EventLog(tmp_path / "events.db")
    text = f"BUILD FAILED password: {SECRET}"
    kept.append(Event("run-1", "alert", 1.0, wall, "screen", text=text, rule="text:BUILD FAILED"))
    kept.close()
    return str(tmp_path / "events.db")


def set_model(server: ModelServer) -> None:
    url = server.url("openai")
    Path("ironcliw.toml").write_text(f'[model]\nprovider = "openai"\nmodel = "test-1"\nbase_url = "{url}"\n')


def test_a_model_words_the_answer_and_sees_no_secret(log: str, capsys: pytest.CaptureFixture[str]) -> None:
    with ModelServer(answer=lambda request: ANSWER) as server:
        set_model(server)
        assert run("ask", "did the build fail in the last 10m?", "--log", log) == 0
        first, *counted = capsys.readouterr().out.splitlines()
        assert first.startswith("yes (90%, by the model): it failed ")
        assert "\x1b" not in first
        assert counted[1] == "alerts: once"
        (request,) = server.requests
        assert "BUILD FAILED" in request.words
        assert SECRET not in request.body.decode()
        assert run("ask", "did the build fail in the last 10m?", "--log", log, "--local") == 0
        assert capsys.readouterr().out.splitlines()[1:] == counted[1:]  # the first line says until when
        assert run("ask", "any dialogs in the last 10m?", "--log", log) == 1  # nothing was found: nothing to word
        assert len(server.requests) == 1


def test_a_model_that_fails_takes_nothing_from_the_answer(log: str, capsys: pytest.CaptureFixture[str]) -> None:
    with ModelServer(answer=lambda request: "I would rather chat") as server:
        set_model(server)
        assert run("ask", "did the build fail in the last 10m?", "--log", log) == 0
    assert capsys.readouterr().out.splitlines()[1] == "alerts: once"
