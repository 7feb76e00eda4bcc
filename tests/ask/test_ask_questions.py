"""Questions in plain words, and answers that are counted."""

from datetime import UTC, datetime, timedelta

import pytest

from conftest import eventually
from ironcliw import clock
from ironcliw.ask import findings, parse_question, plain_answer
from ironcliw.errors import SettingsError
from ironcliw.event import Event
from ironcliw.store import EventLog
from watcher_home import watcher_home as watcher_home

NOW = datetime(2026, 11, 27, 14, 30, tzinfo=UTC)


def at(hour: int, minute: int = 0, day: int = 27) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("asked", "how", "since", "until", "kinds", "phrases", "words"),
    [
        ("what changed since 12:00?", "what", at(12), NOW, (), (), ()),
        ("how many errors in the last half an hour", "count", at(14), NOW, ("error",), (), ()),
        ('when did "BUILD FAILED" appear today?', "when", at(0), NOW, (), ("BUILD FAILED",), ()),
        ("did the deploy fail yesterday?", "whether", at(0, day=26), at(0), ("error",), (), ("deploy",)),
        ("what happened between 9:00 and 10:30", "what", at(9), at(10, 30), (), (), ()),
        ("any dialogs in the last 2 hours?", "whether", at(12, 30), NOW, ("dialog",), (), ()),
        ("did CI pass this morning", "whether", at(0), at(12), ("success",), (), ("ci",)),
        ("what was on the screen at 13:05", "what", at(13, 3), at(13, 7), (), (), ()),
        ("errors since 15:00", "what", at(15, day=26), NOW, ("error",), (), ()),
        ("since 2 hours ago what changed", "what", at(12, 30), NOW, (), (), ()),
        ("was it blind or paused after noon", "whether", at(12), NOW, ("gap",), (), ()),
        ("what didn't we see since 9am", "what", at(9), NOW, (), (), ("didn", "t")),
        ("what changed since 2026-11-26T08:00", "what", at(8, day=26), NOW, (), (), ()),
        ("api-server alerts", "what", at(14, 30, day=26), NOW, ("alert",), (), ("api-server",)),
    ],
)
def test_what_a_question_means(asked, how, since, until, kinds, phrases, words):
    question = parse_question(asked, NOW)
    ns = [round(moment.timestamp()) * clock.SECOND for moment in (since, until)]
    assert [question.since_ns, question.until_ns] == ns
    assert (question.how, question.kinds, question.phrases) == (how, kinds, phrases)
    assert question.words == tuple(word for word in words if word != "t") or question.words == words


@pytest.mark.parametrize("asked", ["", "   ", "x" * 3000, "between 12:00 and 10:00", "since 27:00 what"])
def test_what_means_nothing_is_refused(asked):
    with pytest.raises(SettingsError):
        parse_question(asked, NOW)


def event(number: int, type_: str, moment: datetime, text=None, rule=None, **data) -> Event:
    wall = clock.rfc3339(round(moment.timestamp()) * clock.SECOND)
    return Event(f"run-{number}", type_, float(number), wall, "screen", text=text, rule=rule, data=data)


DAY = [
    event(1, "start", at(11, 0)),
    event(2, "text_appeared", at(11, 30), "BUILD FAILED before"),
    *(event(10 + at_, "change", at(12, at_)) for at_ in range(5)),
    event(20, "text_appeared", at(12, 3), "BUILD FAILED: job 7"),
    event(21, "alert", at(12, 3), "BUILD FAILED: job 7", "text:BUILD FAILED"),
    event(22, "incident", at(12, 3), "error: no such file", kind="error", state="begin"),
    event(23, "incident", at(12, 9), "error: no such file", kind="error", state="end"),
    event(24, "alert", at(13, 0), "BUILD FAILED: job 9", "text:BUILD FAILED"),
    event(25, "gap", at(13, 30), reason="paused", state="begin"),
    event(26, "gap", at(13, 40), reason="paused", state="end"),
    event(27, "text_appeared", at(14, 0), "\x1b[31mREADY\u202e"),
]


def answer(asked: str, events=DAY) -> str:
    question = parse_question(asked, NOW)
    return plain_answer(question, findings(question, events), UTC)


def test_what_changed_is_grouped_counted_and_timed():
    assert answer("what changed since 12:00?").splitlines() == [
        "12:00:00 to 14:30:00: 6 of 13 events",
        "alerts: 2 times",
        "  12:03:00, 13:00:00  2 x  text:BUILD FAILED: BUILD FAILED: job 9",
        "errors: once",
        "  12:03:00  error: no such file",
        "not seen: once",
        "  13:30:00  paused",
        "text that appeared: 2 times",
        r"  14:00:00  \x1b[31mREADY\u202e",
        "  12:03:00  BUILD FAILED: job 7",
    ]


@pytest.mark.parametrize(
    ("asked", "headline"),
    [
        ("how many alerts since 12:00?", "12:00:00 to 14:30:00: 2"),
        ("did the build fail since 12:00?", "12:00:00 to 14:30:00: yes, 3 times, at last 13:00:00"),
        ('when was "job 9"?', "2026-11-26 14:30:00 to 2026-11-27 14:30:00: once: 2026-11-27 13:00:00"),
        ("when did alerts fire since 12:00", "12:00:00 to 14:30:00: 2 times: first 12:03:00, last 13:00:00"),
        ("did the deploy succeed since 12:00?", "12:00:00 to 14:30:00: no; 13 events, 5 of them changes"),
        ("what changed since 14:10?", "14:10:00 to 14:30:00: nothing was told in that time"),
    ],
)
def test_the_headline_answers_what_was_asked(asked, headline):
    assert answer(asked).splitlines()[0] == headline


def test_answers_are_bounded():
    many = [
        event(at_, "text_appeared", NOW - timedelta(seconds=at_ % 60), f"line {at_} " + "x" * 500)
        for at_ in range(8000)
    ]
    lines = answer("what changed in the last hour", many).splitlines()
    assert len(lines) < 20
    assert max(map(len, lines)) < 200
    assert "3000 events more" in lines[-1]


def test_the_command_answers_from_the_log_and_from_the_watcher(watcher_home, tmp_path):
    assert "no watcher is running" in watcher_home.call("ask", "what changed?", code=2)
    watcher = watcher_home.start()
    watcher_home.show("READY", "DEPLOYED 5")
    eventually(lambda: watcher.search_events("deployed").events, "the line")
    assert "DEPLOYED 5" in watcher_home.call("ask", "what changed in the last 5m?")
    path = tmp_path / "events.db"
    log = EventLog(path)
    now = datetime.now(UTC)
    log.append(event(1, "alert", now - timedelta(minutes=3), "BUILD FAILED", "text:BUILD FAILED"))
    log.close()
    assert "yes, once" in watcher_home.call("ask", "--log", str(path), "did any alert fire in the last 10m?")
    assert ": no;" in watcher_home.call("ask", "--log", str(path), "any dialogs in the last 10m?", code=1)
