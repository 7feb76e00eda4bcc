"""Dialogs and notifications: what is drawn over the screen and says something."""

import numpy as np
import pytest
from incident_screen import IncidentScreen, states

from ironcliw.frame import Rect
from ironcliw.objects import Detection

BOX = Rect(200, 200, 300, 160)
PAGE = {(10, 20 * row): f"the page says things, line {row}" for row in range(25)}
WORDS = {(220, 220): "Delete Your Account", (220, 300): "Yes"}


def with_page() -> IncidentScreen:
    screen = IncidentScreen()
    screen.show(0, PAGE)
    screen.look(0.1)
    return screen


def opened(screen: IncidentScreen, words=WORDS, time_s=5.0):
    screen.pixels[BOX.y : BOX.bottom, BOX.x : BOX.right] = 240
    screen.show(time_s, {**PAGE, **words})


def dialog(kind="dialog", box=BOX):
    return Detection(kind, box, 0.9)


@pytest.mark.parametrize(("drawn", "kind"), [("dialog", "dialog"), ("toast", "notification")])
def test_it_begins_and_is_over(drawn, kind):
    screen = with_page()
    opened(screen)
    (begin,) = screen.look(5.2, dialog(drawn))
    assert (begin.incident.kind, begin.incident.text) == (kind, "Delete Your Account Yes")
    assert begin.incident.regions == (BOX,)
    assert screen.look(5.6, dialog(drawn)) == []
    screen.show(8, PAGE)
    assert states(screen.reports) == [(kind, "begin"), (kind, "end")]


def test_a_box_whose_words_were_there_is_no_news():
    screen = with_page()
    opened(screen, time_s=1.0)
    screen.show(9, {**PAGE, **WORDS})
    assert screen.look(9.2, dialog()) == []


def test_a_page_that_changed_as_a_whole_has_no_dialog():
    screen = with_page()
    shades = np.random.default_rng(4711).integers(0, 255, (6, 8, 1), np.uint8)
    screen.pixels[:] = shades.repeat(100, axis=0).repeat(100, axis=1)
    screen.show(5, WORDS)
    assert screen.look(5.2, dialog()) == []


def test_a_dimmed_page_is_the_same_page():
    screen = with_page()
    screen.pixels //= 2
    opened(screen)
    assert states(screen.look(5.2, dialog())) == [("dialog", "begin")]


def test_a_card_on_blank_ground_is_no_dialog():
    screen = IncidentScreen()
    screen.show(0, {(10, 10): "a page"})
    screen.look(0.1)
    screen.pixels[BOX.y : BOX.bottom, BOX.x : BOX.right] = 240
    screen.show(5, {(10, 10): "a page", **WORDS})
    assert screen.look(5.2, dialog()) == []


def test_a_dialog_that_asks_for_permission_or_reports_an_error_says_so():
    screen = with_page()
    opened(screen, {(220, 220): "Do you want to allow this app to make changes?"})
    (begin,) = screen.look(5.2, dialog())
    assert (begin.incident.kind, begin.incident.also) == ("permission", ("dialog",))
    assert begin.incident.is_kind("dialog")
    other = with_page()
    opened(other, {(220, 220): "ValueError: no such account"})
    assert other.look(5.2, dialog())[0].incident.also == ("error",)


def test_words_that_come_after_the_box_are_waited_for():
    screen = with_page()
    screen.pixels[BOX.y : BOX.bottom, BOX.x : BOX.right] = 240
    assert screen.look(5.0, dialog()) == []
    opened(screen, time_s=5.5)
    assert states(screen.look(5.7, dialog())) == [("dialog", "begin")]


def test_a_dialog_that_is_dragged_is_the_same():
    screen = with_page()
    opened(screen)
    screen.look(5.2, dialog())
    moved = {(x + 150, y + 90): text for (x, y), text in WORDS.items()}
    screen.show(6, {**PAGE, **moved})
    assert screen.look(6.2, dialog(box=BOX.moved(150, 90))) == []
    assert states(screen.reports) == [("dialog", "begin")]
