"""The parts that synthetic desktops are painted with: canvas, lettering, panes, and who lies above whom."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ironcliw.errors import SettingsError
from ironcliw.frame import Rect
from ironcliw.source.synthetic import FONTS, Look
from ironcliw.source.synthetic import font as font_module
from ironcliw.source.synthetic.canvas import PIXEL, Canvas, mix
from ironcliw.source.synthetic.desktop import Desktop
from ironcliw.source.synthetic.font import Font, fonts_here
from ironcliw.source.synthetic.layout import furnished
from ironcliw.source.synthetic.look import THEMES
from ironcliw.source.synthetic.moving import Clock, Spinner, Video
from ironcliw.source.synthetic.pane import TextPane
from ironcliw.source.synthetic.panel import Label
from ironcliw.source.synthetic.popup import Toast
from ironcliw.source.synthetic.widget import Bar, Widget, Window

LOOK = Look()
rects = st.builds(Rect, st.integers(-20, 40), st.integers(-20, 40), st.integers(1, 50), st.integers(1, 50))


def canvas(box: Rect) -> Canvas:
    return Canvas(box, np.zeros((box.height, box.width), PIXEL), LOOK, Font(LOOK))


@settings(max_examples=60, deadline=None)
@given(rects, rects)
def test_filling_stays_inside_both(part: Rect, box: Rect) -> None:
    painted = canvas(part)
    painted.fill(box, 0x123456)
    shared = part.intersection(box)
    assert int((painted.pixels == 0x123456).sum()) == (shared.area if shared else 0)
    if shared:
        assert painted.pixels[shared.y - part.y, shared.x - part.x] == 0x123456


@settings(max_examples=60, deadline=None)
@given(rects, st.integers(-30, 50), st.integers(-30, 50))
def test_pictures_are_the_same_whole_or_in_parts(part: Rect, x: int, y: int) -> None:
    picture = np.arange(1, 21 * 13 + 1, dtype=PIXEL).reshape(21, 13)
    whole, some = canvas(Rect(-80, -80, 240, 240)), canvas(part)
    whole.picture(x, y, picture)
    some.picture(x, y, picture)
    assert np.array_equal(some.pixels, whole.pixels[part.y + 80 : part.bottom + 80, part.x + 80 : part.right + 80])


def test_a_part_paints_on_the_same_pixels() -> None:
    whole = canvas(Rect(0, 0, 40, 30))
    part = whole.part(Rect(10, 10, 500, 5))
    assert part is not None
    part.fill(Rect(0, 0, 999, 999), 7)
    assert int((whole.pixels == 7).sum()) == 30 * 5
    assert whole.part(Rect(40, 0, 5, 5)) is None


@pytest.mark.parametrize(("share", "expected"), [(0, 0x0A141E), (256, 0xC8B4A0), (128, 0x69645F)])
def test_mixing(share: int, expected: int) -> None:
    over, under = np.full((2, 3), 0xC8B4A0, PIXEL), np.full((2, 3), 0x0A141E, PIXEL)
    mix(over, under, share)
    assert (over == expected).all()


@pytest.mark.parametrize("name", fonts_here())
@pytest.mark.parametrize("scale", [1.0, 1.3, 2.0])
def test_ink_stays_in_its_box_in_every_font(name: str, scale: float) -> None:
    look = Look(scale=scale, font=name)
    font = Font(look)
    for text in ("BUILD FAILED", "WWWWWWWW", "illi.", "gjpqy|", "M", " x "):
        picture = font.picture(text, 0xFFFFFF, 0)
        assert picture.shape == (look.line_px, look.cell_px * len(text))
        assert picture.any()
        rows = np.flatnonzero(picture.any(axis=1))
        assert rows[0] > 0, "cut at the top"
        assert rows[-1] < look.line_px - 1, "cut at the bottom"
        assert font.fitting(text).getlength(text) <= picture.shape[1]


def test_ink_and_ground_are_the_ends_of_the_shades() -> None:
    picture = Font(LOOK).picture("MM", 0x102030, 0xF0E0D0)
    assert picture[0, 0] == 0xF0E0D0
    assert 0x102030 in picture
    assert (picture <= 0xFFFFFF).all()


def test_a_font_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    there = font_module._face
    monkeypatch.setattr(font_module, "_face", lambda name, size: there(name, size) if name == "builtin" else None)
    assert Font(LOOK).name == "builtin"
    with pytest.raises(SettingsError, match="font: 'dejavu' is not installed; expected one of auto, builtin"):
        Font(Look(font="dejavu"))
    assert fonts_here() == ["auto", "builtin"]


@pytest.mark.parametrize("scale", [1.0, 1.1, 1.25, 1.5, 1.9, 2.0])
def test_neighbours_stay_neighbours_at_every_scale(scale: float) -> None:
    look = Look(scale=scale)
    for x in range(50):
        assert look.rect(x, 3, 1, 4).right == look.rect(x + 1, 3, 1, 4).x
        assert look.rect(3, x, 4, 1).bottom == look.rect(3, x + 1, 4, 1).y


def pane(rows: int = 4, columns: int = 20) -> TextPane:
    window = Window(Rect(100, 50, 400, 400), "t")
    window.shown = True
    return window.add(TextPane(Rect(10, 30, LOOK.cell_px * columns, LOOK.line_px * rows + 3), LOOK))


def test_a_pane_scrolls() -> None:
    printing = pane()
    rows = [printing.print(f"line {number}") for number in range(5)]
    assert [row.text for row in printing.rows] == ["line 2", "line 3", "line 4", ""]
    assert printing.part_box(rows[0][0]) is None
    assert printing.part_box(rows[3][0]) == Rect(110, 100, 6 * LOOK.cell_px, LOOK.line_px)
    assert [touched == printing.box for _, touched in rows] == [False, False, False, True, True]


def test_equal_lines_are_told_apart() -> None:
    printing = pane()
    first, second = printing.print("same")[0], printing.print("same")[0]
    assert printing.part_box(first) != printing.part_box(second)


def test_typing_and_entering() -> None:
    typing = pane()
    row, _ = typing.type("$ ls")
    assert typing.caret_box.x == 110 + 4 * LOOK.cell_px
    typing.enter()
    assert typing.part_box(row) is not None
    assert typing.caret_box.x == 110
    typing.print("output")
    assert [row.text for row in typing.rows] == ["$ ls", "output", ""]
    for _ in range(5):
        typing.enter()
    assert len(typing.rows) == typing.most_rows == 4
    assert typing.part_box(row) is None
    typing.clear()
    assert [row.text for row in typing.rows] == [""]


def test_lines_are_cut_to_the_pane() -> None:
    row, _ = pane(columns=10).print("0123456789abc")
    assert row.text == "0123456789"
    typed = pane(columns=10)
    typed.type("0123456789abc")
    assert typed.caret_box.right <= typed.box.right


def test_the_caret_blinks_every_530_ms() -> None:
    blinking = pane()
    assert blinking.next_ns(0) == 530_000_000
    assert blinking.next_ns(530_000_000) == 1_060_000_000
    blinking.tick(600_000_000)
    painted = Canvas(blinking.box, np.zeros(blinking.box[:1:-1], PIXEL), LOOK, Font(LOOK))
    blinking.paint(painted)
    assert not painted.pixels.any()
    blinking.tick(1_060_000_000)
    blinking.paint(painted)
    assert int((painted.pixels != 0).sum()) == blinking.caret_box.area


@pytest.mark.parametrize(
    ("second", "text"), [(0, "09:00:00"), (61, "09:01:01"), (15 * 3600, "00:00:00"), (99 * 3600, "12:00:00")]
)
def test_the_clock(second: int, text: str) -> None:
    clock = Clock(Rect(0, 0, 80, 20))
    clock.tick(second * 1_000_000_000 + 5)
    assert clock.text == text


def test_spinner_and_video_stand_still_until_they_play() -> None:
    for moving in (Spinner(Rect(0, 0, 16, 16)), Video(Rect(0, 0, 16, 16), seed=1)):
        assert moving.next_ns(7) is None
        still = canvas(Rect(0, 0, 16, 16))
        moving.paint(still)
        moving.beat_ns = 100
        moving.tick(250)
        assert (moving.beats, moving.next_ns(250)) == (2, 300)
        later = canvas(Rect(0, 0, 16, 16))
        moving.paint(later)
        assert not np.array_equal(still.pixels, later.pixels)


def test_who_lies_above_whom() -> None:
    desktop = Desktop(LOOK)
    box = Rect(0, 0, 50, 50)
    toast, bar, first, second = Toast(box, LOOK, "a", "b"), Bar(box), Window(box, "1"), Window(box, "2")
    for window in (toast, bar, first, second, first):
        desktop.show(window)
    assert desktop.windows == [second, first, bar, toast]
    assert desktop.hides(first, box)
    assert not desktop.hides(toast, box)
    desktop.hide(second)
    desktop.hide(second)
    assert desktop.windows == [first, bar, toast]
    assert not second.shown


def test_touched_rectangles_are_joined_and_cut_to_the_frame() -> None:
    desktop = Desktop(LOOK)
    for box in (Rect(-5, -5, 10, 10), Rect(0, 0, 3, 3), Rect(4, 4, 9, 9), Rect(2000, 0, 5, 5), Rect(100, 100, 5, 5)):
        desktop.touch(box)
    assert sorted(desktop.take_dirty()) == [Rect(0, 0, 13, 13), Rect(100, 100, 5, 5)]
    assert desktop.take_dirty() == []


@pytest.mark.parametrize("look", [Look(), Look(size=(800, 500)), Look(scale=1.7), Look(size=(2000, 1000), scale=2.0)])
def test_everything_furnished_fits_its_window(look: Look) -> None:
    desktop = furnished(look, 1, None)
    windows = [*desktop.windows, desktop.find("browser", Window)]
    whole = Rect(0, 0, look.width, look.height)
    for window in windows:
        assert whole.intersection(window.box) == window.box
        for child in list(window.walk())[1:]:
            assert window.box.intersection(child.box) == child.box
            if isinstance(child, Label):
                assert child.box.width >= child.text_box.width
    assert not any(a.box.overlaps(b.box) for a, b in combinations(windows[1:-1], 2))


def test_widgets_are_found_by_name_and_kind() -> None:
    desktop = furnished(LOOK, 1, None)
    assert isinstance(desktop.find("terminal", Widget), TextPane)
    with pytest.raises(SettingsError, match="'terminal': no such Toast on this desktop; there are none"):
        desktop.find("terminal", Toast)


def test_themes_and_fonts_have_names() -> None:
    assert set(THEMES) == {"dark", "light", "low-contrast"}
    assert FONTS[0] == Look().font == "auto"
    assert len({(theme.window, theme.ink) for theme in THEMES.values()}) == 3
