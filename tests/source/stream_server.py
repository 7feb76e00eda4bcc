"""A stream over loopback: MPEG-TS with FFV1-like lossless pictures, made by PyAV, sent to whoever connects."""

from __future__ import annotations

import io
import socket
import threading
from collections.abc import Callable
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

Draw = Callable[[int], NDArray[np.uint8]]


class StreamServer:
    """Sends ``draw(n)``, (h, w, 3) uint8 BGR pictures, ``fps`` a second over one TCP connection after the other.

    ``asks``: refuse a GET that brings no password. ``frames``: hang up after so many. ``http``: answer a GET first.
    ``still_after``: say nothing more after so many.
    """

    def __init__(
        self,
        draw: Draw,
        *,
        fps: int = 25,
        frames: int = 1_000_000,
        http: bool = False,
        asks: bool = False,
        still_after: int = 1_000_000,
    ) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        port = self._listener.getsockname()[1]
        self.address = f"{'http' if http else 'tcp'}://127.0.0.1:{port}{'/live' if http else ''}"
        self._draw, self._fps, self._frames, self._http, self._still_after = draw, fps, frames, http, still_after
        self._asks = asks
        self._done = threading.Event()
        self.requests: list[bytes] = []
        self.connections = 0
        self._thread = threading.Thread(target=self._serve, name="stream-server")
        self._thread.start()

    def close(self) -> None:
        if self._done.is_set():
            return
        self._done.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(20)

    def _serve(self) -> None:
        while not self._done.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            with client:
                client.settimeout(10)
                try:
                    if self._http:
                        self.requests.append(client.recv(4096))
                        if self._asks and b"Authorization:" not in self.requests[-1]:
                            client.sendall(b'HTTP/1.0 401 No\r\nWWW-Authenticate: Basic realm="x"\r\n\r\n')
                            continue
                        client.sendall(b"HTTP/1.0 200 OK\r\nContent-Type: video/x-matroska\r\n\r\n")
                    self._send(client)
                except OSError:
                    continue

    def _send(self, client: socket.socket) -> None:
        sink = _Sink(client)
        with av.open(sink, "w", format="matroska", options={"live": "1", "cluster_time_limit": "20"}) as container:
            first = self._draw(0)
            stream: Any = container.add_stream("ffv1", rate=self._fps)
            stream.width, stream.height, stream.pix_fmt = first.shape[1], first.shape[0], "bgr0"
            for number in range(self._frames):
                if self._done.is_set():
                    break
                picture = np.zeros((*first.shape[:2], 4), np.uint8)
                picture[..., :3] = self._draw(number)
                frame = av.VideoFrame.from_ndarray(picture[..., :3], format="bgr24").reformat(format="bgr0")
                frame.pts = number
                for packet in stream.encode(frame):
                    container.mux(packet)
                if number >= self._still_after:
                    self._done.wait(60)
                self._done.wait(1 / self._fps)


class _Sink(io.RawIOBase):
    """What the muxer writes goes to the socket at once."""

    def __init__(self, client: socket.socket) -> None:
        self._client = client

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._client.sendall(data)
        return len(data)
