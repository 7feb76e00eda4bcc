"""What tells a secret from what merely looks like one: check digits, ranges, randomness.

    is_card("4111 1111 1111 1111")        # True: Luhn's sum, and a number that networks give out
    is_random("x9Fk2LmQ7tRb")             # True

Each takes the text as it was read, in which a 0 may have become an O.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise, product

_AS_DIGIT = str.maketrans(
    {"O": "0", "o": "0", "Q": "0", "D": "0", "I": "1", "l": "1", "|": "1", "S": "5", "B": "8", "Z": "2"}
)
_MOST_UNSURE = 5
_SHORTEST_CARD, _LONGEST_CARD = 13, 19
_NETWORKS = {
    13: r"4",
    14: r"30[0-5]|36|38|39",
    15: r"34|37",
    16: r"4|5[1-5]|2[2-7]|35[2-8]|36|6011|64[4-9]|65|62|60|81|5[06-8]|6[37]|220",
    17: r"62|6[37]",
    18: r"62|6[37]",
    19: r"4|62|6[0357]|5[06-8]",
}
"""How numbers of each length begin: what else has as many digits is a serial number or a time."""
_IBAN_LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29, "CH": 21,
    "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18, "FO": 18,
    "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23,
    "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LI": 21, "LT": 20, "LU": 20, "LV": 21,
    "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MR": 27, "MT": 31, "MU": 30, "NL": 18, "NO": 15, "PK": 24, "PL": 28,
    "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "SA": 24, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "TN": 24,
    "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20,
}  # fmt: skip


def digits(text: str) -> str:
    """The digits of a number as it was read, separators left out and letters that look like digits taken for them."""
    return "".join(each for each in text.translate(_AS_DIGIT) if each.isascii() and each.isdigit())


def mostly_digits(text: str) -> bool:
    """Whether at least three of four letters and digits are digits: the rest may have been misread."""
    solid = [each for each in text if each.isalnum() or each == "|"]
    return 4 * sum(each.isdigit() for each in solid) >= 3 * len(solid) > 0


def luhn(number: str) -> bool:
    """Whether the last digit is the check digit of those before it."""
    total = 0
    for at, each in enumerate(reversed(number)):
        value = int(each) * (1 + at % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def is_card(text: str) -> bool:
    """Whether a payment card may have this number: its length, its network and its check digit."""
    number = digits(text)
    return (
        _SHORTEST_CARD <= len(number) <= _LONGEST_CARD
        and mostly_digits(text)
        and len(set(number)) > 1
        and re.match(_NETWORKS[len(number)], number) is not None
        and luhn(number)
    )


def card_in(text: str) -> int:
    """How many characters of groups of digits, from the first on, are the number of a card; 0 where none are."""
    ends = [at for at in range(1, len(text)) if text[at] in " -.\n"]
    return next((end for end in reversed([*ends, len(text)]) if is_card(text[:end])), 0)


def card_shaped_in(text: str) -> int:
    """How many characters may be a card's number by its length; for where words beside it say that it is one."""
    shaped = _SHORTEST_CARD <= len(digits(text)) <= _LONGEST_CARD and mostly_digits(text)
    return card_in(text) or (len(text) if shaped else 0)


def is_iban(text: str) -> bool:
    """Whether it is an account number of its country's length with the right check digits, misread letters allowed."""
    solid = "".join(text.split()).upper()
    if len(solid) != _iban_length(solid):
        return False
    head = _country(solid) + digits(solid[2:4])
    return any(_mod_97(head + rest) == 1 for rest in _readings(solid[4:]))


def iban_in(text: str) -> int:
    """How many characters, from the first on, are an account number; 0 where none are."""
    length = _iban_length(text)
    seen = 0
    for at, each in enumerate(text):
        seen += not each.isspace()
        if seen == length:
            return at + 1 if is_iban(text[: at + 1]) else 0
    return 0


def _country(text: str) -> str:
    return text[:2].upper().replace("0", "O")


def _iban_length(text: str) -> int:
    return _IBAN_LENGTHS.get(_country(text), 0)


def _readings(solid: str) -> Iterator[str]:
    """What the letters and digits may have been: as they were read, all digits, and each O and 0 for the other."""
    yield solid
    yield digits(solid)
    unsure = [at for at, each in enumerate(solid) if each in "O0"][:_MOST_UNSURE]
    for chosen in product("O0", repeat=len(unsure)):
        letters = list(solid)
        for at, each in zip(unsure, chosen, strict=True):
            letters[at] = each
        yield "".join(letters)


def _mod_97(solid: str) -> int:
    try:
        return int("".join(str(int(each, 36)) for each in solid[4:] + solid[:4])) % 97
    except ValueError:
        return 0


def is_ssn(text: str) -> bool:
    """Whether it may be a social security number: none has 000, 666 or 9.. first, 00 in the middle, 0000 last."""
    number = digits(text)
    return (
        len(number) == 9
        and number[:3] not in ("000", "666")
        and number[0] != "9"
        and number[3:5] != "00"
        and number[5:] != "0000"
    )


def entropy(text: str) -> float:
    """Bits a character, by how often each occurs in it."""
    counts = Counter(text).values()
    return -sum(count / len(text) * math.log2(count / len(text)) for count in counts) if text else 0.0


def turns(text: str) -> int:
    """How often lower case, upper case and digits follow one another; a capital before small letters is no turn."""
    classes = [0 if each.islower() else 1 if each.isupper() else 2 for each in text if each.isalnum()]
    changes = sum(a != b for a, b in pairwise(classes))
    capitals = sum(a == 1 and b == 0 for a, b in pairwise(classes))
    return changes - capitals


def is_random(text: str) -> bool:
    """Whether it looks drawn by lot, as no word, path or number does: letters and digits in a restless order."""
    has = (any(each.isdigit() for each in text), any(each.isalpha() for each in text))
    return all(has) and turns(text) >= max(2, len(text) // 6) and entropy(text) >= min(3.0, math.log2(len(text)) - 0.7)
