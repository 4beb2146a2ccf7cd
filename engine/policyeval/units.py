"""Units: what a number with a unit is worth.

In: a unit as written. Out: its kind (`money` in fen, or `ratio`), and its size, exact. Also a figure in Chinese
numerals, as documents print them, in the digits that an expression wants.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Literal

from policyeval.record import Record


class Unit(Record):
    """`size` turns the number into fen (money) or into a plain ratio."""

    kind: Literal["money", "ratio"]
    size: Fraction


UNITS: dict[str, Unit] = {
    "元": Unit("money", Fraction(100)),
    "万元": Unit("money", Fraction(1_000_000)),
    "亿元": Unit("money", Fraction(10_000_000_000)),
    "%": Unit("ratio", Fraction(1, 100)),
}

# Other spellings of the same units; the first of each is the one that is printed.
SPELLINGS: dict[str, str] = {"yuan": "元", "圆": "元", "万": "万元", "亿": "亿元", "％": "%"}


def canonical(unit: str) -> str | None:
    """The unit of UNITS that a spelling means, or None."""
    found = SPELLINGS.get(unit, unit)
    return found if found in UNITS else None


_NUMERALS = {c: i for i, c in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2}
_TENS = {"十": 10, "百": 100, "千": 1_000}
_FIGURE = r"(百分之)?([〇零一二两三四五六七八九十百千]+)(亿元?|万元?|元)?"  # compiled when it is needed


def digits(figure: str) -> str | None:
    """`一千二百万元` as `1200万元`, `百分之五十` as `50%`; None for what is not such a figure."""
    found = re.fullmatch(_FIGURE, figure)
    if not found:
        return None
    percent, written, unit = found.groups()
    if not set(written) & _TENS.keys():
        number = int("".join(str(_NUMERALS[c]) for c in written))
    else:
        number = last = 0
        for c in written:
            if c in _TENS:
                number, last = number + (last or 1) * _TENS[c], 0
            else:
                last = _NUMERALS[c]
        number += last
    return f"{number}%" if percent else f"{number}{canonical(unit) if unit else ''}"
