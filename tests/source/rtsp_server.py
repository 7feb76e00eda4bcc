"""An RTSP server over loopback: H.264 made by PyAV, as RTP inside of the RTSP connection, for one client at a time."""

from __future__ import annotations

import base64
import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

Draw = Callable[[int], NDArray[np.uint8]]
CLOCK_HZ = 90_000
LARGEST_PACKET = 8_000


class RtspServer:
    """Sends ``draw(n)``, (h, w, 3) uint8 BGR pictures, ``fps`` a second to whoever plays.

    ``password``: refuse requests that do not bring user ``me`` and it. ``frames``: hang up after so many.
    ``still_after``: say nothing more after so many. ``port``: 0 for any. ``requests``: all that was asked.
    """

    def __init__(
        self,
        draw: Draw,
        *,
        fps: int = 25,
        frames: int = 1_000_000,
        still_after: int = 1_000_000,
        password: str | None = None,
        port: int = 0,
    ) -> None:
        self._draw, self._fps, self._frames, self._still_after = draw, fps, frames, still_after
        self._asks = None if password is None else base64.b64encode(f"me:{password}".encode()).decode()
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port = self._listener.getsockname()[1]
        self.address = f"rtsp://127.0.0.1:{self.port}/live"
        self.requests: list[str] = []
        self.plays = 0
        self._done = threading.Event()
        self._client: socket.socket | None = None
        self._thread = threading.Thread(target=self._serve, name="rtsp-server")
        self._thread.start()

    def close(self) -> None:
        """Hang up and be gone; may be called twice."""
        if self._done.is_set():
            return
        self._done.set()
        for each in (self._listener, self._client):
            if each is not None:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(20)

    def _serve(self) -> None:
        while not self._done.is_set():
            try:
                self._client, _ = self._listener.accept()
            except OSError:
                return
            with self._client, contextlib.suppress(OSError):
                self._client.settimeout(10)
                self._talk(self._client)

    def _talk(self, client: socket.socket) -> None:
        received = b""
        while part := client.recv(4096):
            received += part
            while b"\r\n\r\n" in received:
                request, _, received = received.partition(b"\r\n\r\n")
                if self._answer(client, request.decode()):
                    self._play(client)
                    return

    def _answer(self, client: socket.socket, request: str) -> bool:
        """Answer one request; true where the pictures are to begin."""
        self.requests.append(request)
        method, url, _ = request.split("\r\n")[0].split(" ")
        headers = dict(line.split(": ", 1) for line in request.split("\r\n")[1:])
        status, more, body = "200 OK", "", ""
        if self._asks is not None and headers.get("Authorization") != f"Basic {self._asks}":
            status, more = "401 Unauthorized", 'WWW-Authenticate: Basic realm="x"\r\n'
        elif method == "OPTIONS":
            more = "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n"
        elif method == "DESCRIBE":
            body = (
                "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=live\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\n"
                f"c=IN IP4 0.0.0.0\r\na=rtpmap:96 H264/{CLOCK_HZ}\r\n"
                "a=fmtp:96 packetization-mode=1\r\na=control:track1\r\n"
            )
            more = f"Content-Base: {url}/\r\nContent-Type: application/sdp\r\nContent-Length: {len(body)}\r\n"
        elif method == "SETUP":
            more = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\nSession: 17\r\n"
        elif method == "PLAY":
            more = "Session: 17\r\n"
        client.sendall(f"RTSP/1.0 {status}\r\nCSeq: {headers['CSeq']}\r\n{more}\r\n{body}".encode())
        return method == "PLAY" and status.startswith("200")

    def _play(self, client: socket.socket) -> None:
        self.plays += 1
        for number, (stamp, last, unit) in enumerate(self._units()):
            packet = struct.pack(">BBHII", 0x80, 96 | last << 7, number & 0xFFFF, stamp, 0x1234) + unit
            assert len(packet) < LARGEST_PACKET
            client.sendall(b"$\0" + struct.pack(">H", len(packet)) + packet)

    def _units(self) -> Iterator[tuple[int, bool, bytes]]:
        """The stream's parts: time, whether it is the last of its picture, bytes. One picture each 1/fps s."""
        first = self._draw(0)
        encoder: Any = av.CodecContext.create("libx264", "w")
        encoder.width, encoder.height, encoder.pix_fmt = first.shape[1], first.shape[0], "yuv420p"
        encoder.time_base, encoder.framerate = Fraction(1, self._fps), Fraction(self._fps)
        encoder.options = {"preset": "ultrafast", "tune": "zerolatency", "g": "5", "threads": "1"}
        for number in range(self._frames):
            if self._done.is_set():
                return
            frame = av.VideoFrame.from_ndarray(self._draw(number), format="bgr24")
            frame.pts = number
            for packet in encoder.encode(frame):
                units = [unit.rstrip(b"\0") for unit in bytes(packet).replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1")]
                units = [unit for unit in units if unit]
                for at, unit in enumerate(units):
                    yield number * CLOCK_HZ // self._fps, at == len(units) - 1, unit
            if number >= self._still_after:
                self._done.wait(60)
            self._done.wait(1 / self._fps)
