"""What the page about the original plan prints runs, from its first line to its last."""

import re
from pathlib import Path

import pytest

from ironcliw.memory import GROUPS, Machine

DOCS = Path(__file__).parents[2] / "docs" / "reference"
PAGE = (DOCS / "plan.md").read_text()
PLAN_TOTAL = 16 * 1024 * 40 // 100 << 20


def test_the_examples_run():
    if (Machine().limit_bytes or PLAN_TOTAL + 1) <= PLAN_TOTAL:
        pytest.skip("the plan wants 6.4 GB, which are not here")
    scope = {}
    for example in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
        exec(compile(example, "plan.md", "exec"), scope)
    assert scope["ledger"].total_bytes > PLAN_TOTAL
    assert scope["summary"].type == "summary"


def test_every_component_of_the_plan_has_its_row():
    assert [name for name in GROUPS if f"| `{name}: " not in PAGE] == []


def test_the_page_about_memory_runs_too():
    scope = {}
    for example in re.findall(r"```python\n(.*?)```", (DOCS / "memory.md").read_text(), re.DOTALL):
        exec(compile(example, "memory.md", "exec"), scope)
    assert scope["ledger"].account("archive").used_bytes == 0
