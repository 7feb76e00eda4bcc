"""What can be set, where it is read from, and in which words it is refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from ironcliw.errors import SettingsError
from ironcliw.settings import (
    ActionSettings,
    ChangeSettings,
    HistorySettings,
    LogSettings,
    Settings,
    SourceSettings,
    StoreSettings,
    TextSettings,
    WatchSettings,
    load,
)
from ironcliw.settings.sections import Sections


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty current folder, no settings of the user's, none in the environment."""
    for name in os.environ:
        if name.startswith("IRONCLIW_"):
            monkeypatch.delenv(name)
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


_SHARES_EXPECTED = (
    "memory.shares.0: expected ROOM=PARTS (0 to 9999) with ROOM one of text, objects, pool, events, dedup, features, "
    "ring, archive, store, "
)
_BUDGETS_EXPECTED = (
    "memory.budgets.0: expected ROOM=SIZE with ROOM one of program, capture, source, change, models, text, gpu, "
    "objects, pool, events, dedup, features, ring, archive, store, rust_memory_pool, frame_buffer, bloom_filters, "
    "claude_vision, metal_buffers, overhead, "
)


def write(text: str, path: Path = Path("ironcliw.toml")) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    return path


def refusal(path: Path | None = None) -> str:
    with pytest.raises(SettingsError) as caught:
        load(path)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_defaults() -> None:
    settings = load()
    assert settings == Settings()
    assert settings.source == SourceSettings(fps=10, monitor=None, include_self=False, probe_interval_s=1)
    assert settings.change.lossy_distance == 40
    assert settings.text == TextSettings(enabled=True, settle_ms=100, reads_per_s=5, threads=None, engine="paddle")
    assert settings.watch == WatchSettings(when=(), now=False)
    assert settings.action == ActionSettings(notify=False, exec=None)
    assert settings.history == HistorySettings(ring_bytes=33_554_432)
    assert settings.store == StoreSettings(enabled=False, path=None, keep_mb=256, keep_days=30)
    assert settings.log == LogSettings(level="info")
    assert settings.notices == ()


def test_the_squared_distance_is_what_kernels_compare() -> None:
    assert ChangeSettings().lossy_distance_squared == 40 * 40
    assert ChangeSettings(lossy_distance=0).lossy_distance_squared == 0
    assert ChangeSettings(lossy_distance=441).lossy_distance_squared < 3 * 255**2


def test_every_key_can_be_set() -> None:
    write("""
        [source]
        fps = 0.2
        monitor = "HDMI-1"
        include_self = true
        exclude = ["app:vault"]
        cpu = "5%"
        latency_s = 2
        probe_interval_s = 60
        [change]
        lossy_distance = 0
        [text]
        enabled = false
        settle_ms = 0
        reads_per_s = 60
        threads = 2
        engine = "paddle"
        [watch]
        when = ["text:BUILD FAILED", "still:30s"]
        rules = "rules.toml"
        now = true
        [action]
        notify = true
        exec = "notify-send 'it failed'"
        then = ["sound"]
        redact = false
        notify_text = true
        notify_picture = true
        webhook_picture = true
        webhook_secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
        webhook_secret_file = "~/webhook.secret"
        allow_private = ["localhost"]
        proxy = "http://proxy.example.org:3128"
        heartbeat = "https://hc.example.org/ping/1"
        [memory]
        total = "500MB"
        shares = ["archive=70", "ring=5"]
        budgets = ["store=10MB"]
        [history]
        ring_bytes = 0
        archive = false
        [store]
        enabled = true
        path = "/var/events.db"
        keep_mb = 8
        keep_days = 0.5
        [model]
        provider = "openai"
        model = "llava"
        base_url = "http://127.0.0.1:11434/v1"
        key_file = "/run/key"
        deadline_s = 5
        attempts = 1
        reply_tokens = 400
        structured = false
        proxy = "http://127.0.0.1:3128"
        ca_file = "/etc/ca.pem"
        price_in = 1
        price_out = 2.5
        [budget]
        tokens_per_hour = 1
        tokens_per_day = 2
        calls_per_hour = 3
        calls_per_day = 4
        money_per_hour = 0.5
        money_per_day = 0.25
        rule_tokens_per_hour = 5
        rule_calls_per_hour = 6
        rule_money_per_day = 0.75
        [log]
        level = "debug"
    """)
    settings = load()
    defaults = Settings()
    for table in Sections.model_fields:
        for key in type(getattr(settings, table)).model_fields:
            same = getattr(getattr(settings, table), key) == getattr(getattr(defaults, table), key)
            assert same == (key == "engine"), f"{table}.{key}"
    assert settings.watch.when == ("text:BUILD FAILED", "still:30s")


