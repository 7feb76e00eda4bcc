"""Lines in scripts that the networks do not know: counted, said once, and never guessed."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest
from ocr_pictures import DARK, LIGHT, bgrx
from PIL import Image, ImageDraw, ImageFont

from ironcliw.text.paddle import PaddleEngine
from ironcliw.text.paddle import recogniser as recogniser_module
from ironcliw.text.paddle.unread import unread_steps

SANS = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
SERIF = Path("/usr/share/fonts/truetype/dejavu/DejaVuSerif.ttf")
THAI = [Path("/usr/share/fonts/truetype/tlwg/Garuda.ttf"), Path("/usr/share/fonts/opentype/tlwg/Garuda.otf")]
DEVANAGARI = [
    Path("/usr/share/fonts/truetype/lohit-devanagari/Lohit-Devanagari.ttf"),
    Path("/usr/share/fonts/truetype/Nakula/nakula.ttf"),
]
needs_sans = pytest.mark.skipif(not SANS.exists(), reason="DejaVu Sans is not installed")

UNKNOWN = [
    "Сборка завершилась ошибкой",
    "Настройки",
    "Отмена",
    "Збірка не вдалася",
    "הבנייה נכשלה",
    "שגיאה: לא ניתן להתחבר לשרת",
    "حفظ التغييرات في المستند",
    "فشل البناء",
    "Պահպանել փոփոխությունները",
]
KNOWN = [
    "The build failed with 3 errors",
    "Größe ändern und schließen",
    "Error: cannot connect to 127.0.0.1:8080",
    "WWW mmmm MMM --- ___ ###",
    "Mississippi will fill 1111 bills",
    "| name | size | +------+------+",
    "drwxr-xr-x 2 root root 4096 Nov 27",
]


def line(text: str, font: Path = SANS, size: int = 18, theme: tuple[tuple[int, ...], ...] = LIGHT) -> np.ndarray:
    ground, ink = theme
    drawn = ImageFont.truetype(font, size)
    width = int(drawn.getlength(text)) + 60
    image = Image.new("RGB", (width, 3 * size), ground)
    ImageDraw.Draw(image).text((24, size * 3 // 4), text, font=drawn, fill=ink)
    return bgrx(image)


def letters_of(engine: PaddleEngine, pixels: np.ndarray) -> str:
    return "".join(filter(str.isalpha, "".join(read.text for read in engine.read(pixels))))


@pytest.fixture(scope="module")
def shared() -> PaddleEngine:
    return PaddleEngine(1)


@needs_sans
@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("text", UNKNOWN)
def test_no_word_of_an_unknown_script_is_guessed_and_the_line_is_counted(
    shared: PaddleEngine, text: str, theme: tuple[tuple[int, ...], ...]
) -> None:
    before = shared.lines_unread
    assert letters_of(shared, line(text, theme=theme)) == ""
    assert shared.lines_unread == before + 1
    assert letters_of(shared, line(text, theme=theme)) == ""
    assert shared.lines_unread == before + 1, "the same picture once more is no other line"


@pytest.mark.parametrize(
    ("fonts", "text"),
    [(THAI, "การสร้างล้มเหลว โปรดลองอีกครั้ง"), (DEVANAGARI, "निर्माण विफल हुआ, पुनः प्रयास करें")],
    ids=["thai", "devanagari"],
)
def test_thai_and_devanagari_are_not_guessed(shared: PaddleEngine, fonts: list[Path], text: str) -> None:
    font = next((font for font in fonts if font.exists()), None)
    if font is None:
        pytest.skip("no font of this script is installed")
    before = shared.lines_unread
    assert letters_of(shared, line(text, font)) == ""
    assert shared.lines_unread == before + 1


@needs_sans
@pytest.mark.parametrize("size", [12, 18, 28])
@pytest.mark.parametrize("font", [SANS, SERIF], ids=["sans", "serif"])
def test_latin_lines_are_read_and_none_is_counted(shared: PaddleEngine, font: Path, size: int) -> None:
    if not font.exists():
        pytest.skip(f"{font.name} is not installed")
    before = shared.lines_unread
    for text in KNOWN:
        assert shared.read(line(text, font, size))
    assert shared.lines_unread == before


@needs_sans
def test_what_is_certain_beside_an_unknown_word_is_read(shared: PaddleEngine) -> None:
    (found,) = shared.read(line("Воскресенье, 27 ноября 2026"))
    assert found.text == "27 2026"


@needs_sans
def test_it_is_said_once_without_the_words(caplog: pytest.LogCaptureFixture) -> None:
    engine = PaddleEngine(1)
    with caplog.at_level(logging.DEBUG, "ironcliw"):
        for text in UNKNOWN[:3]:
            engine.read(line(text))
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 1
    assert "script" in said[0]
    assert "O" not in said[0].replace("OCR", "")
    assert engine.counters.lines_unread == 3


@needs_sans
def test_control_without_the_check_words_are_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recogniser_module, "unread_steps", lambda *given: None)
    assert any(letters_of(PaddleEngine(1), line(text, size=size)) for text in UNKNOWN for size in (12, 18))


def test_silence_over_rules_bars_and_blank_is_no_unknown_word() -> None:
    none = np.zeros(20, np.bool_)
    silent, sure = np.ones(20, np.bool_), np.zeros(20, np.bool_)
    blank = np.full((48, 160, 4), 255, np.uint8)
    rule = blank.copy()
    rule[22:26] = 0
    fence = blank.copy()
    fence[8:40, ::6] = 0
    bar = blank.copy()
    bar[8:40, 10:120] = 60
    for canvas in (blank, rule, fence, bar):
        assert unread_steps(canvas, silent, np.ones(20, np.bool_), sure, none) is None
    letters = blank.copy()
    seeded = np.random.default_rng(7)
    for column in range(8, 152):
        rows = 8 + 4 * np.flatnonzero(seeded.random(8) < 0.3)
        letters[rows, column] = 0
    letters[8:40, np.cumsum(seeded.integers(4, 11, 16))] = 0
    found = unread_steps(letters, silent, np.ones(20, np.bool_), sure, none)
    assert found is not None
    assert found[2:18].all()
    assert unread_steps(letters, silent, np.zeros(20, np.bool_), sure, none) is None
    # Of Chinese the network says a character where it is widest, and is silent over the rest of it.
    assert unread_steps(letters, silent, np.ones(20, np.bool_), sure, np.ones(20, np.bool_)) is None
