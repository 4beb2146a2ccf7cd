"""Classes of platforms as rows of a page.

In: classes, and what the two sides are called. Out: for each class its formulas on both sides and the effect. Promise:
where a promise without a figure stands beside it, nothing is not called 0.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from policyeval.classes import describe
from policyeval.cli.page import Page, Row, row
from policyeval.cli.table import Cell
from policyeval.cli.words import say
from policyeval.compare import Class
from policyeval.pack import Pack
from policyeval.record import Record
from policyeval.vocabulary import Vocabulary

_EFFECT_STYLE = {"same": "dim", "never_less": "green", "never_more": "yellow", "mixed": "red", "unknown": "yellow"}
_NOTHING = "0元"


class Classes(Record):
    """What classes are shown with. `names`: of the sides; `unquantified`: awards that promise without a figure."""

    vocabulary: Vocabulary
    place: str
    names: tuple[str, str]
    packs: tuple[Sequence[Pack], Sequence[Pack]]
    unquantified: Collection[str]
    lang: str

    def add(self, page: Page, one: Class) -> None:
        """One class."""
        said = say(self.lang)
        page.group(describe(one.when, self.vocabulary)[self.lang] or said("every_platform"))
        rows = [self._formulas(said("amount"), one, "support", "bold")]
        for payer in one.before.payers:
            sides = (one.before.payers[payer][self.lang], one.after.payers[payer][self.lang])
            if sides != (_NOTHING, _NOTHING):
                rows.append(self._formulas(self.treasury(payer), one, payer))
        page.rows(rows, ["", *self.names, said("effect")])

    def treasury(self, payer: str) -> str:
        """The payer as people know it."""
        return self.vocabulary.treasury(payer, self.place)[self.lang]

    def _formulas(self, label: str, one: Class, of: str, style: str = "") -> Row:
        if of == "support":
            old, new = (
                self._support(side.support, packs)
                for side, packs in zip((one.before, one.after), self.packs, strict=True)
            )
        else:
            old, new = (_none_or(side.payers[of][self.lang]) for side in (one.before, one.after))
        effect = one.effect[of]
        said = say(self.lang)("unknown_effect" if effect == "unknown" else effect)
        return row(Cell(label, style), old, new, Cell(said, _EFFECT_STYLE[effect]))

    def _support(self, words: Mapping[str, str], packs: Sequence[Pack]) -> str:
        promised = any(id_.partition("/")[0] in {pack.id for pack in packs} for id_ in self.unquantified)
        return say(self.lang)("no_figure") if promised and words["en"] == _NOTHING else words[self.lang]


def _none_or(formula: str) -> str:
    """What a payer pays; where that is nothing, just a dash: a promise without a figure may still be its own."""
    return "—" if formula == _NOTHING else formula
