"""What can be said of a media file before it is decoded: is it there, of what kind, is it whole?

    check_readable(path)                  # SourceError: no such file, a directory, 0 bytes, denied
    kind_of(path)                         # "gif", "png", "jpeg", … "video", or None where nothing is recognised
    missing_bytes(path)                   # what the container's own headers promise beyond the file's end

Nothing here trusts a byte of it: lengths are followed, never allocated.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from ironcliw.errors import SourceDeniedError, SourceError
from ironcliw.memory import LARGEST_SIDE_PX

LARGEST_FRAME_PX = 2**27
"""Pixels in the largest frame taken from a file (16384 x 8192: 512 MiB as BGRX); a forged header may claim more."""

_HEAD_BYTES = 256
_IMAGE_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"BM", "bmp"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
)
_VIDEO_MAGIC = (b"\x1aE\xdf\xa3", b"OggS", b"FLV", b"0&\xb2u", b"\0\0\x01\xba", b"\0\0\x01\xb3", b"DKIF", b"YUV4MPEG2")
_QUICKTIME_BOXES = (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide")
_MATROSKA_SEGMENT = 0x18538067


def check_readable(path: Path) -> None:
    """SourceError, in one line, where ``path`` is not a regular file with something in it that we may read."""
    try:
        if path.is_dir():
            raise SourceError(f"{path}: is a folder, not a file")
        if not path.exists():
            raise SourceError(f"no such file: {path}")
        if not path.is_file():
            raise SourceError(f"{path}: is not a regular file (a pipe or a device cannot be played)")
        with path.open("rb") as file:
            if not file.read(1):
                raise SourceError(f"{path}: is empty (0 bytes)")
    except PermissionError:
        raise SourceDeniedError(f"{path}: permission denied") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL character in the name
        raise SourceError(f"{path}: cannot be read ({error})") from None


def check_size(name: str, width: int, height: int) -> None:
    """SourceError where a frame of ``width`` x ``height`` pixels is beyond what is taken from a file."""
    if not (0 < width <= LARGEST_SIDE_PX and 0 < height <= LARGEST_SIDE_PX) or width * height > LARGEST_FRAME_PX:
        raise SourceError(
            f"{name}: frames of {width}x{height} pixels; at most {LARGEST_SIDE_PX} a side and {LARGEST_FRAME_PX} in all"
        )


def kind_of(path: Path) -> str | None:
    """The kind of a readable file by its first bytes: an image format's name, ``"video"``, or None."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    for magic, kind in _IMAGE_MAGIC:
        if head.startswith(magic):
            return kind
    if head[:4] == b"RIFF":
        return {b"WEBP": "webp", b"AVI ": "video"}.get(head[8:12])
    if head[4:8] == b"ftyp" and head[8:12] in (b"avif", b"avis"):
        return "avif"
    transport_stream = head[:1] == b"G" and head[188:189] == b"G"
    if head.startswith(_VIDEO_MAGIC) or head[4:8] in _QUICKTIME_BOXES or transport_stream:
        return "video"
    return None


def missing_bytes(path: Path) -> int:
    """Bytes that the headers of an mp4, Matroska/WebM, AVI or GIF promise beyond the end of the file.

    0 where the file is whole or its format does not say. A GIF states no length: 1 where it ends inside a block.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(12)
        file.seek(0)
        if head[:3] == b"GIF":
            return 0 if _gif_is_whole(file, size) else 1
        if head[:4] == b"\x1aE\xdf\xa3":
            end = _matroska_end(file)
        elif head[:4] == b"RIFF":
            end = 8 + int.from_bytes(head[4:8], "little")
        elif head[4:8] in _QUICKTIME_BOXES:
            end = _boxes_end(file, size)
        else:
            return 0
    return max(0, end - size)


def _boxes_end(file: BinaryIO, size: int) -> int:
    """Where the last top-level box of an ISO media file (mp4, mov) ends."""
    at = 0
    while at < size:
        file.seek(at)
        head = file.read(16)
        length = int.from_bytes(head[:4], "big")
        if length == 1:  # the real length follows the name, in 64 bits
            length = int.from_bytes(head[8:16], "big")
        if length < 8:  # 0: this box takes the rest of the file; 2 to 7: not a box
            return size
        at += length
    return at


def _matroska_end(file: BinaryIO) -> int:
    """Where the segment of a Matroska file ends; 0 where its length was left open, as live recorders do."""
    while True:
        name, _ = _matroska_number(file, keep_marker=True)
        length, known = _matroska_number(file, keep_marker=False)
        if name == _MATROSKA_SEGMENT:
            return file.tell() + length if known else 0
        if not name or not known:
            return 0
        file.seek(length, 1)


def _matroska_number(file: BinaryIO, *, keep_marker: bool) -> tuple[int, bool]:
    """A number whose leading zero bits tell its bytes (EBML), and whether it is known (not all ones)."""
    first = file.read(1)
    if not first or not first[0]:
        return 0, False
    bytes_in_all = 9 - first[0].bit_length()
    value = int.from_bytes(first + file.read(bytes_in_all - 1), "big")
    data_bits = 7 * bytes_in_all
    data = value & ((1 << data_bits) - 1)
    return (value if keep_marker else data), data != (1 << data_bits) - 1


def _gif_is_whole(file: BinaryIO, size: int) -> bool:
    """Whether a GIF's blocks end at its trailer, or, as careless writers leave it, exactly at the end of the file."""
    head = file.read(13)
    if len(head) < 13:
        return False
    if file.seek(_colour_table_bytes(head[10]), 1) > size:
        return False
    while block := file.read(1):
        if block == b";":
            return True
        if block == b"!":
            file.seek(1, 1)
        elif block == b",":
            place = file.read(9)
            if len(place) < 9:
                return False
            file.seek(_colour_table_bytes(place[8]) + 1, 1)
        else:
            return True  # not a GIF block: junk, which is the decoder's to judge
        while (length := file.read(1)) != b"\0":
            if not length or len(file.read(length[0])) < length[0]:
                return False
    return True


def _colour_table_bytes(flags: int) -> int:
    """Bytes of the colour table that a GIF descriptor's flags announce."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0
