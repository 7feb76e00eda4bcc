"""What screens look like in a few numbers, and which earlier ones looked like this one.

describer = Describer(1080, 1920)
descriptor = describer.apply(pixels)
descriptor.distance(earlier) <= SAME  # looks the same

similar("error.png", "session.mp4").last
"""

from ironcliw.features.describer import Describer, describe_pixels
from ironcliw.features.descriptor import SAME, Descriptor
from ironcliw.features.index import Screen, ScreenIndex
from ironcliw.features.moments import Moment
from ironcliw.features.similar import Similar, similar

__all__ = [
    "SAME",
    "Describer",
    "Descriptor",
    "Moment",
    "Screen",
    "ScreenIndex",
    "Similar",
    "describe_pixels",
    "similar",
]
