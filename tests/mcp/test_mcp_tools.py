"""The tools, as an agent with the official client uses them."""

import asyncio
import base64
import hashlib
import io
import json
import os
import signal
import stat

import numpy as np
import pytest
from mcp_clients import Agent, agent, content
from PIL import Image

from conftest import eventually
from ironcliw.mcp import McpCommand
from ironcliw.mcp.audit import Audit
from ironcliw.mcp.running import make_server
from ironcliw.mcp.watcher import Watcher
from ironcliw.service.client import Client as ServiceClient
from mcp import Client
from watcher_home import watcher_home as watcher_home

TOOLS = ("screen_text", "what_changed_since", "wait_for", "search_events", "frame", "list_rules")


def test_an_agent_uses_every_tool_of_the_running_watcher(watcher_home):
    watcher = watcher_home.start("--when", "text:NEVER", "--when", "text:job")

    async def use():
        async with agent() as asked:
            described = await asked.tools()
            assert [tool["name"] for tool in described] == list(TOOLS)
            assert all(tool["annotations"]["readOnlyHint"] for tool in described)

            screen = await asked.ask("screen_text")
            assert (screen["state"], content(screen)) == ("watching", ["READY"])
            (line,) = content(await asked.ask("screen_text", boxes=True, region=[0, 0, 480, 100]))
            assert (line["text"], len(line["box"])) == ("READY", 4)
            assert content(await asked.ask("screen_text", region=[0, 300, 10, 10])) == []

            changes = await asked.ask("what_changed_since")
            assert content(changes)[0]["type"] == "start"
            assert content(await asked.ask("what_changed_since", cursor=changes["cursor"])) == []

            pending = await asked.ask("wait_for", condition="text:/passed|failed/i", timeout=0.2)
            assert (pending["status"], set(pending)) == ("pending", {"status", "cursor"})
            watcher_home.show("READY", "JOB 7 FAILED")
            met = await asked.waits("text:/passed|failed/i", timeout=20)
            assert (met["status"], content(met)["text"]) == ("met", "JOB 7 FAILED")

            later = await asked.ask("what_changed_since", cursor=changes["cursor"])
            assert [event["text"] for event in content(later) if event["type"] == "text_appeared"] == ["JOB 7 FAILED"]
            found = content(await asked.ask("search_events", words="job 7", types=["text_appeared"], since="1h"))
            assert [event["text"] for event in found] == ["JOB 7 FAILED"]
            rules = content(await asked.ask("list_rules"))
            assert [rule["rule"] for rule in rules] == ["text:NEVER", "text:job", "text:/passed|failed/i"]
            assert [rule.get("state") for rule in rules] == ["inactive", "firing", None]

            assert "column" in await asked.refused("wait_for", condition="text:/(/")
            assert "region" in await asked.refused("screen_text", region=[1])
            assert "time must be like" in await asked.refused("frame", time="yesterday")
            assert "no cursor" in await asked.refused("what_changed_since", cursor="x")

            result = await asked.client.call_tool("frame", {})
            facts, picture = json.loads(result.content[0].text), result.content[1]
            assert facts["size"] == [480, 320]
            shown = np.asarray(Image.open(io.BytesIO(base64.b64decode(picture.data))))
            assert (shown.shape, picture.mime_type) == ((320, 480, 3), "image/png")
            assert shown.std() > 1  # something is drawn on it

    asyncio.run(use())
    assert watcher.status()["state"] == "watching"  # it was there before the agent and stays
    log = watcher_home.state / "ironcliw" / "mcp-audit.log"
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    noted = [json.loads(line) for line in log.read_text().splitlines()]
    assert {note["tool"] for note in noted} == set(TOOLS)
    assert {note["outcome"] for note in noted} == {"ok", "IpcError", "SettingsError"}
    assert not [word for word in ("READY", "FAILED", "passed", "NEVER", "job") if word in log.read_text()]


def test_what_is_told_to_models_about_the_tools_is_pinned(tmp_path):
    """A change of what models are told has to be seen in a review: then renew the hash."""

    async def listed():
        server = make_server(McpCommand(), Watcher("watch", []), Audit(tmp_path / "audit.log"))
        async with Client(server) as client:
            asked = Agent(client)
            return [await asked.tools(), client.instructions]

    text = json.dumps(asyncio.run(listed()), sort_keys=True)
    assert hashlib.sha256(text.encode()).hexdigest() == (
        "7801bf18eef14e99f6181012f57f1253f437ecdb672cbca7bbdc0aa3dd3d1280"
    ), text