def test_all_is_frozen() -> None:
    settings = load()
    with pytest.raises(ValidationError, match="frozen"):
        settings.source.fps = 3  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(ValidationError, match="frozen"):
        settings.source = SourceSettings()  # pyright: ignore[reportAttributeAccessIssue]
    assert hash(settings) == hash(load())


def test_the_template_is_read_back_as_it_is(tmp_path: Path) -> None:
    path = write(Settings().template(), tmp_path / "template.toml")
    assert load(path) == Settings()
    keys = {f"{table}.{key}" for table, values in tomllib.loads(path.read_text()).items() for key in values}
    everything = {
        f"{table}.{key}" for table in Sections.model_fields for key in type(getattr(Settings(), table)).model_fields
    }
    unset = {"source.monitor", "source.cpu", "text.threads", "action.exec", "memory.total", "store.path", "watch.rules"}
    unset |= {f"action.{key}" for key in ("webhook_secret", "webhook_secret_file", "proxy", "heartbeat")}
    unset |= {f"model.{key}" for key in ("model", "base_url", "key_file", "proxy", "ca_file", "price_in", "price_out")}
    unset |= {f"budget.{key}" for key in ("money_per_hour", "rule_tokens_per_hour", "rule_money_per_day")}
    assert everything - keys == unset  # they stand as comments
    assert all(f"# {key.split('.')[1]} =" in path.read_text() for key in everything - keys)


def test_a_template_of_other_settings_too(tmp_path: Path) -> None:
    settings = Settings(
        source=SourceSettings(fps=2.5, monitor='a "b" \\ c'),
        watch=WatchSettings(when=("text:größer\x7f\t", "text:/a\\d/i")),
        action=ActionSettings(exec="sh -c 'echo \"x\"'"),
    )
    assert load(write(settings.template(), tmp_path / "a.toml")) == settings


def test_every_key_says_what_it_trades() -> None:
    for table, field in Sections.model_fields.items():
        for key, inner in field.annotation.model_fields.items():  # pyright: ignore[reportOptionalMemberAccess]
            assert len(inner.description or "") > 60, f"{table}.{key}"


def test_where_files_are_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("[source]\nfps = 1", tmp_path / "home" / ".config" / "ironcliw" / "ironcliw.toml")
    assert load().source.fps == 10
    monkeypatch.delenv("XDG_CONFIG_HOME")
    assert load().source.fps == 1
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    write("[source]\nfps = 2", tmp_path / "config" / "ironcliw" / "ironcliw.toml")
    assert load().source.fps == 2
    write("[source]\nfps = 3")
    assert load().source.fps == 3
    assert load(write("[source]\nfps = 4", tmp_path / "named.toml")).source.fps == 4


@pytest.mark.parametrize("home", ["", None])
def test_no_home(monkeypatch: pytest.MonkeyPatch, home: str | None) -> None:
    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.delenv("HOME")
    if home is not None:
        monkeypatch.setenv("HOME", home)
    write("[source]\nfps = 1", Path(".config/ironcliw/ironcliw.toml"))
    write("[source]\nfps = 1", Path("ironcliw/ironcliw.toml"))
    assert load().source.fps == 10


