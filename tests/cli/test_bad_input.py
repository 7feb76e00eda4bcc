"""Bad input ends in one clear line and exit code 2, without a traceback and with nothing half-written."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from terminal_screens import write_session

SAYS = [
    (["watch", "no-such.mp4"], "no such file"),
    (["watch", "empty.png"], "empty"),
    (["watch", "words.mp4"], "words.mp4"),
    (["watch", "folder"], "folder"),
    (["watch", "cut.mp4", "--pace", "max"], "cut.mp4"),
    (["watch", "x11::987"], "987"),
    (["watch", "x11:nonsense"], "x11:DISPLAY"),
    (["watch", "http://127.0.0.1/stream"], "cannot be opened (connection refused)"),
    (["watch", "ok.mkv", "--when", "tex:failed"], "tex"),
    (["watch", "ok.mkv", "--when", "text:/(/"], "column"),
    (["watch", "ok.mkv", "--when", "text:"], "column"),
    (["watch", "ok.mkv", "--when", "change:1,2,3"], "column"),
    (["watch", "ok.mkv", "--when", "change:0,0,9999,9999"], "640x360"),
    (["watch", "ok.mkv", "--when", "still:-3s"], "negative"),
    (["watch", "ok.mkv", "--when", "still:nans"], "duration"),
    (["watch", "ok.mkv", "--fps", "nan"], "fps"),
    (["watch", "ok.mkv", "--fps", "-1"], "fps"),
    (["watch", "ok.mkv", "--interval", "inf"], "interval"),
    (["watch", "ok.mkv", "--pace", "fast"], "pace"),
    (["watch", "ok.mkv", "--format", "xml"], "format"),
    (["watch", "ok.mkv", "--for", "30"], "30"),
    (["watch", "ok.mkv", "--log-level", "loud"], "log level"),
    (["watch", "ok.mkv", "--exec", "no-such-program-here"], "no-such-program-here"),
    (["watch", "ok.mkv", "--exec", "'unbalanced"], "unbalanced"),
    (["watch", "ok.mkv", "--gif", "no/such/folder/a.gif"], "no such folder"),
    (["watch", "ok.mkv", "--gif", "folder"], "it is a folder"),
    (["watch", "ok.mkv", "--no-text", "--when", "text:ready"], "text is not read"),
    (["doctor", "--log-level", "loud"], "log level"),
    (["watch", "ok.mkv", "--config", "bad.toml"], "bad.toml"),
    (["watch", "ok.mkv", "--config", "unknown.toml"], "fsp"),
    (["watch", "ok.mkv", "--config", "missing.toml"], "missing.toml"),
    (["wait", "text:x", "--source", "ok.mkv", "--timeout", "soon"], "soon"),
    (["wait", "--source", "ok.mkv"], "condition"),
    (["wacht"], "wacht"),
]


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("bad")
    write_session(folder / "ok.mkv", [(0, ["ready"])])
    (folder / "empty.png").touch()
    (folder / "words.mp4").write_text("these are only words")
    (folder / "folder").mkdir()
    write_session(folder / "cut.mp4", [(0, ["ready"]), (300, ["steady"])])
    whole = (folder / "cut.mp4").read_bytes()
    (folder / "cut.mp4").write_bytes(whole[: len(whole) // 2])
    (folder / "bad.toml").write_text("[source\nfps = 3")
    (folder / "unknown.toml").write_text("[source]\nfsp = 3\n")
    return folder


def run(place: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    return subprocess.run(
        [sys.executable, "-m", "ironcliw", *arguments],
        cwd=place,
        env={**environment, **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(("arguments", "says"), SAYS, ids=[" ".join(arguments) for arguments, _ in SAYS])
def test_bad_input(place, arguments, says):
    before = sorted(path.name for path in place.iterdir())
    done = run(place, *arguments)
    assert done.returncode == 2, done.stderr
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    said = [line for line in done.stderr.splitlines() if line.startswith("ironcliw: ") and "INFO" not in line]
    assert len(said) <= 1
    assert sorted(path.name for path in place.iterdir()) == before


def test_no_display_says_so(place):
    done = run(place, "watch")
    assert done.returncode == 2
    assert "DISPLAY" in done.stderr


def test_an_absurd_kernels_choice_is_refused(place):
    done = run(place, "watch", "ok.mkv", IRONCLIW_KERNELS="fast")
    assert done.returncode == 2
    assert "IRONCLIW_KERNELS" in done.stderr
    assert "Traceback" not in done.stderr


def test_doctor_finds_what_is_wrong_and_goes_on(place):
    done = run(place, "doctor")
    assert done.returncode == 1
    assert "FAIL  source" in done.stdout
    assert "ok    text" in done.stdout
    assert "fingerprint" in done.stdout


def test_wait_for_what_is_new_whatever_the_settings_say(place, tmp_path):
    (tmp_path / "now.toml").write_text("[watch]\nnow = true\n")
    done = run(
        place, "wait", "text:ready", "--source", "ok.mkv", "--new", "--pace", "max", "--config", f"{tmp_path}/now.toml"
    )
    assert done.returncode == 1, done.stdout


def test_only_our_own_log_is_turned_up(place):
    """What other packages say while they are debugged may hold anything."""
    script = (
        "import logging; from ironcliw.cli.common import log_to_stderr; log_to_stderr('debug')\n"
        "for name in ('PIL', 'asyncio', 'ironcliw.monitor'): logging.getLogger(name).debug('from %s', name)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stderr == "ironcliw: DEBUG: from ironcliw.monitor\n"
