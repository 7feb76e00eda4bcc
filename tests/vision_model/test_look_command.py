"""``ironcliw look`` and ``spend``: the real program, the real reader, a server on loopback."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import stat
import sys
from pathlib import Path

import pytest
from model_server import ModelServer
from PIL import Image, ImageDraw, ImageFont

from ironcliw.cli import main


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    return tmp_path


def screen(path: Path, *lines: str) -> Path:
    picture = Image.new("RGB", (640, 60 + 50 * len(lines)), "white")
    draw = ImageDraw.Draw(picture)
    for at, line in enumerate(lines):
        draw.text((30, 30 + 50 * at), line, fill="black", font=ImageFont.load_default(28))
    picture.save(path)
    return path


def settings(server: ModelServer, wire: str) -> None:
    provider = "claude" if wire == "claude" else "openai"
    Path("ironcliw.toml").write_text(
        f'[model]\nprovider = "{provider}"\nmodel = "test-1"\nbase_url = "{server.url(wire)}"\n'
    )


def run(*words: str) -> int:
    before, sys.argv = sys.argv, ["ironcliw", *words]
    try:
        main()
    except SystemExit as ended:
        return int(ended.code or 0)
    finally:
        sys.argv = before
    return 0


@pytest.mark.parametrize("wire", ["claude", "openai"])
def test_a_question_is_answered(wire: str, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    image = screen(home / "s.png", "api-server deployed", "password: hunter2secret")
    answer = '{"verdict":"yes","confidence":0.9,"reason":"it says deployed","quote":"API-server Deployed"}'
    with ModelServer(answer=lambda request: answer) as server:
        settings(server, wire)
        assert run("look", str(image), "is api-server deployed?", "--picture", "sent.png", "--json") == 0
        said = json.loads(capsys.readouterr().out)
        assert said["verdict"] == "yes"
        assert said["quote"] == "API-server Deployed"
        (request,) = server.requests
        assert request.pictures == [base64.b64encode(Path("sent.png").read_bytes()).decode()]
        assert "api-server deployed" in request.words
        assert "hunter2secret" not in request.body.decode()
        assert "tools" not in request.data
    assert run("spend", "--log", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["hour"]["tokens"] == 37
    assert told["sent"][0]["pictures"][0]["sha256"] == hashlib.sha256(Path("sent.png").read_bytes()).hexdigest()
    for file in (home / "state" / "ironcliw").iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
    assert stat.S_IMODE((home / "state" / "ironcliw").stat().st_mode) == 0o700


def test_secrets_are_black_in_the_picture(home: Path) -> None:
    screen(home / "s.png", "password: hunter2secret", "", "all is well here")
    assert run("look", "s.png", "is all well?", "--dry-run", "--picture", "sent.png") == 3
    from ironcliw.source import still
    from ironcliw.text import open_engine

    read = " ".join(line.text for line in open_engine(1).read(still("sent.png").pixels))
    assert "hunter2" not in read
    assert "all is well" in read


def test_without_a_model_it_says_what_it_can(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    image = screen(home / "s.png", "api-server deployed", "nothing else here")
    assert run("look", str(image), "is api-server up?") == 3
    told = capsys.readouterr()
    assert told.out == "reads: api-server deployed\n"
    assert "no model is set" in told.err


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ('provider = "claude"', "no key for api.anthropic.com: put it into ANTHROPIC_API_KEY"),
        ('provider = "openai"\nbase_url = "http://example.org/v1"\nmodel = "m"', "would send the screen unencrypted"),
        ('provider = "openai"\nbase_url = "https://a:b@example.org"\nmodel = "m"', "without a name, password"),
        ('provider = "openai"\nbase_url = "http://127.0.0.1:1/v1"', "name the model that the endpoint is to use"),
        ('provider = "claude"\nkey_file = "open.key"', "others can read open.key: chmod 600 it"),
        ('provider = "claude"\nkey_file = "none.key"', "none.key cannot be read"),
        ('provider = "openai"\nbase_url = "https://example.org"\nmodel = "m"', "that model.key_file names"),
        ('provider = "gpt"', "model.provider: expected 'none', 'claude' or 'openai'"),
    ],
)
def test_mistakes_are_one_clear_line(lines: str, said: str, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.environ.pop("OPENAI_API_KEY", None)
    (home / "open.key").write_text("secret-key-1")
    (home / "open.key").chmod(0o644)
    Path("ironcliw.toml").write_text(f"[model]\n{lines}\n")
    screen(home / "s.png", "x")
    assert run("look", "s.png", "what?") == 2
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1
    assert "secret-key-1" not in told


def test_the_key_goes_to_the_named_host_and_nowhere_else(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    screen(home / "s.png", "hello there")
    (home / "k").write_text("sk-local-77\n")
    (home / "k").chmod(0o600)
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-not-for-them")
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", "x-more: from the environment")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9")
    with ModelServer() as server:
        settings(server, "claude")
        with Path("ironcliw.toml").open("a") as file:
            file.write('key_file = "k"\n')
        assert run("look", "s.png", "hello?") == 0
        (request,) = server.requests
    assert request.headers["x-api-key"] == "sk-local-77"
    assert not {"authorization", "x-more", "cookie"} & request.headers.keys()
    assert not any(name.startswith("x-stainless") for name in request.headers)
    assert all("sk-local-77" not in file.read_text() for file in (home / "state" / "ironcliw").iterdir())
