"""The one table of operators: what may be said, how it is spelled in English and Chinese, what it means.

In: nothing. Out: TABLE, and from it the words of the language. Promise: every reader covers every row, and a test
compares them; the first spelling of a language is the one that is printed.

A spelling shows its operands by number: `{0} matched {1} by {2…, }` has two, then one or more joined by `, `.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from typing import Literal

from policyeval.record import Record
from policyeval.units import SPELLINGS, UNITS

Position = Literal["amount", "condition", "either", "statement", "claim", "setting"]

SLOT = re.compile(r"\{(\d)(?:…([^}]*))?\}")


class Operator(Record):
    """One row. `signature` has the kind of each operand; a kind that ends in `…` stands for one or more."""

    op: str
    position: Position
    en: tuple[str, ...]
    zh: tuple[str, ...]
    signature: tuple[str, ...]
    result: str
    doc: dict[str, str]


def _row(
    op: str,
    position: Position,
    signature: str,
    result: str,
    en: tuple[str, ...],
    zh: tuple[str, ...],
    doc_en: str,
    doc_zh: str,
) -> Operator:
    return Operator(op, position, en, zh, tuple(signature.split()), result, {"en": doc_en, "zh": doc_zh})


def _infix(*words: str) -> tuple[str, ...]:
    return tuple(f"{{0}} {word} {{1}}" for word in words)


# fmt: off
_ROWS = (
    # amounts
    _row("unspecified", "amount", "", "amount", ("unspecified",), ("未明确",),
         "support exists, its figure is not in the document", "有支持，但文件没有写明数额"),
    _row("up_to", "amount", "amount", "amount", ("up to {0}",), ("给予不超过 {0}",),
         "the authority chooses, once for the award, from 0 to the amount", "由主管部门在0与该数额之间一次确定"),
    _row("if", "amount", "condition amount amount", "amount",
         ("if {0} then {1} else {2}",), ("如果 {0} 则 {1} 否则 {2}",),
         "the first amount where the condition holds, else the second", "条件成立取前者，否则取后者"),
    _row("higher", "amount", "amount amount…", "amount",
         ("higher of {0}, {1…, }", "max({0}, {1…, })"), ("就高 {0}、{1…、}", "max({0}, {1…, })", "取高者 {0}、{1…、}"),
         "the highest of the amounts", "取各数额中最高的"),
    _row("lower", "amount", "amount amount…", "amount",
         ("lower of {0}, {1…, }", "min({0}, {1…, })"), ("就低 {0}、{1…、}", "min({0}, {1…, })", "取低者 {0}、{1…、}"),
         "the lowest of the amounts", "取各数额中最低的"),
    _row("add", "amount", "amount amount", "amount", _infix("+"), _infix("+"), "the sum", "相加"),
    _row("sub", "amount", "amount amount", "amount", _infix("-"), _infix("-"), "the difference", "相减"),
    _row("mul", "amount", "amount amount", "amount", _infix("*"), _infix("*"), "the product", "相乘"),
    _row("div", "amount", "amount amount", "amount", _infix("/"), _infix("/"), "the quotient", "相除"),
    _row("neg", "amount", "amount", "amount", ("-{0}",), ("-{0}",), "the negative", "取负"),
    _row("of", "amount", "ratio amount", "amount", _infix("of"), _infix("的"),
         "a share of the amount", "数额的一定比例"),
    _row("matched", "amount", "amount split payer…", "amount",
         ("{0} matched {1} by {2…, }",), ("{0} 配套 {1} 由 {2…、}",),
         "each payer in turn pays its part of the split, against the amount as the base",
         "以该数额为基数，各出资方依次按比例配套"),
    _row("by", "amount", "amount payer", "amount", _infix("by"), _infix("由"), "who pays the amount", "由谁出资"),
    _row("cap", "amount", "amount amount", "amount", _infix("capped at"), _infix("最高"),
         "at most so much for the award; its payers are reduced in proportion", "整项最高限额，各出资方同比例减少"),
    _row("cap_each", "amount", "amount amount", "amount", _infix("each capped at"), _infix("各最高"),
         "at most so much for each payer", "每个出资方各自的最高限额"),
    _row("first_by", "amount", "amount any payer payer", "amount",
         ("{0} of which {1} by {2}, rest by {3}",), ("{0} 其中 {1} 由 {2}、其余由 {3}",),
         "the first pays so much of the amount, or such a share of it, and the other what is left",
         "由前者承担其中的该数额或该比例，其余由后者承担"),
    _row("brackets", "amount", "amount beyond band…", "amount",
         ("{0} in brackets {2…, }, {1}",), ("{0} 分段 {2…、}、{1}",),
         "each part of the amount, up to a bound and above the one before, by a percentage of its own",
         "数额按各界限分段，每段按各自的比例计算后相加"),
    _row("steps", "amount", "any beyond band…", "amount",
         ("{0} in steps {2…, }, {1}",), ("{0} 分档 {2…、}、{1}",),
         "the figure of the first step whose bound is not passed; a bound is part of its step",
         "取第一个未超过界限的档次所列之数；界限本数属于该档"),
    _row("band", "setting", "number number", "setting", _infix("to"), _infix("至"),
         "this percentage, or this figure, up to the bound", "至该界限，按此比例或此数"),
    _row("beyond", "setting", "number", "setting", ("{0} above",), ("{0} 以上部分",),
         "this percentage, or this figure, above the last bound", "超过最后一个界限，按此比例或此数"),
    _row("for_each", "amount", "amount count", "amount", _infix("for each"), _infix("每项"),
         "the amount, once for each that is counted", "按所计项数，每项给予该数额"),
    _row("for_each_most", "amount", "amount count count", "amount",
         ("{0} for each {1} at most {2}",), ("{0} 每项 {1} 最多 {2}",),
         "the same, for so many at most", "按所计项数，每项给予该数额，以所列项数为限"),
    _row("shared", "amount", "amount count", "amount", _infix("shared among"), _infix("平分给"),
         "an equal part for each of so many recipients, down to the fen; nothing where there are none",
         "由所计各方平分，每方一份，计至分，尾数舍去；无人时为0"),
    _row("rounded", "amount", "amount unit", "amount", _infix("rounded to"), _infix("四舍五入至"),
         "the nearest whole number of the unit, half-up; payers in proportion",
         "四舍五入到该单位的整数，各出资方同比例"),
    _row("rounded_down", "amount", "amount unit", "amount", _infix("rounded down to"), _infix("向下取整至"),
         "the whole number of the unit just below; payers in proportion", "舍去不足该单位的尾数，各出资方同比例"),
    _row("top_up", "amount", "amount amount", "amount", ("top up {0} to {1}",), ("补足 {0} 至 {1}",),
         "what the first lacks of the second, never below 0", "前者不足后者的差额，不低于0"),
    _row("sum_of", "amount", "list field", "amount", ("sum of {1} of {0}",), ("{0} 的 {1} 合计",),
         "what a field comes to over all items of a list", "列表各项的该字段之和"),
    _row("count_of", "amount", "list", "count", ("count of {0}",), ("{0} 的 个数",),
         "how many items a list has", "列表有几项"),
    _row("where", "setting", "fact condition", "list", ("{0} where {1}",), ("{0} 中 {1} 者",),
         "the items of a list for which the condition holds", "列表中符合条件的各项"),
    _row("as_if", "amount", "award set…", "amount", ("{0} as if {1… and }",), ("{0} 视同 {1… 且 }",),
         "the award on the same platform with these facts instead, before any statement",
         "假定平台的这些事实如此，在各项衔接规则之前，该奖补的数额"),
    _row("set", "setting", "fact value", "setting", _infix("is"), _infix("为", "是"),
         "the fact, taken to have this value", "假定该事实为此值"),
    # amounts and conditions
    _row("at_least", "either", "any any", "any",
         _infix("at least", ">=", "≥"), (*_infix("不低于", "不少于", ">=", "≥"), "{0} {1} 以上"),
         "in an amount, a floor; in a condition, not below", "在数额中为保底；在条件中为不低于"),
    # conditions
    _row("or", "condition", "condition condition…", "condition",
         ("{0} or {1… or }",), ("{0} 或 {1… 或 }",), "one of them holds", "其中之一成立"),
    _row("and", "condition", "condition condition…", "condition",
         ("{0} and {1… and }",), ("{0} 且 {1… 且 }",), "all of them hold", "全部成立"),
    _row("not", "condition", "condition", "condition", ("not {0}",), ("非 {0}",), "it does not hold", "不成立"),
    _row("is", "condition", "any any", "condition", _infix("is"), _infix("为", "是"), "has this value", "取此值"),
    _row("is_not", "condition", "any any", "condition", _infix("is not"), _infix("不为", "不是"),
         "has another value", "取别的值"),
    _row("in", "condition", "any value…", "condition", ("{0} in {1…, }",), ("{0} 属于 {1…、}",),
         "has one of these values", "取其中一个值"),
    _row("not_in", "condition", "any value…", "condition", ("{0} not in {1…, }",), ("{0} 不属于 {1…、}",),
         "has none of these values", "不取其中任何一个值"),
    _row("at_most", "condition", "any any", "condition",
         _infix("at most", "<=", "≤"), (*_infix("不高于", "不超过", "最多", "<=", "≤"), "{0} {1} 以下"),
         "not above", "不高于"),
    _row("above", "condition", "any any", "condition", _infix("above", ">"), _infix("高于", "超过", ">"),
         "above", "高于"),
    _row("below", "condition", "any any", "condition", _infix("below", "<"), _infix("低于", "<"), "below", "低于"),
    _row("known", "condition", "fact", "condition", ("known({0})",), ("已知({0})",),
         "the fact has been stated", "该事实已经给出"),
    # statements
    _row("take_higher", "statement", "award…", "statement", ("higher of {0…, }",), ("就高 {0…、}", "取高者 {0…、}"),
         "the higher stands, the others are displaced", "取高者，其余不再给予"),
    _row("replaces", "statement", "award award…", "statement", ("{0} replaces {1…, }",), ("{0} 替代 {1…、}",),
         "where the first applies, the others do not", "前者适用时，后者不再适用"),
    _row("net_of", "statement", "award award", "statement", _infix("net of"), _infix("抵扣"),
         "the first pays what is left after the second, never below 0", "前者只付扣除后者以后的余额，不低于0"),
    _row("limited_to", "statement", "award amount", "statement", _infix("limited to"), _infix("限于"),
         "the award is at most the amount", "该奖补以此数额为限"),
    _row("together", "statement", "amount award…", "statement",
         ("{1…, } together capped at {0}",), ("{1…、} 合计最高 {0}",),
         "one ceiling over several awards, reduced in proportion", "几项奖补合计的最高限额，同比例减少"),
    _row("together_in_order", "statement", "amount award…", "statement",
         ("{1…, } together capped at {0} in order",), ("{1…、} 合计最高 {0} 依次",),
         "one ceiling over several awards, the first named served first", "几项奖补合计的最高限额，按所列次序先后满足"),
    _row("stacks_with", "statement", "award award", "statement", _infix("stacks with"), _infix("可叠加", "叠加"),
         "both are paid, and the drafter said so", "两项都给予，文件已写明"),
    _row("when", "statement", "statement condition", "statement", _infix("when"), _infix("当"),
         "the statement holds where the condition does", "条件成立时该规则有效"),
    # claims
    _row("support_of", "amount", "regime", "amount", ("support of {0}",), ("支持按 {0}",),
         "what a platform receives in all: under `enacted` what is in force, under a draft that and the draft",
         "平台得到的支持总额：`现行`指施行中的文件，草案指施行中的文件加上该草案"),
    _row("pays_under", "amount", "payer regime", "amount", _infix("pays under"), _infix("支付按"),
         "what the payer pays for a platform", "出资方为一个平台支付的数额"),
    _row("never_above", "claim", "award amount", "claim", _infix("never above"), _infix("从不高于"),
         "for every platform, at most the amount", "对任何平台都不高于此数额"),
    _row("never_below", "claim", "award amount", "claim", _infix("never below"), _infix("从不低于"),
         "for every platform, at least the amount", "对任何平台都不低于此数额"),
)
# fmt: on

TABLE: dict[str, Operator] = {row.op: row for row in _ROWS}


def _phrases() -> Iterator[str]:
    words = re.compile(r"\w+").findall
    for row in _ROWS:
        for spelling in row.en + row.zh:
            parts = SLOT.split(spelling)
            for piece in filter(None, (*parts[::3], *parts[2::3])):  # between the slots, and between operands of one
                yield " ".join(words(piece))


# Every phrase of the language (`capped at`, `配套`). One of a single word, or a unit, is never a name; a word that is
# a keyword only beside another (`each`, `together`) may be one.
PHRASES: tuple[str, ...] = tuple(dict.fromkeys(filter(None, _phrases())))
UNIT_WORDS: frozenset[str] = frozenset(filter(str.isalpha, [*UNITS, *SPELLINGS]))
RESERVED: frozenset[str] = frozenset(phrase for phrase in PHRASES if " " not in phrase) | UNIT_WORDS

_CHINESE = sorted((p for p in PHRASES if not p.isascii()), key=len, reverse=True)
_JOINED = f"({'|'.join(_CHINESE)})"
_JOINED_LONG = f"({'|'.join(p for p in _CHINESE if len(p) > 1)})"
# `中` and `者` are part of so many names (`中小企业`, `投资者`) that they are guessed at the end of `项目中` alone.
_JOINED_GUESSED = f"({'|'.join(p for p in _CHINESE if p not in ('中', '者'))}|中$)"


def spaced(word: str, known: Container[str] | None = None) -> str | None:
    """`word` with spaces around the Chinese keywords that were joined to their neighbours, or None where none was.

    A keyword of one character (`为`, `由`) is also part of ordinary words: it counts only where every other piece is
    one of the `known` names, or where no longer keyword is in the word.
    """
    for joined in (_JOINED_LONG, _JOINED_GUESSED if known is None else _JOINED):
        pieces = [piece for piece in re.split(joined, word) if piece]
        others = [piece for piece in pieces if not re.fullmatch(joined, piece)]
        if len(pieces) > 1 and others and (known is None or all(piece in known for piece in others)):
            return " ".join(pieces)
    return None
