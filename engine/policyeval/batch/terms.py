"""Queries in steps: each step adds columns to the one before it, and a column is a term, as text.

In: terms, which `sql` has made of a plan or the cache has kept. Out: the text of a query of the embedded engine.
Promise: a term that passes `harmless` is arithmetic, comparisons and cases of columns, numbers and texts, whoever wrote
it: it closes every bracket and quote that it opens, and reads, writes and calls nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from policyeval.batch.table import quoted

Terms = tuple[tuple[str, str], ...]  # columns: what each is called, and what it is

_WORDS = "AND|BIGINT|CASE|CAST|COALESCE|DECIMAL|ELSE|END|FALSE|GREATEST|IN|INT128|IS|LEAST|NOT|NULL|OR|THEN|TRUE|WHEN"
_TOKEN = re.compile(
    rf"""\s+ | (?:{_WORDS})\b | \d+(?:\.\d+)?(?![\w.]) | '(?:[^']|'')*'(?!') | "(?:[^"]|"")*"(?!"|\s*\()
    | [<>!]?= | <> | // | -(?!-) | /(?!\*) | [+*%<>] | (?P<open>\() | (?P<close>\)) | (?P<inner>,|AS\b)""",
    re.VERBOSE,
)


def harmless(terms: Iterable[str]) -> bool:
    """Whether these are terms and nothing else."""
    return all(map(_is_term, terms))


def _is_term(text: str) -> bool:
    at = depth = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None or (found["inner"] and not depth):
            return False
        depth += (found["open"] is not None) - (found["close"] is not None)
        if depth < 0:
            return False
        at = found.end()
    return depth == 0


def in_steps(source: str, steps: Sequence[Terms], name: str = "step") -> Iterator[tuple[str, str]]:
    """The steps upon a table, each with its name."""
    for i, columns in enumerate(steps, 1):
        yield f"{name}_{i}", f"SELECT *, {listed(columns)} FROM {source}"
        source = f"{name}_{i}"


def listed(terms: Iterable[tuple[str, str]]) -> str:
    """Terms under their names."""
    return ", ".join(f"{term} AS {quoted(name)}" for name, term in terms)


def whole(steps: Sequence[tuple[str, str]], select: str) -> str:
    """A query, with `select` from the last of the steps."""
    return f"WITH {', '.join(f'{name} AS ({made})' for name, made in steps)} SELECT {select} FROM {steps[-1][0]}"
