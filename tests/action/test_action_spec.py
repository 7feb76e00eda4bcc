"""Actions in words: what is understood, what is not, and what becomes of it."""

from __future__ import annotations

import json
import os
import stat
import sys
from io import StringIO
from pathlib import Path

import pytest
from action_events import alert
from webhook_server import receiver

from ironcliw.action import ActionOptions, ActionSpec, make_action, parse_action
from ironcliw.action.secret import webhook_secret
from ironcliw.action.sound import tones
from ironcliw.action.terminal import Terminal
from ironcliw.errors import ActionError, MissingExtraError
from ironcliw.event import Event


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("notify", ActionSpec("notify")),
        (" sound ", ActionSpec("sound")),
        ("sound:/a/b.wav", ActionSpec("sound", "/a/b.wav")),
        ("webhook:https://h.example.org/a?b=c:d", ActionSpec("webhook", "https://h.example.org/a?b=c:d")),
        ("exec:./page-me --now 'a b'", ActionSpec("exec", "./page-me --now 'a b'")),
        ("jsonl:~/a.jsonl", ActionSpec("jsonl", "~/a.jsonl")),
        ("apprise:json://host/", ActionSpec("apprise", "json://host/")),
        ("terminal", ActionSpec("terminal")),
    ],
)
def test_what_is_understood(text: str, spec: ActionSpec) -> None:
    assert parse_action(text) == spec


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is no action; there are notify, terminal, sound"),
        ("mail:me", "'mail' is no action"),
        ("Notify", "'Notify' is no action"),
        ("notify:loud", "takes nothing behind a colon"),
        ("exec", "lacks what stands behind its colon: exec:COMMAND"),
        ("exec:  ", "lacks what stands"),
        ("sound:", "lacks what stands"),
        ("webhook:example.org", "begins with https://"),
        ("exec:a\nb", "no control characters"),
        ("jsonl:" + "x" * 5000, "at most 4000 characters"),
        ("\x1b[31mred", r"'\\\\x1b\[31mred' is no action"),
    ],
)
def test_what_is_not(text: str, says: str) -> None:
    with pytest.raises(ActionError, match=says) as caught:
        parse_action(text)
    assert "\n" not in str(caught.value)


def test_what_may_be_secret_is_in_no_representation() -> None:
    options = ActionOptions(webhook_secret=b"hush-hush")
    assert "hush" not in repr(options) + repr(parse_action("webhook:https://h.example.org/hush"))


def test_jsonl_appends_lines_that_only_its_owner_can_read(tmp_path: Path) -> None:
    os.umask(before := os.umask(0))
    path = tmp_path / "alerts.jsonl"
    for _ in range(2):
        action = make_action(parse_action(f"jsonl:{path}"), ActionOptions())
        action.deliver(alert(text="two\nlines, password: hunter2"))
        action.close()
        action.close()
    assert os.umask(before) == before
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    lines = path.read_text().splitlines()
    assert [Event.from_json(line).text for line in lines] == ["two\nlines, password: [password]"] * 2


def test_jsonl_writes_to_no_file_of_others(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "target")
    (tmp_path / "open").touch(0o644)
    (tmp_path / "open").chmod(0o644)
    os.mkfifo(tmp_path / "pipe", 0o600)
    for name, says in (
        ("link", "a link"),
        ("open", "only you can read"),
        ("none/x", "no such file"),
        (".", "director"),
    ):
        with pytest.raises(ActionError, match=says):
            make_action(parse_action(f"jsonl:{tmp_path / name}"), ActionOptions())
    with pytest.raises(ActionError):
        make_action(parse_action(f"jsonl:{tmp_path / 'pipe'}"), ActionOptions())
    assert not (tmp_path / "target").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is Linux's")
def test_jsonl_says_when_there_is_no_room(tmp_path: Path) -> None:
    path = tmp_path / "alerts.jsonl"
    action = make_action(parse_action(f"jsonl:{path}"), ActionOptions())
    full = os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, action._fd)  # type: ignore[attr-defined]
    os.close(full)
    with pytest.raises(ActionError, match="no space left"):
        action.deliver(alert())
    action.close()


