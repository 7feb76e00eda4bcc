"""Recordings: mp4, webm, mkv, gif, avi and what else FFmpeg reads, with the exact times their makers gave each frame.

    source = VideoSource("build.mp4")
    geometry = source.open()              # SourceError: no such file, not a video, sound only, index missing
    source.attach(FrameMemory(geometry.width, geometry.height))
    source.read(timeout_ms=0)             # Capture(sequence=0, time_ns=0, …)

*Times* are the file's own presentation times, counted from the first frame; a frame without one follows the frame
before it, and times that jump back (joined recordings) go on from there. The recording ends where its last frame ends,
or later where the file's header says so. *GIF* delays below 20 ms count as 100 ms, as in browsers; what no frame has
painted is black.

*Pictures* are turned as the file asks (quarter turns); transparency is laid over black; odd pixel aspect ratios and
interlacing are left as they are. A part that cannot be decoded is a ``Gap`` of reason ``lost``, told just before the
``Back`` of the next good frame or the end. A *truncated* file is played as far as it goes; then ``read`` raises
SourceError and says where.

A file is untrusted: only the listed container formats are opened, from the one opened file, never by an address in it.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ironcliw.clock import SECOND
from ironcliw.errors import MissingExtraError, SourceError
from ironcliw.source.file import LARGEST_FRAME_PX, check_readable, check_size, missing_bytes
from ironcliw.source.playback import Picture, Playback, Step
from ironcliw.source.protocol import Back, End, Gap

if TYPE_CHECKING:
    from av import Packet, VideoFrame
    from av.container import InputContainer
    from av.video.reformatter import VideoReformatter
    from av.video.stream import VideoStream

LOSSLESS_CODECS = frozenset(
    {"apng", "bmp", "ffv1", "ffvhuff", "flashsv", "flashsv2", "huffyuv", "magicyuv"}
    | {"png", "qtrle", "rawvideo", "utvideo", "zlib", "zmbv"}
)
"""Codecs in which a pixel that did not change keeps its value. GIF is not among them: recordings that are made into
GIFs are dithered to 256 colours, anew in every frame."""

_CONTAINERS = "mov,matroska,gif,avi,apng,flv,mpegts,mpeg,ogg,asf,ivf,nut,yuv4mpegpipe"
_OPEN_OPTIONS = {
    "format_whitelist": _CONTAINERS,
    "protocol_whitelist": "file",
    "ignore_loop": "1",
}
_DECODE_OPTIONS = {"max_pixels": str(LARGEST_FRAME_PX)}
_GIF_OPTIONS = {"trans_color": "0"}  # unpainted GIF pixels: black, where FFmpeg takes white
_SHORTEST_GIF_DELAY, _DEFAULT_GIF_DELAY = 2, 10  # hundredths of a second
_NOMINAL_NS = SECOND // 25


class VideoSource(Playback):
    """A video file at ``path``, frame by frame as fast as it is read; needs the extra ``video`` (PyAV).

    ``lossless`` is known after ``open``: True for the codecs in ``LOSSLESS_CODECS``.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        super().__init__(os.fspath(path))
        self._path = Path(path)
        self._facts: dict[str, str] = {}

    def describe(self) -> dict[str, str]:
        """Codec, container, size, duration and nominal rate as the file states them, and whether it is cut short."""
        return {**super().describe(), **self._facts}

    def _play(self) -> Generator[Step]:
        try:
            import av  # noqa: PLC0415  (optional, and 60 ms)
        except ImportError:
            raise MissingExtraError("video files", "video") from None
        from av.error import FFmpegError  # noqa: PLC0415

        check_readable(self._path)
        missing = missing_bytes(self._path)
        with self._path.open("rb") as file:
            try:
                container = av.open(file, "r", container_options=_OPEN_OPTIONS, metadata_errors="replace")
            except FFmpegError as error:
                raise SourceError(f"{self.name}: {_why_unopened(missing, error)}") from None
            with container:
                stream = self._begin(container, missing)
                yield from self._decode(container, stream, missing)

    def _begin(self, container: InputContainer, missing: int) -> VideoStream:
        """Choose the stream, set its decoder up, note the facts."""
        videos = [
            stream for stream in container.streams.video if not stream.disposition & stream.disposition.attached_pic
        ]
        if not videos:
            raise SourceError(f"{self.name}: holds no video ({_held(container)})")
        stream = videos[0]
        codec = stream.codec_context
        if not codec:  # None, whatever the stub says, where no decoder is there
            raise SourceError(f"{self.name}: its video is in a format that cannot be decoded here")
        if stream.width or stream.height:  # both are 0 where only the first frame will tell
            check_size(self.name, stream.width, stream.height)
        codec.options = {**_DECODE_OPTIONS, **(_GIF_OPTIONS if codec.name == "gif" else {})}
        # One thread: with several, which frames of a damaged file are told as damaged differs from run to run, and
        # screen recordings gained nothing from two.
        codec.thread_type = "NONE"  # pyright: ignore[reportAttributeAccessIssue]  (the stub names its getter's type)
        codec.thread_count = 1
        self.lossless = codec.name in LOSSLESS_CODECS
        self._facts = {"codec": codec.name, "container": container.format.name}
        if container.duration is not None:
            self._facts["duration_s"] = f"{container.duration / 1_000_000:.3f}"
        if stream.average_rate:
            self._facts["nominal_fps"] = f"{float(stream.average_rate):.3f}"
        if missing:
            self._facts["truncated"] = f"{missing} bytes or more are missing at its end"
        return stream

    def _decode(self, container: InputContainer, stream: VideoStream, missing: int) -> Generator[Step]:
        """Every frame as a picture, damaged parts as gaps, then the end, or how the file was cut."""
        timeline = Timeline(stream.time_base or Fraction(1, 1000), _frame_ns(stream))
        gif = stream.codec_context.name == "gif"
        painter = _Painter(opaque=gif)
        gap: Gap | None = None
        for frame in self._frames(container, stream, timeline):
            if frame is None:
                if timeline.started and gap is None:
                    detail = f"{self.name}: damaged after {timeline.time_ns / SECOND:.3f} s"
                    gap = Gap(timeline.end_ns, "lost", detail)
                continue
            check_size(self.name, frame.width, frame.height)
            if gif:
                # Some FFmpegs apply the browsers' rule to every delay and some only to 0: so here, to all, by delays.
                brief = frame.duration < _SHORTEST_GIF_DELAY
                time_ns = timeline.place(None, _DEFAULT_GIF_DELAY if brief else frame.duration)
            else:
                time_ns = timeline.place(frame.pts, frame.duration)
            if gap is not None:
                yield gap
                yield Back(time_ns)
                gap = None
            yield Picture(time_ns, painter.pixels(frame))
        if not timeline.started:
            why = "truncated before the first" if missing else f"damaged, or larger than {LARGEST_FRAME_PX} pixels"
            raise SourceError(f"{self.name}: no frame can be decoded ({why})")
        if missing:
            raise SourceError(f"{self.name}: truncated at {timeline.time_ns / SECOND:.3f} s (the file ends too early)")
        if gap is not None:
            yield gap
        yield End(max(timeline.end_ns, _stated_end_ns(container, stream, timeline.first_pts)))

    def _frames(
        self, container: InputContainer, stream: VideoStream, timeline: Timeline
    ) -> Iterator[VideoFrame | None]:
        """Decoded frames in the order they are shown; None where something could not be decoded."""
        from av.error import FFmpegError  # noqa: PLC0415

        packets: Iterator[Packet[Any]] = container.demux(stream)
        while True:
            try:
                packet = next(packets, None)
            except (FFmpegError, OSError) as error:
                where = f"{timeline.time_ns / SECOND:.3f} s"
                raise SourceError(f"{self.name}: cannot be read beyond {where} ({_reason(error)})") from None
            if packet is None:
                return
            try:
                frames: list[VideoFrame] = packet.decode()
            except FFmpegError:
                yield None
                continue
            for frame in frames:
                yield None if frame.is_corrupt else frame


