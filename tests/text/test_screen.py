"""Which lines stand where, which are new, which are gone."""

from collections.abc import Iterable

from ironcliw.frame import Rect
from ironcliw.text.protocol import ReadLine
from ironcliw.text.screen import TextScreen

ALL = Rect(0, 0, 800, 600)


def at(text: str, x: int, y: int) -> ReadLine:
    return ReadLine(text, Rect(x, y, 9 * len(text), 16), 0.9)


def always(box: Rect) -> bool:
    return True


def never(box: Rect) -> bool:
    return False


def texts(lines: Iterable) -> list[str]:
    return [line.text for line in lines]


def screen_with(*lines: ReadLine) -> TextScreen:
    screen = TextScreen()
    screen.apply(ALL, lines, changed=always, time_ns=0)
    return screen


def test_new_lines_appear_in_reading_order():
    update = TextScreen().apply(ALL, [at("below", 10, 40), at("above", 10, 10)], changed=always, time_ns=5)
    assert texts(update.appeared) == ["above", "below"]
    assert texts(update.lines) == ["above", "below"]
    assert all(line.time_ns == 5 for line in update.lines)


def test_reading_the_same_again_is_no_news():
    screen = screen_with(at("ready", 10, 10))
    update = screen.apply(ALL, [at("Ready ", 11, 10)], changed=always, time_ns=9)
    assert (update.appeared, update.vanished, update.changed, update.moved) == ((), (), (), ())
    assert texts(update.lines) == ["ready"]


def test_a_line_that_is_gone_has_vanished():
    screen = screen_with(at("ready", 10, 10), at("other", 10, 40))
    update = screen.apply(Rect(0, 0, 800, 30), [], changed=always, time_ns=9)
    assert texts(update.vanished) == ["ready"]
    assert texts(update.lines) == ["other"]


def test_an_edit_in_place_keeps_the_line():
    screen = screen_with(at("progress 41 %", 10, 10))
    update = screen.apply(ALL, [at("progress 42 %", 10, 10)], changed=always, time_ns=9)
    ((before, after),) = update.changed
    assert (before.text, after.text, before.id) == ("progress 41 %", "progress 42 %", after.id)
    assert not update.appeared
    assert not update.vanished


def test_typing_at_the_end_of_a_line_is_an_edit():
    screen = screen_with(at("$ ma", 10, 10))
    update = screen.apply(ALL, [at("$ make all", 10, 10)], changed=always, time_ns=9)
    assert texts(after for _, after in update.changed) == ["$ make all"]


def test_another_text_in_the_same_place_is_gone_and_come():
    screen = screen_with(at("12:00:01", 10, 10))
    update = screen.apply(ALL, [at("BUILD FAILED", 10, 10)], changed=always, time_ns=9)
    assert texts(update.vanished) == ["12:00:01"]
    assert texts(update.appeared) == ["BUILD FAILED"]


def test_scrolled_lines_moved_and_only_the_last_is_new():
    lines = [at(f"test_{name} ... ok", 10, 20 * row) for row, name in enumerate(("parse", "print", "paint"), 1)]
    screen = screen_with(*lines)
    scrolled = [at(line.text, 10, line.box.y - 20) for line in lines[1:]] + [at("test_paste ... ok", 10, 60)]
    update = screen.apply(ALL, scrolled, changed=always, time_ns=9)
    assert texts(update.appeared) == ["test_paste ... ok"]
    assert texts(update.vanished) == ["test_parse ... ok"]
    assert texts(after for _, after in update.moved) == ["test_print ... ok", "test_paint ... ok"]


def test_a_second_line_with_the_same_words_is_new():
    screen = screen_with(at("BUILD FAILED", 10, 10))
    update = screen.apply(ALL, [at("BUILD FAILED", 10, 10), at("BUILD FAILED", 10, 40)], changed=always, time_ns=9)
    assert [line.box.y for line in update.appeared] == [40]
    assert not update.moved


def test_where_no_pixel_changed_the_old_reading_stands():
    screen = screen_with(at("permission denied", 10, 10), at("second line", 10, 40))
    update = screen.apply(ALL, [at("permission denled", 10, 10)], changed=never, time_ns=9)
    assert texts(update.lines) == ["permission denied", "second line"]
    assert not update.changed
    assert not update.vanished


