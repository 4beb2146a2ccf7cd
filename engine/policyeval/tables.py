"""The parser of a grammar, from its tables where they are at hand.

In: a grammar, and the tables that `make tables` made of it. Out: a parser. Reason: working the tables
out takes longer than everything else that a start without a cache does. Promise: tables of another grammar or another
Lark are never used, nor is anything but JSON read: without them the parser is built from the grammar, and is the same.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import lark
from lark.grammar import Rule
from lark.lexer import TerminalDef

from policyeval.data_files import data_bytes, data_file

# The basic lexer reads a keyword as one wherever it stands, so that it can never be a name.
# A missing unit leaves no gap among a rule's children.
_OPTIONS: dict[str, Any] = {"parser": "lalr", "lexer": "basic", "maybe_placeholders": False}


def parser(name: str, starts: Sequence[str], transformer: Any) -> lark.Lark:
    """The parser of a grammar, by its name in the folder of grammars."""
    grammar = data_bytes("grammar", f"{name}.lark")
    tables = _tables(name, _key(grammar, starts))
    if tables is None:
        return _built(grammar, starts, transformer)
    tables["data"]["options"]["transformer"] = transformer
    return lark.Lark.load(tables)


def write(name: str, starts: Sequence[str]) -> None:
    """Works the tables out and puts them beside the grammar."""
    grammar = data_bytes("grammar", f"{name}.lark")
    data, memo = _built(grammar, starts, None).memo_serialize([TerminalDef, Rule])
    tables = {"key": _key(grammar, starts), "data": data, "memo": memo}
    text = json.dumps(tables, ensure_ascii=False, separators=(",", ":"))
    data_file("grammar", f"{name}.tables.json").write_text(f"{text}\n", encoding="utf-8", newline="\n")


def current(name: str, starts: Sequence[str]) -> bool:
    """Whether the tables are those of the grammar as it stands and of the Lark that is here."""
    return _tables(name, _key(data_bytes("grammar", f"{name}.lark"), starts)) is not None


def _built(grammar: bytes, starts: Sequence[str], transformer: Any) -> lark.Lark:
    return lark.Lark(grammar.decode(), start=list(starts), transformer=transformer, **_OPTIONS)


def _key(grammar: bytes, starts: Sequence[str]) -> str:
    """Everything that the tables depend on."""
    return f"lark {lark.__version__} {' '.join(starts)} {sha256(grammar).hexdigest()}"


def _tables(name: str, key: str) -> dict[str, Any] | None:
    """What Lark reads, if it is stored; JSON made texts of the numbers that are keys."""
    try:
        tables: dict[str, Any] = json.loads(data_bytes("grammar", f"{name}.tables.json"))
    except (OSError, ValueError):
        return None
    if tables["key"] != key:
        return None
    table = tables["data"]["parser"]["parser"]
    table["tokens"] = _numbered(table["tokens"])
    table["states"] = {int(state): _numbered(actions) for state, actions in table["states"].items()}
    return {"data": tables["data"], "memo": _numbered(tables["memo"])}


def _numbered(values: dict[str, Any]) -> dict[int, Any]:
    return {int(number): value for number, value in values.items()}
