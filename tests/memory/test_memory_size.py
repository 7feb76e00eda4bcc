"""Sizes as people write them."""

import pytest

from ironcliw.errors import SettingsError
from ironcliw.memory import parse_size, show_size


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("500MB", 500_000_000),
        ("1GB", 1_000_000_000),
        ("1GiB", 1 << 30),
        ("1.5 gb", 1_500_000_000),
        (" 64 KiB ", 65_536),
        ("0B", 0),
        ("12kb", 12_000),
    ],
)
def test_a_size_is_a_number_and_a_unit(text, size):
    assert parse_size(text) == size


@pytest.mark.parametrize(
    "text", ["", "500", "MB", "-1MB", "1TB", "1e3MB", "nanMB", "1..2MB", "1GBs", "9" * 40 + "MB", "٣MB"]
)
def test_what_is_no_size_is_refused(text):
    with pytest.raises(SettingsError, match="a size must be a number and a unit"):
        parse_size(text)


def test_sizes_are_shown_in_a_unit_that_fits():
    assert [show_size(size) for size in (0, 999, 1_500, 8_294_400, 1 << 30)] == [
        "0 B",
        "999 B",
        "1.5 kB",
        "8.3 MB",
        "1.07 GB",
    ]
