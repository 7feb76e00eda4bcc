"""What was drawn over and is seen again, in painted pictures."""

from __future__ import annotations

import numpy as np
import pytest

from ironcliw.clock import SECOND
from ironcliw.frame import Rect
from ironcliw.text import covered
from ironcliw.text.covered import CoveredStates
from ironcliw.text.screen import Line
from ironcliw.text.thumbnail import thumbnail_of

WIDTH, HEIGHT = 640, 400
ALL = Rect(0, 0, WIDTH, HEIGHT)


class Painted:
    """A screen that is painted on, and read whole."""

    def __init__(self) -> None:
        self.pixels = np.full((HEIGHT, WIDTH, 4), 24, np.uint8)
        self.lines: list[Line] = []
        self.states = CoveredStates(WIDTH, HEIGHT)
        self.now_ns = 0

    def write(self, text: str, x: int, y: int, ink: int = 220) -> None:
        random = np.random.default_rng(sum(text.encode()))
        for index in range(len(text)):
            strokes = random.integers(0, 2, (10, 7, 1)).astype(bool)
            area = self.pixels[y : y + 10, x + 8 * index : x + 8 * index + 7, :3]
            np.copyto(area, ink, where=strokes)
        self.lines.append(Line(0, text, Rect(x, y, 8 * len(text), 10), 0.9, 0))

    def fill(self, box: Rect, shade: int) -> None:
        self.pixels[box.y : box.bottom, box.x : box.right, :3] = shade
        self.lines = [line for line in self.lines if not line.box.overlaps(box)]

    def read(self, before: list[Line], *, scrolled: bool = False, after_s: float = 2.0) -> list[str]:
        """What is uncovered, after a reading of everything."""
        self.now_ns += round(after_s * SECOND)
        thumbnail = thumbnail_of(self.pixels, ALL)
        self.states.follow(thumbnail, before=before, after=self.lines, scrolled=scrolled, time_ns=self.now_ns)
        return [line.text for line in self.lines if self.states.uncovers(line)]


@pytest.fixture
def screen() -> Painted:
    painted = Painted()
    for row, text in enumerate(["$ make", "compiling main.c", "BUILD FAILED", "$ "]):
        painted.write(text, 20, 20 + 18 * row)
    painted.read([])
    return painted


def snapshot(screen: Painted) -> tuple[np.ndarray, list[Line]]:
    return screen.pixels.copy(), list(screen.lines)


def show(screen: Painted, state: tuple[np.ndarray, list[Line]], **options: object) -> list[str]:
    before = list(screen.lines)
    screen.pixels[:], screen.lines = state[0], list(state[1])
    return screen.read(before, **options)  # type: ignore[arg-type]