class Tty(StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_is_told_the_condition_and_nothing_of_the_screen() -> None:
    screen = Tty()
    Terminal(screen).deliver(alert(rule="text:\x1b[2J\u202e", text="hunter2"))
    assert screen.getvalue() == "\aironcliw: alert: text:\\x1b[2J\\u202e (screen :1)\n"
    with pytest.raises(ActionError, match="there is no terminal"):
        Terminal(StringIO())


@pytest.fixture
def player(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An aplay that copies what it is to play, and says with which arguments."""
    program, said = tmp_path / "aplay", tmp_path / "said"
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {said}\nfor last; do :; done\ncat "$last" > {said}.wav\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    monkeypatch.setattr("ironcliw.action.sound._PLAYERS", (("none-such",), ("aplay", "-q")))
    return said


def test_a_sound_is_played_by_what_there_is(player: Path, tmp_path: Path) -> None:
    action = make_action(parse_action("sound"), ActionOptions())
    action.deliver(alert())
    assert player.read_text().splitlines()[0] == "-q"
    assert player.with_suffix(".wav").read_bytes() == tones()
    assert tones().startswith(b"RIFF")
    own = tmp_path / "own sound.wav"
    own.write_bytes(b"RIFFxxxx")
    make_action(parse_action(f"sound:{own}"), ActionOptions()).deliver(alert())
    assert player.read_text().splitlines() == ["-q", str(own)]
    with pytest.raises(ActionError, match="cannot be read"):
        make_action(parse_action(f"sound:{tmp_path / 'none.wav'}"), ActionOptions())


def test_without_a_player_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ActionError, match="install one of pw-play"):
        make_action(parse_action("sound"), ActionOptions())


# What apprise loads of the standard library warns of its own end.
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_apprise_sends_what_was_read_without_secrets() -> None:
    pytest.importorskip("apprise")
    with receiver() as server:
        action = make_action(parse_action(f"apprise:json://localhost:{server.port}/x"), ActionOptions())
        action.deliver(alert(text="token: ghp_" + "a1B2" * 9))
        (said,) = server.json()
    assert said["message"].splitlines() == ["text:BUILD FAILED", "screen :1", "token: [key]"]
    with receiver(["500"]) as server:
        action = make_action(parse_action(f"apprise:json://localhost:{server.port}/x"), ActionOptions())
        with pytest.raises(ActionError, match="did not take it"):
            action.deliver(alert())
    with pytest.raises(ActionError, match="does not know"):
        make_action(parse_action("apprise:nonsense://x"), ActionOptions())


def test_without_apprise_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"ironcliw\[apprise\]"):
        make_action(parse_action("apprise:json://localhost/"), ActionOptions())


def test_the_secret_comes_from_one_place_that_others_cannot_read(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("hush\n")
    path.chmod(0o640)
    with pytest.raises(ActionError, match="chmod 600"):
        webhook_secret(None, str(path))
    path.chmod(0o600)
    assert webhook_secret(None, str(path)) == b"hush"
    assert webhook_secret("hush", None) == b"hush"
    assert webhook_secret(None, None) is None
    for given, file, says in (("a", "b", "not both"), (None, str(tmp_path / "none"), "no such file")):
        with pytest.raises(ActionError, match=says):
            webhook_secret(given, file)
    path.write_text("")
    with pytest.raises(ActionError, match="is empty"):
        webhook_secret(None, str(path))


def test_exec_is_run_as_it_is_written(tmp_path: Path) -> None:
    out = tmp_path / "out"
    program = tmp_path / "page me"
    program.write_text(f'#!/bin/sh\nprintf "[%s]" "$@" > "{out}"\ncat > "{out}.stdin"\n')
    program.chmod(0o755)
    make_action(parse_action(f"exec:'{program}' '$(reboot)' ';' \"a b\""), ActionOptions()).deliver(
        alert(text="`reboot` $(reboot)")
    )
    assert out.read_text() == "[$(reboot)][;][a b]"
    assert json.loads(Path(f"{out}.stdin").read_text())["text"] == "`reboot` $(reboot)"
