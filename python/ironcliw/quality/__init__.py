"""How good is it? Labelled recordings, what was reported of them, and the change gates others use beside it.

report = measure(["data/dev"], say=print)
print(markdown(report))

Only measured here, never decided: the watcher does not know this room.
"""

from ironcliw.quality.measuring import Report, measure
from ironcliw.quality.perception import Asked
from ironcliw.quality.report import markdown, write_report

__all__ = ["Asked", "Report", "markdown", "measure", "write_report"]