def test_environment_beats_file_beats_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    write("[source]\nfps = 3\ninclude_self = true\n[watch]\nwhen = ['text:a']")
    monkeypatch.setenv("IRONCLIW_SOURCE_FPS", "7.5")
    monkeypatch.setenv("IRONCLIW_SOURCE_PROBE_INTERVAL_S", "9")
    monkeypatch.setenv("IRONCLIW_TEXT_THREADS", "")  # empty: as if it were not there
    monkeypatch.setenv("IRONCLIW_KERNELS", "reference")  # another's
    settings = load()
    assert settings.source == SourceSettings(fps=7.5, include_self=True, probe_interval_s=9)
    assert settings.watch.when == ("text:a",)
    assert settings.text == TextSettings()


@pytest.mark.parametrize(
    ("value", "when"),
    [
        ("text:a b", ("text:a b",)),
        ('["text:a", "still:3s"]', ("text:a", "still:3s")),
        ("[not json", ("[not json",)),
    ],
)
def test_conditions_in_the_environment(monkeypatch: pytest.MonkeyPatch, value: str, when: tuple[str, ...]) -> None:
    monkeypatch.setenv("IRONCLIW_WATCH_WHEN", value)
    assert load().watch.when == when


def test_settings_made_by_hand_leave_the_environment_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IRONCLIW_SOURCE_FPS", "7")
    assert Settings(source=SourceSettings(fps=3)).source.fps == 3


def test_small_kindnesses() -> None:
    write("\ufeff[source]\r\nmonitor = 1\r\n[watch]\r\nwhen = 'text:a'\r\n")
    assert load().source.monitor == "1"
    assert load().watch.when == ("text:a",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[source]\nfps = 61", "source.fps: expected less than or equal to 60, got 61"),
        ("[source]\nfps = 0.1", "source.fps: expected greater than or equal to 0.2, got 0.1"),
        ("[source]\nfps = -5", "source.fps: expected greater than or equal to 0.2, got -5"),
        ("[source]\nfps = nan", "source.fps: expected a finite number, got nan"),
        ("[source]\nfps = inf", "source.fps: expected a finite number, got inf"),
        ('[source]\nfps = "10"', "source.fps: expected a number, got '10'"),
        ("[source]\nfps = true", "source.fps: expected a number, got True"),
        ('[source]\nmonitor = ""', "source.monitor: expected at least 1 character, got ''"),
        ("[source]\nmonitor = true", "source.monitor: expected a string, got True"),
        ("[source]\ninclude_self = 1", "source.include_self: expected a boolean, got 1"),
        ("[change]\nlossy_distance = 442", "change.lossy_distance: expected less than or equal to 441, got 442"),
        ("[text]\nthreads = 0", "text.threads: expected greater than or equal to 1, got 0"),
        ("[text]\nthreads = 2.5", "text.threads: expected a whole number, got 2.5"),
        ("[text]\nsettle_ms = -1", "text.settle_ms: expected greater than or equal to 0, got -1"),
        ('[text]\nengine = "eyes"', "text.engine: expected 'paddle', 'tesseract', 'vision' or 'windows', got 'eyes'"),
        ("[watch]\nwhen = 5", "watch.when: expected a list, got 5"),
        ('[watch]\nwhen = ["a", ""]', "watch.when.1: expected at least 1 character, got ''"),
        ("[watch]\nwhen = [1]", "watch.when.0: expected a string, got 1"),
        ('[memory]\ntotal = "500"', "memory.total: expected a size such as 500MB, 1GB or 1GiB, got '500'"),
        ('[memory]\nshares = ["archive=many"]', _SHARES_EXPECTED + "got 'archive=many'"),
        ('[memory]\nbudgets = ["attic=5MB"]', _BUDGETS_EXPECTED + "got 'attic=5MB'"),
        ('[memory]\nbudgets = "ring=5"', "memory.budgets.0: expected a size such as 500MB, 1GB or 1GiB, got 'ring=5'"),
        ('[log]\nlevel = "loud"', "log.level: expected 'debug', 'info', 'warning' or 'error', got 'loud'"),
        ("[source]\nfsp = 5", "source.fsp: unknown key; did you mean source.fps?"),
        ("[source]\nFPS = 5", "source.FPS: unknown key; did you mean source.fps?"),
        ("[source]\nsettle_ms = 5", "source.settle_ms: unknown key; did you mean text.settle_ms?"),
        ("[log]\nzzz = 5", "log.zzz: unknown key; known: level"),
        ("[log.level]\nx = 1", "log.level: expected 'debug', 'info', 'warning' or 'error', got {'x': 1}"),
        ("[sourec]\nfps = 5", "sourec: unknown table; did you mean [source]?"),
        (
            "[zzz]",
            "zzz: unknown table; known: [source], [change], [text], [watch], [action], [store], [memory], [history], "
            "[model], [budget], [log]",
        ),
        ("fps = 5", "fps: unknown key; did you mean source.fps?"),
        ("notices = ['a']", "notices: unknown key; did you mean action.notify?"),
        ("source = 5", "source: expected a table [source], got 5"),
        ("[source\n", "not TOML: Expected ']' at the end of a table declaration (at line 1, column 8)"),
        ("[source]\nfps = \n", "not TOML: Invalid value (at line 2, column 7)"),
        ("[source]\nfps = 1\nfps = 2\n", "not TOML: Cannot overwrite a value (at line 3, column 8)"),
    ],
)
def test_refusals_name_file_key_and_what_was_expected(text: str, message: str) -> None:
    assert refusal(write(text)) == f"ironcliw.toml: {message}"


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("SOURCE_FPS", "fast", "expected a number, got 'fast'"),
        ("SOURCE_FPS", "nan", "expected a finite number, got 'nan'"),
        (
            "SOURCE_BOGUS",
            "1",
            "unknown key; known: fps, monitor, include_self, exclude, cpu, latency_s, probe_interval_s",
        ),
        ("TEXT_SETTLE", "1", "unknown key; did you mean text.settle_ms?"),
        ("TEXT_SETTLE_MS", "-1", "expected greater than or equal to 0, got '-1'"),
        ("WATCH_WHEN", '[""]', "expected at least 1 character, got ''"),
    ],
)
def test_refusals_name_the_variable(monkeypatch: pytest.MonkeyPatch, variable: str, value: str, message: str) -> None:
    monkeypatch.setenv(f"IRONCLIW_{variable}", value)
    assert refusal() == f"environment variable IRONCLIW_{variable}: {message}"


