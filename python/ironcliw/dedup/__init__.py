"""Was it seen before? Bloom filters over fingerprints, in a fixed amount of memory.

    from ironcliw.dedup import BloomFilter, BloomNetwork

    tiles = BloomFilter(10, 7)                        # 10 MiB of bits, 7 of them for each key
    if not tiles.check_and_add(fingerprint):          # atomic: exactly one thread gets False for a new key
        store(tile)

A filter saves work: what it has seen need not be stored, read or described again. It never decides whether something
happened: A, then B, then A again are two changes, and a false "seen" (docs/reference/dedup.md says how many) may cost a
cache miss but no event.
"""

from __future__ import annotations

from ironcliw.dedup.filter import BloomFilter, FilterStats
from ironcliw.dedup.keys import frame_key, region_key, tile_keys
from ironcliw.dedup.network import BloomNetwork

__all__ = ["BloomFilter", "BloomNetwork", "FilterStats", "frame_key", "region_key", "tile_keys"]
