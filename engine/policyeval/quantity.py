"""Figures of targets and tables: exact numbers, by what they measure.

In: a text (`80`, `200亿元`, `2.5万`, `60%`) and the type of a metric. Out: a Fraction, in units, yuan or
percent, and back as text. Promise: what is not surely such a figure is refused.
"""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction
from typing import Literal

Measured = Literal["count", "money", "percent", "number", "milestone"]

_WRITTEN = re.compile(r"(-?\d[\d,]*(?:\.\d+)?|-?\.\d+)\s*(\S*)")
_SIZES = {"": 1, "万": 10**4, "亿": 10**8}
_MONEY = {"元": 1, "yuan": 1, "万元": 10**4, "亿元": 10**8, "万": 10**4, "亿": 10**8}
_MILESTONES = {"true": 1, "yes": 1, "是": 1, "1": 1, "false": 0, "no": 0, "否": 0, "0": 0}


class NotAQuantity(ValueError):
    """Not such a figure; `args[0]` is a code of `messages` that says why."""


def read_quantity(text: str, measured: Measured, unit: str = "") -> Fraction:
    """The figure in units, yuan or percent points; `unit` is what the figure may be followed by (`家`).

    Raises NotAQuantity with Q101 (no figure), Q102 (a unit that does not belong to it), Q103 (a count of no whole
    number).
    """
    written = unicodedata.normalize("NFKC", text).strip()
    if measured == "milestone":
        if written.lower() not in _MILESTONES:
            raise NotAQuantity("Q101")
        return Fraction(_MILESTONES[written.lower()])
    match = _WRITTEN.fullmatch(written) if len(written) <= 60 else None
    if match is None:
        raise NotAQuantity("Q101")
    digits, named = match.groups()
    number = Fraction(digits.replace(",", "")) * _size(named, measured, unit)
    if measured == "count" and number.denominator != 1:
        raise NotAQuantity("Q103")
    return number


def _size(named: str, measured: Measured, unit: str) -> int:
    if measured == "percent":
        sizes = {"": 1, "%": 1}
    elif measured == "money":
        sizes = {"": 1} | _MONEY
    else:
        sizes = _SIZES | {size + unit: factor for size, factor in _SIZES.items()}
    if named not in sizes:
        raise NotAQuantity("Q102")
    return sizes[named]


def in_figures(number: Fraction, measured: Measured) -> str:
    """As people write it, exact where decimals can be: `80`, `200亿元`, `25000`, `2.85%`."""
    if measured == "milestone":
        return "1" if number else "0"
    if measured == "percent":
        return f"{_decimal(number)}%"
    if measured != "money":
        return _decimal(number)
    for unit, size in (("亿元", 10**8), ("万元", 10**4)):
        if abs(number) >= size and (100 * number / size).denominator == 1:
            return f"{_decimal(number / size)}{unit}"
    return f"{_decimal(number)}元"


def _decimal(number: Fraction) -> str:
    """With all its decimals, or with two where they do not end."""
    if number.denominator == 1:
        return str(number.numerator)
    for places in range(1, 7):
        if (number * 10**places).denominator == 1:
            return _fixed(number, places)
    return _fixed(number, 2)


def _fixed(number: Fraction, places: int) -> str:
    sign, whole = ("-", -number) if number < 0 else ("", number)
    scaled = (2 * whole.numerator * 10**places + whole.denominator) // (2 * whole.denominator)  # halves up
    left, right = divmod(scaled, 10**places)
    return f"{sign}{left}.{right:0{places}d}" if places else f"{sign}{left}"
