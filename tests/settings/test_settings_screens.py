"""The tables [[screen]]: many sources in one file."""

from __future__ import annotations

from pathlib import Path

import pytest

from ironcliw.errors import SettingsError
from ironcliw.monitor.screens import named_sources
from ironcliw.settings import load


def written(path: Path, text: str) -> Path:
    (path / "ironcliw.toml").write_text(text)
    return path / "ironcliw.toml"


def test_each_has_a_name_rules_and_a_budget(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        """
        [source]
        fps = 3
        [[screen]]
        name = "desk"
        source = "vnc://127.0.0.1:5901"
        when = "text:FAILED"
        fps = 2
        exclude = ["region:0,0,10,10"]
        password_file = "/secret"
        [[screen]]
        name = "cam-2"
        source = "rtsp://me@camera/live"
        text = false
        memory = "300MB"
        """,
    )
    desk, camera = named_sources(load(path))
    assert (desk.name, desk.source, desk.password_file) == ("desk", "vnc://127.0.0.1:5901", "/secret")
    assert (desk.options.fps, list(desk.options.when)) == (2, ["text:FAILED"])
    assert list(desk.options.exclude) == ["region:0,0,10,10"]
    assert (camera.options.fps, camera.options.text) == (3, False)
    assert camera.options.memory is not desk.options.memory


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[screen]\nname = 'a'", "expected tables"),
        ("[[screen]]\nname = 'a'", "source: field required"),
        ("[[screen]]\nname = 'a b'\nsource = 'x'", "name: string should match"),
        ("[[screen]]\nname = 'a'\nsource = 'x'\npassword = 'y'", "password: extra inputs"),
        ("[[screen]]\nname = 'a'\nsource = 'x'\n[[screen]]\nname = 'a'\nsource = 'y'", "'a' is taken"),
        ("[[screen]]\nname = 'a'\nsource = 'x'\nfps = 1000", "fps: input should be less"),
    ],
)
def test_what_is_wrong_is_one_line(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(SettingsError, match=why) as refused:
        load(written(tmp_path, text))
    assert "\n" not in str(refused.value)


def test_none_to_watch_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="there is none"):
        named_sources(load(written(tmp_path, "")))
