"""What every text engine must do, for each that can be used here."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import numpy as np
import pytest
from ocr_pictures import DARK, LIGHT, picture_of

from ironcliw.errors import IroncliwError, SettingsError, TextEngineError
from ironcliw.text import ENGINES, ReadLine, TextEngine, open_engine, why_not
from ironcliw.text.misreading import skeleton
from ironcliw.text.tesseract import TesseractEngine

USABLE = [name for name in ENGINES if why_not(name) is None]
LINES = ((20, 20, "the build failed"), (330, 20, "see the log"), (20, 70, "Permission denied"))


@pytest.fixture(scope="module", params=USABLE)
def engine(request: pytest.FixtureRequest) -> TextEngine:
    return open_engine(1, request.param)


def words(lines: list[ReadLine]) -> list[str]:
    return [skeleton(line.text) for line in lines]


EXPECTED = [skeleton(text) for _, _, text in LINES]


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_lines_come_in_reading_order_with_boxes_around_their_ink(engine: TextEngine, theme: tuple) -> None:
    pixels = picture_of(*LINES, size=18, theme=theme)
    before = pixels.copy()
    lines = engine.read(pixels)
    assert words(lines) == EXPECTED
    ground = pixels[0, 0, :3].astype(int)
    for line in lines:
        assert 0 <= line.confidence <= 1
        assert line.box.clipped(640, 120) == line.box
        ink = np.abs(pixels[:, :, :3].astype(int) - ground).max(axis=2) > 60
        inside = ink[line.box.y : line.box.bottom, line.box.x : line.box.right]
        assert inside.any()
    rows, columns = np.nonzero(ink)
    covered = np.zeros_like(ink)
    for line in lines:
        covered[line.box.y - 2 : line.box.bottom + 2, line.box.x - 2 : line.box.right + 2] = True
    assert covered[rows, columns].mean() > 0.98
    assert np.array_equal(pixels, before)
    assert engine.read(pixels) == lines, "the same pixels give the same lines"


def test_what_lies_how_in_memory_does_not_matter(engine: TextEngine) -> None:
    pixels = picture_of(*LINES, size=18)
    expected = engine.read(pixels)
    roomy = np.zeros((140, 700, 4), np.uint8)
    roomy[5:125, 9:649] = pixels
    frozen = pixels.copy()
    frozen.flags.writeable = False
    flipped = np.ascontiguousarray(pixels[::-1, ::-1])[::-1, ::-1]
    columns = np.asfortranarray(pixels)
    unused = pixels.copy()
    unused[:, :, 3] = 7
    for view in (roomy[5:125, 9:649], frozen, flipped, columns, unused):
        assert engine.read(view) == expected


@pytest.mark.parametrize("shape", [(1, 1), (1, 4000), (4000, 1), (2, 2), (4, 900), (60, 60), (5, 5)])
def test_tiny_and_empty_pictures_hold_no_text(engine: TextEngine, shape: tuple[int, int]) -> None:
    assert engine.read(np.full((*shape, 4), 255, np.uint8)) == []
    assert engine.read(np.zeros((*shape, 4), np.uint8)) == []


@pytest.mark.parametrize(
    "wrong",
    [
        np.zeros((20, 20, 3), np.uint8),
        np.zeros((20, 20), np.uint8),
        np.zeros((20, 20, 4), np.float32),
        np.zeros((1, 20, 20, 4), np.uint8),
        [[0]],
        None,
    ],
    ids=["three bytes", "grey", "float", "four axes", "list", "none"],
)
def test_what_is_no_picture_is_a_value_error(engine: TextEngine, wrong: object) -> None:
    with pytest.raises(ValueError, match="picture must be"):
        engine.read(wrong)  # type: ignore[arg-type]


def test_a_line_on_a_large_picture_is_read(engine: TextEngine) -> None:
    pixels = np.full((2160, 3840, 4), 255, np.uint8)
    pixels[1000:1120, 2000:2640] = picture_of(*LINES, size=18)
    assert words(engine.read(pixels)) == EXPECTED


def test_several_threads_with_an_engine_each_read_the_same(engine: TextEngine) -> None:
    pixels = picture_of(*LINES, size=18)
    expected = engine.read(pixels)
    found: list[list[ReadLine]] = []
    threads = [
        threading.Thread(target=lambda: found.append(open_engine(1, engine.name).read(pixels))) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 3


def test_engines_are_told_by_name_and_say_why_they_cannot_be_used() -> None:
    assert "paddle" in USABLE
    for name in ENGINES:
        reason = why_not(name)
        if reason is None:
            opened = open_engine(1, name)
            assert opened.name == name
            assert opened.scripts
        else:
            assert name in reason.lower() or "program" in reason
            with pytest.raises(TextEngineError):
                open_engine(None, name)
    with pytest.raises(SettingsError, match="paddle, tesseract, vision, windows"):
        open_engine(None, "eyes")
    with pytest.raises(SettingsError):
        open_engine(0, "tesseract")


def program(folder: Path, body: str) -> str:
    path = folder / "tesseract"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


LANGUAGES = 'if [ "$1" = --list-langs ]; then echo "List:"; echo eng; echo osd; exit 0; fi\n'


def test_a_missing_program_or_language_is_said_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(TextEngineError, match="apt-get install tesseract-ocr"):
        TesseractEngine(program=str(tmp_path / "none"))
    with pytest.raises(TextEngineError, match="language tlh"):
        TesseractEngine(program=program(tmp_path, LANGUAGES), languages="eng+tlh")


@pytest.mark.parametrize(
    ("body", "timeout_s", "said"),
    [("sleep 30", 0.5, "not done after"), ("echo secret words >&2; exit 3", 60, "ended with 3")],
)
def test_a_program_that_hangs_or_fails_is_an_error_without_what_was_read(
    tmp_path: Path, body: str, timeout_s: float, said: str
) -> None:
    failing = TesseractEngine(program=program(tmp_path, LANGUAGES + f"exec sh -c '{body}'"), timeout_s=timeout_s)
    with pytest.raises(TextEngineError, match=said) as raised:
        failing.read(picture_of(*LINES))
    assert "secret" not in str(raised.value)


def test_a_program_that_answers_nonsense_reads_nothing(tmp_path: Path) -> None:
    table = r"level\tpage\n5\t1\t1\t1\t1\t1\t9000\t9000\t5\t5\t99\tfar away\n\n5\t\n"
    odd = TesseractEngine(program=program(tmp_path, LANGUAGES + f"cat > /dev/null; printf '{table}'"))
    assert odd.read(picture_of(*LINES)) == []


@pytest.mark.skipif("tesseract" not in USABLE, reason="tesseract is not installed")
def test_nothing_of_the_picture_is_written_to_a_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tmp").mkdir(mode=0o500)
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.chdir(tmp_path)
    before = set(os.listdir("/tmp"))  # noqa: PTH208
    assert words(TesseractEngine(1).read(picture_of(*LINES, size=18))) == EXPECTED
    assert [path.name for path in tmp_path.rglob("*")] == ["tmp"]
    assert not [name for name in set(os.listdir("/tmp")) - before if "tess" in name or "lept" in name]  # noqa: PTH208


def test_unusable_engines_raise_our_own_errors_only() -> None:
    for name in set(ENGINES) - set(USABLE):
        with pytest.raises(IroncliwError):
            open_engine(1, name)
