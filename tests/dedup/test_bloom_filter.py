"""Was it seen before? One filter: its answers, its files and its limits, native beside the reference."""

import json
import math
import os
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ironcliw import kernels
from ironcliw.dedup import BloomFilter, file
from ironcliw.errors import FilterFileError, SettingsError
from ironcliw.kernels.reference.bloom import BloomBits as ReferenceBits

VECTORS = json.loads((Path(__file__).parents[1] / "kernels" / "bloom_vectors.json").read_text())
keys_of_any_kind = st.one_of(st.binary(max_size=80), st.text(max_size=40), st.integers(0, 2**64 - 1))


def random_keys(count: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 2**64, count, np.uint64)


def words(bits, age: int = 0) -> np.ndarray:
    held = np.zeros(bits.blocks * 8, np.uint64)
    bits.read(age, held)
    return held


@settings(max_examples=60, deadline=None)
@given(keys=st.lists(keys_of_any_kind, max_size=60), hashes=st.integers(1, 16), blocks=st.integers(1, 40))
def test_native_and_reference_set_the_same_bits(keys, hashes, blocks):
    native, reference = kernels.BloomBits(blocks, hashes, 2), ReferenceBits(blocks, hashes, 2)
    for key in keys:
        assert native.check_and_add(key) == reference.check_and_add(key)
    assert np.array_equal(words(native), words(reference))
    assert all(key in native and key in reference for key in keys)


@pytest.mark.parametrize("bits_class", [kernels.BloomBits, ReferenceBits])
def test_bits_stand_where_the_stored_vectors_say(bits_class):
    """Made with an independent XXH3, so that a filter's file means the same everywhere."""
    checked = 0
    for vector in VECTORS["keys"]:
        if vector["kind"] not in ("str", "bytes") or vector["blocks"] > 5000:
            continue
        key = vector["key"] if vector["kind"] == "str" else bytes.fromhex(vector["key"])
        bits = bits_class(vector["blocks"], vector["hashes"], 1)
        bits.add(key)
        found = np.flatnonzero(np.unpackbits(words(bits).view(np.uint8), bitorder="little"))
        assert found.tolist() == sorted(set(vector["bits"])), vector
        checked += 1
    assert checked > 10


@settings(max_examples=30, deadline=None)
@given(count=st.integers(0, 3000), seed=st.integers(0, 2**32 - 1))
def test_what_was_added_is_always_found(count, seed):
    keys = random_keys(count, seed)
    seen = BloomFilter(1 / 64, 7)
    seen.add_many(keys)
    assert seen.contains_many(keys).all()
    assert all(int(key) in seen for key in keys[:50])


def test_a_batch_answers_like_one_after_another():
    keys = np.concatenate([random_keys(500, 1), random_keys(500, 1)[::-1]])
    one, many = BloomFilter(0.1, 5), BloomFilter(0.1, 5)
    assert many.check_and_add_many(keys).tolist() == [one.check_and_add(int(key)) for key in keys]


@pytest.mark.parametrize("hashes", [4, 7, 10])
def test_false_positives_stay_near_the_formula(hashes):
    size_mb = 0.25
    bits = int(size_mb * 2**20 * 8)
    count = int(bits * math.log(2) / hashes)
    seen = BloomFilter(size_mb, hashes)
    seen.add_many(random_keys(count, 11))
    found = seen.contains_many(random_keys(400_000, 12)).mean()
    formula = (1 - math.exp(-hashes * count / bits)) ** hashes
    slack = 4 * math.sqrt(formula / 400_000)
    assert found <= 1.35 * formula + slack
    assert abs(seen.false_positive_rate - found) <= 0.2 * found + slack


def test_exactly_one_thread_is_the_first():
    keys = random_keys(4000, 5)
    seen = BloomFilter(4, 7)
    firsts: list[np.ndarray] = []
    start = threading.Barrier(4)

    def add() -> None:
        start.wait()
        firsts.append(~seen.check_and_add_many(keys))

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wins = np.sum(firsts, axis=0)
    assert wins.max() == 1
    assert (wins == 0).mean() < 0.01  # false positives only