def test_a_line_found_late_without_a_change_is_known_but_no_news():
    screen = screen_with(at("first", 10, 10))
    update = screen.apply(ALL, [at("first", 10, 10), at("overlooked", 10, 40)], changed=never, time_ns=9)
    assert not update.appeared
    assert texts(update.lines) == ["first", "overlooked"]


def test_lines_outside_the_reading_stay_and_their_fragments_do_not_count():
    screen = screen_with(at("a line that is not read", 10, 10))
    update = screen.apply(Rect(0, 30, 800, 40), [at("not read", 118, 10), at("new", 10, 40)], changed=always, time_ns=9)
    assert texts(update.appeared) == ["new"]
    assert texts(update.lines) == ["a line that is not read", "new"]


def test_forgetting_is_not_vanishing():
    screen = screen_with(at("ready", 10, 10))
    update = screen.clear(9)
    assert update.lines == ()
    assert update.vanished == ()


def test_two_identical_lines_that_scroll_keep_their_order():
    screen = screen_with(at("ok", 10, 40), at("ok", 10, 60), at("end", 10, 80))
    update = screen.apply(
        ALL, [at("ok", 10, 20), at("ok", 10, 40), at("end", 10, 60), at("more", 10, 80)], changed=always, time_ns=9
    )
    assert texts(update.appeared) == ["more"]
    assert not update.vanished


POPUP = [at("Cut", 60, 26), at("Copy", 60, 46), at("Paste", 60, 66)]
PAGE = [at("Binder Error: no such column", 10, 20), at("LINE 2: name,", 10, 40), at("^", 100, 60), at("end", 10, 200)]


def test_what_a_closing_popup_uncovers_is_no_news():
    screen = screen_with(*PAGE)
    covered = [at("Bin", 10, 20), *POPUP, at("end", 10, 200)]
    update = screen.apply(ALL, covered, changed=always, time_ns=1)
    assert {"Cut", "Copy", "Paste"} <= set(texts(update.appeared))
    update = screen.apply(ALL, PAGE, changed=always, time_ns=2)
    assert update.appeared == ()
    assert update.changed == ()
    assert texts(update.uncovered) == [line.text for line in PAGE[:3]]
    assert texts(update.lines) == texts(PAGE)


def test_a_popup_that_opens_again_is_news_again():
    screen = screen_with(*PAGE)
    for time_ns in (1, 3):
        update = screen.apply(ALL, [at("Bin", 10, 20), *POPUP, PAGE[3]], changed=always, time_ns=time_ns)
        assert {"Cut", "Copy", "Paste"} <= set(texts(update.appeared))
        screen.apply(ALL, PAGE, changed=always, time_ns=time_ns + 1)


def test_a_status_that_fails_again_is_news():
    screen = screen_with(at("idle", 10, 20))
    news = []
    for time_ns, status in enumerate(["failed", "running tests", "failed", "running tests", "failed"]):
        update = screen.apply(ALL, [at(status, 10, 20)], changed=always, time_ns=time_ns)
        news += texts([*update.appeared, *(new for _, new in update.changed)])
    assert news.count("failed") == 3


def test_what_came_back_after_nothing_was_there_is_news():
    screen = screen_with(*PAGE)
    screen.apply(ALL, [], changed=always, time_ns=1)
    update = screen.apply(ALL, PAGE, changed=always, time_ns=2)
    assert texts(update.appeared) == texts(PAGE)


def test_a_rule_of_signs_that_scrolled_is_the_same_however_many_are_read():
    screen = screen_with(at("===== 1 passed in 2.13s ======", 10, 100))
    update = screen.apply(ALL, [at("========= 1 passed in 2.13s ====", 10, 60)], changed=always, time_ns=9)
    assert not update.appeared
    assert len(update.moved) == 1


def test_figures_are_never_taken_for_misreadings():
    screen = screen_with(at("===== 1 passed in 2.13s =====", 10, 100))
    update = screen.apply(ALL, [at("===== 1 passed in 2.14s =====", 10, 60)], changed=always, time_ns=9)
    assert texts(update.appeared) == ["===== 1 passed in 2.14s ====="]


