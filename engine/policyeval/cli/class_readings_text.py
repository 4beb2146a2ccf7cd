"""What a class of platforms gets under every reading, as pages.

In: ClassReadings. Out: a page for each set of policies that applies to some of the class: the readings that matter,
each with the smallest platform to which it does, and those that do not; then the formulas, a row for each way to them,
the assumed readings first. Promise: a reading is said not to matter only where that is proved.
"""

from __future__ import annotations

from collections.abc import Iterator

from policyeval.class_readings import Class, ClassReadings, Outcome, Part, There, Turn
from policyeval.classes import describe
from policyeval.cli.page import Below, Page, Row, row
from policyeval.cli.platform_text import in_words
from policyeval.cli.readings_text import way_words
from policyeval.cli.table import Cell
from policyeval.cli.words import listed, say
from policyeval.evaluate import Span
from policyeval.sentences import amount_words, readable

_NOTHING = "0元"


def pages_of(found: ClassReadings, lang: str) -> list[Page]:
    return [_Writer(found, part, lang).page() for part in found.parts]


class _Writer:
    """One part of the class."""

    def __init__(self, found: ClassReadings, part: Part, lang: str) -> None:
        self.found, self.part, self.lang = found, part, lang
        self.vocabulary = found.vocabulary
        self.said = say(lang)
        self.readings = {turn.id: turn.reading for turn in part.turns}

    def page(self) -> Page:
        found, part, said, page = self.found, self.part, self.said, Page()
        given = [n for n in found.given.written if n not in (*found.given.assumed, *found.given.derived)]
        facts = in_words(given, found.given.written, self.vocabulary, self.lang)
        page.title(said("class_of", condition=found.condition) + "".join(f" · {fact}" for fact in facts))
        page.text(self._places())
        names = listed([pack.ref for pack in part.packs], self.lang)
        page.text(said("as_of", day=found.as_of.isoformat(), packs=said("under", packs=names) if names else ""))
        if not part.packs:
            page.text(said("no_policy"), "red")
            return page
        for heading, matters in (("matter_class", True), ("not_settled_class", None), ("idle_class", False)):
            rows = [self._turn(turn) for turn in part.turns if turn.matters is matters]
            page.section(said(heading), rows)
        page.heading(said("outcomes"))
        if part.unquantified:
            page.text(said("besides", awards=self._awards(part.unquantified)), "dim")
        for one in part.classes:
            self._class(page, one)
        page.text(said("all_worked_out", count=part.combinations), "dim")
        return page

    def _places(self) -> str:
        """The places, without those that lie in another one of them."""
        within = {name: self.vocabulary.places[name].within for name in self.part.places}
        return listed([self._place(name) for name, up in within.items() if up not in within], self.lang)

    def _place(self, name: str) -> str:
        return self.vocabulary.places[name].label[self.lang]

    def _awards(self, ids: tuple[str, ...]) -> str:
        """Awards by their labels, with their packs where there are several."""
        packs = {pack.id: pack for pack in self.part.packs}
        parts = [id_.partition("/") for id_ in ids]
        labels = [(packs[pack].awards[name].label[self.lang], pack) for pack, _, name in parts]
        return listed([f"{label} ({pack})" if len(packs) > 1 else label for label, pack in labels], self.lang)

    def _treasury(self, payer: str) -> str:
        """The payer as people know it, where it is the same at all the places."""
        known = {self.vocabulary.treasury(payer, place)[self.lang] for place in self.part.places}
        return known.pop() if len(known) == 1 else self.vocabulary.payers[payer].label[self.lang]

    # formulas

    def _class(self, page: Page, one: Class) -> None:
        page.group(describe(one.when, self.vocabulary)[self.lang] or self.said("every_platform_class"))
        payers = [
            p for p in one.outcomes[0].side.payers if any(o.side.payers[p]["en"] != _NOTHING for o in one.outcomes)
        ]
        header = [self.said("reading"), self.said("amount"), *map(self._treasury, payers)]
        page.rows([r for outcome in one.outcomes for r in self._rows(outcome, payers)], header)

    def _rows(self, outcome: Outcome, payers: list[str]) -> Iterator[Row]:
        side = outcome.side
        support = side.support[self.lang]
        if support == _NOTHING and self.part.unquantified:
            support = self.said("no_figure")
        amounts = ["—" if side.payers[p]["en"] == _NOTHING else side.payers[p][self.lang] for p in payers]
        for way in outcome.ways:
            assumed = all(self.readings[id_].default in options for id_, options in way.items())
            words = way_words(way, self.readings, self.lang)
            yield row(self.said("way_assumed", way=words) if assumed else words, Cell(support, "bold"), *amounts)

    # whether readings matter

    def _turn(self, turn: Turn) -> Row:
        said, below = self.said, [Below(turn.reading.ask[self.lang], "dim")]
        witness = turn.verdict.witness
        if witness is not None:
            facts = " · ".join(in_words(turn.at, turn.at, self.vocabulary, self.lang))
            below.append(Below(said("first_matters" if witness.smallest else "for_example", facts=facts)))
            others = [f"{o}={v}" for o, v in turn.others.items() if v != self.readings[o].default]
            below += [Below(said("read_as", readings=", ".join(others)), "dim", 1)] if others else []
            below += [Below(f"{option}: {self._there(there, turn)}", "", 1) for option, there in turn.options.items()]
        if turn.verdict.reason is not None:
            below.append(Below(turn.verdict.reason.message("zh" if self.lang == "zh" else "en"), "yellow"))
        by = said("by_at_most", amount=readable(turn.verdict.by)) if turn.verdict.by else ""
        return row(turn.id, Cell(listed(list(turn.reading.options), self.lang), "dim"), Cell(by, "bold"), below=below)

    def _there(self, there: There, turn: Turn) -> str:
        place = turn.at[self.vocabulary.seat]
        assert isinstance(place, str)  # no list
        nothing = there.support == (0, 0) and there.promised
        amount = self.said("no_figure") if nothing else amount_words(*there.support, self.lang)
        parts = [f"{self.said('support_short')} {amount}"]
        for payer, span in there.payers.items():
            if any(other.payers[payer] != Span(0, 0) for other in turn.options.values()):
                label = (
                    self.vocabulary.treasury(payer, place)[self.lang]
                    if isinstance(place, str)
                    else self._treasury(payer)
                )
                parts.append(f"{label} {amount_words(*span, self.lang)}")
        if any(other.promised != there.promised for other in turn.options.values()):
            parts.append(self.said("besides_row", awards=self._awards(there.promised) or self.said("none")))
        return " · ".join(parts)
