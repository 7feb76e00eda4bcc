"""Tables of Markdown.

table(("gate", "noticed"), [("ours", "24")])
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

NOTHING = "-"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table with these column heads; cells are taken as they are."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def cell(text: str) -> str:
    """Any text as it can stand in one cell of a table."""
    return " ".join(text.split()).replace("|", "\\|").replace("`", "'")


def of(part: int, whole: int) -> str:
    """A share, with both its numbers."""
    return f"{part} of {whole} ({part / whole:.1%})" if whole else NOTHING
