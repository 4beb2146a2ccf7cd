"""A comparison as a page.

In: a Comparison. Out: rules, classes of platforms with formulas, gains and losses with an example each, and what stays
open. Promise: nothing that is open is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from policyeval.cli.class_text import Classes
from policyeval.cli.eval_text import payer_words, support_words
from policyeval.cli.page import Below, Page, Row, row
from policyeval.cli.platform_text import facts_in_line, in_words
from policyeval.cli.table import Cell
from policyeval.cli.verdict_text import verdict_row
from policyeval.cli.words import listed, say
from policyeval.compare import CaseChange, Comparison, Extreme
from policyeval.evaluate import Span
from policyeval.money import read_money
from policyeval.pack import Award, Entitlement, Pack
from policyeval.sentences import Expression, readable
from policyeval.vocabulary import Vocabulary


def page_of(comparison: Comparison, vocabulary: Vocabulary, lang: str) -> Page:
    """The whole comparison."""
    return Writer(comparison, vocabulary, lang).page()


class Writer:
    """The parts of the page, which a report has too."""

    def __init__(self, comparison: Comparison, vocabulary: Vocabulary, lang: str) -> None:
        self.found, self.vocabulary, self.lang = comparison, vocabulary, lang
        self.said = say(lang)
        self.packs = {pack.id: pack for pack in (*comparison.before, *comparison.after)}

    def page(self) -> Page:
        found, said, page = self.found, self.said, Page()
        subject = found.subject
        page.title(said("compare", pack=subject.ref, title=subject.document.title[self.lang]))
        against = listed([pack.ref for pack in found.before], self.lang) or said("nothing")
        where = listed([self.vocabulary.places[place].label[self.lang] for place in found.where], self.lang)
        page.text(said("against", packs=against, day=found.as_of.isoformat(), where=where))
        page.section(said("rules"), list(self._rules()))
        page.heading(said("classes"))
        self.classes(page)
        page.heading(said("extremes"))
        self.extremes(page)
        page.section(said("verdicts"), [verdict_row(v, self.vocabulary, self.lang) for v in found.claims])
        page.section(said("open_clauses"), list(self._open()))
        page.section(said("cases"), [self.case(c) for c in found.cases], ["", *self.sides()])
        return page

    # rules

    def _rules(self) -> Iterator[Row]:
        styles = {"added": "green", "removed": "red", "changed": "yellow", "sets_aside": "yellow"}
        groups = {**self.found.rules, "sets_aside": list(self.found.displaced)}
        for kind, style in styles.items():
            for id_ in groups.get(kind, ()):
                yield row(Cell(self.said(kind), style), self.rule(id_), Cell(id_, "dim"))

    def rule(self, id_: str) -> str:
        """A rule in words: the label of an award or entitlement, the text of a statement."""
        pack_id, _, name = id_.partition("/")
        for pack in self._packs(pack_id):
            if name.startswith("precedence["):
                number = int(name[len("precedence[") : -1])
                if number <= len(pack.precedence):
                    rule = pack.precedence[number - 1].rule
                    return Expression(rule, self.vocabulary, pack_id, {pack_id: pack})[self.lang]
            found = self._item(pack, name)
            if found:
                return found
        return ""

    def _item(self, pack: Pack, name: str) -> str:
        """`national_match` or its part `national_match.host`."""
        award, _, payer = name.partition(".")
        found: Award | Entitlement | None = pack.awards.get(award) or pack.entitlements.get(award)
        if found is None:
            return ""
        label = found.label[self.lang]
        return (
            f"{label} · {self.vocabulary.payers[payer].label[self.lang]}" if payer in self.vocabulary.payers else label
        )

    def _packs(self, id_: str) -> list[Pack]:
        """The pack of the new side first, then that of the old side."""
        return [pack for pack in (*self.found.after, *self.found.before) if pack.id == id_]

    # classes

    def classes(self, page: Page) -> None:
        if self.found.unquantified:
            awards = [f"{self.rule(id_)} ({id_.partition('/')[0]})" for id_ in self.found.unquantified]
            page.text(self.said("besides", awards=listed(awards, self.lang)), "dim")
        for one in self.found.classes:
            self._shown.add(page, one)

    def sides(self) -> tuple[str, str]:
        """What is in force and what the draft makes of it; or the two packs, where two were named."""
        said, other = self.said, self.found.against
        if other is None:
            return said("before"), said("after")
        names = [other.ref, self.found.subject.ref]
        return (other.source.name, self.found.subject.source.name) if names[0] == names[1] else (names[0], names[1])

    def treasury(self, payer: str) -> str:
        """The payer as people know it."""
        return self._shown.treasury(payer)

    @property
    def _shown(self) -> Classes:
        found = self.found
        sides = (found.before, found.after)
        return Classes(self.vocabulary, found.where[0], self.sides(), sides, found.unquantified, self.lang)

    def extremes(self, page: Page) -> None:
        if rows := list(self._extremes()):
            page.rows(rows)
        else:
            page.text(self.said("no_change"))

    def _extremes(self) -> Iterator[Row]:
        for one in self.found.classes:
            for kind, style, extreme in (("gain", "green", one.gain), ("loss", "red", one.loss)):
                if extreme.amount:
                    yield self._extreme(kind, style, extreme, extreme.amount)

    def _extreme(self, kind: str, style: str, extreme: Extreme, most: int) -> Row:
        amount = Cell(self.said("at_most", amount=readable(most)), "bold")
        return row(Cell(self.said(kind), style), amount, self.example(extreme), below=self.begins(extreme))

    def example(self, extreme: Extreme) -> str:
        """The platform at which it is reached."""
        at = extreme.at or {}
        return " · ".join(in_words(at, at, self.vocabulary, self.lang))

    def begins(self, extreme: Extreme) -> Iterator[Below]:
        """Where it begins, to the fen, unless that is with the first fen."""
        for name, words in extreme.begins.items():
            fact = self.vocabulary.facts[name]
            if fact.kind == "money" and read_money(words) > 1:
                amount = readable(read_money(words))
                yield Below(self.said("begins_at", fact=fact.label[self.lang], amount=amount), "dim")

    # what stays open

    def _open(self) -> Iterator[Row]:
        for id_, chosen in self.found.readings.items():
            pack_id, _, name = id_.partition("/")
            reading = self.packs[pack_id].readings[name]
            others = listed([option for option in reading.options if option != chosen], self.lang)
            below = [Below(reading.ask[self.lang], "dim"), Below(f"→ {reading.options[chosen][self.lang]}")]
            yield row(f"{id_}={chosen}", Cell(self.said("other_options", options=others), "dim"), below=below)
        for kind, ids in (("discretion", self.found.discretionary), ("promise", self.found.unquantified)):
            for id_ in ids:
                yield row(self.rule(id_), Cell(self.said(kind), "cyan"), below=[Below(id_, "dim")])

    # cases

    def case(self, change: CaseChange) -> Row:
        sides = [Cell(support_words(answer, self.lang), "bold") for answer in (change.before, change.after)]
        below = [Below(facts_in_line(change.before.platform, self.vocabulary, self.lang), "dim")]
        payers: Sequence[str] = list({**change.before.payers, **change.after.payers})
        for payer in payers:
            spans = [answer.payers.get(payer, Span(0, 0)) for answer in (change.before, change.after)]
            if any(span != (0, 0) for span in spans):
                label = {**change.before.treasuries, **change.after.treasuries}[payer][self.lang]
                old, new = (
                    payer_words(answer, span, self.lang)
                    for answer, span in zip((change.before, change.after), spans, strict=True)
                )
                below.append(Below(f"{label}: {old} → {new}"))
        return row(change.name, *sides, below=below)
