"""Recordings that are not as they should be: one clear line each, and everything readable before it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ironcliw.errors import SourceDeniedError, SourceError
from ironcliw.source.file import missing_bytes
from ironcliw.source.protocol import Back, End, Gap
from ironcliw.source.video import VideoSource
from making import Played, cards, noise, write_gif, write_video

av = pytest.importorskip("av")


def refusal(path: Path) -> str:
    with pytest.raises(SourceError) as caught:
        VideoSource(path).open()
    message = str(caught.value)
    assert "\n" not in message
    assert path.name in message
    return message


def lossy(path: Path, count: int = 60, **options: str) -> Path:
    codec = "libvpx" if path.suffix == ".webm" else "libx264"
    return write_video(path, noise(count), codec=codec, pixel_format="yuv420p", **options)


def cut(path: Path, part: float) -> Path:
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * part)])
    return path


def test_no_such_file(tmp_path: Path) -> None:
    assert refusal(tmp_path / "gone.mp4").startswith("no such file: ")


def test_a_folder(tmp_path: Path) -> None:
    assert "is a folder" in refusal(tmp_path)


def test_an_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.touch()
    assert "is empty (0 bytes)" in refusal(path)


def test_a_pipe(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    os.mkfifo(path)
    assert "not a regular file" in refusal(path)


def test_a_nul_in_the_name() -> None:
    with pytest.raises(SourceError):
        VideoSource("a\0.mp4").open()


def test_permission_denied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_video(tmp_path / "a.mkv", cards(1))

    def denied(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "open", denied)
    with pytest.raises(SourceDeniedError, match=r"a\.mkv: permission denied"):
        VideoSource(path).open()


@pytest.mark.parametrize(
    "content",
    [
        b"hello\n" * 200,
        b"\0" * 5000,
        b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:1/a.ts\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b"\x89PNG\r\n\x1a\n" + b"\0" * 100,
        b"\x00\x00\x00\x18ftypisom" + b"\xff" * 500,
        b"\x1aE\xdf\xa3" + b"\xff" * 500,
    ],
    ids=["text", "zeros", "playlist", "concat", "broken png", "broken mp4", "broken mkv"],
)
def test_not_a_video(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(content)
    assert "not a video this can read" in refusal(path) or "truncated" in refusal(path)


def test_a_playlist_is_never_followed(tmp_path: Path) -> None:
    write_video(tmp_path / "real.ts", cards(3, 64, 48), codec="libx264", pixel_format="yuv420p")
    path = tmp_path / "a.m3u8"
    path.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nreal.ts\n#EXT-X-ENDLIST\n")
    assert "not a video this can read" in refusal(path)


def test_sound_only(tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), format="s16", layout="mono")
        frame.rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    assert "holds no video (audio only)" in refusal(path)


def test_an_mp4_without_its_index(tmp_path: Path) -> None:
    assert "truncated" in refusal(cut(lossy(tmp_path / "a.mp4"), 0.5))


def test_absurd_dimensions(tmp_path: Path) -> None:
    path = write_gif(tmp_path / "a.gif", [10])
    data = bytearray(path.read_bytes())
    data[6:10] = b"\xff\xff\xff\xff"
    path.write_bytes(data)
    assert "no frame can be decoded (damaged, or larger than 134217728 pixels)" in refusal(path)


def test_a_side_beyond_the_largest(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mkv", cards(1, 32_770, 2))
    assert "frames of 32770x2 pixels; at most 32768 a side" in refusal(path)


@pytest.mark.parametrize("name", ["front.mp4", "pieces.mp4", "a.mkv", "a.webm"])
def test_truncated_files_are_played_as_far_as_they_go(tmp_path: Path, name: str) -> None:
    movflags = {"front.mp4": "faststart", "pieces.mp4": "frag_keyframe+empty_moov"}.get(name)
    path = lossy(tmp_path / name, **({"movflags": movflags} if movflags else {}))
    whole = Played(VideoSource(path))
    assert len(whole.captures) == 60
    assert missing_bytes(path) == 0

    source = VideoSource(cut(path, 0.6))
    played = Played(source)
    assert 10 < len(played.captures) < 50
    last_s = played.captures[-1].time_ns / 1e9
    assert str(played.error) == f"{path}: truncated at {last_s:.3f} s (the file ends too early)"
    # What came before the cut is what the whole file has there.
    assert played.times_ms[:10] == whole.times_ms[:10]
    assert all(np.array_equal(a, b) for a, b in zip(played.pictures[:10], whole.pictures[:10], strict=True))


def test_the_error_of_a_truncated_file_is_told_again(tmp_path: Path) -> None:
    source = VideoSource(cut(write_gif(tmp_path / "a.gif", [10] * 9), 0.6))
    played = Played(source)
    assert isinstance(played.error, SourceError)
    source.open()
    assert source.describe()["truncated"] == "1 bytes or more are missing at its end"
    with pytest.raises(ValueError, match="read before memory"):
        source.read(0)
    source.close()


def test_a_truncated_gif(tmp_path: Path) -> None:
    path = write_gif(tmp_path / "a.gif", [10] * 9)
    assert missing_bytes(path) == 0
    played = Played(VideoSource(cut(path, 0.6)))
    assert 3 <= len(played.captures) <= 6
    assert "truncated at" in str(played.error)


def test_a_gif_without_its_trailer_is_whole(tmp_path: Path) -> None:
    path = write_gif(tmp_path / "a.gif", [10, 20])
    path.write_bytes(path.read_bytes()[:-1])
    played = Played(VideoSource(path))
    assert played.error is None
    assert played.messages[-1] == End(300_000_000)


def test_a_live_recording_of_unknown_length_is_not_called_truncated(tmp_path: Path) -> None:
    path = lossy(tmp_path / "a.webm", live="1")
    data = path.read_bytes()
    assert missing_bytes(path) == 0
    path.write_bytes(data[: len(data) // 2])
    played = Played(VideoSource(path))
    assert played.error is None
    assert isinstance(played.messages[-1], End)


def test_damage_in_the_middle_is_a_gap(tmp_path: Path) -> None:
    path = lossy(tmp_path / "a.mp4")
    data = bytearray(path.read_bytes())
    at = len(data) // 2
    data[at : at + 20_000] = np.random.default_rng(3).integers(0, 256, 20_000, dtype=np.uint8).tobytes()
    path.write_bytes(data)
    played, again = Played(VideoSource(path)), Played(VideoSource(path))
    assert played.error is None
    assert played.kinds == again.kinds
    assert played.messages[-1] == End(2_400_000_000)
    gaps = [at for at, message in enumerate(played.messages) if isinstance(message, Gap)]
    assert gaps
    for at in gaps:
        gap, back = played.messages[at], played.messages[at + 1]
        assert isinstance(gap, Gap)
        assert gap.reason == "lost"
        assert "damaged after" in gap.detail
        assert isinstance(back, Back)
        assert back.time_ns >= gap.time_ns
    assert len(played.captures) < 60


def test_nothing_but_damage(tmp_path: Path) -> None:
    path = lossy(tmp_path / "a.mkv")
    data = bytearray(path.read_bytes())
    data[900:] = b"\xaa" * len(data[900:])
    path.write_bytes(data)
    assert "no frame can be decoded" in refusal(path) or "not a video" in refusal(path)


def test_random_bytes_end_in_a_source_error_or_a_recording(tmp_path: Path) -> None:
    generator = np.random.default_rng(11)
    originals = [
        write_gif(tmp_path / "a.gif", [5, 6, 7]).read_bytes(),
        write_video(tmp_path / "a.mkv", cards(4, 32, 32)).read_bytes(),
        write_video(tmp_path / "a.mp4", cards(4, 32, 32), codec="libx264", pixel_format="yuv420p").read_bytes(),
        write_video(tmp_path / "a.mov", cards(4, 32, 32), codec="qtrle", pixel_format="rgb24").read_bytes(),
    ]
    path = tmp_path / "fuzzed"
    outcomes = set[str]()
    for _ in range(40):
        for original in originals:
            data = bytearray(original)
            for at in generator.integers(0, len(data), 8):
                data[at] = generator.integers(0, 256)
            path.write_bytes(data)
            try:
                played = Played(VideoSource(path))
            except SourceError as error:
                outcomes.add("refused" if len(str(error).splitlines()) == 1 else "rambled")
                continue
            assert played.error is None or isinstance(played.error, SourceError)
            assert played.times_ms == sorted(played.times_ms)
            outcomes.add("played")
    assert outcomes == {"refused", "played"}


def test_nothing_is_printed(tmp_path: Path) -> None:
    path = cut(lossy(tmp_path / "a.mp4", movflags="faststart"), 0.6)
    script = (
        "import sys; sys.path.insert(0, sys.argv[2]); from making import Played; "
        "from ironcliw.source.video import VideoSource; print(Played(VideoSource(sys.argv[1])).error)"
    )
    here = str(Path(__file__).parents[1])
    done = subprocess.run([sys.executable, "-c", script, str(path), here], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert done.stdout.count("\n") == 1
    assert "truncated at" in done.stdout