@pytest.mark.parametrize("bits_class", [kernels.BloomBits, ReferenceBits])
def test_a_key_that_is_kept_is_found_while_generations_turn(bits_class):
    bits = bits_class(8, 3, 2)
    keys = random_keys(40, 6)
    bits.add_many(keys)
    done = threading.Event()

    def turn() -> None:
        while not done.is_set():
            bits.add_many(keys)
            bits.turn()

    thread = threading.Thread(target=turn)
    thread.start()
    try:
        seen = np.zeros(len(keys), np.bool_)
        for _ in range(3000):
            bits.contains_into(keys, seen)
            assert seen.all()
    finally:
        done.set()
        thread.join()


def test_a_reader_that_a_turn_overtakes_looks_again():
    class Overtaken(ReferenceBits):
        looks = 0

        def _bits(self, generation, bits):
            found = super()._bits(generation, bits)
            self.looks += 1
            if self.looks == 1:
                # Between its looks into one generation and the other, the key moves from the other to the one.
                self.turn()
                self.add("a key")
                self.turn()
            return found

    bits = Overtaken(8, 3, 2)
    bits.looks = 10
    bits.add("a key")
    bits._newest = 1
    bits._words = bits._words[::-1].copy()
    bits.looks = 0
    assert "a key" in bits


def test_rotation_forgets_the_generation_before_the_last():
    moment = [0]
    seen = BloomFilter(0.1, 7, rotate_after_s=10, clock=lambda: moment[0])
    seen.add("first")
    assert not seen.rotate()
    for key in ("second", "third"):
        moment[0] += 11 * 10**9
        assert seen.rotate()
        seen.add(key)
    assert "second" in seen
    assert "third" in seen
    assert "first" not in seen


def test_a_full_generation_is_rotated_out():
    seen = BloomFilter(1 / 1024, 7, rotate_at_fill=0.5)
    seen.add_many(random_keys(2000, 3))
    assert seen.fill > 0.5
    assert seen.rotate()
    assert seen.fill == 0


def test_a_saved_filter_comes_back_and_is_private(tmp_path):
    path = tmp_path / "seen.bloom"
    keys = random_keys(1000, 9)
    seen = BloomFilter(0.05, 6)
    seen.add_many(keys)
    seen.save(path)
    assert path.stat().st_mode & 0o777 == 0o600
    again = BloomFilter.load(path)
    assert again.contains_many(keys).all()
    others = random_keys(2000, 10)
    assert np.array_equal(again.contains_many(others), seen.contains_many(others))


def saved_bytes(path: Path) -> bytes:
    seen = BloomFilter(1 / 1024, 6)
    seen.add_many(random_keys(50, 9))
    seen.save(path)
    return path.read_bytes()


