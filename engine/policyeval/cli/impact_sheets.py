"""An Impact as the sheets of a workbook.

In: an Impact. Out: sheets with all its figures: totals, groups, the largest changes, readings, rows that are in no
amount, and what it all comes from. Promise: the figures of the page, each in a cell of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from policyeval import __version__
from policyeval.budgets import Total
from policyeval.cases import Written
from policyeval.cli.impact_cells import by_name, group_words
from policyeval.cli.platform_text import value_words
from policyeval.cli.words import say
from policyeval.cli.workbook import Table, Value
from policyeval.evaluate import Span
from policyeval.impact.run import Impact, Large
from policyeval.impact.settings import Setting, Totals
from policyeval.impact.sums import SIDES, SUPPORT, Change, Sums
from policyeval.money import yuan
from policyeval.problems import Lang
from policyeval.vocabulary import Vocabulary

_WAYS = ("gain", "lose")
_REST = ("mixed", "same", "unlimited")

Row = list[Value]


def sheets_of(found: Impact, vocabulary: Vocabulary, lang: Lang) -> dict[str, Table]:
    """The sheets by their titles."""
    return _Sheets(found, vocabulary, lang).all()


class _Sheets:
    def __init__(self, found: Impact, vocabulary: Vocabulary, lang: Lang) -> None:
        self.found, self.vocabulary, self.lang = found, vocabulary, lang
        self.said = say(lang)
        self.of = {SUPPORT: self.said("the_support"), **{p: label[lang] for p, label in found.payers.items()}}

    def all(self) -> dict[str, Table]:
        made = {
            "sheet_totals": self._totals(),
            "sheet_groups": self._groups(),
            "sheet_largest": self._largest(),
            "sheet_readings": self._readings(),
            "budgets": self._budgets(),
            "sheet_rows": self._rows(),
            "sheet_about": self._about(),
        }
        return {self.said(key): table for key, table in made.items()}

    # amounts

    def _ends(self) -> list[str]:
        """What the six amounts of a change are."""
        return [self.said(key, name=self.said(of)) for of in (*SIDES, "change") for key in ("least_of", "most_of")]

    def _totals(self) -> Table:
        whole = self.found.whole
        return [["", *self._ends()], *([name, *_change(whole.amount(of))] for of, name in self.of.items())]

    def _of_sums(self) -> Row:
        """What is said of the sums of a group, or under a reading."""
        said = self.said
        amounts: Row = [f"{name} · {end}" for name in self.of.values() for end in self._ends()]
        counts: Row = [said(key) for key in ("count_rows", "rows_settled_short", "unsettled_short", "rows_outside")]
        ways: Row = [
            said(key, name=said(f"{way}_rows")) if key else said(f"{way}_rows")
            for way in _WAYS
            for key in ("", "least_of", "most_of")
        ]
        return [*counts, *amounts, *ways, *(said(f"{name}_rows") for name in _REST)]

    def _sums(self, sums: Sums) -> Row:
        counts: Row = [sums.rows, sums.settled, sums.undetermined, sums.outside]
        amounts = [cell for of in self.of for cell in _change(sums.amount(of))]
        moved = (sums.moved(way) for way in _WAYS)
        ways: Row = [cell for each in moved for cell in (each.rows, *_span(each.change))]
        return [*counts, *amounts, *ways, sums["mixed"], sums.same, sums["unlimited"]]

    def _groups(self) -> Table:
        names: Row = [by_name(by, self.lang) for by in self.found.by]
        rows = ([*self._values(key), *self._sums(sums)] for key, sums in self.found.groups.items())
        return [[*names, *self._of_sums()], *rows]

    def _values(self, key: Sequence[str | None]) -> Row:
        pairs = zip(self.found.by, key, strict=True)
        return [group_words(by, value, self.vocabulary, self.lang) for by, value in pairs]

    def _largest(self) -> Table:
        found, said = self.found, self.said
        facts = [n for n in self.vocabulary.declared if any(n in each.platform.written for each in self._large())]
        labels: Row = [self.vocabulary.declared[name].label[self.lang] for name in facts]
        rows: list[Row] = [["", said(found.counted), *labels, *self._ends()]]
        for way, large in found.largest.items():
            for each in large:
                cells = [self._fact(name, each.platform.written.get(name)) for name in facts]
                rows.append([said(f"{way}_rows"), each.row, *cells, *_change(each.support)])
        return rows

    def _fact(self, name: str, written: Written | None) -> Value:
        fact = self.vocabulary.declared[name]
        if not isinstance(written, str):
            return None if written is None else str(written)
        return Decimal(written) if fact.kind == "money" else value_words(fact, written, self.vocabulary, self.lang)

    def _large(self) -> Iterator[Large]:
        for large in self.found.largest.values():
            yield from large

    # readings

    def _readings(self) -> Table:
        said, found = self.said, self.found.readings
        head: Row = [said("reading"), said("reading_option"), said("changes_alone"), said("changes_together")]
        rows: list[Row] = [[*head, *self._of_sums()]]
        rows.append([said("all_as_asked"), None, None, None, *self._sums(self.found.whole)])
        for turn in found.turns if found else ():
            for option, sums in turn.others.items():
                flags: Row = [
                    None if flag is None else said("yes" if flag else "no") for flag in (turn.matters, turn.together)
                ]
                rows.append([turn.id, option, *flags, *self._sums(sums)])
            for option, problems in turn.refused.items():
                why = " ".join(problem.message(self.lang) for problem in problems)
                rows.append([turn.id, option, why, *[None] * (len(rows[0]) - 3)])
        if found and found.range:
            for key, setting in (("least_of", found.range.least), ("most_of", found.range.most)):
                name = said(key, name=said("combined", count=f"{found.combinations:,}"))
                rows.append([name, _ways(setting), None, None, *self._sums(setting.whole)])
        return rows

    # budgets, rows, and where it comes from

    def _budgets(self) -> Table:
        said = self.said
        keys = ("budget_total", "budget_paid", "budget_left")
        ends: Row = [said(end, name=said(key)) for key in keys for end in ("least_of", "most_of")]
        head: Row = ["", "", said("ceiling"), said("budget_exceeded"), *ends, said("budget_outside")]
        rows: list[Row] = [[*head, said("reading"), said("reading_option")]]
        found: list[tuple[Totals, Row]] = [(self.found.budgets, [said("all_as_asked"), None])]
        for turn in self.found.readings.turns if self.found.readings else ():
            found += [(totals, [turn.id, option]) for option, totals in turn.budgets.items() if turn.matters]
        for totals, of in found:
            rows += [[*self._total(side, each), *of] for side in SIDES for each in totals[side]]
        return rows

    def _total(self, side: str, found: Total) -> Row:
        said = self.said
        amounts = ((found.least, found.most), sorted(found.paid), sorted(found.remainder))
        money: Row = [Decimal(yuan(fen)) for pair in amounts for fen in pair]
        ceiling, flag = Decimal(yuan(found.budget.total)), said(f"exceeded_{found.exceeded}")
        return [found.budget.id, said(side), ceiling, flag, *money, found.outside]

    def _rows(self) -> Table:
        found, whole, said = self.found, self.found.whole, self.said
        rows: list[Row] = [["", said("cell_number"), said("cell_column"), said("cell_value"), said("reason")]]
        rows.append([said("rows_all"), whole.rows + found.rejected + found.blank, None, None, None])
        counts = {"settled": whole.settled, "undetermined": whole.undetermined, "outside": whole.outside}
        for name, count in (*counts.items(), ("rejected", found.rejected), ("blank", found.blank)):
            rows.append([said(f"rows_{name}"), count, None, None, None])
        for fact, count in whole.missing.items():
            label = self.vocabulary.facts[fact].label[self.lang]
            rows.append([said("rows_missing", facts=label), count, None, None, None])
        more = {side: f"{said('rows_unquantified')} · {said(side)}" for side in SIDES}
        rows += [[name, whole[f"unquantified.{side}"], None, None, None] for side, name in more.items()]
        for each in found.reasons:
            at = said("row_number", row=each.row)
            rows.append([at, None, each.column, each.value, each.problem.message(self.lang)])
        return rows

    def _about(self) -> Table:
        found, said = self.found, self.said
        rows: list[Row] = [[said("about"), "", ""]]
        rows.append([said("the_table"), found.source, None])
        rows.append([said("the_day"), found.as_of.isoformat(), None])
        rows.append([said("workbook_made_with"), f"policyeval {__version__}", None])
        for side, regime in zip(SIDES, (found.before, found.after), strict=True):
            rows += [[f"{said('packs')} · {said(side)}", pack.ref, pack.sha256] for pack in regime.packs]
        rows += [[said("reading"), id_, option] for id_, option in found.after.plan.readings.items()]
        rows += [[note.code, note.message(self.lang), None] for note in found.notes]
        return rows


def _ways(setting: Setting) -> str:
    return ", ".join(f"{id_}={option}" for id_, option in setting.readings.items())


def _change(change: Change) -> Row:
    return [cell for span in (change.before, change.after, change.change) for cell in _span(span)]


def _span(span: Span) -> Row:
    return [None if end is None else Decimal(yuan(end)) for end in span]
