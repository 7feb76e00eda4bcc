"""Requests between real processes: answers, streams, descriptors, strangers, and what is no message."""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from conftest import open_fds
from ironcliw.errors import IpcError, NoWatcherError, SettingsError
from ironcliw.ipc import Connection, Handler, Reply, Request, Server, runtime_folder, socket_path


@contextmanager
def serving(path: Path, **handlers: Handler) -> Iterator[Server]:
    server = Server(path, handlers)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield server
    finally:
        server.close()
        thread.join()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "watch.sock"


def echo(request: Request) -> Reply:
    return Reply({"arguments": request.arguments, "pid": request.pid, "uid": request.uid})


def test_an_answer_says_who_asked(path: Path) -> None:
    with serving(path, echo=echo), Connection(path) as connection:
        data = connection.ask("echo", since=3, words=["a", "ü"]).data
    assert data == {"arguments": {"since": 3, "words": ["a", "ü"]}, "pid": os.getpid(), "uid": os.getuid()}


def test_bytes_and_descriptors_come_whole(path: Path) -> None:
    big = os.urandom(3_000_001)

    def give(request: Request) -> Reply:
        reader, writer = os.pipe()
        os.write(writer, b"through the pipe")
        os.close(writer)
        fds.append(reader)
        return Reply({"size": len(big)}, memoryview(big), [reader])

    fds: list[int] = []
    with serving(path, give=give), Connection(path) as connection:
        reply = connection.ask("give")
        assert reply.payload == big
        assert os.read(reply.fds[0], 100) == b"through the pipe"
    for fd in (*reply.fds, *fds):
        os.close(fd)


def test_a_stream_may_be_empty_long_or_left_alone(path: Path) -> None:
    def count(request: Request) -> Iterator[Reply]:
        yield from (Reply({"n": n}) for n in range(request.arguments["to"]))

    with serving(path, count=count):
        with Connection(path) as connection:
            assert [reply.data["n"] for reply in connection.stream("count", to=1000)] == list(range(1000))
            assert list(connection.stream("count", to=0)) == []
            with pytest.raises(IpcError, match="2 answers"):
                connection.ask("count", to=2)
        with Connection(path) as leaving:
            next(leaving.stream("count", to=10**9))
        with Connection(path) as connection:
            assert len(list(connection.stream("count", to=3))) == 3


def test_what_goes_wrong_in_a_handler_is_one_line_and_no_end(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def refuse(request: Request) -> Reply:
        raise SettingsError("12 is not a time")

    def fail(request: Request) -> Reply:
        raise KeyError("secret words on the screen")

    with serving(path, refuse=refuse, fail=fail, echo=echo), Connection(path) as connection:
        with pytest.raises(IpcError, match="12 is not a time"):
            connection.ask("refuse")
        with pytest.raises(IpcError, match=r"the request 'fail' failed: KeyError$"):
            connection.ask("fail")
        with pytest.raises(IpcError, match="does not answer 'nonsense'; it answers echo, fail, refuse"):
            connection.ask("nonsense")
        assert connection.ask("echo").data["arguments"] == {}


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        struct.pack("<II", 2, 0) + b"[]",
        struct.pack("<II", 3, 0) + b"{{{",
        struct.pack("<II", 100_000, 0) + b"[" * 100_000,
        struct.pack("<II", 0, 0),
        struct.pack("<II", 10, 0) + b"{",
        struct.pack("<II", 2**31, 2**31),
        b"\x01",
    ],
)
def test_what_is_no_message_ends_its_connection_alone(path: Path, sent: bytes) -> None:
    with serving(path, echo=echo):
        with socket.socket(socket.AF_UNIX) as stranger:
            stranger.connect(str(path))
            stranger.sendall(sent)
            stranger.shutdown(socket.SHUT_WR)
            stranger.settimeout(10)
            with contextlib.suppress(ConnectionResetError):  # what was not read yet
                assert stranger.recv(1) == b""
        with Connection(path) as connection:
            assert connection.ask("echo").data["uid"] == os.getuid()