def window(screen: Painted, box: Rect = ALL, shade: int = 240) -> tuple[np.ndarray, list[Line]]:
    """The state with a window drawn over ``box``; the screen itself stays as it is."""
    kept = snapshot(screen)
    screen.fill(box, shade)
    screen.write("Mail", box.x + 12, box.y + box.height // 2, ink=20)
    drawn = snapshot(screen)
    screen.pixels[:], screen.lines = kept[0], list(kept[1])
    return drawn


def test_what_a_window_covered_is_seen_again(screen: Painted) -> None:
    desktop = snapshot(screen)
    assert show(screen, window(screen)) == []
    assert show(screen, desktop) == ["$ make", "compiling main.c", "BUILD FAILED", "$ "]


def test_a_dimmed_page_is_the_same_page(screen: Painted) -> None:
    pixels, lines = snapshot(screen)
    show(screen, window(screen))
    dimmed = (pixels // 2, lines)
    assert "BUILD FAILED" in show(screen, dimmed)


def test_a_small_popup_over_two_lines(screen: Painted) -> None:
    desktop = snapshot(screen)
    show(screen, window(screen, Rect(10, 48, 160, 32)))
    assert show(screen, desktop) == ["BUILD FAILED", "$ "]


def test_a_window_that_opens_again_is_news(screen: Painted) -> None:
    desktop, mail = snapshot(screen), window(screen)
    show(screen, mail)
    show(screen, desktop)
    assert show(screen, mail) == []


def test_only_what_stood_there_is_uncovered(screen: Painted) -> None:
    show_again = snapshot(screen)
    show(screen, window(screen))
    before = list(screen.lines)
    screen.pixels[:], screen.lines = show_again[0], list(show_again[1])
    screen.write("Segmentation fault", 20, 120)
    assert "Segmentation fault" not in screen.read(before)


def test_a_word_rewritten_in_place_covers_nothing(screen: Painted) -> None:
    """A status that reads "failed", "running" and "failed" has failed twice."""
    failed = snapshot(screen)
    screen.fill(Rect(20, 56, 200, 10), 24)
    screen.write("BUILD RUNNING", 20, 56)
    screen.read(failed[1])
    assert show(screen, failed) == []


def test_a_cleared_screen_covers_nothing(screen: Painted) -> None:
    """The command that runs again says the same at the same place, and that is news."""
    failed = snapshot(screen)
    screen.fill(ALL, 24)
    screen.write("$ ", 20, 20)
    screen.read(failed[1])
    assert show(screen, failed) == []


def test_what_scrolled_covers_nothing(screen: Painted) -> None:
    failed = snapshot(screen)
    show(screen, window(screen), scrolled=True)
    assert show(screen, failed) == []


def test_two_windows_are_closed_in_any_order(screen: Painted) -> None:
    screen.write("job 2 FAILED", 400, 20)
    screen.read(list(screen.lines))
    left, right = Rect(0, 0, 300, HEIGHT), Rect(340, 0, 300, HEIGHT)
    desktop, right_only = snapshot(screen), window(screen, right)
    show(screen, window(screen, left))
    both_pixels = screen.pixels.copy()
    screen.fill(right, 240)
    screen.write("Mail", 352, HEIGHT // 2, ink=20)
    screen.read([line for line in desktop[1] if line.box.x > 300])
    assert not (screen.pixels == both_pixels).all()
    assert "BUILD FAILED" in show(screen, right_only)
    assert "job 2 FAILED" in show(screen, desktop)


def test_it_stays_uncovered_for_the_moment_it_takes_to_be_read(screen: Painted) -> None:
    desktop = snapshot(screen)
    show(screen, window(screen))
    show(screen, desktop)
    assert "BUILD FAILED" in screen.read(screen.lines, after_s=0.5)
    assert screen.read(screen.lines, after_s=1.0) == []


def test_states_are_bounded(screen: Painted) -> None:
    """A person may open windows all day."""
    for shade in range(40, 240, 4):
        screen.fill(ALL, shade)
        screen.write(f"window {shade}", 30, 30, ink=255 - shade)
        before = list(screen.lines)
        screen.write(f"page {shade}", 300, 200, ink=(shade + 120) % 256)
        screen.read(before)
    assert len(screen.states._states) <= covered.STATES_MAX


def test_a_screen_without_a_whole_block() -> None:
    states = CoveredStates(3, 3)
    tiny = thumbnail_of(np.zeros((3, 3, 4), np.uint8), Rect(0, 0, 3, 3))
    states.follow(tiny, before=[], after=[], scrolled=False, time_ns=0)
    assert not states.uncovers(Line(0, "x", Rect(0, 0, 3, 3), 1.0, 0))


def test_a_page_that_is_back_without_its_dialog(screen: Painted) -> None:
    """When the dialog opens on it a moment later, it is news."""
    page = snapshot(screen)
    screen.fill(Rect(220, 150, 200, 60), 250)
    screen.write("Delete your account?", 230, 170, ink=10)
    screen.read(page[1])
    with_dialog = snapshot(screen)
    show(screen, window(screen))
    assert "Delete your account?" not in show(screen, page)
    assert "Delete your account?" not in show(screen, with_dialog, after_s=0.3)  # type: ignore[arg-type]


def dialog(screen: Painted) -> tuple[np.ndarray, list[Line]]:
    """The state with a dialog on it; the screen itself stays as it is."""
    kept, box = snapshot(screen), Rect(200, 120, 240, 90)
    screen.fill(box, 250)
    screen.write("Allow access?", box.x + 20, box.y + 40, ink=10)
    drawn = snapshot(screen)
    screen.pixels[:], screen.lines = kept[0], list(kept[1])
    return drawn


def test_a_dialog_on_an_empty_desktop_is_news_every_time() -> None:
    screen = Painted()
    screen.read([])
    empty, asking = snapshot(screen), dialog(screen)
    for _ in range(3):
        assert show(screen, asking) == []
        assert show(screen, empty) == []


def test_a_dialog_over_a_log_that_goes_on_meanwhile_is_news_every_time(screen: Painted) -> None:
    for count in range(3):
        assert "Allow access?" not in show(screen, dialog(screen))
        before = list(screen.lines)
        screen.fill(ALL, 24)
        for row in range(18):
            screen.write(f"log line {count}{row} of the build", 20 + 40 * row % 200, 20 + 18 * row)
        screen.read(before)
