"""The networks that set-up makes say what the upstream ones say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ocr_pictures import DARK, LIGHT, bgrx, picture_of
from PIL import Image, ImageDraw, ImageFont

from ironcliw.text.model_pins import UPSTREAM
from ironcliw.text.models import find_models
from ironcliw.text.paddle.decode import Decoder
from ironcliw.text.paddle.detector import full_size
from ironcliw.text.paddle.picture import network_input, resized
from ironcliw.text.paddle.recogniser import Recogniser
from ironcliw.text.paddle.scripts import softmax
from ironcliw.text.paddle.session import Network

CACHE = Path(__file__).resolve().parents[2] / ".cache" / "models"
SANS = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")

needs_upstream = pytest.mark.skipif(
    not all((CACHE / name).is_file() for name in UPSTREAM), reason="the upstream models are not in .cache/models"
)


def upstream(number: int) -> Network:
    return Network(CACHE / list(UPSTREAM)[number], threads=1)


@pytest.fixture(scope="module")
def recogniser() -> Recogniser:
    files = find_models()
    return Recogniser(Network(files.recogniser, 1), lambda: Network(files.scripts, 1))


def line_of(text: str, size: int = 16) -> np.ndarray:
    """A picture of one line, dark on light, cut to a width that needs no padding."""
    font = ImageFont.truetype(SANS, size)
    left, top, right, bottom = font.getbbox(text)
    image = Image.new("RGB", (int(right - left) + 8, int(bottom - top) + 6), (250, 250, 250))
    ImageDraw.Draw(image).text((4 - left, 3 - top), text, font=font, fill=(30, 30, 30))
    pixels = bgrx(image)
    return resized(pixels, max(32, round(image.width * 48 / image.height) // 8 * 8), 48)


@needs_upstream
@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_detector_gives_the_same_probabilities(theme: tuple[tuple[int, int, int], tuple[int, int, int]]) -> None:
    lines = [(8, 12, "src/main.c:42: error: undeclared"), (8, 60, "BUILD FAILED: 1 error")]
    batch = network_input(picture_of(*lines, width=320, height=96, theme=theme))
    (expected,) = upstream(0).run(batch)
    (found,) = Network(find_models().detector, 1).run(batch)
    assert expected.max() > 0.9
    np.testing.assert_allclose(full_size(found[0]), expected[0, 0], atol=1e-4)


@needs_upstream
@pytest.mark.skipif(not SANS.exists(), reason="DejaVu Sans is not installed")
@pytest.mark.parametrize(
    "text",
    ["git commit -m 'fix 3 bugs'", "café naïve über señor", "Αρχείο Επεξεργασία", "File Αρχείο saved", "100 % ✓"],
)
def test_lines_read_like_upstream_in_any_script(recogniser: Recogniser, text: str) -> None:
    network = upstream(1)
    listed = network.metadata("character")
    assert listed is not None
    crop = line_of(text)
    expected = Decoder(["", *listed.split("\n"), " "]).decode(network.run(network_input(crop))[0][0])
    found = recogniser.read(crop)
    assert found.text == expected.text != ""
    assert found.confidence == pytest.approx(expected.confidence, abs=0.02)


@pytest.mark.skipif(not SANS.exists(), reason="DejaVu Sans is not installed")
@pytest.mark.parametrize("text", ["Привет мир сборка завершена", "Ошибка соединения", "خطأ في الاتصال", "קובץ עריכה"])
def test_scripts_that_the_models_do_not_know_are_not_guessed(recogniser: Recogniser, text: str) -> None:
    assert recogniser.read(line_of(text)).text == ""


def test_the_full_layer_is_opened_only_when_a_step_asks_for_it() -> None:
    opened: list[int] = []
    files = find_models()

    def scripts() -> Network:
        opened.append(1)
        return Network(files.scripts, 1)

    reader = Recogniser(Network(files.recogniser, 1), scripts)
    if SANS.exists():
        assert reader.read(line_of("build finished")).text == "build finished"
        assert opened == []
        assert reader.read(line_of("Επεξεργασία")).text
        assert reader.read(line_of("Προβολή")).text
        assert opened == [1]


def test_softmax_adds_up_and_keeps_large_scores_finite() -> None:
    table = softmax(np.array([[1000, 999, -1000], [0, 0, 0]], np.float32))
    np.testing.assert_allclose(table.sum(axis=1), 1, rtol=1e-6)
    assert table[0, 0] == pytest.approx(1 / (1 + np.exp(-1)))
