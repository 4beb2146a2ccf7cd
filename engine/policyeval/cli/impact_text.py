"""An Impact as a page.

In: an Impact. Out: how many platforms there are, what they cost before and after, who pays, who gains, and the same for
each group. Promise: rows that no amount holds are said before any amount, and support without a figure beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from policyeval.cli.budgets_text import budget_rows
from policyeval.cli.impact_cells import Cells, by_name, group_words, number
from policyeval.cli.impact_readings_text import ReadingsWriter
from policyeval.cli.impact_svg import GROUPS, Charts
from policyeval.cli.page import Below, Page, Row, row
from policyeval.cli.platform_text import facts_in_line
from policyeval.cli.table import Cell
from policyeval.cli.words import listed, say
from policyeval.impact.run import Impact, Large
from policyeval.impact.sums import SIDES, SUPPORT, Change, Sums
from policyeval.pack import Pack
from policyeval.problems import Lang
from policyeval.sentences import readable
from policyeval.vocabulary import Vocabulary

_STYLES = {"gain": "green", "lose": "red"}


def page_of(found: Impact, vocabulary: Vocabulary, lang: Lang, charts: Charts | None = None) -> Page:
    """The whole impact; a document that is kept has `charts`, and says what it comes from."""
    return Writer(found, vocabulary, lang, charts).page()


class Writer:
    """The parts of the page."""

    def __init__(self, found: Impact, vocabulary: Vocabulary, lang: Lang, charts: Charts | None) -> None:
        self.found, self.vocabulary, self.lang, self.charts = found, vocabulary, lang, charts
        self.said, self.cells = say(lang), Cells(lang)

    def page(self) -> Page:
        found, said, page = self.found, self.said, Page()
        drafts = [p for p in found.after.packs if p not in found.before.packs]
        page.title(said("impact", packs=self._names(drafts), source=found.source))
        in_force = self._names(found.before.packs) or said("nothing")
        page.text(said("impact_sides", day=found.as_of.isoformat(), before=in_force, after=self._names(drafts)))
        page.section(said("impact_rows"), list(self._rows()))
        if found.whole.settled:
            page.heading(said("cost"))
            if self.charts:
                page.figure(self.charts.cost(), said("chart_cost"))
                page.text(said("chart_lighter"), "dim")
            page.rows(list(self._cost()), ["", *self._sides(), said("change")])
            self._budgets(page)
            page.heading(said("who_gains"))
            if self.charts:
                page.figure(self.charts.ways(), said("chart_ways"))
            page.rows(list(self._ways()))
            page.text(said("gain_means"), "dim")
            for way, large in found.largest.items():
                header = [said(found.counted), said("the_platform"), *self._sides(), said("change")]
                page.section(said(f"largest_{way}"), [self._large(each) for each in large], header)
        self._groups(page)
        if found.readings and found.whole.settled:
            ReadingsWriter(found.readings, found, self.lang, self.charts).add_to(page)
        if self.charts:
            self._about(page)
        return page

    def _names(self, packs: Sequence[Pack]) -> str:
        return listed([pack.ref for pack in packs], self.lang)

    def _sides(self) -> list[str]:
        return [self.said(side) for side in SIDES]

    def _about(self, page: Page) -> None:
        """Packs with their digests, readings, and what there is to say of the table."""
        found, said = self.found, self.said
        page.heading(said("about"))
        for side, regime in zip(SIDES, (found.before, found.after), strict=True):
            page.rows([row(pack.ref, f"`{pack.sha256}`") for pack in regime.packs], [said(side), "SHA-256"])
        readings = found.after.plan.readings
        page.rows([row(id_, option) for id_, option in readings.items()], [said("reading"), said("reading_option")])
        if found.notes:
            page.rows([row(note.code, note.message(self.lang)) for note in found.notes], [said("notes_on"), ""])

    # rows

    def _rows(self) -> Iterator[Row]:
        found, whole, said = self.found, self.found.whole, self.said
        yield row(said("rows_all"), number(whole.rows + found.rejected + found.blank))
        yield row(said("rows_settled"), number(whole.settled))
        if whole.undetermined:
            yield row(said("rows_undetermined"), number(whole.undetermined), below=self._undetermined())
        if whole.outside:
            yield row(said("rows_outside"), number(whole.outside))
        if begun := whole["outside.before"] - whole.outside:
            yield row(said("rows_outside_before"), number(begun))
        if found.rejected:
            yield row(said("rows_rejected"), number(found.rejected), below=self._reasons())
        if found.blank:
            yield row(said("rows_blank"), number(found.blank))
        before, after = whole.pair("unquantified")._key()
        if before or after:
            words = said("rows_undetermined_sides", before=f"{before:,}", after=f"{after:,}")
            yield row(said("rows_unquantified"), number(max(before, after)), below=[words] if before != after else [])

    def _undetermined(self) -> Iterator[Below]:
        whole, said = self.found.whole, self.said
        before, after = whole.pair("undetermined")._key()
        yield Below(said("rows_undetermined_sides", before=f"{before:,}", after=f"{after:,}"))
        facts = [f"{self.vocabulary.facts[name].label[self.lang]} {count:,}" for name, count in whole.missing.items()]
        yield Below(said("rows_missing", facts=listed(facts, self.lang)))
        certain = {side: readable(whole[f"certain.{side}"]) for side in SIDES}
        if any(whole[f"certain.{side}"] for side in SIDES):
            yield Below(said("rows_certain", **certain))

    def _reasons(self) -> Iterator[Below]:
        said, reasons = self.said, self.found.reasons
        for each in reasons:
            reason = each.problem.message(self.lang)
            if each.column:
                yield Below(said("rejected_cell", row=each.row, column=each.column, value=each.value, reason=reason))
            else:
                yield Below(said("rejected_row", row=each.row, reason=reason))
        if self.found.rejected > len({each.row for each in reasons}):
            yield Below(said("rejected_more", count=f"{self.found.rejected:,}"), "dim")

    # amounts

    def _cost(self) -> Iterator[Row]:
        whole = self.found.whole
        yield from self._change(self.said("the_support"), whole.amount(SUPPORT), "bold")
        for payer, label in self.found.payers.items():
            yield from self._change(label[self.lang], whole.amount(payer))

    def _change(self, name: str, change: Change, style: str = "") -> Iterator[Row]:
        """One row, or one for each end where discretion leaves a range."""
        spans = (change.before, change.after, change.change)
        if change.before.min == change.before.max and change.after.min == change.after.max:
            flags = map(bool, self.found.whole.pair("unquantified")._key())
            amounts = [self.cells.range(span, flag) for span, flag in zip(spans, flags, strict=False)]
            yield row(Cell(name, style), *amounts, self.cells.span(spans[2]))
            return
        for end, key in (("min", "least_of"), ("max", "most_of")):
            amounts = [self.cells.amount(getattr(span, end), i == 2) for i, span in enumerate(spans)]
            yield row(Cell(self.said(key, name=name), style), *amounts)

    def _budgets(self, page: Page) -> None:
        found, totals = self.found, list(self.found.budgets.values())
        packs = [*found.before.packs, *found.after.packs]
        page.section(self.said("budgets"), list(budget_rows(totals, packs, self.lang)), ["", *self._sides()])
        if any(t.exceeded != "no" and t.least < t.most for side in totals for t in side):
            page.text(self.said("budget_wide"), "dim")

    # who gains

    def _ways(self) -> Iterator[Row]:
        whole, said = self.found.whole, self.said
        for way, style in _STYLES.items():
            moved = whole.moved(way)
            amount = self.cells.span(moved.change) if moved.rows else Cell("")
            yield row(Cell(said(f"{way}_rows"), style), number(moved.rows), amount)
        yield row(said("same_rows"), number(whole.same))
        for name in ("mixed", "unlimited"):
            if whole[name]:
                yield row(said(f"{name}_rows"), number(whole[name]))

    def _large(self, large: Large) -> Row:
        platform = facts_in_line(large.platform, self.vocabulary, self.lang)
        spans = (large.support.before, large.support.after)
        ends = [self.cells.range(span, *flag) for span, *flag in zip(spans, large.unquantified, strict=True)]
        return row(number(large.row), platform, *ends, self.cells.span(large.support.change))

    # groups

    def _groups(self, page: Page) -> None:
        found, said = self.found, self.said
        if not found.groups:
            return
        names = [by_name(by, self.lang) for by in found.by]
        more = [key for key, shown in self._more() if shown]
        ways = [said(f"{way}_rows") for way in _STYLES]
        header = [*names, said("count_rows"), *self._sides(), said("change"), *ways, *more]
        page.heading(said("by", names=listed(names, self.lang)))
        if self.charts and found.whole.settled:
            few = len(found.groups) <= GROUPS
            words = said("chart_groups", names=listed(names, self.lang))
            page.figure(self.charts.groups(), words if few else f"{words} ({said('chart_groups_most', count=GROUPS)})")
            if not few:
                page.text(said("chart_groups_most", count=GROUPS), "dim")
        page.rows([self._group(key, sums) for key, sums in found.groups.items()], header)

    def _more(self) -> list[tuple[str, bool]]:
        """Columns of rows that no amount holds, where there are any."""
        whole = self.found.whole
        figureless = any(whole.pair("unquantified")._key())
        return [
            (self.said("unsettled_short"), bool(whole.undetermined)),
            (self.said("figureless_short"), figureless),
        ]

    def _group(self, key: Sequence[str | None], sums: Sums) -> Row:
        labels = [
            group_words(by, value, self.vocabulary, self.lang) for by, value in zip(self.found.by, key, strict=True)
        ]
        support = sums.amount(SUPPORT)
        figureless = max(sums.pair("unquantified")._key())
        counts = [sums["gain"], sums["lose"]]
        counts += [n for n, (_, shown) in zip((sums.undetermined, figureless), self._more(), strict=True) if shown]
        flags = map(bool, sums.pair("unquantified")._key())
        amounts = [*map(self.cells.range, (support.before, support.after), flags), self.cells.span(support.change)]
        if not sums.settled:  # nothing is known of what they cost
            amounts = [Cell("–", right=True)] * len(amounts)
        return row(*labels, number(sums.rows), *amounts, *map(number, counts))
