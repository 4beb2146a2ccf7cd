"""What a table comes to under each setting of the readings that are not settled, side by side.

In: these readings, and what the table comes to under any setting of them. Out: Readings: for each clause the totals
under each of its other options, the rest as asked; and where all combinations are tried, the least and the most that
the draft may cost over them. Promise: a setting of which no total is exact says why, and is in no least and no most.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from math import prod

from policyeval.batch.typed import Facts
from policyeval.budgets import Total
from policyeval.columns import Column
from policyeval.impact.sums import SUPPORT, Sums
from policyeval.pack import Reading
from policyeval.problems import Problem
from policyeval.record import Record, replace
from policyeval.regime import Regime, Regimes, bearing

FEW = 32  # combinations that are tried whatever the number of rows

Chosen = tuple[tuple[str, str], ...]  # readings that are not as asked, each with its option
Totals = Mapping[str, tuple[Total, ...]]  # what stands under each budget, before and after


class Found(Record):
    """What the table comes to under a setting; `refused`: why it comes to nothing exact."""

    whole: Sums
    budgets: Totals
    refused: tuple[Problem, ...] = ()

    @property
    def shown(self) -> object:
        """What two settings are told apart by; which facts a query looks at depends on its formulas."""
        counts = self.whole.counts.items()
        return {name: n for name, n in counts if n and not name.startswith("missing.")}, dict(self.budgets)


class Setting(Record):
    """What the table comes to with these readings, the rest as asked."""

    readings: Mapping[str, str]
    whole: Sums


class Turn(Record):
    """One clause: the option `asked`, and what the table comes to under each other one. `matters`: one of them changes
    a total; `together`: one does so for some choice of the others; None where the combinations were not tried.
    `budgets`: what stands under each budget; `refused`: why another option has no exact totals."""

    id: str
    reading: Reading
    asked: str
    others: Mapping[str, Sums]
    matters: bool
    together: bool | None
    budgets: Mapping[str, Totals]
    refused: Mapping[str, tuple[Problem, ...]]


class Range(Record):
    """The settings at which the draft costs least and most; `settled`: the fewest and the most rows that are settled
    in one of them; `refused`: the combinations without exact totals."""

    least: Setting
    most: Setting
    settled: tuple[int, int]
    refused: int


class Readings(Record):
    """`combinations`: of the readings that some formula asks for; `range` is None where they are too many, or there is
    but one."""

    turns: tuple[Turn, ...]
    combinations: int
    range: Range | None


class Unsettled:
    """The readings that bear on regimes and are not settled, by their full id."""

    def __init__(self, of: Sequence[Regimes], asked: Sequence[Regime]) -> None:
        settled = {id_ for regimes in of for id_ in regimes.chosen}
        bear = bearing(pack for regime in asked for pack in regime.packs)
        self.of = {id_: reading for id_, reading in bear.items() if id_ not in settled}

    def combinations(self, asked: Sequence[str]) -> int:
        return prod(len(self.of[id_].options) for id_ in asked)

    def product(self, asked: Sequence[str]) -> Iterator[Chosen]:
        """All combinations, those as asked first."""
        options = [sorted(self.of[id_].options, key=self.of[id_].default.__ne__) for id_ in asked]
        for combination in product(*options):
            yield self.restricted(dict(zip(asked, combination, strict=True)), asked)

    def singly(self, asked: Sequence[str]) -> Iterator[Chosen]:
        yield ()
        for id_ in asked:
            yield from (((id_, option),) for option in self.of[id_].options if option != self.of[id_].default)

    def restricted(self, readings: Mapping[str, str], asked: Sequence[str]) -> Chosen:
        """Of these readings those that are asked for and not as they are by default."""
        chosen = ((id_, readings.get(id_, self.of[id_].default)) for id_ in asked)
        return tuple((id_, option) for id_, option in chosen if option != self.of[id_].default)

    def readings(self, asked: Sequence[str], combined: bool, found_at: Callable[[Chosen], Found]) -> Readings:
        """Each setting once: all combinations of the readings that are `asked` for, or each option by itself."""
        found = {setting: found_at(setting) for setting in (self.product if combined else self.singly)(asked)}
        shown = {setting: each.shown for setting, each in found.items() if not each.refused}
        together = {id_: _turns(id_, shown) if combined else None for id_ in asked}
        turns = []
        for id_, of in self.of.items():
            settings = {o: self.restricted({id_: o}, asked) for o in of.options if o != of.default}
            others = {option: found[setting] for option, setting in settings.items()}
            exact = {option: each for option, each in others.items() if not each.refused}
            turns.append(
                Turn(
                    id=id_,
                    reading=of,
                    asked=of.default,
                    others={option: each.whole for option, each in exact.items()},
                    matters=any(shown[settings[option]] != found[()].shown for option in exact),
                    together=together.get(id_, False),
                    budgets={option: each.budgets for option, each in exact.items()},
                    refused={option: each.refused for option, each in others.items() if each.refused},
                )
            )
        several = combined and len(found) > 1
        return Readings(tuple(turns), self.combinations(asked), _range(found) if several else None)


def with_readings(facts: Facts, readings: Mapping[str, Reading]) -> Facts:
    """The facts of a part with the readings among them."""
    return replace(
        facts,
        columns={**facts.columns, **{id_: Column(id_, may_be_null=False) for id_ in readings}},
        present={**facts.present, **{id_: tuple(range(len(r.options))) for id_, r in readings.items()}},
    )


def _turns(id_: str, exact: Mapping[Chosen, object]) -> bool:
    """Whether another option of the reading alone changes a total of some combination."""
    return any(
        shown != exact.get(tuple(pair for pair in setting if pair[0] != id_), shown)
        for setting, shown in exact.items()
        if id_ in dict(setting)
    )


def _range(found: Mapping[Chosen, Found]) -> Range:
    """The cheapest and the dearest setting; of equal ones that with the fewest readings not as asked."""
    settings = [Setting(dict(chosen), each.whole) for chosen, each in found.items() if not each.refused]
    rows = [setting.whole.settled for setting in settings]
    least = min(settings, key=lambda s: (s.whole.amount(SUPPORT).after.min, len(s.readings)))
    most = min(settings, key=lambda s: (*_most(s), len(s.readings)))
    return Range(least, most, (min(rows), max(rows)), len(found) - len(settings))


def _most(setting: Setting) -> tuple[bool, int]:
    """Where no most is known stands first, then the dearest."""
    most = setting.whole.amount(SUPPORT).after.max
    return most is not None, -(most or 0)
