"""The budgets of a table as rows of a page.

In: what stands under each budget, before and after. Out: rows with a column for each side; the line of one row that a
budget reduces.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from policyeval.answer import Answer
from policyeval.budgets import Total
from policyeval.cli.page import Row, row
from policyeval.cli.table import Cell
from policyeval.cli.words import say
from policyeval.pack import Pack
from policyeval.problems import Lang
from policyeval.sentences import readable


def budget_rows(
    sides: Sequence[Sequence[Total]], packs: Sequence[Pack], lang: Lang, before: bool = False
) -> Iterator[Row]:
    """Each budget of any side: what stands under it, whether that is too much, what is paid and what is left.

    `before`: the sides are all of what is in force, which is said.
    """
    said = say(lang)

    def between(amounts: Sequence[int]) -> str:
        return (" 至 " if lang == "zh" else " to ").join(readable(a) if a else "0" for a in sorted({*amounts}))

    lines: Mapping[str, Callable[[Total], str]] = {
        "budget_total": lambda t: between((t.least, t.most)),
        "budget_exceeded": lambda t: said(f"exceeded_{t.exceeded}"),
        "budget_share": lambda t: (" 至 " if lang == "zh" else " to ").join(t.percentages),
        "budget_paid": lambda t: between(t.paid),
        "budget_left": lambda t: between(t.remainder),
        "budget_outside": lambda t: f"{t.outside:,}",
    }
    labels = {f"{pack.id}/{b.id}": b.label[lang] for pack in packs for b in pack.budgets.values()}
    for id_ in dict.fromkeys(total.budget.id for totals in sides for total in totals):
        found = [next((total for total in totals if total.budget.id == id_), None) for totals in sides]
        name = f"{labels[id_]}（{id_}）" if lang == "zh" else f"{labels[id_]} ({id_})"
        name = said("before_of", name=name) if before else name
        yield row(Cell(name, "bold"), *(_cell(total, lambda t: readable(t.budget.total)) for total in found))
        for key, value in lines.items():
            if key != "budget_outside" or any(total and total.outside for total in found):
                yield row(f"  {said(key)}", *(_cell(total, value) for total in found))


def _cell(total: Total | None, value: Callable[[Total], str]) -> Cell:
    return Cell("–" if total is None else value(total), right=True)


def of_answer(answer: Answer, totals: Sequence[Total]) -> list[Total]:
    """The budgets that reduce an award of a platform, as far as the table may exceed them."""
    paid = {award.id for award in answer.awards if award.amount.max != 0}
    return [total for total in totals if total.exceeded != "no" and not paid.isdisjoint(total.budget.awards)]


def line_of(total: Total, lang: Lang) -> str:
    """What the budget leaves of an award, in one line."""
    share = (" 至 " if lang == "zh" else " to ").join(total.percentages)
    return say(lang)("budget_reduces", budget=total.budget.id, share=share, ceiling=readable(total.budget.total))
