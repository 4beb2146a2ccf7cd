"""An expression's text into its tree.

In: a Text and the rule it must be read by. Out: a tree of names as typed, each node with its span in the file; or a
Refusal with one problem that says what stands where, and what could. Promise: Lark is seen by this file and by
`tables` alone, and limits are checked before it runs, so that no input takes long.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import date
from fractions import Fraction
from functools import cache
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from policyeval.functions import PHRASES, TABLE, UNIT_WORDS, spaced
from policyeval.near import did_you_mean, nearest
from policyeval.problems import At, Problem, Refusal
from policyeval.record import replace
from policyeval.source import Span, Text
from policyeval.tree import Day, Name, Node, Number, Op, Split
from policyeval.units import canonical

if TYPE_CHECKING:
    from lark import Lark, Token

Start = Literal["amount", "condition", "statement", "claim"]
STARTS: tuple[Start, ...] = ("amount", "condition", "statement", "claim")

LONGEST = 4_000  # characters of one expression
BRACKETS = 50  # brackets inside one another
DEEPEST = 100  # operators inside one another: well within what a recursive reader can follow
_JOINED_WORDS = 20  # that one message puts apart
_SHOWN = 60  # characters of the user's words in a message; the line below it shows them all

# What a Chinese input method types, character for character, so that every offset is kept.
_SPACES = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_TWINS = (
    {full: full - 0xFEE0 for full in range(0xFF01, 0xFF5F)}
    | str.maketrans(dict.fromkeys(_SPACES, " "))
    | str.maketrans("×∶", "*:")
)


def plainly(text: str) -> str:
    """The text with what a Chinese input method types turned into its plain twins, character for character."""
    return text.translate(_TWINS)


def parse(text: Text, start: Start) -> Node:
    """The tree of `text`, read as `start`. Raises Refusal with one problem."""
    plain = plainly(text.value)
    try:
        return _in_file(_read(plain, start), text)
    except _Wrong as error:
        wrong = _with_further(error, plain, start) if error.code == "P112" else error
        at = At(text.source, text.span(wrong.start, wrong.end))
        raise Refusal(Problem(wrong.code, wrong.words, at)) from None


class _Wrong(Exception):
    """What is wrong with the characters [start, end) of the text."""

    def __init__(self, code: str, start: int, end: int, **words: Any) -> None:
        super().__init__(code)
        self.code, self.start, self.end, self.words = code, start, end, words


def _read(plain: str, start: Start) -> Node:
    _refuse_long(plain)
    _refuse_strange(plain)
    _refuse_brackets(plain)
    from lark.exceptions import UnexpectedCharacters, UnexpectedToken  # noqa: PLC0415  # Lark is slow to import

    try:
        piece: _Piece = _lark().parse(plain, start=start)  # type: ignore[assignment]
    except UnexpectedCharacters as error:
        raise _stray(plain, error.pos_in_stream or 0) from None
    except UnexpectedToken as error:
        raise _unexpected(plain, start, error.token) from None
    return _of_position(piece, plain, start)


def _of_position(piece: _Piece, plain: str, start: Start) -> Node:
    """The whole of it is an amount where one is wanted, and a condition where one is."""
    position = TABLE[piece.node.op].position if isinstance(piece.node, Op) else "amount"
    if (
        start in ("amount", "condition")
        and position in _KINDS
        and position != start
        and not isinstance(piece.node, Name)
    ):
        shown = _short(plain[piece.start : piece.end])
        raise _Wrong("P113", piece.start, piece.end, found=shown, kind=_KINDS[position], wanted=_KINDS[start])
    return piece.node


@cache
def _lark() -> Lark:
    from policyeval.tables import parser  # noqa: PLC0415  # as above

    return parser("expression", STARTS, _Builder())


def _in_file(node: Node, text: Text) -> Node:
    """The node with its spans counted in the file."""
    span = text.span(*node.span)
    if isinstance(node, Op):
        return replace(node, args=tuple(_in_file(arg, text) for arg in node.args), span=span)
    return replace(node, span=span)


# ---- building the tree while Lark reads


class _Piece(NamedTuple):
    """A node, the characters it was read from (brackets included), and how many operators deep it is."""

    node: Node
    start: int
    end: int
    depth: int = 0


class _Several(NamedTuple):
    """What a rule without a node of its own has read; Lark puts it in its place."""

    children: list[Any]


class _Builder:
    """A method for each rule of the grammar that is not simply an operator of the table."""

    def __default__(self, rule: str, children: list[Any], _: object) -> _Piece | _Several:
        if rule.startswith("_"):
            return _Several(children)
        return _operator(rule, children)

    def name(self, children: list[Token]) -> _Piece:
        (token,) = children
        pack, _, rest = str(token).rpartition("/")
        name, _, part = rest.partition(".")
        return _leaf(Name(name, pack or None, part or None), children)

    def regime(self, children: list[Token]) -> _Piece:
        """A pack by its whole name, which may hold hyphens."""
        return _leaf(Name(str(children[0])), children)

    def number(self, children: list[Token]) -> _Piece:
        unit = canonical(str(children[1])) if len(children) > 1 else None
        return _leaf(Number(_exact(children[0]), unit), children)

    def split(self, children: list[Token]) -> _Piece:
        return _leaf(Split(tuple(_exact(token) for token in children)), children)

    def day(self, children: list[Token]) -> _Piece:
        (token,) = children
        try:
            day = date(*(int(part) for part in token.split("-")))
        except ValueError:
            raise _wrong_token("P106", token) from None
        return _leaf(Day(day), children)

    def bracket(self, children: list[Any]) -> _Piece:
        left, piece, right = children
        return _Piece(piece.node, left.start_pos, right.end_pos, piece.depth)

    def unit(self, children: list[Token]) -> _Piece:
        (token,) = children
        return _leaf(Number(Fraction(1), canonical(str(token))), children)

    def brackets(self, children: list[Any]) -> _Piece:
        return _banded("brackets", children)

    def steps(self, children: list[Any]) -> _Piece:
        return _banded("steps", children)

    def sum_of(self, children: list[Any]) -> _Piece:
        """The field stands before the list in English, and after it in Chinese as in the tree."""
        piece = _operator("sum_of", children)
        assert isinstance(piece.node, Op)
        in_order = isinstance(children[0], _Piece)
        return piece if in_order else piece._replace(node=replace(piece.node, args=piece.node.args[::-1]))

    def together(self, children: list[Any]) -> _Piece:
        return _ceiling("together", children)

    def together_in_order(self, children: list[Any]) -> _Piece:
        return _ceiling("together_in_order", children)


def _operator(op: str, children: list[Any]) -> _Piece:
    operands = [child for child in children if isinstance(child, _Piece)]
    start, end = _ends(children)
    depth = 1 + max((piece.depth for piece in operands), default=0)
    if depth > DEEPEST:
        raise _Wrong("X102", start, end, limit=DEEPEST)
    return _Piece(Op(op, tuple(piece.node for piece in operands), Span(start, end)), start, end, depth)


def _ceiling(op: str, children: list[Any]) -> _Piece:
    """The ceiling stands last in the text and first in the tree."""
    piece = _operator(op, children)
    assert isinstance(piece.node, Op)
    *awards, ceiling = piece.node.args
    return piece._replace(node=replace(piece.node, args=(ceiling, *awards)))


def _banded(op: str, children: list[Any]) -> _Piece:
    """What lies above the last bound stands last in the text and second in the tree, so that the bands are the rest."""
    piece = _operator(op, children)
    assert isinstance(piece.node, Op)
    amount, *bands, beyond = piece.node.args
    return piece._replace(node=replace(piece.node, args=(amount, beyond, *bands)))


def _leaf(node: Number | Split | Day | Name, tokens: list[Token]) -> _Piece:
    start, end = _ends(tokens)
    return _Piece(replace(node, span=Span(start, end)), start, end)


def _ends(children: list[Any]) -> tuple[int, int]:
    first, last = children[0], children[-1]
    start = first.start if isinstance(first, _Piece) else first.start_pos
    return start, last.end if isinstance(last, _Piece) else last.end_pos


def _exact(token: Token) -> Fraction:
    return Fraction(token.replace(",", ""))


# ---- limits, before anything is read


def _refuse_long(plain: str) -> None:
    if len(plain) > LONGEST:
        raise _Wrong("X101", LONGEST, LONGEST + 1, limit=LONGEST, length=len(plain))
    if not plain.strip():
        raise _Wrong("P103", 0, len(plain))


def _refuse_brackets(plain: str) -> None:
    """Brackets that are too deep, or have no partner."""
    opened: list[int] = []
    for at, char in enumerate(plain):
        if char == "(":
            opened.append(at)
            if len(opened) > BRACKETS:
                raise _Wrong("X102", at, at + 1, limit=BRACKETS)
        elif char == ")":
            if not opened:
                raise _Wrong("P108", at, at + 1, found=")")
            opened.pop()
    if opened:
        raise _Wrong("P107", opened[-1], opened[-1] + 1)


# ---- characters that mean nothing here

_KNOWN = re.compile(r"[A-Za-z0-9_ \t\r\n+\-*/().,:<>=%、≥≤\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]*")
_ALIKE = str.maketrans(
    "АВЕКМНОРСТХаеорсухіјѕԁһΑΒΕΖΗΙΚΜΝΟΡΤΥΧονı÷−–—‐‑⁄∕•·．；：“”‘’",
    "ABEKMHOPCTXaeopcyxijsdhABEZHIKMNOPTYXovi/-----//**.;:\"\"''",
)


def _refuse_strange(plain: str) -> None:
    at = _KNOWN.match(plain).end()  # type: ignore[union-attr]  # it matches nothing, if nothing else
    if at == len(plain):
        return
    char = plain[at]
    if char == "。" and plain[at - 1 : at].isdigit() and plain[at + 1 : at + 2].isdigit():
        raise _Wrong("P109", at, at + 1, found=char, hint=_POINT)
    shown = f"U+{ord(char):04X} {unicodedata.name(char, 'a control character')}"
    if unicodedata.category(char)[0] in "CZM":
        raise _Wrong("P111", at, at + 1, shown=shown)
    twin = unicodedata.normalize("NFKC", char.translate(_ALIKE))
    if len(twin) == 1 and twin != char and _KNOWN.fullmatch(twin):
        typed = f" {twin} " if twin in "-/" else twin
        raise _Wrong("P110", at, at + 1, found=char, shown=shown, twin=twin, typed=typed)
    raise _Wrong("P109", at, at + 1, found=char, shown=shown, hint=_SIGN_HINTS.get(char, _TAKE_OUT))


# ---- what went wrong, in a drafter's words

_TAKE_OUT = {"en": "take it out", "zh": "请去掉"}
_POINT = {"en": "type `.` between digits", "zh": "小数点请输入`.`"}
_SIGN_HINTS = {
    "=": {"en": "write `is` to compare", "zh": "比较时请写`为`"},
    "%": {"en": "`%` stands right after a number, as in `10%`", "zh": "`%`紧跟在数字后面，例如`10%`"},
    ".": {"en": "a number starts with a digit, as in `0.5`", "zh": "数以数字开头，例如`0.5`"},
    "。": {"en": "an expression ends without a full stop: take it out", "zh": "表达式末尾不写句号，请去掉"},
}


def _stray(plain: str, at: int) -> _Wrong:
    """A character that is known, but not where it stands."""
    char = plain[at]
    if char in "-/":
        return _Wrong("P104", at, at + 1, found=char)
    return _Wrong("P109", at, at + 1, found=char, shown=char, hint=_SIGN_HINTS.get(char, _TAKE_OUT))


def _unexpected(plain: str, start: Start, token: Token) -> _Wrong:
    tokens = _tokens_before(plain, token)
    accepted = _accepted(tokens, start)
    if "OR_MORE" in accepted:  # `level national`: only 以上 could still follow, so the word between them is missing
        count = 2 if tokens[-1].type == "UNIT" else 1
        token, tokens = tokens[-count], tokens[:-count]
        accepted = _accepted(tokens, start)
    before = tokens[-1] if tokens else None
    for cause in (_joined, _apart, _unit):
        found = cause(token, before)
        if found:
            return found
    near = (
        _HINTS.get(token.type)
        or _of_a_list(before)
        or _of_bands(tokens, accepted)
        or _near(token, accepted)
        or _near(before, _accepted(tokens[:-1], start))
    )
    words = {"wanted": _wanted(accepted, before, start), "near": near or ""}
    if token.type == "$END":
        assert before is not None  # an empty text was refused before
        return _Wrong("P102", len(plain), len(plain), found=_short(before), **words)
    return _wrong_token("P101", token, **words)


def _wrong_token(code: str, token: Token, **words: Any) -> _Wrong:
    return _Wrong(code, *_ends([token]), found=_short(token), **words)


def _short(piece: str) -> str:
    return piece if len(piece) <= _SHOWN else piece[:_SHOWN] + "…"


def _tokens_before(plain: str, token: Token) -> list[Token]:
    end = len(plain) if token.type == "$END" else _ends([token])[0]
    return list(takewhile(lambda earlier: _ends([earlier])[0] < end, _lark().lex(plain)))


def _accepted(tokens: Iterable[Token], start: Start) -> set[str]:
    """The terminals that could follow the tokens. A bare value, which only 以上 could make sense of, is left out."""
    parser = _lark().parse_interactive(start=start)
    for token in tokens:
        parser.feed_token(token)
    accepted: set[str] = parser.accepts()  # type: ignore[no-untyped-call]
    return accepted - {"NAME", "NUMBER", "DAY"} if "IS_NOT" in accepted else accepted


def _apart(token: Token, before: Token | None) -> _Wrong | None:
    """`a -5`, `a-b`: a minus without its spaces."""
    if token.type == "PACK":
        at = _ends([token])[0] + token.index("-")
        return _Wrong("P104", at, at + 1, found="-")
    if token.type != "NEGATIVE" or before is None:
        return None
    return _wrong_token("P104", token)


def _joined(token: Token, before: Token | None) -> _Wrong | None:
    """`上级扶持经费配套 1:1`: a Chinese keyword without its spaces."""
    for word in filter(None, (token, before)):
        apart = spaced(word) if word.type in ("NAME", "PACK") else None
        if apart:
            return _wrong_token("P112", word, apart=apart)
    return None


def _with_further(first: _Wrong, plain: str, start: Start) -> _Wrong:
    """Joined words that come after the first are put apart in the same mend."""
    at, end, apart = first.start, first.end, str(first.words["apart"])
    for _ in range(_JOINED_WORDS):
        plain = plain[:at] + apart + plain[end:]
        last = at + len(apart)
        try:
            _read(plain, start)
            break
        except _Wrong as wrong:
            if wrong.code != "P112" or wrong.start < last:
                break
            gap = " " if plain[wrong.start - 1].isalnum() else ""
            at, end, apart = wrong.start, wrong.end, gap + wrong.words["apart"]
    return _Wrong("P112", first.start, first.end, found=first.words["found"], apart=plain[first.start : last])


def _unit(token: Token, before: Token | None) -> _Wrong | None:
    """`10美元`: a word right after a number is a unit."""
    if before is None or before.type != "NUMBER" or token.type != "NAME" or token.start_pos != before.end_pos:
        return None
    return _wrong_token("P105", token, near=did_you_mean(token, UNIT_WORDS))


def _near(token: Token | None, accepted: set[str]) -> dict[str, str] | None:
    """The keyword that a mistyped word may have meant, as a question."""
    if token is None or token.type != "NAME" or (len(token) < 2 and token.isascii()):
        return None
    by_first_word = {phrase.split()[0]: phrase for phrase in reversed(PHRASES) if _terminal(phrase) in accepted}
    first = nearest(token, by_first_word)
    return did_you_mean(by_first_word[first], [by_first_word[first]]) if first else None


def _of_a_list(before: Token | None) -> dict[str, str] | None:
    """`sum of projects.funding`, as one might write it elsewhere."""
    if before is None or before.type != "NAME" or "." not in before or "/" in before:
        return None
    list_, _, field = before.partition(".")
    return {
        "en": f"the field of a list is named as in `sum of {field} of {list_}`",
        "zh": f"列表的字段写成`{list_} 的 {field} 合计`",
    }


def _of_bands(tokens: list[Token], accepted: set[str]) -> dict[str, str] | None:
    """`10% to 100万元` with nothing after it: what lies above the last bound is not said."""
    if accepted != {"_COMMA"} or not any(earlier.type in ("IN_BRACKETS", "IN_STEPS") for earlier in tokens):
        return None
    return {
        "en": "the last part says what lies above, as in `10% to 100万元, 0% above`",
        "zh": "最后一段写明超出的部分，例如`10% 至 100万元、0% 以上部分`",
    }


@cache
def _terminal(phrase: str) -> str:
    return next(_lark().lex(phrase)).type


_HINTS = {
    "NOT": {
        "en": "`not` stands before a condition, as in `not level is national`",
        "zh": "`非`放在条件前面，例如`非 级别 为 国家级`",
    },
    "AS_IF": {
        "en": "`as if` follows the name of an award; what comes of it stands in brackets inside arithmetic",
        "zh": "`视同`跟在奖补名称后面；放在算式里时要加括号",
    },
    "WHERE": {
        "en": "a list with its condition stands in brackets, as in `count of (projects where level is national)`",
        "zh": "列表和条件一起放在括号里，或写成`项目 中 级别 为 国家级 者 的 个数`",
    },
    "_COMMA": {
        "en": "to share among payers write `matched 1:1:1 by a, b`; list amounts as `higher of a, b`",
        "zh": "由几方分担写成`配套 1:1:1 由 甲、乙`，并列数额写成`就高 甲、乙`",
    },
}


_KINDS = {
    "amount": {"en": "an amount", "zh": "数额"},
    "condition": {"en": "a condition", "zh": "条件"},
}


class _Choice(NamedTuple):
    """What could stand somewhere: said where one of `terminals` is accepted."""

    terminals: frozenset[str]
    en: str
    zh: str


def _choice(terminals: str, en: str, zh: str) -> _Choice:
    return _Choice(frozenset(terminals.split()), en, zh)


# fmt: off
_OPERANDS: dict[Start, _Choice] = {
    "amount": _choice("", "an amount, such as `1000万元` or a fact's name", "数额，例如`1000万元`或事实名称"),
    "condition": _choice("", "a condition, such as `level is national`", "条件，例如`级别 为 国家级`"),
    "statement": _choice("", "an award's name", "奖补名称"),
    "claim": _choice("", "an amount, such as an award's name", "数额，例如奖补名称"),
}
_SHARES = _choice("", "shares, such as `1:0.5:0.5`", "分担比例，例如`1:0.5:0.5`")
_PAYER = _choice("", "a payer, such as `city`", "出资方，例如`市级`")
_FACT = _choice("", "a fact's name", "事实名称")
_VALUE = _choice("", "a value, such as a name or a number", "取值，例如名称或数")
_CHOICES = (
    _choice("THEN", "`then` and an amount", "`则`和数额"),
    _choice("ELSE", "`else` and an amount", "`否则`和数额"),
    _choice("LEFT", "`(`", "`(`"),
    _choice("RIGHT", "`)`", "`)`"),
    _choice("THOSE", "`者`, where the condition ends", "`者`"),
    _choice("TO", "`to` and an amount", "`至`和数额"),
    _choice("BEYOND", "`above`, for what is above the last bound", "`以上部分`"),
    _choice("BY", "`by` and a payer", "`由`和出资方"),
    _choice("CAPPED_AT", "`capped at` and an amount", "`最高`和数额"),
    _choice("IS_NOT", "a comparison such as `is`", "比较，例如`为`"),
    _choice("AND OR", "`and` or `or`", "`且`或`或`"),
    _choice("PLUS TIMES", "a sign such as `+`", "`+`等运算符"),
    _choice("REPLACES", "what becomes of it, such as `replaces` or `net of`", "处理方式，例如`替代`、`抵扣`"),
    _choice("TOGETHER", "`together capped at`", "`合计最高`"),
    _choice("NEVER_ABOVE", "`never above` or `never below`", "`从不高于`或`从不低于`"),
    _choice("WHEN", "`when` and a condition", "`当`和条件"),
    _choice("_COMMA", "a comma", "逗号"),
    _choice("$END", "the end", "到此结束"),
)
# fmt: on

# What could follow only in brackets, where the whole is an amount or a condition.
_OUTSIDE: dict[Start, set[str]] = {"amount": {"IS_NOT", "AND", "OR"}, "condition": {"BY", "CAPPED_AT"}}


def _wanted(accepted: set[str], before: Token | None, start: Start) -> dict[str, str]:
    if "$END" in accepted and start in _OUTSIDE:
        accepted = accepted - _OUTSIDE[start]
    operands = list(_operands(accepted, before, start))
    others = [c for c in _CHOICES if c.terminals & accepted and not (operands and "LEFT" in c.terminals)]
    choices = operands + others[:4]
    return {"en": _listed([c.en for c in choices], ", ", " or "), "zh": _listed([c.zh for c in choices], "、", "或")}


def _operands(accepted: set[str], before: Token | None, start: Start) -> Iterator[_Choice]:
    """What is meant by a name or a number, from what else could stand there and the word before."""
    after = before.type if before is not None else ""
    if "IF" in accepted and after != "LEFT":
        yield _OPERANDS["amount"]
    elif "NOT" in accepted and after != "LEFT":
        yield _OPERANDS["condition"]
    elif "LEFT" in accepted and "NUMBER" in accepted:
        yield _OPERANDS["amount"]
    elif "NUMBER" in accepted:
        yield _VALUE if "NAME" in accepted else _SHARES
    elif "NAME" in accepted and after in ("BY", "_COMMA") and start == "amount":
        yield _PAYER
    elif "NAME" in accepted and after in ("AS_IF", "AND", "LEFT"):
        yield _FACT
    elif "NAME" in accepted:
        yield _OPERANDS[start]


def _listed(words: list[str], comma: str, last: str) -> str:
    *most, end = words or [""]
    return comma.join(most) + last + end if most else end
