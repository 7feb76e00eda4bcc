"""What is restless: carets, clocks, spinners, videos, learned for each tile from how and when it changes.

    volatility = Volatility(width=1920, height=1080)
    volatility.follow(tracker.tiles, time_ns)      # after each capture
    volatility.restless(rect, now_ns)              # nothing but what never rests
    volatility.parts(now_ns)                       # what is restless where, of which kind, at which rate

``Patience`` says of a change whether its text wants reading at once, later or not at all; ``Standing`` finds what
stands still inside of what moves, a toast on a video.
"""

from ironcliw.volatility.patience import Patience, Taken
from ironcliw.volatility.standing import Standing
from ironcliw.volatility.tiles import Kind, RestlessPart, Volatility

__all__ = ["Kind", "Patience", "RestlessPart", "Standing", "Taken", "Volatility"]
