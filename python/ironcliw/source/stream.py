"""Live pictures from an address that FFmpeg can read: RTSP cameras, HTTP, TCP, UDP, SRT and RTMP streams.

    source = StreamSource("rtsp://viewer@camera.lan/live", fps=2)   # the password: IRONCLIW_STREAM_PASSWORD, or a file
    geometry = source.open()
    source.attach(FrameMemory(geometry.width, geometry.height))
    source.read(timeout_ms=1000)          # Capture(sequence=0, damage=None, …)

A thread decodes, the newest picture is taken when one is due, and those in between are never turned into pixels. A
stream that ends, breaks or stands still is a ``Gap``, and is opened again. Only the protocols that belong to an
address's own kind are opened, never a file of this machine, wherever the stream points.
"""

from __future__ import annotations

import math
import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import numpy as np

from ironcliw import clock
from ironcliw.errors import MissingExtraError, SettingsError, SourceError
from ironcliw.memory import FrameMemory
from ironcliw.source.file import LARGEST_FRAME_PX
from ironcliw.source.painted import Found, Nothing, Pace, Painted, PaintedSource, Size
from ironcliw.source.returning import SourceStalledError
from ironcliw.source.secret import check_address, secret

if TYPE_CHECKING:
    from av import VideoFrame
    from av.container import InputContainer

_WEB = "http,https,tcp,tls,crypto,httpproxy"
_RTSP = "rtsp,rtsps,rtp,srtp,udp,tcp,tls"
PROTOCOLS = {
    **dict.fromkeys(("http", "https"), _WEB),
    **dict.fromkeys(("rtsp", "rtsps"), _RTSP),
    **dict.fromkeys(("rtmp", "rtmps"), "rtmp,rtmps,tcp,tls"),
    **dict.fromkeys(("tcp", "udp", "srt"), "tcp,udp,srt"),
    "rtp": "rtp,udp",
}
READ_S = 5.0
"""A stream that brings nothing for this long stands still."""