def test_descriptors_that_a_stranger_sends_are_not_kept(path: Path) -> None:
    with serving(path, echo=echo), socket.socket(socket.AF_UNIX) as stranger:
        stranger.connect(str(path))
        text = b'{"verb":"echo","arguments":{}}'
        stranger.sendall(struct.pack("<II", len(text), 0) + text)
        stranger.recv(4096)  # now the server has taken the connection, in this process, too
        before = open_fds()
        for _ in range(20):
            socket.send_fds(stranger, [struct.pack("<II", len(text), 0) + text], [0, 1, 2])
            stranger.recv(4096)
        assert open_fds() <= before  # those of tests before may have gone meanwhile


def test_a_second_watcher_is_told_and_a_killed_one_replaced(path: Path) -> None:
    with serving(path, echo=echo), pytest.raises(IpcError, match="ironcliw stop"):
        Server(path, {})
    program = f"from ironcliw.ipc import Server; from pathlib import Path; Server(Path({str(path)!r}), {{}}).run()"
    victim = subprocess.Popen([sys.executable, "-c", program])
    while not path.exists():
        assert victim.poll() is None
    victim.kill()
    victim.wait()
    assert path.exists()
    with serving(path, echo=echo), Connection(path) as connection:
        assert connection.ask("echo").data["pid"] == os.getpid()
    assert not path.exists()


ONE_OF_MANY = """
import sys
from pathlib import Path
from ironcliw.errors import IpcError
from ironcliw.ipc import Server
print("ready", flush=True)
for number in range(int(sys.argv[2])):
    if not sys.stdin.readline():
        break
    try:
        kept = Server(Path(sys.argv[1]) / f"{number}.sock", {})
        print("in", flush=True)
    except IpcError:
        print("out", flush=True)
sys.stdin.read()  # what it has won is there until all have tried
"""


def test_of_watchers_that_begin_at_once_where_one_was_killed_one_is_let_in(tmp_path: Path) -> None:
    rounds = 300
    for number in range(rounds):
        with socket.socket(socket.AF_UNIX) as left_behind:
            left_behind.bind(str(tmp_path / f"{number}.sock"))
    command = [sys.executable, "-c", ONE_OF_MANY, str(tmp_path), str(rounds)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with contextlib.ExitStack() as running:
        rivals = [running.enter_context(subprocess.Popen(command, **pipes)) for _ in range(4)]
        running.callback(lambda: [rival.kill() for rival in rivals])
        assert {rival.stdout.readline() for rival in rivals} == {"ready\n"}
        for _ in range(rounds):
            for rival in rivals:
                rival.stdin.write("go\n")
                rival.stdin.flush()
            said = sorted(rival.stdout.readline().strip() for rival in rivals)
            assert said == ["in", "out", "out", "out"]


def test_nobody_there(path: Path) -> None:
    with pytest.raises(NoWatcherError, match="ironcliw start"):
        Connection(path)


def test_one_that_never_answers_is_given_up(path: Path) -> None:
    stop = threading.Event()

    def hang(request: Request) -> Reply:
        stop.wait()
        return Reply()

    with serving(path, hang=hang):
        with Connection(path, timeout_s=0.05) as connection, pytest.raises(IpcError, match="in time"):
            connection.ask("hang")
        stop.set()


def test_there_are_never_too_many(path: Path) -> None:
    with serving(path, echo=echo):
        held = [Connection(path) for _ in range(64)]
        for connection in held:
            connection.ask("echo")
        with pytest.raises(IpcError, match=r"64 connections already|went away"), Connection(path) as late:
            late.ask("echo")
        for connection in held:
            connection.close()


def test_only_we_may_reach_it(path: Path) -> None:
    with serving(path, echo=echo):
        assert path.stat().st_mode & 0o777 == 0o600


def in_folder(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Callable[[], Path]:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    return runtime_folder


def test_the_folder_is_ours_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    find = in_folder(monkeypatch, tmp_path)
    folder = find()
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.chmod(0o755)
    with pytest.raises(IpcError, match="only you can enter"):
        find()
    folder.rmdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    (tmp_path / "ironcliw").symlink_to(elsewhere)
    with pytest.raises(IpcError, match="only you can enter"):
        find()


@pytest.mark.parametrize("name", ["", "a/b", "../x", "A", "x" * 33, "-a", "a\0"])
def test_names_are_plain(name: str) -> None:
    with pytest.raises(IpcError, match="names no watcher"):
        socket_path(name)


def test_a_path_that_is_too_long_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / ("x" * 100)
    folder.mkdir()
    in_folder(monkeypatch, folder)
    with pytest.raises(IpcError, match="too long for a socket"):
        socket_path()
