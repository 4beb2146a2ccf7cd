"""The stored parse tables: those of the grammar, or not used."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest
from lark import Lark, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedToken
from policyeval import tables
from policyeval.data_files import data_file
from policyeval.functions import PHRASES
from policyeval.lalr import END, Parser, Stray, Unexpected
from policyeval.parse import STARTS, _Builder

TEXTS = {
    "amount": "upstream_funding matched 1:0.5:0.5 by city, host capped at 1000万元",
    "condition": "非 级别 为 国家级 且 （上级扶持经费 不低于 10万元 或 考核 未知）",
    "statement": "take higher of a, b/c.city when x is y",
    "claim": "a never above 10%  of x",
}

SIGNS = "a b/c.d p-q 2 1,000 2024-01-31 % 万元 ( ) , + - * / -1 : / > = ~"
WORDS = (*PHRASES, *SIGNS.split(" "))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "expression.lark").write_bytes(data_file("grammar", "expression.lark").read_bytes())
    monkeypatch.setattr(tables, "data_file", lambda _, name: tmp_path / name)
    return tmp_path


def _read(text: str, start: str) -> object:
    return Parser(tables.tables("expression", STARTS), _Builder()).parse(text, start)


def test_they_are_those_of_the_grammar() -> None:
    assert tables.current("expression", STARTS), "run `make tables`"


@pytest.mark.parametrize("start", STARTS)
def test_with_and_without_them_the_same_is_read(start: str, folder: Path) -> None:
    text = TEXTS[start].replace("（", "(").replace("）", ")")
    plain = _outcome(text, start)
    tables.write("expression", STARTS)
    assert tables.current("expression", STARTS)
    assert _outcome(text, start) == plain


def _outcome(text: str, start: str) -> str:
    """What is read, or at which token reading stops."""
    try:
        return repr(_read(text, start))
    except (Stray, Unexpected) as error:
        return repr(error)


def test_those_of_another_grammar_or_cut_short_are_not_used(folder: Path) -> None:
    tables.write("expression", STARTS)
    stored = folder / "expression.tables.json"
    whole = stored.read_bytes()
    stored.write_bytes(whole[: len(whole) // 2])
    assert not tables.current("expression", STARTS)
    stored.write_bytes(whole)
    with (folder / "expression.lark").open("a") as grammar:
        grammar.write("\n// one more line\n")
    assert not tables.current("expression", STARTS)
    assert _read("a + b", "amount")


class _Trees:
    """A builder of Lark's own trees."""

    def other(self, rule: str, children: list[Any]) -> Tree[str]:
        return Tree(rule, children)


def _ended(read: Callable[[], object]) -> object:
    """What was read, or the token or the character at which reading stopped."""
    try:
        return read()
    except (Unexpected, UnexpectedToken) as error:
        return error.token.type, None if error.token.type == END else error.token.start_pos
    except Stray as error:
        return error.at
    except UnexpectedCharacters as error:
        return error.pos_in_stream


def test_lark_reads_the_same() -> None:
    """Random texts, of which some can be read: the same tree or the same end, and the same could follow."""
    grammar = data_file("grammar", "expression.lark").read_text("utf-8")
    theirs = Lark(grammar, parser="lalr", lexer="basic", start=list(STARTS), maybe_placeholders=False)
    mine, random = Parser(tables.tables("expression", STARTS), _Trees()), Random(7)
    ends = dict.fromkeys((Tree, tuple, int), 0)
    for _ in range(1_500):
        start = random.choice(STARTS)
        text = _sentence(mine, start, random)
        found = _ended(partial(mine.parse, text, start))
        assert found == _ended(partial(theirs.parse, text, start=start)), text
        ends[type(found)] += 1
        if isinstance(found, tuple):
            before = text[: found[1]]
            interactive = theirs.parse_interactive(start=start)
            for token in theirs.lex(before):
                interactive.feed_token(token)
            assert mine.accepted(mine.tokens(before), start) == interactive.accepts(), text
    assert min(ends.values()) > 20, ends


def _sentence(mine: Parser, start: str, random: Random) -> str:
    """Words, most of which can follow those before them."""
    text = ""
    for _ in range(random.randrange(1, 8)):
        for _ in range(20):
            longer = f"{text} {random.choice(WORDS)}"
            if not random.randrange(100) or _can_begin(mine, longer, start):
                break
        text = longer
    return text


def _can_begin(mine: Parser, text: str, start: str) -> bool:
    try:
        return bool(mine.accepted(mine.tokens(text), start))
    except (Unexpected, Stray):
        return False
