"""The atoms beside words and pixels: progress, counts, what is drawn, pictures, a model's answers, being blind."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from rule_screens import ROW, SECOND, Screen

from ironcliw.errors import ConditionError
from ironcliw.frame import Rect
from ironcliw.objects import Detection
from ironcliw.rule import Answer, Firing, RuleSet, SeenObjects, Window

WHOLE = Rect(0, 0, 400, 300)


def watched(*conditions: str, now: bool = False) -> tuple[RuleSet, Screen]:
    rules, screen = RuleSet(list(conditions), now=now), Screen()
    assert rules.on_text(screen.read(1_000, at_start=True)) == []
    rules.on_begun(0)
    return rules, screen


def told(firings: list[Firing]) -> list[tuple[str, int, str | None]]:
    return [(firing.condition, firing.time_ns // SECOND, firing.text) for firing in firings]


def test_progress_is_met_once_and_only_by_what_rises() -> None:
    rules, screen = watched('progress:"down" >= 50%', "progress eta < 3s", "progress >= 90%", "progress rate > 50%/s")
    line, load = screen.put("Download 10%"), screen.put("cpu load 95%", 0, ROW)
    rules.on_text(screen.read(1_000))
    fired: list[tuple[str, int, str | None]] = []
    for value, gauge in ((20, 40), (30, 60), (80, 20), (95, 97), (100, 30)):
        screen.edit(line, f"Download {value}%")
        screen.edit(load, f"cpu load {gauge}%")
        fired += told(rules.on_text(screen.read(1_000)))
    assert fired == [
        ('progress:"down" >= 50%', 4, "Download 80%"),
        ("progress eta < 3s", 4, "Download 80%"),
        ("progress >= 90%", 5, "Download 95%"),
    ]


def test_progress_that_does_not_move_has_stalled_and_being_blind_is_no_stall() -> None:
    rules, screen = watched("stalled(5s)")
    line = screen.put("Copying 10%")
    rules.on_text(screen.read(1_000))
    for value in (20, 30):
        screen.edit(line, f"Copying {value}%")
        assert rules.on_text(screen.read(1_000)) == []
    rules.on_gap(5 * SECOND)
    assert rules.on_time(60 * SECOND) == []
    rules.on_back(60 * SECOND)
    assert told(rules.on_time(64 * SECOND)) == []
    assert told(rules.on_time(66 * SECOND)) == [("stalled(5s)", 65, "Copying 30%")]
    assert rules.on_time(600 * SECOND) == []


def test_matches_are_counted() -> None:
    rules, screen = watched('count(text:"failed") >= 3', 'count(text:"failed") < 2')
    lines = [screen.put("failed", 0, 3 * row * ROW) for row in range(2)]
    assert told(rules.on_text(screen.read(1_000))) == []
    screen.put("failed", 200, 0)
    assert told(rules.on_text(screen.read(1_000))) == [('count(text:"failed") >= 3', 2, "failed")]
    for line in lines:
        screen.take(line)
    rules.on_text(screen.read(1_000))
    assert [firing.condition for firing in rules.on_time(screen.now_ns)] == ['count(text:"failed") < 2']


def _seen(rules: RuleSet, screen: Screen, region: Rect, *detections: Detection) -> list[Firing]:
    lines = tuple(screen.lines.values())
    return rules.on_objects(SeenObjects(region, detections, lines, screen.now_ns))


def test_objects_with_their_words() -> None:
    rules, screen = watched('object(button:"Save")', "object(dialog)", "not object(dialog)")
    screen.put("Save", 10, 10)
    rules.on_text(screen.read(1_000))
    save = Detection("button", Rect(5, 5, 60, 30), 0.9)
    assert told(_seen(rules, screen, WHOLE, save, Detection("button", Rect(100, 100, 60, 30), 0.9))) == [
        ('object(button:"Save")', 2, "Save")
    ]
    assert _seen(rules, screen, WHOLE, save) == []
    dialog = Detection("dialog", Rect(200, 100, 100, 80), 0.8)
    assert told(_seen(rules, screen, Rect(200, 100, 100, 80), dialog)) == [("object(dialog)", 2, None)]
    assert _seen(rules, screen, Rect(200, 100, 10, 10), Detection("dialog", Rect(200, 100, 99, 80), 0.2)) != []
    assert rules.states()["not object(dialog)"] in ("firing", "resolved")


def test_windows_by_their_frames_and_titles_or_as_the_source_tells() -> None:
    rules, screen = watched('window("Editor")', 'text:"abc" in window "Editor"')
    screen.put("Editor - notes", 100, 100)
    rules.on_text(screen.read(1_000))
    frame = Detection("window", Rect(95, 95, 500, 280), 0.9)
    assert told(_seen(rules, screen, Rect(90, 90, 600, 300), frame)) == [('window("Editor")', 2, None)]
    screen.put("abc", 110, 200)
    screen.put("abc", 1_000, 200)
    (firing,) = rules.on_text(screen.read(1_000))
    assert (firing.regions, firing.merged) == ((Rect(110, 200, 24, 16),), 0)
    rules, screen = watched('window(app:"code")', 'text:"abc" in window "notes"')
    assert rules.doubts() != []
    rules.on_windows([Window("notes.txt", "code", Rect(0, 0, 300, 300))], SECOND)
    assert rules.doubts() == []
    screen.put("abc", 500, 200)
    assert rules.on_text(screen.read(1_000)) == []
    screen.put("abc", 50, 200)
    assert len(rules.on_text(screen.read(1_000))) == 1


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    rng = np.random.default_rng(1)
    Image.fromarray(rng.integers(0, 255, (20, 30, 3), dtype=np.uint8)).save(tmp_path / "small.png")
    Image.fromarray(np.full((300, 400, 3), 200, np.uint8)).save(tmp_path / "whole.png")
    Image.fromarray(np.zeros((600, 600, 3), np.uint8)).save(tmp_path / "large.png")
    return tmp_path


def test_a_picture_is_found_where_it_comes_and_known_to_be_gone(pictures: Path) -> None:
    rules = RuleSet([f'image("{pictures}/small.png")', f'not image("{pictures}/small.png")'], now=False)
    small = np.asarray(Image.open(pictures / "small.png"))[:, :, ::-1]
    pixels = np.zeros((300, 400, 4), np.uint8)
    assert rules.needs_pixels
    assert rules.on_pixels(0, pixels, [WHOLE]) == []
    pixels[100:120, 50:80, :3] = np.clip(small.astype(int) + 9, 0, 255)  # a little off in every colour
    (firing,) = rules.on_pixels(SECOND, pixels, [Rect(60, 105, 10, 10)])
    assert firing.regions == (Rect(50, 100, 30, 20),)
    pixels[200:204] = 9
    assert rules.on_pixels(2 * SECOND, pixels, [Rect(0, 200, 400, 4)]) == []
    pixels[100:104, 50:80, :3] = 0
    gone = rules.on_pixels(3 * SECOND, pixels, [Rect(50, 100, 30, 4)])
    assert [firing.condition.partition(" ")[0] for firing in gone] == ["not"]


def test_a_picture_that_is_not_quite_there_is_not_there(pictures: Path) -> None:
    rules = RuleSet([f'image("{pictures}/small.png", 0,0,400,90)'], now=False)
    small = np.asarray(Image.open(pictures / "small.png"))[:, :, ::-1]
    pixels = np.zeros((300, 400, 4), np.uint8)
    rules.on_pixels(0, pixels, [WHOLE])
    pixels[40:60, 50:80, :3] = small
    pixels[40:44, 50:80, :3] = 0
    pixels[150:170, 50:80, :3] = small  # whole, but beyond the region
    assert rules.on_pixels(SECOND, pixels, [WHOLE]) == []


def test_the_screen_looks_like_a_picture_of_it(pictures: Path) -> None:
    rules = RuleSet([f'similar("{pictures}/whole.png")'], now=False)
    pixels = np.zeros((300, 400, 4), np.uint8)
    assert rules.on_pixels(0, pixels, [WHOLE]) == []
    pixels[:] = 199
    assert len(rules.on_pixels(SECOND, pixels, [WHOLE])) == 1
    assert rules.on_pixels(2 * SECOND, pixels, [WHOLE]) == []


def test_pictures_that_cannot_be_used_are_refused(pictures: Path) -> None:
    with pytest.raises(ConditionError, match="no such file"):
        RuleSet(['image("none.png")'], now=False)
    with pytest.raises(ConditionError, match="512x512 is the most"):
        RuleSet([f'image("{pictures}/large.png")'], now=False)


def test_a_model_is_asked_rarely_and_only_where_it_matters() -> None:
    rules, screen = watched('text:"deploy" and says("is it green?")')
    rules.on_change(2 * SECOND, [Rect(0, 0, 9, 9)])
    assert rules.take_questions(10 * SECOND) == []  # without the words an answer changes nothing
    screen.now_ns = 11 * SECOND
    screen.put("deploy")
    assert rules.on_text(screen.read(0)) == []
    (question,) = rules.take_questions(12 * SECOND)
    assert (question.words, question.region, question.time_ns) == ("is it green?", None, 12 * SECOND)
    assert rules.take_questions(13 * SECOND) == []
    rules.on_change(13 * SECOND, [Rect(0, 0, 9, 9)])
    assert rules.on_answer(Answer(question.id + 7, "yes"), 14 * SECOND) == []
    (firing,) = rules.on_answer(Answer(question.id, "yes", 0.8), 14 * SECOND)
    assert (firing.text, firing.time_ns) == ("deploy", 14 * SECOND)
    assert rules.take_questions(16 * SECOND) == []  # ten seconds apart
    (again,) = rules.take_questions(22 * SECOND)
    assert rules.on_answer(Answer(again.id, "unknown"), 23 * SECOND) == []
    assert rules.states()['text:"deploy" and says("is it green?")'] == "firing"


def test_what_a_model_says_of_the_start_is_no_news_but_where_that_counts() -> None:
    for now, expected in ((False, 0), (True, 1)):
        rules = RuleSet(['says("is it green?")'], now=now)
        (question,) = rules.take_questions(2 * SECOND)
        assert len(rules.on_answer(Answer(question.id, "yes"), 3 * SECOND)) == expected


def test_being_blind_is_told_each_time() -> None:
    rules = RuleSet(["blind", "not blind"], now=False)
    assert told(rules.on_gap(SECOND)) == [("blind", 1, None)]
    assert rules.on_gap(2 * SECOND) == []
    assert told(rules.on_back(3 * SECOND)) == [("not blind", 3, None)]
    assert told(rules.on_gap(4 * SECOND)) == [("blind", 4, None)]


def test_what_is_so_at_the_start_counts_with_now() -> None:
    for now, expected in ((False, []), (True, ['not text:"x"'])):
        rules, screen = RuleSet(['not text:"x"'], now=now), Screen()
        rules.hold_start()
        assert rules.on_text(screen.read(1_000, at_start=True)) == []
        assert [firing.condition for firing in rules.on_begun(SECOND)] == expected


def test_nothing_is_concluded_while_nothing_is_seen() -> None:
    rules, screen = watched('not text:"beat" for 5s')
    screen.put("beat")
    rules.on_text(screen.read(1_000))
    rules.on_gap(3 * SECOND)
    assert rules.on_time(60 * SECOND) == []
    rules.on_back(61 * SECOND)
    screen.lines.clear()
    screen.now_ns = 62 * SECOND
    rules.on_text(screen.read(0))
    assert told(rules.on_time(66 * SECOND)) == []
    assert [firing.time_ns for firing in rules.on_time(70 * SECOND)] == [67_300_000_000]
