"""Messages that no client sends: the server answers what can be answered, and goes on."""

import contextlib
import json
import os
import queue
import random
import subprocess
import sys
import threading

import pytest
from mcp_clients import parameters

from rounds import rounds
from watcher_home import watcher_home as watcher_home

MESSAGES = rounds(short=600, full=10_000)
BATCH = 50
TOOLS = ("screen_text", "what_changed_since", "wait_for", "search_events", "list_rules", "frame", "rm", "")
METHODS = (
    "ping",
    "tools/list",
    "tools/call",
    "initialize",
    "resources/read",
    "prompts/get",
    "x",
    "",
    "logging/setLevel",
)
NAMES = ("region", "boxes", "cursor", "limit", "condition", "timeout", "new", "words", "since", "types", "time", "exec")

INITIALIZE = {
    "protocolVersion": "2025-06-18",
    "capabilities": {},
    "clientInfo": {"name": "fuzz", "version": "1"},
}


class Peer:
    """A server, line by line."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            command,
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self._lines: queue.Queue[bytes | None] = queue.Queue()
        self.errors = b""
        self._readers = [threading.Thread(target=self._read), threading.Thread(target=self._read_errors)]
        for reader in self._readers:
            reader.start()

    def _read(self) -> None:
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def _read_errors(self) -> None:
        self.errors = self.process.stderr.read()

    def send(self, line: bytes) -> None:
        self.process.stdin.write(line + b"\n")
        self.process.stdin.flush()

    def request(self, number: object, method: str, **parameters: object) -> dict:
        """The answer to a request that is as it should be, whatever else is answered before it."""
        self.send(json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": parameters}).encode())
        while (line := self._lines.get(timeout=60)) is not None:
            answer = json.loads(line)  # whatever comes is JSON
            assert answer["jsonrpc"] == "2.0"
            if answer.get("id") == number:
                return answer
        raise AssertionError("the server has ended")

    def begin(self) -> None:
        assert "result" in self.request("begin", "initialize", **INITIALIZE)
        self.send(b'{"jsonrpc":"2.0","method":"notifications/initialized"}')

    def close(self) -> None:
        with contextlib.suppress(BrokenPipeError):  # one that has ended has not read all
            self.process.stdin.close()
        self.process.wait(30)
        for reader in self._readers:
            reader.join(10)
        self.process.stdout.close()
        self.process.stderr.close()


def value(dice: random.Random, depth: int = 0) -> object:
    kinds = ["number", "text", "bool", "none", "large"] + ["list", "object"] * (depth < 3)
    match dice.choice(kinds):
        case "number":
            return dice.choice([0, -1, 1, 2**31, 2**63, -(2**70), 0.5, 1e308, 51])
        case "text":
            return dice.choice(
                ["", "text:x", "error", "\x00", "\u202ex", "/(((/", "text:/(/", "log.1", "a" * 300, "12:00"]
            )
        case "bool":
            return dice.choice([True, False])
        case "none":
            return None
        case "large":
            return "\u00e9" * dice.choice([1_000, 20_000])
        case "list":
            return [value(dice, depth + 1) for _ in range(dice.randrange(5))]
    return {str(value(dice, 9))[:20]: value(dice, depth + 1) for _ in range(dice.randrange(4))}


def message(dice: random.Random, number: int) -> bytes:
    """Broken JSON, JSON that is no message, messages that are no requests, requests that mean nothing."""
    kind = dice.randrange(6)
    if kind == 0:
        return bytes(dice.randrange(256) for _ in range(dice.randrange(200))).replace(b"\n", b"")
    if kind == 1:
        return json.dumps(value(dice)).encode()
    if kind == 2:
        return b"[" * dice.choice([10, 5_000]) + b"]" * dice.choice([10, 5_000])
    arguments = {name: value(dice) for name in dice.sample(NAMES, dice.randrange(5))}
    if "timeout" in arguments or dice.random() < 0.8:
        arguments["timeout"] = 0  # this is about answers, not about waiting
    call = {"name": dice.choice(TOOLS), "arguments": arguments}
    whole = {"jsonrpc": "2.0", "id": f"fuzz-{number}", "method": "tools/call", "params": call}
    if kind == 3:
        whole |= {"method": dice.choice(METHODS), "params": value(dice)}
    elif kind == 4:
        whole[dice.choice([*whole])] = value(dice)
    line = json.dumps(whole).encode()
    if kind == 5 and dice.random() < 0.3:
        line = line[: dice.randrange(len(line))]
    return line


def fuzz(peer: Peer, seed: int, count: int) -> None:
    dice = random.Random(seed)
    peer.begin()
    for number in range(count):
        peer.send(message(dice, number))
        if number % BATCH == BATCH - 1:
            assert "result" in peer.request(f"check-{number}", "ping"), f"seed {seed}, message {number}"
    answer = peer.request("last", "tools/call", name="screen_text", arguments={})
    assert "READY" in answer["result"]["content"][0]["text"], f"seed {seed}"


def test_a_server_outlives_every_message(watcher_home):
    watcher = watcher_home.start()
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    started = parameters()
    peer = Peer([started.command, *started.args], started.env)
    try:
        fuzz(peer, seed, MESSAGES)
    finally:
        peer.close()
    assert peer.process.returncode == 0
    assert b"Traceback" not in peer.errors, peer.errors[-2000:]
    assert watcher.status()["state"] == "watching"
    assert watcher.status()["restarts"] == 0
    audit = (watcher_home.state / "ironcliw" / "mcp-audit.log").read_text()
    assert all(json.loads(line)["tool"] in TOOLS for line in audit.splitlines())


FRAGILE = """
import json, sys
for line in sys.stdin.buffer:
    asked = json.loads(line)
    if isinstance(asked, dict) and "id" in asked:
        print(json.dumps({"jsonrpc": "2.0", "id": asked["id"], "result": {}}), flush=True)
"""


def test_a_server_that_minds_broken_json_is_found():
    peer = Peer([sys.executable, "-c", FRAGILE], {})
    try:
        with pytest.raises((AssertionError, OSError)):
            fuzz(peer, 7, MESSAGES)
    finally:
        peer.close()
