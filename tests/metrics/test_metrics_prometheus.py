"""What Prometheus is told, as Prometheus' own parser reads it, and who else may ask."""

from __future__ import annotations

import contextlib
import socket
import threading
import urllib.request
from collections.abc import Iterator

import pytest
from prometheus_client.parser import text_string_to_metric_families

import ironcliw
from conftest import eventually
from ironcliw.errors import MetricsError
from ironcliw.metrics import Registry, serving
from ironcliw.metrics.exposition import exposition
from ironcliw.metrics.serving import LONGEST_HEAD_BYTES, MOST_CONNECTIONS, MetricsServer


def parsed(text: bytes) -> dict[tuple[str, frozenset], float]:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }


def of(samples: dict, name: str, **labels: str) -> float:
    return samples[name, frozenset(labels.items())]


@pytest.fixture
def registry() -> Registry:
    registry = Registry()
    for ms in (0.01, 0.5, 3.0, 200.0, 100_000.0):
        registry.observe("change", ms)
    registry.counter("messages", "Messages that were sent.", "peer").add(3, "archive")
    registry.gauge("waiting", "What waits.").set(2.5)
    return registry


@pytest.fixture
def server(registry: Registry) -> Iterator[MetricsServer]:
    server = MetricsServer(registry, 0)
    server.start()
    yield server
    server.close()
    eventually(lambda: not ours(), "its threads to end")


def ours() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("ironcliw-metrics")]


