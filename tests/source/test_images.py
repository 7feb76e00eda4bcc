"""Image files, animations and folders of them; and files that are none."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ironcliw.errors import SettingsError, SourceDeniedError, SourceError
from ironcliw.source.images import ImageSource, natural_order
from ironcliw.source.protocol import End
from making import Played, cards, write_gif


def play(path: Path, interval_s: float = 1.0) -> Played:
    played = Played(ImageSource(path, interval_s))
    assert played.error is None
    return played


def refusal(path: Path) -> str:
    with pytest.raises(SourceError) as caught:
        ImageSource(path).open()
    message = str(caught.value)
    assert "\n" not in message
    return message


def save(path: Path, number: int = 0, size: tuple[int, int] = (33, 21)) -> Path:
    Image.fromarray(cards(number + 1, *size)[number]).save(path)
    return path


@pytest.mark.parametrize(
    ("suffix", "lossless"),
    [("png", True), ("bmp", True), ("tiff", True), ("jpg", False), ("webp", False), ("avif", False)],
)
def test_one_image(tmp_path: Path, suffix: str, lossless: bool) -> None:
    source = ImageSource(save(tmp_path / f"a.{suffix}", 5), interval_s=0.25)
    played = Played(source)
    assert played.kinds == "CE"
    assert played.messages[-1] == End(250_000_000)
    assert source.lossless == lossless
    difference = np.abs(played.pictures[0].astype(int) - cards(6, 33, 21)[5])
    assert int(difference.max()) <= (0 if lossless else 8)


@pytest.mark.parametrize(("width", "height"), [(1, 1), (2, 7), (641, 3)])
def test_odd_sizes(tmp_path: Path, width: int, height: int) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (height, width, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    assert np.array_equal(play(tmp_path / "a.png").pictures[0], pixels)


def test_a_name_without_suffix_is_fine(tmp_path: Path) -> None:
    save(tmp_path / "a.png").rename(tmp_path / "plain")
    assert len(play(tmp_path / "plain").captures) == 1


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "YCbCr", "I;16"])
def test_modes(tmp_path: Path, mode: str) -> None:
    grey = np.repeat(np.where(np.arange(40) < 20, 0, 255).astype(np.uint8)[None, :], 10, axis=0)
    image = Image.fromarray(grey.astype(np.uint16) * 257) if mode == "I;16" else Image.fromarray(grey).convert(mode)
    path = tmp_path / ("a.tiff" if mode in ("CMYK", "YCbCr") else "a.png")
    image.save(path)
    picture = play(path).pictures[0]
    assert int(np.abs(picture.astype(int) - grey[:, :, None]).max()) <= 2


def test_sixteen_bit_greys_keep_their_upper_bits(tmp_path: Path) -> None:
    Image.fromarray(np.array([[0x1234, 0xFEDC]], np.uint16)).save(tmp_path / "a.png")
    assert play(tmp_path / "a.png").pictures[0][0, :, 0].tolist() == [0x12, 0xFE]


def test_transparency_lies_over_black(tmp_path: Path) -> None:
    pixels = np.full((2, 3, 4), (200, 100, 50, 255), np.uint8)
    pixels[0, 0, 3] = 0
    pixels[0, 1, 3] = 128
    Image.fromarray(pixels).save(tmp_path / "a.png")
    row = play(tmp_path / "a.png").pictures[0][0].tolist()
    assert row == [[0, 0, 0], [100, 50, 25], [200, 100, 50]]


def test_turns_are_applied(tmp_path: Path) -> None:
    image = Image.fromarray(cards(1, 30, 20)[0])
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned
    image.save(tmp_path / "a.png", exif=exif)
    played = play(tmp_path / "a.png")
    assert (played.geometry.width, played.geometry.height) == (20, 30)


def test_a_folder_in_natural_order(tmp_path: Path) -> None:
    for name, number in (("shot10.png", 3), ("shot2.PNG", 1), ("Shot3.png", 2), ("shot1.png", 0)):
        save(tmp_path / name, number)
    (tmp_path / "notes.txt").write_text("not an image")
    (tmp_path / ".hidden.png").write_text("not an image")
    (tmp_path / "folder.png").mkdir()
    source = ImageSource(tmp_path, interval_s=0.5)
    played = Played(source)
    assert played.error is None
    assert played.times_ms == [0, 500, 1000, 1500]
    assert played.messages[-1] == End(2_000_000_000)
    assert [picture[0, 0, 0] for picture in played.pictures] == [0, 20, 40, 60]
    assert source.lossless


def test_one_lossy_file_makes_the_folder_lossy(tmp_path: Path) -> None:
    save(tmp_path / "1.png")
    save(tmp_path / "2.jpg")
    source = ImageSource(tmp_path)
    source.open()
    assert not source.lossless
    assert source.describe()["files"] == "2"
    source.close()


def test_natural_order() -> None:
    names = ["a10", "a9", "A1", "a01", "b", "10", "9", "a1b2", "a1b10", ""]
    assert sorted(names, key=natural_order) == ["", "9", "10", "A1", "a01", "a1b2", "a1b10", "a9", "a10", "b"]


def test_different_sizes_ask_for_new_memory(tmp_path: Path) -> None:
    save(tmp_path / "1.png", 0, (30, 20))
    save(tmp_path / "2.png", 1, (31, 20))
    save(tmp_path / "3.png", 2, (31, 20))
    played = play(tmp_path)
    assert played.kinds == "CRCCE"
    assert [picture.shape[1] for picture in played.pictures] == [30, 31, 31]


@pytest.mark.parametrize("suffix", ["png", "webp"])
def test_animations_keep_their_own_delays(tmp_path: Path, suffix: str) -> None:
    images = [Image.fromarray(card) for card in cards(4, 33, 21)]
    path = tmp_path / f"a.{suffix}"
    images[0].save(path, save_all=True, append_images=images[1:], duration=[70, 20, 1500, 60], lossless=True)
    played = play(path)
    assert played.times_ms == [0, 70, 90, 1590]
    assert played.messages[-1] == End(1_650_000_000)
    assert [picture[0, 0, 0] for picture in played.pictures] == [0, 20, 40, 60]


def test_gif_delays_are_those_of_browsers_here_too(tmp_path: Path) -> None:
    played = play(write_gif(tmp_path / "a.gif", [7, 0, 1, 2, 150, 6]))
    assert played.times_ms == [0, 70, 170, 270, 290, 1790]
    assert played.messages[-1] == End(1_850_000_000)


def test_a_still_before_a_png_animation_is_not_part_of_it(tmp_path: Path) -> None:
    still, *images = [Image.fromarray(card) for card in cards(3, 33, 21)]
    still.save(tmp_path / "a.png", save_all=True, append_images=images, duration=100, default_image=True)
    played = play(tmp_path / "a.png")
    assert [picture[0, 0, 0] for picture in played.pictures] == [20, 40]


def test_an_animation_in_a_folder_is_one_frame(tmp_path: Path) -> None:
    write_gif(tmp_path / "a.gif", [10, 10, 10])
    save(tmp_path / "b.png", 7)
    played = play(tmp_path)
    assert played.times_ms == [0, 1000]


def test_no_such_file(tmp_path: Path) -> None:
    assert refusal(tmp_path / "gone.png").startswith("no such file: ")


def test_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "a.png").touch()
    assert refusal(tmp_path / "a.png").endswith("a.png: is empty (0 bytes)")


def test_an_empty_folder(tmp_path: Path) -> None:
    assert "holds no images (looked for .avif, .bmp" in refusal(tmp_path)


def test_not_an_image(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("hello\n" * 100)
    assert refusal(tmp_path / "a.png").endswith("a.png: not an image this can read")


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "bmp"])
def test_a_truncated_image(tmp_path: Path, suffix: str) -> None:
    pixels = np.random.default_rng(2).integers(0, 256, (90, 90, 3), dtype=np.uint8)
    path = tmp_path / f"a.{suffix}"
    Image.fromarray(pixels).save(path)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    assert "is damaged (" in refusal(path) or "not an image" in refusal(path)


def test_a_damaged_image_in_a_folder_is_told_when_its_turn_comes(tmp_path: Path) -> None:
    save(tmp_path / "1.png")
    damaged = save(tmp_path / "2.png")
    damaged.write_bytes(damaged.read_bytes()[:60])
    save(tmp_path / "3.png")
    played = Played(ImageSource(tmp_path))
    assert played.kinds == "C"
    assert "2.png: " in str(played.error)


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds next to nothing."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IDAT", zlib.compress(b"\0" * 1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + body + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(10_000, 10_000), (60_000, 60_000)])
def test_a_decompression_bomb(tmp_path: Path, size: tuple[int, int]) -> None:
    (tmp_path / "a.png").write_bytes(png_header(*size))
    assert "more pixels than an image may have here" in refusal(tmp_path / "a.png")


def test_a_side_beyond_the_largest(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png_header(40_000, 10))
    assert "frames of 40000x10 pixels; at most 32768 a side" in refusal(tmp_path / "a.png")


def test_permission_denied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save(tmp_path / "a.png")

    def denied(*_: object) -> None:
        raise PermissionError

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", denied)
        with pytest.raises(SourceDeniedError, match=r"a\.png: permission denied"):
            ImageSource(path).open()
    with monkeypatch.context() as patch:
        patch.setattr(Path, "iterdir", denied)
        with pytest.raises(SourceDeniedError, match="permission denied"):
            ImageSource(tmp_path).open()


@pytest.mark.parametrize("interval_s", [0, -0.5, float("nan")])
def test_impossible_intervals(tmp_path: Path, interval_s: float) -> None:
    with pytest.raises(SettingsError, match="interval_s"):
        ImageSource(tmp_path, interval_s)


def test_random_bytes_end_in_a_source_error_or_a_picture(tmp_path: Path) -> None:
    generator = np.random.default_rng(5)
    originals = [save(tmp_path / f"a.{suffix}", 3).read_bytes() for suffix in ("png", "jpg", "bmp", "webp", "tiff")]
    originals.append(write_gif(tmp_path / "a.gif", [5, 6, 7]).read_bytes())
    path = tmp_path / "fuzzed"
    outcomes = set[str]()
    for _ in range(80):
        for original in originals:
            data = bytearray(original)
            for at in generator.integers(0, len(data), 5):
                data[at] = generator.integers(0, 256)
            path.write_bytes(data)
            try:
                played = Played(ImageSource(path))
            except SourceError as error:
                outcomes.add("refused" if len(str(error).splitlines()) == 1 else "rambled")
                continue
            assert played.error is None or isinstance(played.error, SourceError)
            outcomes.add("played")
    assert outcomes == {"refused", "played"}
