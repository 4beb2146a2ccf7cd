"""The other readings of an Impact, as a part of its page.

In: Readings. Out: for each clause of which another option changes a total its options side by side; the clauses that
change none, in one line; the least and the most over all combinations. Promise: what was not tried is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from policyeval.cli.impact_cells import Cells, number
from policyeval.cli.impact_svg import Charts
from policyeval.cli.page import Page, Row, row
from policyeval.cli.table import Cell
from policyeval.cli.words import listed, say
from policyeval.impact.settings import Readings, Setting, Turn
from policyeval.impact.sums import SUPPORT, Change, Sums
from policyeval.problems import Lang
from policyeval.record import replace
from policyeval.vocabulary import Label

_COUNTS = ("gain", "lose")
_RARE = ("mixed", "unlimited")
_SAID = {  # counts that are said where they are not the same under all options
    "settled": "rows_settled_short",
    "unquantified.after": "rows_unquantified_short",
}


class ReadingsWriter:
    """The section. `whole`: the totals as asked; `payers`: their labels; `charts`: where pictures are shown."""

    def __init__(
        self, found: Readings, whole: Sums, payers: Mapping[str, Label], lang: Lang, charts: Charts | None
    ) -> None:
        self.found, self.whole, self.payers, self.lang, self.charts = found, whole, payers, lang, charts
        self.said, self.cells = say(lang), Cells(lang)

    def add_to(self, page: Page) -> None:
        found, said = self.found, self.said
        page.heading(said("each_reading"))
        turning = [turn for turn in found.turns if turn.matters]
        if turning:
            page.text(said("each_reading_means"), "dim")
            if self.charts:
                page.figure(self.charts.readings(), said("chart_readings"))
        for turn in turning:
            self._turn(page, turn)
        for key, among in (
            ("together_only", [turn.id for turn in found.turns if turn.together and not turn.matters]),
            ("idle_here", [turn.id for turn in found.turns if not (turn.matters or turn.together)]),
        ):
            if among:
                page.text(said(key, readings=listed(among, self.lang)), "" if key == "together_only" else "dim")
        self._range(page, any(turn.matters or turn.together for turn in found.turns))

    # one clause

    def _turn(self, page: Page, turn: Turn) -> None:
        said = self.said
        page.group(f"{turn.id}{'：' if self.lang == 'zh' else ': '}{turn.reading.ask[self.lang]}")
        sums = {turn.asked: self.whole, **turn.others}
        header = ["", said("as_asked", option=turn.asked), *turn.others]
        page.rows([row(option, Cell(words[self.lang], "dim")) for option, words in turn.reading.options.items()])
        page.rows(list(self._rows(list(sums.values()))), header)

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
            page.text(said("not_combined", count=f"{found.combinations:,}"), "yellow")
            return
        page.group(said("combined", count=f"{found.combinations:,}"))
        least, most = found.range.least, found.range.most
        lowest, highest = least.whole.amount(SUPPORT).after.min, most.whole.amount(SUPPORT).after.max
        page.rows([self._end("least_of", lowest, least), self._end("most_of", highest, most)])
        fewest, rows = found.range.settled
        if fewest != rows:
            page.text(said("combined_settled", fewest=f"{fewest:,}", most=f"{rows:,}"), "yellow")

    def _end(self, key: str, fen: int | None, setting: Setting) -> Row:
        ways = [f"{id_}={option}" for id_, option in setting.readings.items()]
        name, amount = self.said(key, name=self.said("support_after")), self.cells.amount(fen)
        return row(name, replace(amount, style="bold"), listed(ways, self.lang) or self.said("all_as_asked"))