def ask(server: MetricsServer, request: bytes) -> bytes:
    """What is answered, up to the end."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as peer:
        peer.sendall(request)
        return b"".join(iter(lambda: peer.recv(65536), b""))


def get(server: MetricsServer, host: str | None = None, target: str = "/metrics", method: str = "GET") -> bytes:
    named = host or f"127.0.0.1:{server.port}"
    return ask(server, f"{method} {target} HTTP/1.1\r\nHost: {named}\r\nAccept: */*\r\n\r\n".encode())


def test_every_number_is_there_as_it_is(registry: Registry) -> None:
    samples = parsed(exposition(registry))
    assert of(samples, "ironcliw_messages_total", peer="archive") == 3
    assert of(samples, "ironcliw_waiting") == 2.5
    assert of(samples, "ironcliw_stage_seconds_count", stage="change") == 5
    assert of(samples, "ironcliw_stage_seconds_sum", stage="change") == pytest.approx(100.20351)
    buckets = {
        float(dict(labels)["le"]): value for (name, labels), value in samples.items() if name.endswith("_bucket")
    }
    for bound, inside in buckets.items():
        assert inside == sum(ms / 1e3 <= bound for ms in (0.01, 0.5, 3.0, 200.0, 100_000.0))
    assert buckets[float("inf")] == 5


def test_a_watch_is_told_as_its_summary_says_it() -> None:
    spec = "synthetic:log_line?seed=3&seconds=8"
    with ironcliw.watch(spec, pace="max", text=False, when=["change:0,0,600,600"]) as watch:
        summary = list(watch)[-1].data
        samples = parsed(exposition(watch.metrics))
    for name in ("duplicate", "changed", "excluded"):
        assert of(samples, "ironcliw_frames_total", became=name) == summary["frames"][name]
    assert of(samples, "ironcliw_frames_captured_total") == summary["frames"]["captured"] > 0
    assert of(samples, "ironcliw_events_total", type="alert") == summary["alerts"] > 0
    for name, stage in summary["stages"].items():
        assert of(samples, "ironcliw_stage_seconds_count", stage=name) == stage["count"]
    assert not [name for name, _ in samples if "gpu" in name or "bloom" in name]


def test_a_browser_of_prometheus_gets_it(server: MetricsServer) -> None:
    for host in ("127.0.0.1", "localhost"):
        with urllib.request.urlopen(f"http://{host}:{server.port}/metrics", timeout=30) as answer:
            assert answer.headers["Content-Type"].startswith("text/plain; version=")
            assert of(parsed(answer.read()), "ironcliw_waiting") == 2.5


def test_head_is_get_without_a_body(server: MetricsServer) -> None:
    head = get(server, method="HEAD")
    assert head.startswith(b"HTTP/1.1 200 ")
    assert head.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example:{port}", "[::1]"],
)
def test_who_asks_for_another_host_is_refused(server: MetricsServer, host: str) -> None:
    answer = get(server, host.format(port=server.port))
    assert answer.startswith(b"HTTP/1.1 421 ")
    assert b"ironcliw_" not in answer


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET /metrics HTTP/1.1\r\n\r\n", 400),
        (b"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nHost: evil.example\r\n\r\n", 400),
        (b"GET /metrics HTTP/2.0\r\nHost: 127.0.0.1:PORT\r\n\r\n", 400),
        (b"GET /metrics\r\nHost: 127.0.0.1:PORT\r\n\r\n", 400),
        (b"\xff\xfe\x00 / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n", 400),
        (b"\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n", 404),
        (b"GET /metrics/../etc/passwd HTTP/1.1\r\nHost: localhost:PORT\r\n\r\n", 404),
        (b"POST /metrics HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nContent-Length: 3\r\n\r\nabc", 405),
        (b"GET /metrics?x=1 HTTP/1.0\r\nhost: LOCALHOST:PORT\r\n\r\n", 200),
    ],
)
def test_only_one_thing_can_be_asked(server: MetricsServer, request_: bytes, status: int) -> None:
    answer = ask(server, request_.replace(b"PORT", str(server.port).encode()))
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())


def test_a_request_without_end_is_cut_off(server: MetricsServer) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as peer:
        answer = b""
        try:
            for _ in range(1000):
                peer.sendall(b"GET /metrics HTTP/1.1\r\nX: " + b"x" * LONGEST_HEAD_BYTES)
            raise AssertionError("a megabyte of head was taken")
        except OSError:
            pass
        try:
            answer = peer.recv(65536)
        except OSError:
            answer = b"HTTP/1.1 431 (reset before it could be read)"
    assert answer.startswith(b"HTTP/1.1 431 ")
    assert get(server).startswith(b"HTTP/1.1 200 ")


def test_peers_that_say_nothing_are_few_and_do_not_stay(server: MetricsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "PATIENCE_S", 4.0)  # the first must still be there when all have been taken
    silent = [socket.create_connection(("127.0.0.1", server.port), timeout=30) for _ in range(MOST_CONNECTIONS)]
    try:
        eventually(lambda: len(server._peers) == MOST_CONNECTIONS, "all to be taken")
        assert get(server).startswith(b"HTTP/1.1 503 ")
        silent[0].sendall(b"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1")  # and never the rest
        silent[1].close()
        with contextlib.suppress(ConnectionResetError):  # what it said was not all read
            assert silent[0].recv(100) == b""  # cut off after a while, by the server
        for peer in silent[2:]:
            assert peer.recv(100) == b""
        eventually(lambda: not server._peers, "all to be gone")
        assert get(server).startswith(b"HTTP/1.1 200 ")
    finally:
        for peer in silent:
            peer.close()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "PATIENCE_S", 1.0)


def test_closing_does_not_wait_for_peers(registry: Registry) -> None:
    server = MetricsServer(registry, 0)
    server.start()
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as peer:
        eventually(lambda: len(server._peers) == 1, "the peer to be taken")
        server.close()
        server.close()
        assert peer.recv(100) == b""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port), timeout=30)


def test_no_other_machine_can_ask(server: MetricsServer) -> None:
    assert server._socket.getsockname()[0] == "127.0.0.1"
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.2", server.port), timeout=30)


def test_a_port_in_use_is_one_clear_line(server: MetricsServer) -> None:
    with pytest.raises(MetricsError, match=rf"port {server.port} of 127.0.0.1 .*another program uses it; name another"):
        MetricsServer(Registry(), server.port)


@pytest.mark.parametrize("port", [-1, 65536])
def test_what_is_no_port_is_refused(port: int) -> None:
    with pytest.raises(MetricsError, match="a port is 1 to 65535"):
        MetricsServer(Registry(), port)