def test_a_whole_table_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IRONCLIW_SOURCE", '{"fps": 3}')
    assert load().source.fps == 3
    monkeypatch.setenv("IRONCLIW_SOURCE", "fps=3")
    assert refusal().startswith("environment variables IRONCLIW_…: ")


def test_files_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert refusal(tmp_path / "gone.toml") == f"no such settings file: {tmp_path / 'gone.toml'}"
    assert refusal(tmp_path) == f"{tmp_path}: cannot be read (is a directory)"
    Path("a.toml").write_bytes(b"[source]\nmonitor = '\xff'")
    assert refusal(Path("a.toml")) == "a.toml: not UTF-8 text (byte 21)"
    Path("b.toml").write_bytes(b"#" * 2_000_000)
    assert refusal(Path("b.toml")) == "b.toml: expected a settings file, got more than 1000000 bytes"
    assert refusal(write("a = " + "[" * 5000, Path("c.toml"))).startswith("c.toml: not ")

    def denied(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", denied)
    assert refusal(Path("a.toml")) == "a.toml: cannot be read (permission denied)"


def test_long_values_are_cut_in_messages() -> None:
    assert len(refusal(write(f"[log]\nlevel = '{'x' * 5000}'"))) < 200


def test_the_package_is_imported_without_pydantic() -> None:
    script = "import sys, ironcliw, ironcliw.source; print([name for name in sys.modules if 'pydantic' in name])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def plan(**keys: Any) -> str:
    return json.dumps({"vision": keys})


def test_the_plan_is_mapped_with_a_notice_for_each_key() -> None:
    path = write(
        plan(enable_rust_acceleration=True, rust_memory_pool_mb=2048, enable_metal_gpu=True, parallel_workers=8),
        Path("old.json"),
    )
    settings = load(path)
    assert settings.text.threads == 8
    assert Settings(text=TextSettings(threads=8), notices=settings.notices) == settings
    rust, pool, gpu, workers = settings.notices
    assert rust.startswith("old.json: vision.enable_rust_acceleration: not needed: the native part is used")
    assert pool.startswith("old.json: vision.rust_memory_pool_mb: not used: ")
    assert gpu.startswith("old.json: vision.enable_metal_gpu: not used: all work is done on the processor")
    assert workers == "old.json: vision.parallel_workers: is now text.threads = 8 in ironcliw.toml"


def test_the_plans_memory_is_mapped() -> None:
    config = {"total_ram_gb": 16, "jarvis_allocation_percent": 40, "component_budgets": {"frame_buffer": 1024}}
    settings = load(write(json.dumps({"memory": config}), Path("settings.json")))
    assert settings.memory.total == "6871947673B"
    assert settings.memory.budgets == ("frame_buffer=1073741824B",)
    assert settings.notices == ("settings.json: memory: is now memory.total, memory.budgets in ironcliw.toml",)
    write(json.dumps({"memory": {"total_ram_gb": 16, "ram": 1}}), Path("settings.json"))
    assert refusal() == (
        "settings.json: memory: MEMORY_CONFIG: ram: unknown key; known: total_ram_gb, jarvis_allocation_percent, "
        "component_budgets"
    )


def test_the_plan_without_rust_names_the_variable() -> None:
    settings = load(write(plan(enable_rust_acceleration=False), Path("settings.json")))
    assert "IRONCLIW_KERNELS=reference" in settings.notices[0]


def test_a_plan_beside_is_read_below_the_file_and_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    write(plan(parallel_workers=8), Path("settings.json"))
    assert load().text.threads == 8
    assert len(load().notices) == 1
    write("[text]\nsettle_ms = 50")
    assert load().text == TextSettings(settle_ms=50, threads=8)
    write("[text]\nthreads = 3")
    assert load().text.threads == 3
    monkeypatch.setenv("IRONCLIW_TEXT_THREADS", "2")
    assert load().text.threads == 2


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"editor.fontSize": 12}', '{"vision": {"blur": 1}}', '{"vision": 3}']
)
def test_anybodys_settings_json_is_left_alone(text: str) -> None:
    write(text, Path("settings.json"))
    assert load() == Settings()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not JSON: Expecting property name enclosed in double quotes (at line 1, column 2)"),
        ("[1]", "expected an object, got [1]"),
        ('{"audio": {}}', "audio: unknown key; only 'vision' and 'memory' are read from a settings.json"),
        ('{"vision": 3}', "vision: expected an object, got 3"),
        (plan(enable_metal_gpu="yes"), "vision.enable_metal_gpu: expected true or false, got 'yes'"),
        (plan(enable_rust_acceleration=1), "vision.enable_rust_acceleration: expected true or false, got 1"),
        (plan(rust_memory_pool_mb=-1), "vision.rust_memory_pool_mb: expected a whole number from 1 on, got -1"),
        (plan(parallel_workers=True), "vision.parallel_workers: expected a whole number from 1 on, got True"),
        (plan(parallel_workers=65), "vision.parallel_workers: expected 1 to 64, got 65"),
        (
            plan(workers=8),
            "vision.workers: unknown key; of the old file only enable_rust_acceleration, rust_memory_pool_mb, "
            "enable_metal_gpu, parallel_workers are accepted",
        ),
    ],
)
def test_a_plan_that_cannot_be_used(text: str, message: str) -> None:
    assert refusal(write(text, Path("old.json"))) == f"old.json: {message}"
