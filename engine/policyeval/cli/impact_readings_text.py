"""The other readings of an Impact, as a part of its page.

In: Readings. Out: for each clause of which another option changes a total its options side by side, with the budgets
that they change; the clauses that change none, in one line; the least and the most over all combinations. Promise: what
was not tried is said, and what has no exact totals.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from policyeval.cli.budgets_text import budget_rows
from policyeval.cli.impact_cells import Cells, number
from policyeval.cli.impact_svg import Charts
from policyeval.cli.page import Page, Row, row
from policyeval.cli.table import Cell
from policyeval.cli.words import listed, say
from policyeval.impact.run import Impact
from policyeval.impact.settings import Readings, Setting, Totals, Turn
from policyeval.impact.sums import SIDES, SUPPORT, Change, Sums
from policyeval.problems import Lang
from policyeval.record import replace

_COUNTS = ("gain", "lose")
_RARE = ("mixed", "unlimited")
_SAID = {  # counts that are said where they are not the same under all options
    "settled": "rows_settled_short",
    "unquantified.after": "rows_unquantified_short",
}


class ReadingsWriter:
    """The section. `impact`: what it is of; `charts`: where pictures are shown."""

    def __init__(self, found: Readings, impact: Impact, lang: Lang, charts: Charts | None) -> None:
        self.found, self.impact, self.lang, self.charts = found, impact, lang, charts
        self.whole, self.payers = impact.whole, impact.payers
        self.said, self.cells = say(lang), Cells(lang)

    def add_to(self, page: Page) -> None:
        found, said = self.found, self.said
        page.heading(said("each_reading"))
        turning = [turn for turn in found.turns if turn.matters or turn.refused]
        if turning:
            page.text(said("each_reading_means"), "dim")
            if self.charts and any(turn.matters for turn in turning):
                page.figure(self.charts.readings(), said("chart_readings"))
        for turn in turning:
            self._turn(page, turn)
        for key, among in (
            ("together_only", [turn.id for turn in found.turns if turn.together and turn not in turning]),
            ("idle_here", [turn.id for turn in found.turns if not (turn.together or turn in turning)]),
        ):
            if among:
                page.text(said(key, readings=listed(among, self.lang)), "" if key == "together_only" else "dim")
        self._range(page, any(turn.together or turn in turning for turn in found.turns))

    # one clause

    def _turn(self, page: Page, turn: Turn) -> None:
        said = self.said
        page.group(f"{turn.id}{'：' if self.lang == 'zh' else ': '}{turn.reading.ask[self.lang]}")
        sums = {turn.asked: self.whole, **turn.others}
        header = ["", said("as_asked", option=turn.asked), *turn.others]
        page.rows([row(option, Cell(words[self.lang], "dim")) for option, words in turn.reading.options.items()])
        budgets = [self.impact.budgets, *turn.budgets.values()]
        if turn.others:
            page.rows([*self._rows(list(sums.values())), *self._budgets(budgets)], header)
        for option, problems in turn.refused.items():
            for problem in problems:
                page.text(said("option_refused", option=option, reason=problem.message(self.lang)), "yellow")

    def _budgets(self, found: Sequence[Totals]) -> Iterator[Row]:
        """The budgets under which another total stands, before and after."""
        packs = [*self.impact.before.packs, *self.impact.after.packs]
        for side in reversed(SIDES):
            told = [totals[side] for totals in found]
            moved = {total.budget.id for totals in told for total in totals if any(total not in each for each in told)}
            shown = [[total for total in totals if total.budget.id in moved] for totals in told]
            yield from budget_rows(shown, packs, self.lang, before=side == "before")

    def _rows(self, sums: Sequence[Sums]) -> Iterator[Row]:
        said, cells = self.said, self.cells
        after = [each.amount(SUPPORT).after for each in sums]
        flags = [bool(each["unquantified.after"]) for each in sums]
        yield from cells.ends(said("support_after"), after, flags, "bold")
        yield row(
            said("difference"),
            Cell("–", right=True),
            *(cells.span(Change(after[0], x).change) for x in after[1:]),
        )
        for payer, label in self.payers.items():
            spans = [each.amount(payer).after for each in sums]
            if any(span != (0, 0) for span in spans):
                yield from cells.ends(label[self.lang], spans)
        for of, name in ((SUPPORT, said("the_support")), *((p, label[self.lang]) for p, label in self.payers.items())):
            spans = [each.amount(of).before for each in sums]
            if len(set(spans)) > 1:
                yield from cells.ends(said("before_of", name=name), spans)
        for name in (*_COUNTS, *_RARE):
            if name in _COUNTS or any(each[name] for each in sums):
                yield row(said(f"{name}_rows"), *(number(each[name]) for each in sums))
        for name, key in _SAID.items():
            if len({each[name] for each in sums}) > 1:
                yield row(said(key), *(number(each[name]) for each in sums))
        if len({each["certain.after"] for each in sums}) > 1:
            yield row(said("certain_short"), *(cells.amount(each["certain.after"]) for each in sums))

    # all of them

    def _range(self, page: Page, matters: bool) -> None:
        found, said = self.found, self.said
        if not matters:
            return
        if found.range is None:
            key = "not_combined_budgets" if any(self.impact.budgets.values()) else "not_combined"
            page.text(said(key, count=f"{found.combinations:,}"), "yellow")
            return
        page.group(said("combined", count=f"{found.combinations:,}"))
        least, most = found.range.least, found.range.most
        lowest, highest = least.whole.amount(SUPPORT).after.min, most.whole.amount(SUPPORT).after.max
        page.rows([self._end("least_of", lowest, least), self._end("most_of", highest, most)])
        fewest, rows = found.range.settled
        if fewest != rows:
            page.text(said("combined_settled", fewest=f"{fewest:,}", most=f"{rows:,}"), "yellow")
        if found.range.refused:
            page.text(said("combined_refused", count=f"{found.range.refused:,}"), "yellow")

    def _end(self, key: str, fen: int | None, setting: Setting) -> Row:
        ways = [f"{id_}={option}" for id_, option in setting.readings.items()]
        name, amount = self.said(key, name=self.said("support_after")), self.cells.amount(fen)
        return row(name, replace(amount, style="bold"), listed(ways, self.lang) or self.said("all_as_asked"))
