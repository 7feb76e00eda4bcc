"""What the page about filters prints runs."""

import re
from pathlib import Path

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "dedup.md").read_text()


def test_the_example_runs():
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    scope = {}
    exec(compile(example, "dedup.md", "exec"), scope)
    assert scope["new"].sum() > 990