class Timeline:
    """Turns presentation times in units of ``time_base`` seconds into nanoseconds that start at 0 and never go back.

    time_ns, end_ns: when the last placed frame appears and ends; a frame of no stated duration lasts ``frame_ns``
    """

    def __init__(self, time_base: Fraction, frame_ns: int) -> None:
        self._time_base = time_base
        self._frame_ns = frame_ns
        self._shift_ns = 0
        self.first_pts: int | None = None
        self.started = False
        self.time_ns = 0
        self.end_ns = 0

    def place(self, pts: int | None, duration: int | None) -> int:
        """When the next frame appears, from its presentation time and duration, either of which may be missing."""
        time_ns = self.end_ns
        if pts is not None:
            if self.first_pts is None:
                self.first_pts = pts
                self._shift_ns = time_ns
            own_ns = round((pts - self.first_pts) * self._time_base * SECOND)
            if own_ns + self._shift_ns < self.time_ns:
                self._shift_ns = time_ns - own_ns
            time_ns = own_ns + self._shift_ns
        self.started = True
        self.time_ns = time_ns
        self.end_ns = time_ns + (round(duration * self._time_base * SECOND) if duration else self._frame_ns)
        return time_ns


class _Painter:
    """Turns decoded frames into BGRX pixels, keeping the conversion's tables from frame to frame."""

    def __init__(self, *, opaque: bool) -> None:
        from av.video.reformatter import VideoReformatter  # noqa: PLC0415

        self._reformatter: VideoReformatter = VideoReformatter()
        self._opaque = opaque

    def pixels(self, frame: VideoFrame) -> NDArray[np.uint8]:
        """The frame's (h, w, 4) pixels, upright; a view that keeps the frame alive where nothing had to be mixed."""
        transparent = not self._opaque and any(component.is_alpha for component in frame.format.components)
        shown = self._reformatter.reformat(frame, format="bgra" if transparent or self._opaque else "bgr0")
        plane = shown.planes[0]
        data = memoryview(plane)  # pyright: ignore[reportArgumentType]  (its stub leaves the buffer protocol out)
        rows = np.frombuffer(data, np.uint8).reshape(-1, plane.line_size)
        pixels = rows[: shown.height, : shown.width * 4].reshape(shown.height, shown.width, 4)
        if transparent:
            pixels = over_black(pixels)
        quarters, rest = divmod(frame.rotation, 90)
        return pixels if rest else np.rot90(pixels, quarters)