class StreamSource(PaintedSource):
    """``address``: one of ``PROTOCOLS``, a user's name in it but no password. ``fps``: pictures taken a second at most.

    SettingsError for an ``fps`` that makes no sense; SourceError for an address that is none or holds a password; on
    ``open`` MissingExtraError without the extra ``video``.
    """

    kind = "stream"

    def __init__(self, address: str, fps: float = 10.0, *, password_file: str | None = None) -> None:
        if not (math.isfinite(fps) and 0.01 <= fps <= 240):
            raise SettingsError(f"fps of {fps}: it must be 0.01 to 240")
        check_address(address, "STREAM")
        parts = urlsplit(address)
        if parts.scheme not in PROTOCOLS or not parts.netloc:
            raise SourceError(f"{parts.scheme}://…: expected one of {', '.join(PROTOCOLS)}")
        # What follows the host may hold a token: names go into events and logs.
        port = f":{parts.port}" if parts.port else ""
        super().__init__(f"{parts.scheme}://{parts.hostname or ''}{port}")
        self._address = address
        self._password_file = password_file
        self.pace = Pace(fps)
        self._state = threading.Condition()
        self._newest: VideoFrame | None = None
        self._failure: SourceError | None = None
        self._size: Size | None = None
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self._facts: dict[str, str] = {}
        self._reformatter: Any = None

    def describe(self) -> dict[str, str]:
        """Codec and container; valid after ``open``."""
        return {**super().describe(), **self._facts, "changes": "compared"}

    def interrupt(self) -> None:
        """End ``read`` early, from any thread; where none is under way, the next one that would wait."""
        super().interrupt()
        with self._state:
            self._state.notify_all()

    def _reach(self, timeout_s: float) -> Size:
        try:
            from av.video.reformatter import VideoReformatter  # noqa: PLC0415  (optional, and 60 ms)
        except ImportError:
            raise MissingExtraError("streams", "video") from None
        self._reformatter = VideoReformatter()
        self._newest = self._failure = self._size = None
        self._stop = threading.Event()
        container = self._opened(timeout_s)
        self._thread = threading.Thread(
            target=self._decode, args=(container, self._stop), name="ironcliw-stream", daemon=True
        )
        self._thread.start()
        with self._state:
            self._state.wait_for(lambda: self._newest is not None or self._failure is not None, READ_S + timeout_s)
            failure, newest = self._failure, self._newest
        if newest is None:
            self._disconnect()
            raise failure or SourceStalledError(f"{self.name}: brings no picture")
        self._size = Size(newest.width, newest.height)
        return self._size

    def _opened(self, timeout_s: float) -> InputContainer:
        import av  # noqa: PLC0415
        from av.error import FFmpegError  # noqa: PLC0415

        options = {"protocol_whitelist": PROTOCOLS[urlsplit(self._address).scheme], "rtsp_transport": "tcp"}
        try:
            container = av.open(
                self._with_password(),
                "r",
                container_options=options,
                timeout=(timeout_s, READ_S),
                metadata_errors="replace",
            )
        except (FFmpegError, OSError, ValueError) as error:
            # FFmpeg's own words may repeat the address, and with it the password.
            why = str(getattr(error, "strerror", None) or type(error).__name__).lower()
            raise SourceError(f"{self.name}: cannot be opened ({why})") from None
        if not container.streams.video:
            container.close()
            raise SourceError(f"{self.name}: holds no video")
        codec = container.streams.video[0].codec_context
        codec.options = {"max_pixels": str(LARGEST_FRAME_PX)}
        codec.thread_count = 1  # many streams share few cores
        self.lossless = codec.name in _lossless_codecs()
        self._facts = {"codec": codec.name, "container": container.format.name}
        return container

    def _with_password(self) -> str:
        """The address as FFmpeg takes it: the only place where a password stands in one."""
        parts = urlsplit(self._address)
        password = secret("STREAM", self._password_file) if parts.username else None
        if password is None:
            return self._address
        host = parts.netloc.rpartition("@")[2]
        return parts._replace(netloc=f"{parts.username}:{quote(password, safe='')}@{host}").geturl()

    def _decode(self, container: InputContainer, stop: threading.Event) -> None:
        """Keep the newest picture until the stream ends."""
        from av.error import FFmpegError, InvalidDataError  # noqa: PLC0415

        failure = SourceError(f"{self.name}: the stream ended")
        try:
            with container:
                for packet in container.demux(container.streams.video[0]):
                    if stop.is_set():
                        return
                    try:
                        frames: list[VideoFrame] = packet.decode()
                    except InvalidDataError:
                        continue  # the start of a stream that began before us, or a lost packet
                    if frames:
                        with self._state:
                            self._newest = frames[-1]
                            self._state.notify_all()
        except (FFmpegError, OSError) as error:
            stalled = isinstance(error, TimeoutError) or "exit" in type(error).__name__.lower()
            kind = SourceStalledError if stalled else SourceError
            failure = kind(f"{self.name}: the stream {'stands still' if stalled else 'broke off'}")
        finally:
            with self._state:
                if not stop.is_set():
                    self._failure = failure
                self._state.notify_all()

    def _disconnect(self) -> None:
        self._stop.set()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join(READ_S + 1)
        self._newest = None

    def _look(self, memory: FrameMemory, deadline_ns: int) -> Found:
        if not self._pause(min(self.pace.due_ns, deadline_ns)) or clock.monotonic_ns() < self.pace.due_ns:
            return Nothing()
        with self._state:
            left_s = max(0, deadline_ns - clock.monotonic_ns()) / clock.SECOND
            self._state.wait_for(
                lambda: self._newest is not None or self._failure is not None or self._interrupted.is_set(), left_s
            )
            frame = self._newest
            if frame is None:
                if self._failure is not None:
                    raise self._failure
                return Nothing()
            size = Size(frame.width, frame.height)
            if size != self._size:
                self._size = size
                return size  # and the picture is taken once there is memory for it
            self._newest = None
        self.pace.passed()
        self._paint(frame, memory)
        return Painted(None, memory.pixels.size)

    def _paint(self, frame: VideoFrame, memory: FrameMemory) -> None:
        shown = self._reformatter.reformat(frame, format="bgr0")
        plane = shown.planes[0]
        rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
        height, width = memory.pixels.shape[:2]
        np.copyto(memory.pixels, rows[:height, : width * 4].reshape(height, width, 4))


def _lossless_codecs() -> frozenset[str]:
    from ironcliw.source.video import LOSSLESS_CODECS  # noqa: PLC0415

    return LOSSLESS_CODECS
