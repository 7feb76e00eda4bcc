"""From detections to lines: joining, fitting to ink, splitting, order, and cutting long lines."""

from __future__ import annotations

import numpy as np
import pytest
from ocr_pictures import DARK, LIGHT, picture_of

from ironcliw.errors import ModelError
from ironcliw.frame import Rect
from ironcliw.text.paddle.detector import Detection, level_parts
from ironcliw.text.paddle.ink import TextLine, fitted
from ironcliw.text.paddle.lines import distinct, in_reading_order, joined
from ironcliw.text.paddle.picture import checked, commonest, cut, network_input, resized
from ironcliw.text.paddle.pieces import HEIGHT_PX, PIECE_PX, pieces
from ironcliw.text.paddle.recogniser import Recogniser


def run(x: int, y: int, width: int, height: int = 20) -> Detection:
    """A detection whose box is given; the core is its middle half."""
    return Detection(Rect(x + 4, y + height // 4, width - 8, height // 2), Rect(x, y, width, height))


def line(x: int, y: int, width: int, height: int = 10) -> TextLine:
    box = Rect(x, y, width, height)
    return TextLine(box, box.grown(1, 1))


def ink_of(pixels: np.ndarray) -> Rect:
    ground = pixels[0, 0, :3].astype(int)
    rows, columns = np.nonzero((np.abs(pixels[:, :, :3].astype(int) - ground) > 60).any(axis=2))
    return Rect(
        int(columns.min()), int(rows.min()), int(columns.max() - columns.min()) + 1, int(rows.max() - rows.min()) + 1
    )


def test_neighbours_on_a_baseline_are_joined() -> None:
    whole = joined([run(100, 10, 60), run(0, 10, 90), run(170, 12, 40), run(300, 10, 50), run(0, 40, 90)])
    assert [detection.box for detection in whole] == [
        Rect(0, 10, 210, 22),
        Rect(0, 40, 90, 20),
        Rect(300, 10, 50, 20),
    ]


def test_a_heading_is_not_joined_to_small_print() -> None:
    assert len(joined([run(0, 0, 100, 60), run(104, 20, 100, 20)])) == 2


def test_half_a_line_lower_is_another_line() -> None:
    assert len(joined([run(0, 0, 100), run(104, 8, 100)])) == 2


def test_joining_nothing() -> None:
    assert joined([]) == []


def test_lines_that_reach_into_one_another_are_one() -> None:
    assert [each.box for each in distinct([line(0, 0, 100), line(90, 1, 60), line(140, 0, 40), line(0, 30, 20)])] == [
        Rect(0, 0, 180, 11),
        Rect(0, 30, 20, 10),
    ]


def test_a_tall_box_does_not_swallow_the_text_in_it() -> None:
    assert len(distinct([line(0, 0, 300, 120), line(40, 50, 60, 12)])) == 2


def test_reading_order_of_rows_that_wobble() -> None:
    rows = [line(200, 11, 50), line(0, 12, 50), line(100, 9, 50), line(0, 40, 50), line(100, 38, 50)]
    assert [(each.box.x, each.box.y) for each in in_reading_order(rows)] == [
        (0, 12),
        (100, 9),
        (200, 11),
        (0, 40),
        (100, 38),
    ]
    assert in_reading_order([]) == []


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_a_rough_box_is_fitted_to_the_ink(theme: object) -> None:
    pixels = picture_of((60, 40, "fits gently"), theme=theme)
    ink = ink_of(pixels)
    core = Rect(ink.x + 6, ink.y + 4, ink.width - 12, 6)
    (fit,) = fitted(pixels, Detection(core, core.grown(8, 7)))
    assert abs(fit.box.x - ink.x) <= 1
    assert abs(fit.box.right - ink.right) <= 1
    assert abs(fit.box.y - ink.y) <= 1
    assert abs(fit.box.bottom - ink.bottom) <= 1


def test_the_crop_is_the_same_wherever_the_line_stands() -> None:
    def crop(x: int, y: int, *around: tuple[int, int, str]) -> np.ndarray:
        pixels = picture_of((x, y, "the same crop"), *around, theme=DARK)
        ink = ink_of(picture_of((x, y, "the same crop"), theme=DARK))
        core = Rect(ink.x + 3, ink.y + 4, ink.width - 6, 6)
        (fit,) = fitted(pixels, Detection(core, core.grown(5, 6)))
        return fit.cut(pixels, 0.25)

    expected = crop(50, 40)
    assert np.array_equal(crop(91, 67), expected)
    assert np.array_equal(crop(50, 40, (50, 22, "gjpqy above")), expected)
    assert np.array_equal(crop(50, 40, (50, 58, "Tall below")), expected)


def test_a_core_over_two_lines_is_split() -> None:
    pixels = picture_of((50, 20, "upper"), (50, 42, "lower"))
    ink = ink_of(pixels)
    core = Rect(ink.x, ink.y + 3, ink.width, ink.height - 6)
    fits = fitted(pixels, Detection(core, core.grown(5, 5)))
    assert len(fits) == 2
    assert fits[0].box.bottom <= fits[1].box.y


def test_undetected_signs_beside_a_line_are_taken_in_and_borders_are_not() -> None:
    pixels = picture_of((80, 40, "=== Header ==="))
    ink = ink_of(pixels)
    pixels[20:80, ink.x - 8] = pixels[20:80, ink.right + 7] = 0
    core = Rect(ink.x + 40, ink.y + 4, ink.width - 80, 6)
    (fit,) = fitted(pixels, Detection(core, core.grown(6, 6)))
    assert abs(fit.box.x - ink.x) <= 1
    assert abs(fit.box.right - ink.right) <= 1


def test_without_contrast_the_detected_box_stays() -> None:
    pixels = np.full((60, 200, 4), 90, np.uint8)
    assert fitted(pixels, run(20, 20, 100)) == [TextLine(Rect(20, 20, 100, 20), Rect(20, 20, 100, 20))]


def test_steps_are_taken_apart_and_lines_are_not() -> None:
    flat = np.zeros((8, 200), np.bool_)
    flat[1:7] = True
    assert level_parts(flat) == [Rect(0, 0, 200, 8)]
    steps = np.zeros((14, 200), np.bool_)
    steps[0:8, :60] = steps[6:14, 60:] = True
    assert level_parts(steps) == [Rect(0, 0, 60, 8), Rect(60, 6, 140, 8)]
    cursor = np.zeros((26, 300), np.bool_)
    cursor[0:8] = cursor[8:26, :10] = True
    assert Rect(10, 0, 290, 8) in level_parts(cursor)


@pytest.mark.parametrize("box", [Rect(-3, -2, 20, 9), Rect(35, 25, 30, 30), Rect(2, 3, 5, 6), Rect(-5, -5, 60, 50)])
def test_cutting_goes_on_beyond_the_border(box: Rect) -> None:
    pixels = np.zeros((30, 40, 4), np.uint8)
    pixels[:] = (1, 2, 3, 4)
    pixels[10:12, 10:12] = 200
    part = cut(pixels, box)
    assert part.shape == (box.height, box.width, 4)
    assert part.flags.c_contiguous
    inside = box.intersection(Rect(0, 0, 40, 30))
    assert inside is not None
    shown = part[inside.y - box.y : inside.bottom - box.y, inside.x - box.x : inside.right - box.x]
    assert np.array_equal(shown, pixels[inside.y : inside.bottom, inside.x : inside.right])
    assert (part[0, 0, :3] == (1, 2, 3)).all()
    assert not np.shares_memory(part, pixels) or inside == box


def test_cutting_beside_the_picture_is_an_error() -> None:
    with pytest.raises(ValueError, match="shares no pixel"):
        cut(np.zeros((10, 10, 4), np.uint8), Rect(10, 0, 5, 5))


def test_the_commonest_colour() -> None:
    pixels = np.array([[9, 8, 7, 1], [9, 8, 7, 2], [1, 1, 1, 0]], np.uint8)
    assert commonest(pixels).tolist() == [9, 8, 7, 0]


@pytest.mark.parametrize("size", [(1, 1), (3, 7), (40, 20), (7, 90)])
def test_resizing_keeps_flat_colours(size: tuple[int, int]) -> None:
    pixels = np.zeros((20, 40, 4), np.uint8)
    pixels[:] = (10, 20, 30, 0)
    scaled = resized(pixels[:, ::1], *size)
    assert scaled.shape == (size[1], size[0], 4)
    assert (scaled == (10, 20, 30, 0)).all()


def test_resizing_a_view_is_resizing_its_copy() -> None:
    pixels = np.random.default_rng(5).integers(0, 256, (40, 60, 4), np.uint8)
    assert np.array_equal(resized(pixels[::2, ::3], 33, 48), resized(pixels[::2, ::3].copy(), 33, 48))


def test_network_input_is_planes_from_minus_one_to_one() -> None:
    pixels = np.zeros((2, 3, 4), np.uint8)
    pixels[0, 0] = (255, 0, 127, 99)
    planes = network_input(pixels)
    assert planes.shape == (1, 3, 2, 3)
    assert planes.dtype == np.float32
    assert planes.flags.c_contiguous
    assert planes[0, :, 0, 0] == pytest.approx([1, -1, 127 / 127.5 - 1], abs=1e-6)


def test_checked_pictures_are_the_same_object() -> None:
    pixels = np.zeros((4, 4, 4), np.uint8)
    assert checked(pixels) is pixels


def test_short_lines_stay_whole() -> None:
    crop = picture_of((5, 5, "short"), width=200, height=24)
    (piece,) = pieces(crop)
    assert piece[0] is crop
    assert piece[1] is False


def test_long_lines_are_cut_between_words() -> None:
    words = " ".join(f"word{number:03d}" for number in range(120))
    crop = picture_of((5, 4, words), width=8200, height=24)
    parts = pieces(crop)
    assert len(parts) > 1
    assert [space for _, space in parts] == [False] + [True] * (len(parts) - 1)
    assert np.array_equal(np.concatenate([piece for piece, _ in parts], axis=1), crop)
    for piece, _ in parts:
        assert piece.shape[1] * HEIGHT_PX / piece.shape[0] <= 1.2 * PIECE_PX
        ground = piece[:, [0, -1], :3]
        assert (ground == 255).all()


def test_a_long_picture_without_gaps_is_cut_all_the_same() -> None:
    noise = np.random.default_rng(6).integers(0, 256, (20, 5000, 4), np.uint8)
    parts = pieces(noise)
    assert len(parts) == 4
    assert sum(piece.shape[1] for piece, _ in parts) == 5000
    assert not any(space for _, space in parts)


class FakeNetwork:
    """Says "ab" for every picture; records what it was shown."""

    def __init__(self, **listed: str) -> None:
        self.listed = listed
        self.shown: list[np.ndarray] = []

    def metadata(self, key: str) -> str | None:
        return self.listed.get(key)

    def run(self, batch: np.ndarray) -> list[np.ndarray]:
        self.shown.append(batch)
        table = np.full((1, batch.shape[3] // 8, 4), 0.02, np.float32)
        table[0, :, 0] = 0.94
        table[0, 0] = (0.1, 0.8, 0.05, 0.05)
        table[0, 1] = (0.2, 0.1, 0.6, 0.1)
        return [np.log(table) + 30, np.zeros((1, table.shape[1], 5), np.float32)]


def recogniser_of(network: FakeNetwork) -> Recogniser:
    def unasked() -> FakeNetwork:
        raise AssertionError("no step is doubtful")

    return Recogniser(network, unasked)


CHARACTERS = {"characters": '["", "a", "b", " "]', "classes": "[0, 1, 2, 3]"}


def test_pieces_are_read_and_joined() -> None:
    network = FakeNetwork(**CHARACTERS)
    words = " ".join(["word"] * 200)
    reading = recogniser_of(network).read(picture_of((5, 4, words), width=8200, height=24))
    assert reading.text == " ".join(["ab"] * len(network.shown))
    assert reading.confidence == pytest.approx(0.7)
    assert all(batch.shape[:3] == (1, 3, 48) for batch in network.shown)


def test_dark_grounds_are_inverted_and_narrow_lines_widened() -> None:
    network = FakeNetwork(**CHARACTERS)
    recogniser_of(network).read(np.zeros((30, 2, 4), np.uint8))
    (batch,) = network.shown
    assert batch.shape == (1, 3, 48, 32)
    assert (batch == 1).all()


@pytest.mark.parametrize("key", ["characters", "classes"])
def test_a_model_without_characters_is_refused(key: str) -> None:
    with pytest.raises(ModelError, match=f"list of {key}"):
        recogniser_of(FakeNetwork(**{name: value for name, value in CHARACTERS.items() if name != key}))
