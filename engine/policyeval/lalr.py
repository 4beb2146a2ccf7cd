"""A text read by the tables of its grammar.

In: tables, as `tables` makes them of a grammar, and a builder with a method for each rule. Out: what the builder makes
of a whole text; its tokens; the terminals that could follow some of them. Promise: LALR(1), so the time is that of the
text's length; at the first piece that cannot stand where it does, reading ends with Stray or Unexpected.

A rule whose name begins with `_` has no node of its own: its children stand in its place among those of the rule above.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

END = "$END"  # the terminal behind the last token


class Token(str):
    """A piece of a text, the terminal that it is one of, and where it stands."""

    __slots__ = ("end_pos", "start_pos", "type")

    type: str
    start_pos: int
    end_pos: int

    def __new__(cls, type: str, text: str, start_pos: int) -> Token:
        token = super().__new__(cls, text)
        token.type, token.start_pos, token.end_pos = type, start_pos, start_pos + len(text)
        return token


class Stray(Exception):
    """No token begins at the character `at`."""

    def __init__(self, at: int) -> None:
        super().__init__(at)
        self.at = at


class Unexpected(Exception):
    """The token is none of those that could stand there."""

    def __init__(self, token: Token) -> None:
        super().__init__(token.type)
        self.token = token


class _Rule(NamedTuple):
    """What a state goes by when the rule has ended, and how many pieces it has.

    `kept`: the pieces that its node is made of, each with whether its own children stand in its place; None where these
    are all, as they are. `alone`: a single one stands for itself.
    """

    origin: str
    size: int
    kept: list[tuple[int, bool]] | None
    build: Callable[[list[Any]], Any]
    alone: bool


class Parser:
    """Reads texts by tables, with the nodes that a builder makes."""

    def __init__(self, tables: Mapping[str, Any], builder: Any) -> None:
        self._scan = re.compile(tables["scanner"]).match
        self._ignored = frozenset(tables["ignored"])
        self._states: list[dict[str, int]] = tables["states"]
        self._starts: dict[str, int] = tables["starts"]
        self._rules = [
            _Rule(origin, size, kept, _method(builder, name), alone)
            for origin, size, kept, name, alone in tables["rules"]
        ]

    def parse(self, text: str, start: str) -> Any:
        """What the builder makes of the text. Raises Stray or Unexpected, and what the builder raises."""
        states, values = [self._starts[start]], list[Any]()
        for token in self.tokens(text):
            self._take(token, states, values)
        self._take(Token(END, "", len(text)), states, values)
        return values[0]

    def tokens(self, text: str) -> Iterator[Token]:
        """The tokens of a text. Raises Stray."""
        at = 0
        while at < len(text):
            found = self._scan(text, at)
            if found is None:
                raise Stray(at)
            kind = found.lastgroup or ""
            if kind not in self._ignored:
                yield Token(kind, found[0], at)
            at = found.end()

    def accepted(self, tokens: Iterable[Token], start: str) -> set[str]:
        """The terminals that could follow the tokens. Raises Unexpected where one of these does not fit itself."""
        states, values = [self._starts[start]], list[Any]()
        for token in tokens:
            self._take(token, states, values)
        return {name for name in self._states[states[-1]] if name.isupper() and self._fits(name, states, values)}

    def _fits(self, terminal: str, states: list[int], values: list[Any]) -> bool:
        """Whether it can follow: that a rule may end before it does not yet say so."""
        try:
            self._take(Token(terminal, "", 0), [*states], [*values])
        except Unexpected:
            return False
        return True

    def _take(self, token: Token, states: list[int], values: list[Any]) -> None:
        """Ends the rules that end before the token, and takes it."""
        while (step := self._states[states[-1]].get(token.type)) is not None:
            if step >= 0:
                states.append(step)
                values.append(token)
                return
            rule = self._rules[~step]
            pieces: list[Any] = []
            if rule.size:
                pieces = values[-rule.size :]
                del states[-rule.size :], values[-rule.size :]
            values.append(_built(rule, pieces))
            states.append(self._states[states[-1]][rule.origin])
        raise Unexpected(token)


def _built(rule: _Rule, pieces: list[Any]) -> Any:
    if rule.kept is not None:
        whole, pieces = pieces, []
        for at, inner in rule.kept:
            if inner:
                pieces += whole[at].children
            else:
                pieces.append(whole[at])
    return pieces[0] if rule.alone and len(pieces) == 1 else rule.build(pieces)


def _method(builder: Any, name: str) -> Callable[[list[Any]], Any]:
    """What makes a rule's node: the builder's method of its name, or the one for all others."""
    return getattr(builder, name, None) or (lambda children: builder.other(name, children))