def over_black(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(h, w, 4) BGRA laid over black: each colour times its alpha, rounded; the input itself where all is opaque."""
    alpha = pixels[:, :, 3:]
    if int(alpha.min()) == 255:
        return pixels
    return ((pixels.astype(np.uint16) * alpha + 127) // 255).astype(np.uint8)


def _frame_ns(stream: VideoStream) -> int:
    """How long a frame of no stated duration lasts: by the nominal rate, else 40 ms."""
    return round(SECOND / stream.average_rate) if stream.average_rate else _NOMINAL_NS


def _stated_end_ns(container: InputContainer, stream: VideoStream, first_pts: int | None) -> int:
    """Where the header of an mp4 or Matroska file says that it ends, from the first frame; 0 elsewhere.

    A screen that stood still at the end of a recording is often one last frame and a longer header.
    """
    stated = {"mp4", "matroska"} & set(container.format.name.split(","))
    if not stated or container.duration is None or stream.time_base is None:
        return 0
    # Both count from time 0, where the first frame may be late.
    return container.duration * 1000 - round((first_pts or 0) * stream.time_base * SECOND)


def _held(container: InputContainer) -> str:
    """The kinds of streams in a file without video: ``audio only``, ``audio, subtitle only``, ``nothing``."""
    kinds = sorted({stream.type for stream in container.streams if stream.type != "video"})
    return f"{', '.join(kinds)} only" if kinds else "nothing at all"


def _reason(error: Exception) -> str:
    """An FFmpeg or operating system error in its own words, without number and file name."""
    return str(getattr(error, "strerror", None) or error).lower()


def _why_unopened(missing: int, error: Exception) -> str:
    """Why a file that is there could not be opened as a video."""
    if missing:
        return "truncated: the file ends before what is needed to play it"
    invalid = isinstance(error, ValueError)  # FFmpeg's "invalid data" and "not on the list of formats"
    return "not a video this can read" if invalid else f"not a video this can read ({_reason(error)})"
