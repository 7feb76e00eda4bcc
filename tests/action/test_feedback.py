"""What people say of alerts, and what follows from it, now and after a restart."""

from __future__ import annotations

import multiprocessing
import stat
import time
from pathlib import Path

import pytest
from action_events import alert

from ironcliw.action import Dispatcher, Feedback, Reminders
from ironcliw.action.feedback import QUIET_BELOW
from ironcliw.errors import FeedbackError
from ironcliw.event import Event

SECOND = 1_000_000_000


class Clock:
    def __init__(self) -> None:
        self.now_ns = 1_790_000_000 * SECOND

    def __call__(self) -> int:
        return self.now_ns


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def feedback(tmp_path: Path, clock: Clock) -> Feedback:
    return Feedback(tmp_path / "feedback.json", clock)


def test_it_holds_nothing_of_the_screen_and_only_its_owner_reads_it(tmp_path: Path, feedback: Feedback) -> None:
    feedback.remember(alert(text="canary-on-screen"))
    for verdict in ("useful", "later", "mute"):
        feedback.say("last", verdict)
    files = sorted(tmp_path.iterdir())
    assert [file.name for file in files] == ["feedback.json", "feedback.json.lock"]
    for file in files:
        assert b"canary" not in file.read_bytes()
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_rule_starts_from_the_prior_and_learns(feedback: Feedback) -> None:
    for number in range(9):
        feedback.remember(alert(number))
        feedback.say(str(number), "not-useful")
    (rule,) = feedback.rules()
    assert (rule.rule, rule.useful, rule.not_useful) == ("text:BUILD FAILED", 0, 9)
    assert rule.estimate == pytest.approx(3 / 13)
    assert not rule.interrupts
    allowed = [feedback.allows(alert(), "notify") for _ in range(16)]
    assert sum(allowed) == 2, "one in eight interrupts all the same"
    assert feedback.allows(alert(), "webhook")
    assert feedback.allows(alert(rule="text:other"), "notify")
    for number in range(4):
        feedback.remember(alert(100 + number))
        feedback.say("last", "useful")
    assert feedback.rules()[0].estimate > QUIET_BELOW
    assert feedback.allows(alert(), "notify")
    feedback.reset("text:BUILD FAILED")
    assert feedback.rules() == []


def test_eight_words_against_a_rule_do_not_quieten_it(feedback: Feedback) -> None:
    for number in range(8):
        feedback.remember(alert(number))
        feedback.say("last", "not-useful")
    assert feedback.rules()[0].interrupts


def test_of_one_alert_the_last_word_holds(feedback: Feedback) -> None:
    feedback.remember(alert(5))
    for verdict in ("useful", "useful", "not-useful"):
        feedback.say("5", verdict)
    (rule,) = feedback.rules()
    assert (rule.useful, rule.not_useful) == (0, 1)


def test_a_mute_silences_the_actions_of_its_rule_until_it_ends(feedback: Feedback, clock: Clock) -> None:
    feedback.remember(alert())
    said = feedback.say("last", "mute", 60)
    assert said.until_ns == clock.now_ns + 60 * SECOND
    assert not feedback.allows(alert(2), "webhook")
    assert feedback.allows(alert(rule="text:other"), "webhook")
    clock.now_ns += 61 * SECOND
    assert feedback.allows(alert(2), "webhook")
    assert feedback.rules() == []


def test_later_reminds_once_also_after_a_restart(tmp_path: Path, feedback: Feedback, clock: Clock) -> None:
    feedback.remember(alert(3, text="canary"))
    feedback.say("last", "later", 600)
    again = Feedback(tmp_path / "feedback.json", clock)
    assert again.due() == []
    clock.now_ns += 601 * SECOND
    (reminder,) = again.due()
    assert (reminder.id, reminder.rule, reminder.text) == ("3-later", "text:BUILD FAILED", None)
    assert reminder.data["reminder_of"] == "3"
    assert again.due() == feedback.due() == []


def test_what_cannot_be_said(feedback: Feedback) -> None:
    with pytest.raises(FeedbackError, match="no alert has come yet"):
        feedback.say("last", "useful")
    feedback.remember(alert())
    for call, says in (
        (lambda: feedback.say("none", "useful"), "no alert 'none' is known"),
        (lambda: feedback.say("last", "great"), "useful, not-useful, later, mute"),
        (lambda: feedback.say("last", "useful", 60), "takes no time"),
        (lambda: feedback.say("last", "mute", 1e9), "at most 30 days"),
        (lambda: feedback.reset("text:none"), "nothing was said of a rule"),
    ):
        with pytest.raises(FeedbackError, match=says):
            call()


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"v":2}', '{"v":1,"alerts":[1],"rules":{},"later":[],"muted":{}}', "\0" * 99]
)
def test_a_broken_file_counts_as_empty_and_is_replaced(tmp_path: Path, text: str) -> None:
    path = tmp_path / "feedback.json"
    path.write_text(text)
    feedback = Feedback(path)
    assert feedback.allows(alert(), "notify")
    feedback.remember(alert())
    feedback.say("last", "useful")
    assert Feedback(path).rules()[0].useful == 1


def test_a_file_that_cannot_be_written_is_one_error(tmp_path: Path) -> None:
    feedback = Feedback(tmp_path / "none" / "feedback.json")
    assert feedback.allows(alert(), "notify")
    with pytest.raises(FeedbackError, match="cannot be written: no such file"):
        feedback.remember(alert())


def _say_many(path: Path, first: int) -> None:
    feedback = Feedback(path)
    for number in range(first, first + 25):
        feedback.remember(alert(number, rule=f"text:{first}"))
        feedback.say(str(number), "useful")


def test_several_processes_lose_nothing_of_each_other(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    path = tmp_path / "feedback.json"
    others = [context.Process(target=_say_many, args=(path, first)) for first in (1000, 2000)]
    for other in others:
        other.start()
    for other in others:
        other.join(60)
        assert other.exitcode == 0
    assert [rule.useful for rule in Feedback(path).rules()] == [25, 25]


def test_reminders_reach_the_actions_and_mutes_are_heard_of_from_elsewhere(tmp_path: Path) -> None:
    class Collected:
        name = "collected"

        def __init__(self) -> None:
            self.events: list[Event] = []

        def deliver(self, event: Event) -> None:
            self.events.append(event)

        def close(self) -> None:
            pass

    path, action = tmp_path / "feedback.json", Collected()
    feedback = Feedback(path)
    dispatcher = Dispatcher([action], allows=feedback.allows)
    reminders = Reminders(feedback, dispatcher.submit, look_s=0.1)
    dispatcher.submit(alert(1))
    reminders.remember(alert(1))
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and not path.exists():
        time.sleep(0.02)
    elsewhere = Feedback(path)
    elsewhere.say("1", "later", 0.3)
    while time.monotonic() < deadline and len(action.events) < 2:
        time.sleep(0.02)
    elsewhere.say("1", "mute")
    dispatcher.submit(alert(2))
    reminders.close()
    ((_, counts),) = dispatcher.close()
    assert [event.id for event in action.events] == ["1", "1-later"]
    assert (counts.delivered, counts.held, counts.submitted) == (2, 1, 2)
