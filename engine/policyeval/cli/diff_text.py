"""The difference between two packs as a page.

In: a Difference. Out: the verdict, each rule that changed with what it said and says, whom it touches, what platforms
get on both sides, and apart from these what has no effect on the meaning. Promise: what is not settled is called so.
"""

from __future__ import annotations

from collections.abc import Iterator

from policyeval.classes import describe
from policyeval.cli.class_text import Classes
from policyeval.cli.page import Below, Page, Row, row
from policyeval.cli.table import Cell
from policyeval.cli.verdict_text import verdict_row
from policyeval.cli.words import known, listed, say
from policyeval.diff import MONEY, Change, Difference, Said, parts_of, words
from policyeval.explain import Explained, Rule
from policyeval.problems import Lang
from policyeval.prove import Verdict
from policyeval.regime import unassumed
from policyeval.tree import Op, walk
from policyeval.verdicts import readings_of
from policyeval.vocabulary import Label

_STYLES = {"added": "green", "removed": "red", "changed": "yellow", "moved": "yellow"}
_HEAD = {"none": "green", "no_money": "green", "money": "yellow", "unknown": "yellow"}


def page_of(found: Difference, lang: str) -> Page:
    """The whole of it."""
    return _Writer(found, "zh" if lang == "zh" else "en").page()


class _Writer:
    def __init__(self, found: Difference, lang: Lang) -> None:
        self.found, self.lang = found, lang
        self.said = say(lang)
        self.packs = {pack.id: pack for pack in (*found.beside, found.new)}

    def page(self) -> Page:
        found, said, page = self.found, self.said, Page()
        page.title(f"{found.names[0]} → {found.names[1]}")
        beside = listed([pack.ref for pack in found.beside], self.lang)
        where = found.vocabulary.places[found.place].label[self.lang]
        page.text(said("diff_beside" if beside else "diff_alone", packs=beside, where=where), "dim")
        page.text(said(f"diff_{found.kind}"), _HEAD[found.kind])
        if found.same and found.kind != "money":
            page.text(said("same_formulas", digest=found.digests[0][:12]), "dim")
        for why in found.reasons:
            page.text(why.message(self.lang), "yellow")
        page.section(said("rules"), [self._change(change) for change in found.changes])
        if any(c.touches is None and c.pair.rule.kind in MONEY for c in found.changes) and not found.same:
            page.text(said("touches_unknown"), "dim")
        self._classes(page)
        verdicts = [verdict_row(v, found.vocabulary, self.lang, self._read(v)) for v in found.claims]
        page.section(said("verdicts"), verdicts)
        page.section(said("without_effect"), list(self._without_effect()))
        page.section(said("the_document"), list(self._document()), ["", *self._sides()])
        return page

    # rules

    def _change(self, change: Change) -> Row:
        pair = change.pair
        how = "moved" if pair.how == "same" else pair.how
        cite = self.said("cite", section=pair.cite.section, phrase=pair.cite.phrase) if pair.cite else ""
        label = pair.rule.label[self.lang] if pair.rule.label else self.said(f"a_{pair.rule.kind}")
        return row(Cell(self.said(how), _STYLES[how]), label, cite, Cell(pair.id, "dim"), below=self._below(change))

    def _below(self, change: Change) -> Iterator[Below]:
        pair, said = change.pair, self.said
        for part in parts_of(pair) if pair.how == "changed" else ():
            if part.figures:
                yield Below("；".join(" → ".join(figures) for figures in part.figures), "bold")
            elif isinstance(part.new or part.old, str | Label):
                sides = [self._word(part.name, side) for side in (part.old, part.new)]
                yield Below(said("part_changed", part=said(f"part_{part.name}"), change=" → ".join(sides)), "bold")
        for side, key in ((pair.old, "said_before"), (pair.new, "said_now")):
            if side is not None and (pair.how != "same" or side is pair.new) and (text := self._sentences(side)):
                yield Below(said(key, text=text) if pair.how == "changed" else text)
        yield from self._touches(change)

    def _word(self, part: str, word: Said) -> str:
        """A part of a rule that is no expression."""
        if part == "beneficiary" and isinstance(word, str):
            return known(word, self.lang)
        if part == "per":
            return self.said("a_year" if word == "year" else "once")
        return words(word, self.found, self.lang) or self.said("nothing_there")

    def _sentences(self, rule: Rule) -> str:
        """What a rule says."""
        packs = {**self.packs, rule.pack.id: rule.pack}
        explained = Explained(rule.ref, rule.kind, rule.pack, self.found.vocabulary, packs, rule)
        return ("" if self.lang == "zh" else " ").join(explained.sentences(self.lang))

    def _touches(self, change: Change) -> Iterator[Below]:
        if change.touches == ():
            yield Below(self.said("touches_nobody"), "dim")
        for when in change.touches or ():
            described = describe(when, self.found.vocabulary)[self.lang] or self.said("every_platform")
            yield Below(self.said("touches", when=described), "cyan")

    # platforms

    def _classes(self, page: Page) -> None:
        found = self.found
        if not found.classes:
            return
        page.heading(self.said("touched"))
        packs = [(*found.beside, side) for side in (found.old, found.new)]
        promised = {
            f"{pack.id}/{award.id}"
            for side in packs
            for pack in side
            for award in pack.awards.values()
            if any(isinstance(node, Op) and node.op == "unspecified" for node in walk(award.amount))
        }
        names = self._sides()
        shown = Classes(found.vocabulary, found.place, names, (packs[0], packs[1]), promised, self.lang)
        for one in found.classes:
            shown.add(page, one)

    def _sides(self) -> tuple[str, str]:
        """The two packs, by what tells them apart."""
        found = self.found
        return found.names if found.refs[0] == found.refs[1] else found.refs

    def _read(self, verdict: Verdict) -> dict[str, str]:
        """How the open clauses are read that are not read by default."""
        read = readings_of(verdict.witness, self.found.open_readings) if verdict.witness else {}
        return unassumed(self.packs.values(), read)

    # what has no effect

    def _without_effect(self) -> Iterator[Row]:
        said = self.said
        for kind, names in self.found.keys.items():
            for old, new in names.items():
                yield row(Cell(said("renamed"), "dim"), said(f"a_{kind}"), f"{old} → {new}")
        for pair in self.found.moved:
            assert pair.old
            yield row(Cell(said("moved"), "dim"), said("a_statement"), f"{pair.old.ref} → {pair.id}")
        for one in self.found.reworded:
            parts = listed([said(f"part_{part}") for part in one.what], self.lang)
            yield row(Cell(said("reworded"), "dim"), parts, one.pair.id)

    def _document(self) -> Iterator[Row]:
        for entry in self.found.document:
            sides = [side[self.lang] or self.said("nothing_there") for side in (entry.old, entry.new)]
            yield row(self.said(f"of_{entry.name}"), *sides)
