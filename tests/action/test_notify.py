"""What a notification says, how often, and who shows it."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from pathlib import Path

import pytest
from action_events import alert
from hypothesis import given, settings
from hypothesis import strategies as st

from ironcliw.action import Notifier
from ironcliw.action.desktop import NotifySend, Words
from ironcliw.action.notify import MESSAGE_LENGTH_MAX, PER_MINUTE_MAX, TITLE_LENGTH_MAX
from ironcliw.errors import ActionError, MissingExtraError
from ironcliw.event import Event

SECOND = 1_000_000_000


class Shown:
    """A presenter that only remembers."""

    def __init__(self) -> None:
        self.words: list[tuple[str, str]] = []
        self.shown: list[Words] = []
        self.closed = False

    def show(self, words: Words) -> None:
        self.words.append((words.title, words.message))
        self.shown.append(words)

    def close(self) -> None:
        self.closed = True


class Clock:
    def __init__(self) -> None:
        self.now_ns = 0

    def __call__(self) -> int:
        return self.now_ns


def deliver(event: Event, *, show_text: bool = False) -> tuple[str, str]:
    shown = Shown()
    Notifier(presenter=shown, show_text=show_text).deliver(event)
    (words,) = shown.words
    return words


def test_it_says_the_rule_and_the_source_and_nothing_of_the_screen() -> None:
    title, message = deliver(alert(text="password: hunter2"))
    assert title == "Ironcliw: alert"
    assert message == "text:BUILD FAILED\nscreen :1"


def test_the_text_comes_along_only_where_it_is_asked_for() -> None:
    assert deliver(alert(text="a line"), show_text=True)[1].splitlines()[2] == "a line"


def test_an_event_without_a_rule_is_named_by_its_type() -> None:
    gap = Event(id="1", type="gap", time=0, wall="", source="screen :1", data={"reason": "lost", "state": "begin"})
    assert deliver(gap) == ("Ironcliw: gap", "gap\nscreen :1")


@pytest.mark.skipif(sys.platform in ("darwin", "win32"), reason="messages are not taken for markup here")
def test_markup_and_steering_characters_are_escaped() -> None:
    message = deliver(alert(rule="text:<a href='x'>&", source="\x1b[31m\u202e", text="$(reboot)\n`x`"), show_text=True)[
        1
    ]
    assert message.splitlines() == ["text:&lt;a href='x'&gt;&amp;", "\\x1b[31m\\u202e", "$(reboot)\\n`x`"]


@settings(deadline=None)
@given(st.text(max_size=600), st.text(max_size=600), st.text(max_size=600), st.booleans())
def test_it_is_never_longer_than_allowed(rule: str, source: str, text: str, show_text: bool) -> None:
    title, message = deliver(alert(rule=rule, source=source, text=text), show_text=show_text)
    assert len(title) <= TITLE_LENGTH_MAX
    assert len(message) <= MESSAGE_LENGTH_MAX
    assert len(message.splitlines()) <= 3
    assert "<" not in message


def test_more_than_allowed_in_a_minute_are_counted_in_the_next() -> None:
    shown, now = Shown(), Clock()
    notifier = Notifier(presenter=shown, monotonic_ns=now)
    for _ in range(PER_MINUTE_MAX):
        notifier.deliver(alert())
        now.now_ns += SECOND
    for _ in range(7):
        with pytest.raises(ActionError, match="more than 10 in a minute"):
            notifier.deliver(alert())
    now.now_ns = 60 * SECOND
    notifier.deliver(alert())
    assert len(shown.words) == PER_MINUTE_MAX + 1
    assert shown.words[-1][1].splitlines()[-1] == "(7 more since the last one)"
    with pytest.raises(ActionError):
        notifier.deliver(alert())
    now.now_ns = 61 * SECOND
    notifier.deliver(alert())
    assert shown.words[-1][1].splitlines()[-1] == "(1 more since the last one)"


def test_one_that_could_not_be_shown_does_not_count_as_shown() -> None:
    class Broken:
        def show(self, words: Words) -> None:
            raise ActionError("no")

        def close(self) -> None:
            pass

    notifier = Notifier(presenter=Broken())
    for _ in range(PER_MINUTE_MAX * 2):
        with pytest.raises(ActionError, match=r"^no$"):
            notifier.deliver(alert())
    notifier.close()


@pytest.fixture
def without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if "notifier" in name else find_spec(name))


@pytest.fixture
def notify_send(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A notify-send that writes its arguments, one a line, to the file it is given."""
    program, said = tmp_path / "notify-send", tmp_path / "said"
    program.write_text(f'#!/bin/sh\nprintf "[%s]\\n" "$@" > {said}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return said


@pytest.mark.usefixtures("without_the_extra")
def test_with_nobody_to_show_it_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(MissingExtraError, match="pip install 'ironcliw\\[notify\\]'") as caught:
        Notifier()
    assert caught.value.extra == "notify"


@pytest.mark.skipif(sys.platform != "linux", reason="notify-send is a program of free desktops")
@pytest.mark.usefixtures("without_the_extra")
class TestNotifySend:
    def test_it_gets_the_words_as_they_are_and_no_shell_sees_them(self, notify_send: Path) -> None:
        Notifier().deliver(alert(rule="--help; $(reboot) `x` \"'\\", source="-s"))
        arguments = notify_send.read_text().splitlines()
        assert arguments == [
            "[--app-name=Ironcliw]",
            "[--]",
            "[Ironcliw: alert]",
            "[--help; $(reboot) `x` \"'\\",
            "-s]",
        ]

    @pytest.mark.usefixtures("notify_send")
    def test_text_from_the_screen_is_not_put_among_arguments(self) -> None:
        with pytest.raises(ActionError, match="cannot be given text from the screen"):
            Notifier(show_text=True)

    def test_its_failure_is_one_line(self, tmp_path: Path) -> None:
        program = tmp_path / "failing"
        program.write_text("#!/bin/sh\necho 'no \x1b[31mbus' >&2\necho more >&2\nexit 3\n")
        program.chmod(0o755)
        with pytest.raises(ActionError, match=r"notify-send ended with 3: no \\x1b\[31mbus$"):
            NotifySend(str(program)).show(Words("title", "message"))
        with pytest.raises(ActionError, match="notify-send cannot be run: No such file"):
            NotifySend(str(tmp_path / "gone")).show(Words("title", "message"))