def test_a_watcher_is_started_for_the_agent_and_goes_with_it(watcher_home):
    async def use():
        async with agent(watcher_home.source, "--name", "mine") as asked:
            met = await asked.waits("text:READY", timeout=30)
            assert content(met)["text"] == "READY"
            assert len(watcher_home.pids()) == 3  # the server, the watcher and its engine
            assert "mine" in watcher_home.call("status", "--name", "mine")

    asyncio.run(use())
    eventually(lambda: watcher_home.pids() == [], "all of them to end")
    log = (watcher_home.state / "ironcliw" / "mine.log").read_text()
    assert "READY" not in log


def test_a_watcher_that_was_started_and_is_killed_is_started_again(watcher_home):
    """In mid wait, too: the condition is armed anew; one that was stopped stays so."""

    async def use():
        async with agent(watcher_home.source, "--name", "mine") as asked:
            assert content(await asked.waits("text:READY", timeout=30))["text"] == "READY"
            waiting = asyncio.create_task(asked.waits("text:SHIPPED", timeout=60))
            await asyncio.sleep(0.5)
            first = ServiceClient("mine").status()["pid"]
            os.kill(first, signal.SIGKILL)
            await asyncio.sleep(0.5)
            watcher_home.show("READY", "SHIPPED")
            assert content(await waiting)["text"] == "SHIPPED"
            assert ServiceClient("mine").status()["pid"] != first
            await asyncio.to_thread(watcher_home.call, "stop", "--name", "mine")
            assert "ended with 0" in await asked.refused("screen_text")

    asyncio.run(use())
    eventually(lambda: watcher_home.pids() == [], "all of them to end")


def test_a_source_that_cannot_be_watched_is_told_to_the_agent(watcher_home):
    async def use():
        async with agent("/nowhere/at-all.mp4") as asked:
            assert "watch.log" in await asked.refused("screen_text")

    asyncio.run(use())


def test_a_call_that_is_cancelled_loses_nothing(watcher_home):
    watcher = watcher_home.start()

    async def use():
        async with agent() as asked:
            asking = asyncio.create_task(asked.ask("wait_for", condition="text:DEPLOYED"))
            while not watcher.list_rules():
                await asyncio.sleep(0.05)
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking
            assert content(await asked.ask("screen_text")) == ["READY"]  # the server answers at once
            watcher_home.show("READY", "DEPLOYED")
            while "DEPLOYED" not in watcher.screen_text().text:
                await asyncio.sleep(0.05)
            watcher_home.show("READY")
            while "DEPLOYED" in watcher.screen_text().text:
                await asyncio.sleep(0.05)
            met = await asked.ask("wait_for", condition="text:DEPLOYED", timeout=5)
            assert (met["status"], content(met)["text"]) == ("met", "DEPLOYED")

    asyncio.run(use())


def test_an_engine_that_crashes_in_mid_wait_ends_no_wait(watcher_home):
    watcher = watcher_home.start()

    async def use():
        async with agent() as asked:
            waiting = asyncio.create_task(asked.waits("text:SHIPPED", timeout=3))
            while not watcher.list_rules():
                await asyncio.sleep(0.05)
            await asyncio.to_thread(watcher_home.crash_engine, watcher)
            watcher_home.show("READY", "SHIPPED")
            assert content(await waiting)["text"] == "SHIPPED"

    asyncio.run(use())


def test_progress_is_told_to_clients_that_want_it(watcher_home, monkeypatch):
    watcher_home.start()
    heard = []

    async def hear(progress, total, message):
        heard.append((progress, total))

    async def use():
        async with agent() as asked:
            await asked.client.call_tool("wait_for", {"condition": "text:NEVER", "timeout": 7}, progress_callback=hear)

    asyncio.run(use())
    assert len(heard) == 1
    assert heard[0][0] >= 5
    assert heard[0][1] == 7


def test_print_config_starts_the_very_server_that_was_meant(watcher_home):
    config = json.loads(watcher_home.call("mcp", watcher_home.source, "--name", "mine", "--print-config"))
    entry = config["mcpServers"]["ironcliw"]
    assert entry["args"][-4:] == ["mcp", watcher_home.source, "--name", "mine"]
    assert entry["env"]["XDG_RUNTIME_DIR"] == str(watcher_home.run)
    assert "no home" not in watcher_home.call("mcp", "--wait", "0", code=2)
