"""What an audit finds, as data.

In: parts of packs. Out: Findings, each with a code of `messages`, the words that fill it, and the places that it holds
against each other. Promise: the verdict follows from the code alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Protocol

from policyeval.pack import Pack
from policyeval.problems import Lang, Problem
from policyeval.provisions import Cite
from policyeval.record import Record
from policyeval.source import Span
from policyeval.vocabulary import Label

Verdict = Literal["differs", "open", "agrees"]
_FIRST: tuple[tuple[Verdict, str], ...] = (("agrees", "A641"), ("open", "A623"), ("differs", "A601"))

OFTEN = ("month", "two_months", "quarter", "year")  # how often a duty may fall due, most often first

Words = Mapping[str, Any]  # a text, or one for each language


class Spot(Record):
    """A place: a part of a pack, its clause, and where it stands in the file. A pack as such has no clause.

    `label`: what stands there, where a finding is about several things.
    """

    pack: Pack
    part: str
    cite: Cite | None
    span: Span
    label: Label | None = None

    @property
    def line(self) -> int:
        return self.pack.source.place(self.span.start).line


class Finding(Record):
    """`why`: what the vocabulary says of the relation that the finding rests on."""

    code: str
    words: Words
    spots: tuple[Spot, ...]
    why: Label | None = None

    @property
    def verdict(self) -> Verdict:
        return next(verdict for verdict, first in _FIRST if self.code >= first)

    def message(self, lang: Lang) -> str:
        return Problem(self.code, self.words).message(lang)


class _Cited(Protocol):
    @property
    def cite(self) -> Cite: ...

    @property
    def span(self) -> Span: ...


def spot(pack: Pack, part: str, item: _Cited, label: Label | None = None) -> Spot:
    return Spot(pack, part, item.cite, item.span, label)


def both(label: Label) -> dict[str, str]:
    """A name in both languages, as `words` take it."""
    return {"en": label.en, "zh": label.zh}


def listed(labels: list[Label]) -> dict[str, str]:
    return {"en": ", ".join(label.en for label in labels), "zh": "、".join(label.zh for label in labels)}
