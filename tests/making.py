"""Small recordings made at run time, and a reader that plays any source to its end."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ironcliw.errors import IroncliwError
from ironcliw.memory import FrameMemory
from ironcliw.source.protocol import Capture, End, Message, Resized, Source

MILLISECONDS = Fraction(1, 1000)


def cards(count: int, width: int = 77, height: int = 51) -> list[NDArray[np.uint8]]:
    """RGB frames whose colour tells their number: red is 20 times it."""
    return [np.full((height, width, 3), (20 * number, 100, 200), np.uint8) for number in range(count)]


def noise(count: int, width: int = 160, height: int = 120) -> list[NDArray[np.uint8]]:
    """RGB frames that do not compress, so that a file of them can be cut and damaged anywhere."""
    generator = np.random.default_rng(7)
    return [generator.integers(0, 256, (height, width, 3), dtype=np.uint8) for _ in range(count)]


def write_video(
    path: Path,
    frames: Sequence[NDArray[np.uint8]],
    times: Sequence[int] | None = None,
    *,
    codec: str = "ffv1",
    pixel_format: str = "bgr0",
    time_base: Fraction = MILLISECONDS,
    rotation: float = 0,
    **options: str,
) -> Path:
    """Encode RGB or RGBA frames at ``times`` (in units of ``time_base``; every 40 where not given)."""
    import av

    height, width = frames[0].shape[:2]
    with av.open(str(path), "w", options=options) as container:
        stream = container.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = width, height, pixel_format
        stream.time_base = stream.codec_context.time_base = time_base
        if rotation:
            stream.set_display_rotation(rotation)
        for number, pixels in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(pixels, format="rgba" if pixels.shape[2] == 4 else "rgb24")
            frame.pts = 40 * number if times is None else times[number]
            frame.time_base = time_base
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def write_gif(path: Path, delays_cs: Sequence[int], width: int = 33, height: int = 21) -> Path:
    """A GIF written block by block, so that its delays (hundredths of a second) are exactly those."""
    colours = bytes(value for number in range(len(delays_cs)) for value in (20 * number % 256, 100, 200))
    bits = max(2, (len(delays_cs) - 1).bit_length())
    table = colours.ljust(3 << bits, b"\0")
    size = width.to_bytes(2, "little") + height.to_bytes(2, "little")
    data = b"GIF89a" + size + bytes([0x80 | (bits - 1), 0, 0]) + table
    for number, delay in enumerate(delays_cs):
        data += b"!\xf9\x04\x04" + delay.to_bytes(2, "little") + b"\0\0"
        data += b"," + b"\0\0\0\0" + size + b"\0" + _lzw([number] * (width * height), bits)
    path.write_bytes(data + b";")
    return path


def _lzw(indices: Sequence[int], bits: int) -> bytes:
    """GIF's compression without compressing: clear codes often enough that no code ever grows."""
    clear, width = 1 << bits, bits + 1
    codes = [clear]
    for at, index in enumerate(indices):
        if at and at % ((1 << bits) - 2) == 0:
            codes.append(clear)
        codes.append(index)
    codes.append(clear + 1)
    stream = sum(code << (at * width) for at, code in enumerate(codes))
    packed = stream.to_bytes((len(codes) * width + 7) // 8, "little")
    blocks = [packed[at : at + 255] for at in range(0, len(packed), 255)]
    return bytes([bits]) + b"".join(bytes([len(block)]) + block for block in blocks) + b"\0"


class Played:
    """What a source told from ``open`` to its end: messages, and for each capture a copy of its pixels in RGB."""

    def __init__(self, source: Source) -> None:
        self.messages: list[Message] = []
        self.pictures: list[NDArray[np.uint8]] = []
        self.error: Exception | None = None
        self.geometry = source.open()
        memory = FrameMemory(self.geometry.width, self.geometry.height)
        source.attach(memory)
        try:
            while not self.messages or not isinstance(self.messages[-1], End):
                message = source.read(timeout_ms=0)
                self.messages.append(message)
                if isinstance(message, Resized):
                    memory.close()
                    memory = FrameMemory(message.geometry.width, message.geometry.height)
                    source.attach(memory)
                if isinstance(message, Capture):
                    self.pictures.append(memory.pixels[:, :, 2::-1].copy())
        except IroncliwError as error:
            self.error = error
        finally:
            source.close()
            memory.close()

    @property
    def captures(self) -> list[Capture]:
        return [message for message in self.messages if isinstance(message, Capture)]

    @property
    def times_ms(self) -> list[float]:
        return [capture.time_ns / 1e6 for capture in self.captures]

    @property
    def kinds(self) -> str:
        """One letter a message: C(apture), R(esized), G(ap), B(ack), E(nd)."""
        return "".join(type(message).__name__[0] for message in self.messages)
