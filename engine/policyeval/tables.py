"""The tables of a grammar, by which `lalr` reads.

In: a grammar, and the tables that `make tables` made of it. Out: tables. Reason: working them out takes longer than
everything else that a start without a cache does, and so does loading Lark, which does it. Promise: tables of another
grammar are never used, nor is anything but JSON read: without them they are worked out anew, and are the same.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from policyeval.data_files import data_file
from policyeval.lalr import END

# The basic lexer reads a keyword as one wherever it stands, so that it can never be a name.
# A missing unit leaves no gap among a rule's children.
_OPTIONS: dict[str, Any] = {"parser": "lalr", "lexer": "basic", "maybe_placeholders": False}


def tables(name: str, starts: Sequence[str]) -> dict[str, Any]:
    """The tables of a grammar, by its name in the folder of grammars."""
    grammar = data_file("grammar", f"{name}.lark").read_bytes()
    return _kept(name, _key(grammar, starts)) or _made(grammar, starts)


def write(name: str, starts: Sequence[str]) -> None:
    """Works the tables out and puts them beside the grammar."""
    made = _made(data_file("grammar", f"{name}.lark").read_bytes(), starts)
    text = json.dumps(made, ensure_ascii=False, separators=(",", ":"))
    data_file("grammar", f"{name}.tables.json").write_text(f"{text}\n", encoding="utf-8", newline="\n")


def current(name: str, starts: Sequence[str]) -> bool:
    """Whether the tables are those of the grammar as it stands."""
    return _kept(name, _key(data_file("grammar", f"{name}.lark").read_bytes(), starts)) is not None


def _key(grammar: bytes, starts: Sequence[str]) -> str:
    """Everything that the tables depend on."""
    return f"{' '.join(starts)} {sha256(grammar).hexdigest()}"


def _kept(name: str, key: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads(data_file("grammar", f"{name}.tables.json").read_bytes())
    except (OSError, ValueError):
        return None
    return found if found.get("key") == key else None


def _made(grammar: bytes, starts: Sequence[str]) -> dict[str, Any]:
    """A state says for each terminal the state that follows, or by `~number` the rule that ends before it; and for each
    rule the state that follows."""
    from lark import Lark  # noqa: PLC0415  # slow to load, and seldom needed

    parser: Any = Lark(grammar.decode(), start=list(starts), **_OPTIONS).parser
    table, lexer = parser.parser._parse_table, parser.lexer
    rules = {rule: number for number, rule in enumerate(parser.parser_conf.rules)}
    states = sorted(table.states)
    numbers = {state: number for number, state in enumerate(states)}
    for end in table.end_states.values():
        table.states[end][END] = None, end  # the whole is read: the text's end fits
    (scanner,) = lexer.scanner._mres
    assert not lexer.callback  # no keyword is read as a name first
    return {
        "key": _key(grammar, starts),
        "scanner": scanner.pattern,
        "ignored": sorted(lexer.ignore_types),
        "rules": [_rule(rule) for rule in rules],
        "states": [
            {name: ~rules[to] if to in rules else numbers[to] for name, (_, to) in sorted(table.states[state].items())}
            for state in states
        ],
        "starts": {start: numbers[table.start_states[start]] for start in starts},
    }


def _rule(rule: Any) -> list[Any]:
    """What `lalr` knows of a rule: tokens that only mark a place are left out of what it is made of."""
    pieces = rule.expansion
    kept = [
        (i, not p.is_term and p.name.startswith("_")) for i, p in enumerate(pieces) if not (p.is_term and p.filter_out)
    ]
    whole = len(kept) == len(pieces) and not any(inner for _, inner in kept)
    alone = bool(rule.options.expand1 and not rule.alias)
    return [rule.origin.name, len(pieces), None if whole else kept, rule.alias or rule.origin.name, alone]