def refusal(path: Path, contents: bytes) -> str:
    path.write_bytes(contents)
    with pytest.raises(FilterFileError) as refused:
        BloomFilter.load(path)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_a_file_that_was_changed_anywhere_is_refused(tmp_path):
    path = tmp_path / "seen.bloom"
    whole = saved_bytes(path)
    draw = np.random.default_rng(4)
    for place in range(len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << int(draw.integers(0, 8))
        refusal(path, damaged)
    assert "corrupted" in refusal(path, whole + b"x")


def test_a_file_that_ends_anywhere_is_refused(tmp_path):
    path = tmp_path / "seen.bloom"
    whole = saved_bytes(path)
    for length in range(len(whole)):
        assert "truncated" in refusal(path, whole[:length]), length


def test_a_file_of_another_version_is_refused_by_its_version(tmp_path):
    path = tmp_path / "seen.bloom"
    whole = saved_bytes(path)
    assert "version 2" in refusal(path, whole[:8] + b"\2" + whole[9:])
    assert "not a saved filter" in refusal(path, b"\x89PNG" + whole[4:])


IMPOSSIBLE = {
    "hashes": {"hashes": 17},
    "no hashes": {"hashes": 0},
    "generations": {"generations": 3},
    "no blocks": {"blocks": 0},
    "fill": {"generations": 2, "rotate_at_fill": math.nan},
    "negative fill": {"generations": 2, "rotate_at_fill": -1.0},
    "age to rotate at": {"generations": 2, "rotate_after_ns": 2**64 - 1},
    "two generations that never turn": {"generations": 2},
}


@pytest.mark.parametrize("changed", IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_a_whole_file_of_an_impossible_filter_is_refused(tmp_path, changed):
    path = tmp_path / "seen.bloom"
    header = file.Header(7, 1, 8, 0, 0.0, 0, 0)._replace(**changed)
    file.write(path, header, lambda age: np.zeros(header.blocks * 8, np.uint64))
    with pytest.raises(FilterFileError, match="cannot be"):
        BloomFilter.load(path)


def test_a_vast_file_is_refused_before_memory_is_taken_for_it(tmp_path):
    path = tmp_path / "seen.bloom"
    start = bytearray(saved_bytes(path)[: file.HEADER_BYTES])
    blocks = 2**34
    start[20:28] = blocks.to_bytes(8, "little")
    path.write_bytes(start)
    os.truncate(path, file.HEADER_BYTES + blocks * 64 + file.CHECKSUM_BYTES)
    with pytest.raises(FilterFileError, match="cannot be"):
        BloomFilter.load(path)


def test_what_is_no_file_is_refused_and_closed(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    before = len(list(Path("/proc/self/fd").iterdir()))
    for path in (tmp_path, tmp_path / "pipe", tmp_path / "nothing"):
        with pytest.raises(FilterFileError):
            BloomFilter.load(path)
    assert len(list(Path("/proc/self/fd").iterdir())) <= before  # those of tests before may have gone meanwhile


def test_a_clock_that_was_set_back_delays_rotation_by_one_age_at_most():
    moment = [10**15]
    seen = BloomFilter(0.1, 7, rotate_after_s=10, clock=lambda: moment[0])
    moment[0] = 0
    assert not seen.rotate()
    moment[0] = 10 * 10**9
    assert seen.rotate()


def test_a_save_that_fails_leaves_the_old_file(tmp_path):
    path = tmp_path / "no" / "such" / "folder" / "seen.bloom"
    with pytest.raises((FilterFileError, OSError)):
        BloomFilter(1 / 64, 6).save(path)
    assert list(tmp_path.iterdir()) == []


def test_merging_is_having_seen_both():
    one, other = BloomFilter(0.1, 6), BloomFilter(0.1, 6)
    one.add("left")
    other.add("right")
    one.merge(other)
    assert "left" in one
    assert "right" in one
    with pytest.raises(ValueError, match=r"blocks|hashes|shape|generations"):
        one.merge(BloomFilter(0.2, 6))


@pytest.mark.parametrize("size_mb", [0, -1, math.nan, math.inf, 10_000, "big"])
def test_absurd_sizes_are_refused(size_mb):
    with pytest.raises((SettingsError, TypeError)):
        BloomFilter(size_mb, 7)


@pytest.mark.parametrize("hashes", [0, -1, 17, 2.5])
def test_absurd_numbers_of_hashes_are_refused(hashes):
    with pytest.raises((SettingsError, TypeError)):
        BloomFilter(1, hashes)


@pytest.mark.parametrize("key", [-1, 2**64, 1.5, None, ["a"]])
def test_keys_of_another_kind_are_refused(key):
    seen = BloomFilter(1 / 64, 7)
    with pytest.raises((TypeError, ValueError, OverflowError)):
        seen.add(key)
    assert seen.fill == 0