def test_pieces_of_a_line_that_stands_are_no_lines_of_their_own():
    screen = screen_with(at("← → localhost:8080/tests/app.spec.js", 10, 10))
    pieces = [at("← →", 10, 10), at("localhost:8080/tests/app.spec.js", 46, 10)]
    update = screen.apply(ALL, pieces, changed=never, time_ns=9)
    assert texts(update.lines) == ["← → localhost:8080/tests/app.spec.js"]
    assert not update.appeared


def test_a_piece_under_which_something_changed_is_a_line():
    screen = screen_with(at("left of it", 10, 10))
    fresh = [at("left", 10, 10), at("new", 60, 10)]
    update = screen.apply(ALL, fresh, changed=lambda box: box.x == 60, time_ns=9)
    assert "new" in texts(update.lines)


def test_a_line_that_is_edited_leaves_no_pieces_of_it_behind():
    # "LF" was read alone, and then the whole status bar in one.
    screen = screen_with(at("Ln 3, Spaces: 2 UTF", 10, 10), at("LF", 190, 10))
    whole = at("Ln 4, Spaces: 2 UTF LF", 10, 10)
    update = screen.apply(ALL, [whole], changed=lambda box: box.x == 10, time_ns=9)
    assert texts(update.lines) == ["Ln 4, Spaces: 2 UTF LF"]


def whole(box: Rect) -> bool:
    return True


def test_a_second_reading_corrects_the_first_without_a_word():
    screen = screen_with(at("BUILD FAILEI", 10, 10), at(":-+--", 10, 40), at("same", 10, 70))
    ids = {line.text: line.id for line in screen.lines}
    update = screen.apply(ALL, [at("BUILD FAILED", 10, 10), at("same", 10, 70)], changed=never, time_ns=9, proves=whole)
    assert texts(update.lines) == ["BUILD FAILED", "same"]
    assert [line.id for line in update.lines] == [ids["BUILD FAILEI"], ids["same"]]
    assert (update.appeared, update.vanished, update.changed, update.moved) == ((), (), (), ())


def test_a_line_that_only_the_second_reading_finds_is_news():
    screen = screen_with(at("first", 10, 10))
    read = [at("first", 10, 10), at("overlooked", 10, 40)]
    update = screen.apply(ALL, read, changed=never, time_ns=9, proves=whole)
    assert texts(update.appeared) == ["overlooked"]
    assert not screen.apply(ALL, read, changed=never, time_ns=19, proves=whole).appeared


def test_what_is_read_otherwise_at_a_line_s_place_is_no_news_in_a_second_reading():
    screen = screen_with(at("== 12 ==", 10, 10))
    update = screen.apply(ALL, [at("twelve", 14, 10)], changed=never, time_ns=9, proves=whole)
    assert texts(update.lines) == ["twelve"]
    assert (update.appeared, update.vanished, update.changed) == ((), (), ())


def test_what_changed_is_told_by_a_second_reading_too():
    screen = screen_with(at("3 jobs", 10, 10), at("gone", 10, 40))
    update = screen.apply(ALL, [at("4 jobs", 10, 10), at("new", 300, 40)], changed=always, time_ns=9, proves=whole)
    assert [(old.text, new.text) for old, new in update.changed] == [("3 jobs", "4 jobs")]
    assert (texts(update.appeared), texts(update.vanished)) == (["new"], ["gone"])


def test_a_second_reading_leaves_lines_that_it_saw_in_part():
    screen = screen_with(at("cut in two", 10, 92), at("noise", 10, 20))
    band = Rect(0, 0, 800, 100)
    update = screen.apply(band, [], changed=never, time_ns=9, proves=lambda box: box.bottom < band.bottom)
    assert texts(update.lines) == ["cut in two"]


def test_text_that_stands_elsewhere_in_a_second_reading_has_not_moved():
    screen = screen_with(at("ok", 10, 10))
    update = screen.apply(ALL, [at("ok", 10, 300)], changed=never, time_ns=9, proves=whole)
    assert texts(update.lines) == ["ok"]
    assert not update.moved
