"""Money: whole fen, exact, never floating point.

In: what a person or a table writes (`1200万元`, `12,000,000.00`, `１２００万元`). Out: fen as an int, and back as text.
Promise: a text that is not a whole number of fen from 0 to LIMIT is refused with the reason; commas part groups of
three digits, so that `12,00` is no 1200.
Source: design of the language, "Types and units".
"""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction

from policyeval.units import UNITS, canonical

LIMIT = 10**15  # fen; the most that a fact about a platform may say

_WRITTEN = re.compile(
    r"([+-]?)\s*((?:\d{1,3}(?:,\d{3})+|\d[\d_]*)(?:\.\d*)?|\.\d+)(?:[eE]([+-]?\d{1,9}))?\s*([^\d\s.,_]*)"
)


class NotMoney(ValueError):
    """Not an amount of money; `args[0]` is a code of `messages` that says why."""


def read_money(text: str) -> int:
    """Fen that `text` says. A bare number is yuan.

    Raises NotMoney with M101 (cannot be read), M102 (unknown unit), M103 (negative), M104 (above LIMIT), M105 (not
    whole fen).
    """
    if len(text) > 60:
        raise NotMoney("M104" if re.fullmatch(r"\s*\d+\S{0,3}\s*", text) else "M101")
    match = _WRITTEN.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if match is None:
        raise NotMoney("M101")
    sign, digits, exponent, unit_text = match.groups()
    unit = canonical(unit_text) if unit_text else "元"
    if unit is None or UNITS[unit].kind != "money":
        raise NotMoney("M102")
    if exponent and abs(int(exponent)) > 30:
        raise NotMoney("M104" if int(exponent) > 0 else "M105")
    fen = Fraction(digits.replace(",", "").replace("_", "")) * Fraction(10) ** int(exponent or 0) * UNITS[unit].size
    if sign == "-" and fen:
        raise NotMoney("M103")
    if fen > LIMIT:
        raise NotMoney("M104")
    if fen.denominator != 1:
        raise NotMoney("M105")
    return fen.numerator


def yuan(fen: int) -> str:
    """Fen as yuan with two decimals: 123456 -> `1234.56`."""
    sign, fen = ("-", -fen) if fen < 0 else ("", fen)
    return f"{sign}{fen // 100}.{fen % 100:02d}"


def in_words(fen: int) -> str:
    """Fen as people write them, exact: 1_000_000_000 -> `1000万元`, 123 -> `1.23元`."""
    unit = "万元" if abs(fen) >= 1_000_000 and fen % 10_000 == 0 else "元"
    whole, part = divmod(abs(fen), int(UNITS[unit].size))
    digits = len(str(int(UNITS[unit].size))) - 1
    decimals = f".{part:0{digits}d}".rstrip("0") if part else ""
    return f"{'-' if fen < 0 else ''}{whole}{decimals}{unit}"


def half_up(numerator: int, denominator: int) -> int:
    """The whole number nearest to numerator / denominator, halves up; denominator > 0."""
    return (2 * numerator + denominator) // (2 * denominator)
