"""The example of the event log's page runs."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

PAGE = (Path(__file__).parents[2] / "docs/reference/store.md").read_text()


def test_the_example_runs(tmp_path, monkeypatch, capsys):  # pyright: ignore
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    import ironcliw
    from ironcliw.store import Query

    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    frames = [np.full((64, 64, 3), 60 * number, np.uint8) for number in range(4)]
    run = example.replace('"screen"', "frames, text=False")
    run = run.replace('cursor=4711, types=("alert",), words="failed"', 'types=("change",)')
    exec(run, {"ironcliw": ironcliw, "frames": frames, "Query": Query})
    assert len(capsys.readouterr().out.splitlines()) == 3
    assert (tmp_path / "ironcliw" / "events.db").is_file()
