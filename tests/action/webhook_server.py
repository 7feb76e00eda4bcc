"""A web server on loopback that takes webhooks, or fails in ways of its own.

with receiver(["503", "reset", "ok"]) as server:      # the first two requests fail, those from the third on are taken
    server.url; server.taken                          # each as (headers, body)
"""

from __future__ import annotations

import contextlib
import datetime
import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

FAULTS = (
    "hang",
    "slow bytes",
    "slow headers",
    "429",
    "500",
    "503",
    "529",
    "reset",
    "close",
    "not http",
    "huge",
    "huge header",
)


class Server:
    """``answers``: what becomes of each request; the last one holds for all that follow."""

    def __init__(self, answers: Sequence[str], context: ssl.SSLContext | None = None) -> None:
        self._answers = list(answers)
        self._context = context
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.seen: list[str] = []
        self.taken: list[tuple[dict[str, str], bytes]] = []
        self.paths: list[str] = []
        self._ending = threading.Event()
        self._threads: list[threading.Thread] = []
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        scheme = "http" if self._context is None else "https"
        return f"{scheme}://localhost:{self.port}/hook?token=t0ken-in-the-path"

    def json(self) -> list[Any]:
        return [json.loads(body) for _, body in self.taken]

    def close(self) -> None:
        self._ending.set()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        while not self._ending.is_set():
            try:
                peer, _ = self._socket.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(peer,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, peer: socket.socket) -> None:
        with contextlib.suppress(OSError), contextlib.closing(peer):
            peer.settimeout(5)
            if self._context is not None:
                with self._context.wrap_socket(peer, server_side=True) as secured:
                    self._answer(secured)
            else:
                self._answer(peer)

    def _answer(self, peer: socket.socket) -> None:
        request = _request(peer)
        if request is None:
            return
        path, headers, body = request
        self.paths.append(path)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        self.seen.append(answer)
        if answer == "ok":
            self.taken.append((headers, body))
            peer.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
        elif answer.startswith("redirect "):
            peer.sendall(f"HTTP/1.1 307 There\r\nLocation: {answer[9:]}\r\nContent-Length: 0\r\n\r\n".encode())
        elif answer == "hang":
            self._ending.wait(10)
        elif answer in ("slow bytes", "slow headers"):
            start = (
                b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
                if answer == "slow bytes"
                else b"HTTP/1.1 200 OK\r\nX: "
            )
            peer.sendall(start)
            while not self._ending.wait(0.05):
                peer.sendall(b"a")
        elif answer == "reset":
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif answer == "not http":
            peer.sendall(b"220 mail.example.org ESMTP\r\n")
        elif answer == "huge":
            peer.sendall(b"HTTP/1.1 500 No\r\n\r\n")
            deadline = time.monotonic() + 5
            while time.monotonic() < deadline and not self._ending.is_set():
                peer.sendall(b"x" * 65536)
        elif answer == "huge header":
            peer.sendall(b"HTTP/1.1 200 OK\r\n" + b"X-Y: " + b"y" * 200_000 + b"\r\n\r\n")
        elif answer.isdigit():
            peer.sendall(f"HTTP/1.1 {answer} No\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n".encode())


def _request(peer: socket.socket) -> tuple[str, dict[str, str], bytes] | None:
    said = b""
    while b"\r\n\r\n" not in said:
        part = peer.recv(65536)
        if not part:
            return None
        said += part
    head, _, body = said.partition(b"\r\n\r\n")
    first, *rest = head.decode().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)}
    while len(body) < int(headers.get("content-length", 0)):
        part = peer.recv(65536)
        if not part:  # killed in the middle of its request
            return None
        body += part
    return first.split(" ")[1], headers, body


@contextlib.contextmanager
def receiver(answers: Sequence[str] = ("ok",), context: ssl.SSLContext | None = None) -> Iterator[Server]:
    server = Server(answers, context)
    try:
        yield server
    finally:
        server.close()


def certificate(folder: Path, host: str) -> tuple[Path, Path]:
    """A certificate of ``host`` by nobody else, and its key, as PEM files."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    paths = folder / f"{host}.pem", folder / f"{host}.key"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths
