"""A deterministic desktop that knows what it shows: for tests, for scores, and for hours of it in seconds.

    source = open_source("synthetic:office?seed=1&scale=1.5&hours=8")
    source.truth()                        # exactly what there is to see, as for labelled recordings

Scripts, options and truth are described in ``docs/reference/synthetic.md``.
"""

from ironcliw.source.synthetic.action import Moment
from ironcliw.source.synthetic.look import FONTS, THEMES, Look
from ironcliw.source.synthetic.mix import KINDS
from ironcliw.source.synthetic.script import NAMES, Script
from ironcliw.source.synthetic.source import SyntheticSource
from ironcliw.source.synthetic.spec import from_spec, id_of, name_of
from ironcliw.source.synthetic.truth import truth, write

__all__ = [
    "FONTS",
    "KINDS",
    "NAMES",
    "THEMES",
    "Look",
    "Moment",
    "Script",
    "SyntheticSource",
    "from_spec",
    "id_of",
    "name_of",
    "truth",
    "write",
]
