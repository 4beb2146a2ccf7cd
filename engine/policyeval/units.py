"""Units: what a number with a unit is worth.

In: a unit as written. Out: its kind (`money` in fen, or `ratio`), and its size, exact.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Literal, NamedTuple


class Unit(NamedTuple):
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
