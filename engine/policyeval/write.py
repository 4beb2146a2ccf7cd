"""A tree into an expression's text, in English or Chinese.

In: a tree, with names as typed or resolved. Out: its text, with the first spelling of each operator in TABLE and no
bracket that could be left out. Promise: parsing the text gives the tree back.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise

from policyeval.functions import PHRASES, SLOT, TABLE
from policyeval.problems import Lang
from policyeval.record import Record
from policyeval.tree import Day, Name, Node, Number, Op, Ref, Split

Naming = Callable[[Name | Ref], str]

# How tightly an operator binds, from the loosest. Amounts and conditions share what is tighter than AT_LEAST.
_AMOUNT, _TAILED = "amount", "tailed"
_OR, _AND, _NOT, _COMPARED = "or", "and", "not", "compared"
_FLOOR, _SUM, _PRODUCT, _SHARE, _SIGNED, _ATOM = "at least", "sum", "product", "share", "signed", "atom"
_STATEMENT, _BAND, _LISTING = "statement", "band", "listing"

_ARITHMETIC = (_SUM, _PRODUCT, _SHARE, _SIGNED, _ATOM)
_LADDERS = (
    (_AMOUNT, _TAILED, _FLOOR, *_ARITHMETIC),
    (_OR, _AND, _NOT, _COMPARED, _FLOOR, *_ARITHMETIC),
    (_STATEMENT,),
    (_BAND,),
    (_LISTING,),
)

# For each operator its own tightness, and for each operand the loosest that stands there without brackets; the last
# holds for all operands that follow.
_BINDING: dict[str, tuple[str, tuple[str, ...]]] = {
    "unspecified": (_ATOM, ()),
    "known": (_ATOM, (_ATOM,)),
    "neg": (_SIGNED, (_SIGNED,)),
    "of": (_SHARE, (_SIGNED, _SHARE)),
    "sum_of": (_SHARE, (_ATOM,)),
    "count_of": (_SHARE, (_ATOM,)),
    "where": (_LISTING, (_ATOM, _OR)),
    "mul": (_PRODUCT, (_PRODUCT, _SHARE)),
    "div": (_PRODUCT, (_PRODUCT, _SHARE)),
    "add": (_SUM, (_SUM, _PRODUCT)),
    "sub": (_SUM, (_SUM, _PRODUCT)),
    "at_least": (_FLOOR, (_FLOOR, _SUM)),
    "matched": (_TAILED, (_TAILED, _ATOM)),
    "by": (_TAILED, (_TAILED, _ATOM)),
    "cap": (_TAILED, (_TAILED, _SUM)),
    "cap_each": (_TAILED, (_TAILED, _SUM)),
    "first_by": (_TAILED, (_TAILED, _SUM, _ATOM)),
    "brackets": (_TAILED, (_TAILED, _BAND)),
    "steps": (_TAILED, (_TAILED, _BAND)),
    "band": (_BAND, (_ATOM,)),
    "beyond": (_BAND, (_ATOM,)),
    "for_each": (_TAILED, (_TAILED, _ATOM)),
    "for_each_most": (_TAILED, (_TAILED, _ATOM, _SUM)),
    "shared": (_TAILED, (_TAILED, _ATOM)),
    "rounded": (_TAILED, (_TAILED, _ATOM)),
    "rounded_down": (_TAILED, (_TAILED, _ATOM)),
    "top_up": (_TAILED, (_SUM, _SUM)),
    "as_if": (_TAILED, (_ATOM, _COMPARED)),
    "set": (_COMPARED, (_ATOM,)),
    "higher": (_TAILED, (_ATOM,)),
    "lower": (_TAILED, (_ATOM,)),
    "up_to": (_AMOUNT, (_AMOUNT,)),
    "if": (_AMOUNT, (_OR, _AMOUNT)),
    "is": (_COMPARED, (_SUM,)),
    "is_not": (_COMPARED, (_SUM,)),
    "at_most": (_COMPARED, (_SUM,)),
    "above": (_COMPARED, (_SUM,)),
    "below": (_COMPARED, (_SUM,)),
    "in": (_COMPARED, (_SUM, _ATOM)),
    "not_in": (_COMPARED, (_SUM, _ATOM)),
    "not": (_NOT, (_NOT,)),
    "and": (_AND, (_NOT,)),
    "or": (_OR, (_AND,)),
    "when": (_STATEMENT, (_STATEMENT, _OR)),
    "limited_to": (_STATEMENT, (_ATOM, _AMOUNT)),
    "together": (_STATEMENT, (_SUM, _ATOM)),
    "together_in_order": (_STATEMENT, (_SUM, _ATOM)),
    "take_higher": (_STATEMENT, (_ATOM,)),
    "replaces": (_STATEMENT, (_ATOM,)),
    "net_of": (_STATEMENT, (_ATOM,)),
    "stacks_with": (_STATEMENT, (_ATOM,)),
    "support_of": (_ATOM, (_ATOM,)),
    "pays_under": (_ATOM, (_ATOM,)),
    "never_above": (_STATEMENT, (_ATOM, _AMOUNT)),
    "never_below": (_STATEMENT, (_ATOM, _AMOUNT)),
}

# Words that would be read as one keyword, were they to stand side by side: `each` and `capped at`.
_RUN_TOGETHER = {pair for phrase in PHRASES for pair in pairwise(phrase.split())}


def write(node: Node, lang: Lang = "en", name: Naming = str) -> str:
    """The text of `node`. `name` says what a name is called."""
    return _Writer(lang, name).text(node)


def write_number(number: Number) -> str:
    """A number with its unit, exact: `0.5`, `1000万元`; `(1 / 3)` where no decimal would be."""
    unit = number.unit or ""
    decimal = _decimal(number.value)
    return f"({number.value.numerator}{unit} / {number.value.denominator})" if decimal is None else decimal + unit


class _Writer(Record):
    lang: Lang
    name: Naming

    def text(self, node: Node) -> str:
        match node:
            case Number():
                return write_number(node)
            case Split(parts):
                return ":".join(_decimal(part) or str(part) for part in parts)
            case Day(day):
                return day.isoformat()
            case Op():
                return self._operator(node)
            case _:
                return self.name(node)

    def _operator(self, node: Op) -> str:
        """The operator's spelling, with the operands in its slots."""
        _, slots = self._binding(node)
        row = TABLE[node.op]
        first, *pieces = SLOT.split((row.en if self.lang == "en" else row.zh)[0])
        written = first
        for index, comma, after in zip(pieces[0::3], pieces[1::3], pieces[2::3], strict=True):
            start = int(index)
            operands = node.args[start : None if comma else start + 1]
            if row.signature[start] == "unit":
                texts = [operand.unit or "" for operand in operands if isinstance(operand, Number)]
            else:
                texts = [self._operand(arg, _slot(slots, start + i)) for i, arg in enumerate(operands)]
            texts[-1] = _apart(texts[-1], after)
            written += (comma or "").join(texts) + after
        return written

    def _operand(self, node: Node, slot: str) -> str:
        written = self.text(node)
        return written if _fits(self._binding(node)[0], slot) else f"({written})"

    def _binding(self, node: Node) -> tuple[str, tuple[str, ...]]:
        """How tightly the node binds, and the loosest that may stand in each of its slots."""
        if isinstance(node, Number) and node.value < 0:
            return _SIGNED, ()
        if not isinstance(node, Op):
            return _ATOM, ()
        own, slots = _BINDING[node.op]
        if node.op == "where" and self.lang == "zh":
            return _ATOM, slots  # its end is said: `者`
        if node.op == "at_least" and self._binding(node.args[0])[0] == _TAILED:
            return _TAILED, (_TAILED, _SUM)
        if node.op in ("add", "sub") and isinstance(node.args[1], Op) and node.args[1].op in ("up_to", "if"):
            return _AMOUNT, (_SUM, _AMOUNT)
        return own, slots


def _slot(slots: tuple[str, ...], index: int) -> str:
    return slots[min(index, len(slots) - 1)]


def _fits(own: str, slot: str) -> bool:
    return any(own in ladder[ladder.index(slot) :] for ladder in _LADDERS if slot in ladder)


def _apart(written: str, after: str) -> str:
    """`written`, in brackets where its last word would run into the next keyword."""
    words, following = written.split(), after.split()
    return f"({written})" if words and following and (words[-1].lstrip("-"), following[0]) in _RUN_TOGETHER else written


def _decimal(value: Fraction) -> str | None:
    """The digits of a fraction that is a decimal."""
    rest, places = value.denominator, 0
    while rest % 10 == 0 or rest % 5 == 0 or rest % 2 == 0:
        rest //= 10 if rest % 10 == 0 else 5 if rest % 5 == 0 else 2
        places += 1
    if rest != 1:
        return None
    digits = f"{abs(value.numerator) * 10**places // value.denominator:0{places + 1}d}"
    point = len(digits) - places
    return f"{'-' if value < 0 else ''}{digits[:point]}{'.' if places else ''}{digits[point:]}"
