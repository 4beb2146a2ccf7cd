"""The change of a total, clause by clause, as a page.

In: an Attribution. Out: the total before and after, each clause's part of the change, the most apart from the least
where they differ, and the platforms. Promise: a platform that was left out is named, with the facts that are missing,
and a promise without a figure is never shown as 0.
"""

from __future__ import annotations

from collections.abc import Iterator

from policyeval.attribute import SUPPORT, Attribution, CaseChange, Part
from policyeval.changes import Pair
from policyeval.cli.eval_text import support_words
from policyeval.cli.page import Below, Page, Row, row
from policyeval.cli.platform_text import facts_in_line
from policyeval.cli.table import Cell
from policyeval.cli.words import listed, say
from policyeval.evaluate import Span
from policyeval.pack import Statement
from policyeval.sentences import Expression, amount_words, readable
from policyeval.vocabulary import Vocabulary


def page_of(found: Attribution, vocabulary: Vocabulary, lang: str) -> Page:
    """The whole of it."""
    return _Writer(found, vocabulary, lang).page()


class _Writer:
    def __init__(self, found: Attribution, vocabulary: Vocabulary, lang: str) -> None:
        self.found, self.vocabulary, self.lang = found, vocabulary, lang
        self.said = say(lang)
        self.packs = {pack.id: pack for pack in (*found.sides.before, *found.sides.after)}
        sides = (found.before, found.after)
        # a payer that pays nothing on either side, whatever the clauses, is not worth a column
        self.columns = [
            of
            for of in found.change
            if of == SUPPORT
            or any(side[of] != (0, 0) for side in sides)
            or any(part.amounts[of] != (0, 0) for part in found.parts)
        ]

    def page(self) -> Page:
        found, said, page = self.found, self.said, Page()
        subject = found.sides.subject
        page.title(said("compare", pack=subject.ref, title=subject.document.title[self.lang]))
        against = listed([pack.ref for pack in found.sides.before], self.lang) or said("nothing")
        where = self.vocabulary.places[subject.jurisdiction].label[self.lang]
        page.text(said("against", packs=against, day=found.as_of.isoformat(), where=where))
        counted = [case for case in found.cases if case.outcome == "counted"]
        page.heading(said("total_of", count=len(counted), all=len(found.cases)))
        if not counted:
            page.text(said("none_counts"))
        elif not found.parts:
            page.text(said("no_rule_changes"))
        else:
            self._split(page)
        page.section(said("cases"), [self._case(case) for case in found.cases], ["", said("before"), said("after")])
        return page

    def _split(self, page: Page) -> None:
        found, said = self.found, self.said
        page.rows(list(self._total()), ["", said("before"), said("after"), said("change")])
        page.heading(said("by_clause"))
        if found.unquantified:
            page.text(
                said("besides", awards=listed([self._award(id_) for id_ in found.unquantified], self.lang)), "dim"
            )
        for end, key in ((0, "of_least"), (1, "of_most")) if self._ranged() else ((0, ""),):
            if key:
                page.group(said(key))
            page.rows(list(self._parts(end)), ["", *(self._name(of) for of in self.columns)])
        page.text(said("how_split"), "dim")
        idle = {key: [p for p in found.parts if self._idle(p) == key] for key in (False, True)}
        page.section(said("these_clauses"), [self._clause(part) for part in idle[False]])
        page.section(said("idle_clauses"), [self._clause(part) for part in idle[True]])

    # the total

    def _total(self) -> Iterator[Row]:
        found = self.found
        for of in self.columns:
            change = found.change[of]
            words = self._signed(change.min)
            if change.min != change.max:
                words = self.said("least_most", least=words, most=self._signed(change.max))
            cells = [
                Cell(self._amount(side[of], of, promised), "bold" if of == SUPPORT else "")
                for side, promised in zip((found.before, found.after), self._promised(), strict=True)
            ]
            yield row(self._name(of), *cells, Cell(words, _style(change)))

    def _name(self, of: str) -> str:
        """The support, or a payer as people know it where the pack applies."""
        if of == SUPPORT:
            return self.said("amount")
        return self.vocabulary.treasury(of, self.found.sides.subject.jurisdiction)[self.lang]

    def _promised(self) -> tuple[bool, bool]:
        """Whether a platform that counts has support without a figure, on each side."""
        counted = [case for case in self.found.cases if case.outcome == "counted"]
        return any(c.before.unquantified for c in counted), any(c.after.unquantified for c in counted)

    def _amount(self, span: Span, of: str, promised: bool) -> str:
        if span == (0, 0) and promised:
            return self.said("no_figure" if of == SUPPORT else "nothing_with_figure")
        return amount_words(*span, self.lang)

    def _signed(self, fen: int | None) -> str:
        if fen is None:
            return self.said("not_known")
        return self.said("no_amount") if fen == 0 else f"{'+' if fen > 0 else ''}{readable(fen)}"

    # the clauses

    def _ranged(self) -> bool:
        """Whether a clause changes the least by something else than the most."""
        return any(part.exact[of][0] != part.exact[of][1] for part in self.found.parts for of in self.columns)

    def _parts(self, end: int) -> Iterator[Row]:
        for part in self.found.parts:
            if not self._idle(part):
                yield row(self._clause_name(part), *(self._part(part, of, end) for of in self.columns))
        whole = [Cell(self._signed(self.found.change[of][end]), "bold", right=True) for of in self.columns]
        yield row(Cell(self.said("in_all"), "bold"), *whole)

    def _part(self, part: Part, of: str, end: int) -> Cell:
        fen = part.amounts[of][end]
        promised = of == SUPPORT and fen == 0 and part.unquantified
        return Cell(self.said("unquantified") if promised else self._signed(fen), right=True)

    def _idle(self, part: Part) -> bool:
        return not part.unquantified and all(end == 0 for ends in part.exact.values() for end in ends)

    def _clause_name(self, part: Part) -> str:
        clause = part.clause
        if clause.rest:
            return self.said("other_clauses")
        if clause.phrase is None:
            return clause.section or ""
        return self.said("cite", section=clause.section, phrase=clause.phrase)

    def _clause(self, part: Part) -> Row:
        rules = [Below(self._rule(pair), "dim") for pair in part.clause.rules]
        return row(self._clause_name(part), below=rules)

    def _rule(self, pair: Pair) -> str:
        rule = pair.rule
        if isinstance(rule.item, Statement):
            words = Expression(rule.item.rule, self.vocabulary, rule.pack.id, self.packs)[self.lang]
        else:
            words = rule.label[self.lang] if rule.label else ""
        how = "" if pair.how == "added" else f"{self.said(pair.how)}: "
        return f"{how}{words}  {pair.id}"

    def _award(self, id_: str) -> str:
        pack_id, _, name = id_.partition("/")
        sides = self.found.sides
        pack = next(p for p in (*sides.after, *sides.before) if p.id == pack_id and name in p.awards)
        return f"{pack.awards[name].label[self.lang]} ({pack_id})"

    # the platforms

    def _case(self, case: CaseChange) -> Row:
        below = [Below(facts_in_line(case.before.platform, self.vocabulary, self.lang), "dim")]
        if case.outcome == "undetermined":
            labels = [self.vocabulary.facts[name].label[self.lang] for name in case.missing]
            below.append(Below(self.said("left_out", facts=listed(labels, self.lang)), "red"))
        if case.outcome == "untouched":
            below.append(Below(self.said("untouched"), "dim"))
        return row(case.name, *(support_words(side, self.lang) for side in (case.before, case.after)), below=below)


def _style(change: Span) -> str:
    ends = [end for end in change if end]
    return "" if not ends else "green" if min(ends) > 0 else "red" if max(ends) < 0 else "yellow"
