"""Budgets sum to the total, whatever is needed, shared and asked for; what does not fit is refused with the figure."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ironcliw.errors import BudgetError, SettingsError
from ironcliw.frame import Geometry
from ironcliw.memory import CAP_BYTES, GROUPS, ROOMS, SHARES
from ironcliw.memory.budget import FREE_PART, checked_total, default_total, floor_bytes, share
from ironcliw.monitor.holding import needs
from rounds import rounds

MIB = 1 << 20
MEMORY_CONFIG = {
    "rust_memory_pool": 2048,
    "frame_buffer": 1024,
    "bloom_filters": 100,
    "claude_vision": 2048,
    "metal_buffers": 1024,
    "overhead": 256,
}
sizes = st.integers(0, 200_000_000)
few = settings(max_examples=rounds(30, 1000), deadline=None)
room_sizes = st.dictionaries(st.sampled_from(sorted(ROOMS)), sizes)


@few
@given(needed=room_sizes, shares=st.dictionaries(st.sampled_from(sorted(SHARES)), st.integers(0, 99)), above=sizes)
def test_budgets_sum_to_the_total_and_hold_every_need(needed, shares, above):
    total = floor_bytes(needed) + above
    budgets = share(total, needed, shares)
    assert sum(budgets.values()) == total
    assert set(budgets) == set(ROOMS)
    assert all(budgets[room] >= size for room, size in needed.items())
    assert budgets["program"] - needed.get("program", 0) >= total // FREE_PART


@few
@given(needed=room_sizes.filter(lambda needed: sum(needed.values()) > 0), below=st.integers(1, 10**9))
def test_a_total_below_the_floor_is_refused_with_the_floor(needed, below):
    floor = floor_bytes(needed)
    with pytest.raises(BudgetError, match="is the least") as caught:
        share(max(0, floor - below), needed, SHARES)
    assert caught.value.wanted_bytes == floor
    share(floor, needed, SHARES)


@few
@given(needed=room_sizes, fixed=st.dictionaries(st.sampled_from([*ROOMS, *GROUPS]), sizes, max_size=4), more=sizes)
def test_fixed_budgets_are_kept_or_refused(needed, fixed, more):
    total = floor_bytes(needed) + sum(fixed.values()) * 2 + more
    try:
        budgets = share(total, needed, SHARES, fixed)
    except SettingsError:
        rooms = [room for name in fixed for room in GROUPS.get(name, (name,))]
        below = any(
            size < sum(needed.get(room, 0) for room in GROUPS.get(name, (name,))) for name, size in fixed.items()
        )
        assert below or len(rooms) != len(set(rooms))
        return
    assert sum(budgets.values()) == total
    for name, size in fixed.items():
        rooms = GROUPS.get(name, (name,))
        if rooms and "program" not in rooms:
            assert sum(budgets[room] for room in rooms) == size


def test_the_original_plan_fits_under_the_cap():
    needed = needs(Geometry(1920, 1080), read_text=True, lossless=True)
    total = 16 * 1024 * MIB * 40 // 100
    budgets = share(checked_total(total, None), needed, SHARES, {k: v * MIB for k, v in MEMORY_CONFIG.items()})
    assert sum(budgets.values()) == total <= CAP_BYTES
    assert budgets["ring"] + budgets["archive"] == 1024 * MIB
    assert budgets["dedup"] == 100 * MIB


def test_the_default_is_a_quarter_and_at_most_a_gib():
    assert default_total(None) == default_total(0) == default_total(64 << 30) == 1 << 30
    assert default_total(2 << 30) == 512 << 20


@pytest.mark.parametrize(("total", "limit"), [(0, None), (-5, None), (CAP_BYTES + 1, None), (3 << 30, 2 << 30)])
def test_totals_that_no_machine_means_are_refused(total, limit):
    with pytest.raises(SettingsError, match="a memory budget"):
        checked_total(total, limit)


def test_what_a_screen_needs_goes_with_its_size():
    small, large = (
        needs(Geometry(width, height), read_text=True, lossless=True) for width, height in ((1280, 720), (3840, 2160))
    )
    assert large["capture"] == 3840 * 2160 * 4 == 9 * small["capture"]
    assert "models" not in needs(Geometry(1280, 720), read_text=False, lossless=True)
    lossy = needs(Geometry(1280, 720), read_text=True, lossless=False)
    assert lossy["change"] == 2 * small["change"]
