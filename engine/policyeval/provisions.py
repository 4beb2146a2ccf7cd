"""Provisions: what a document says beside support in money and in kind, as data.

In: what `load` read. Out: frozen records: targets with their quotas, definitions, conditions, duties, procedures, dates
and remarks, each with its clause. Promise: figures stay as they are written; `quantity` reads them by their metrics.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Literal, get_args

from policyeval.record import Record, field
from policyeval.source import Span
from policyeval.tree import NOWHERE, Node
from policyeval.vocabulary import Label

Comparator = Literal["at_least", "at_most", "exceed", "exact", "about", "double", "none"]
COMPARATORS: tuple[Comparator, ...] = get_args(Comparator)


class Cite(Record):
    """A clause: the document's own section number and a key phrase of a few characters."""

    section: str
    phrase: str


class Figure(Record):
    """A row of a ledger that a part of a pack carries: its kind, its value as written, its section if another."""

    kind: str
    value: str | None = None
    section: str | None = None


class Period(Record):
    """A time that targets run over; an end left open is None. `value`: as the document prints it."""

    id: str
    label: Label
    first: date | None = None
    last: date | None = None
    cite: Cite | None = None
    value: str | None = None
    note: Label | None = None
    figures: tuple[Figure, ...] = ()
    span: Span = field(default=NOWHERE, compare=False)


class Quota(Record):
    """One row of an allocation: the places or bodies that share it, and its figure; None is a blank cell."""

    cite: Cite
    value: str | None = None
    places: tuple[str, ...] = ()
    bodies: tuple[str, ...] = ()
    items: tuple[Label, ...] = ()
    comparator: str | None = None  # the target's own, where left out
    when: Node | None = None
    note: Label | None = None
    figures: tuple[Figure, ...] = ()
    span: Span = field(default=NOWHERE, compare=False)


class Total(Record):
    """What the document itself prints as the sum of an allocation."""

    cite: Cite
    value: str
    figures: tuple[Figure, ...] = ()
    span: Span = field(default=NOWHERE, compare=False)


class Allocation(Record):
    """A table that divides a target."""

    id: str
    rows: tuple[Quota, ...]
    total: Total | None = None


class Baseline(Record):
    """Where a target starts from."""

    cite: Cite
    value: str
    at: date | None = None


class Target(Record):
    """A figure, or a thing to be done, that the document promises.

    `metric` is an expression over metrics of the vocabulary; `comparator` one of COMPARATORS or a reading of the pack
    whose options are comparators; `value` is None where no figure is printed; `period` None where no deadline is.
    """

    id: str
    label: Label
    metric: Node
    comparator: str
    cite: Cite
    value: str | None = None
    period: str | None = None
    per: Literal["year", "month"] | None = None
    cumulative: bool = False
    hedged: bool = False
    places: tuple[str, ...] = ()
    bodies: tuple[str, ...] = ()
    when: Node | None = None
    baseline: Baseline | None = None
    quotas: Mapping[str, Allocation] = field(default_factory=dict)
    note: Label | None = None
    figures: tuple[Figure, ...] = ()
    span: Span = field(default=NOWHERE, compare=False)


class Definition(Record):
    """A term as the document names it. `of`: the word of the vocabulary that it defines."""

    id: str
    label: Label
    means: Label
    cite: Cite
    of: str | None = None
    items: tuple[Label, ...] = ()
    value: str | None = None
    note: Label | None = None
    figures: tuple[Figure, ...] = ()
    span: Span = field(default=NOWHERE, compare=False)


class Eligibility(Record):
    """Who or what qualifies, and for which parts of the pack."""

    id: str
    label: Label
    cite: Cite
    when: Node | None = None
    for_: tuple[str, ...] = ()
    items: tuple[Label, ...] = ()
    value: str | None = None
    note: Label | None = None
    figures: tuple[Figure, ...] = ()
    span: Span = field(default=NOWHERE, compare=False)


class Duty(Record):
    """What bodies must do, how often, for which targets. Duties of one `topic` in two packs are about one subject."""

    id: str
    bodies: tuple[str, ...]
    does: Label
    cite: Cite
    role: Literal["lead", "head", "member", "responsible", "support"] = "responsible"
    when: Node | None = None
    every: Literal["month", "two_months", "quarter", "year"] | None = None
    topic: str | None = None
    targets: tuple[str, ...] = ()
    value: str | None = None
    note: Label | None = None
    figures: tuple[Figure, ...] = ()
    span: Span = field(default=NOWHERE, compare=False)


class Step(Record):
    """One step of a procedure: who does what, and what it needs. `within`: the days it may take, as written."""

    step: str
    does: Label
    cite: Cite
    bodies: tuple[str, ...] = ()
    needs: tuple[Label, ...] = ()
    when: Node | None = None
    within: str | None = None
    note: Label | None = None
    figures: tuple[Figure, ...] = ()
    span: Span = field(default=NOWHERE, compare=False)


class Procedure(Record):
    """Steps in order. Procedures of one `topic` in two packs are about one subject."""

    id: str
    label: Label
    cite: Cite
    steps: tuple[Step, ...]
    topic: str | None = None
    note: Label | None = None
    span: Span = field(default=NOWHERE, compare=False)


class Day(Record):
    """A date that the document names; `value` is its printed form where that is no calendar day."""

    id: str
    label: Label
    cite: Cite
    on: date | None = None
    period: str | None = None
    value: str | None = None
    note: Label | None = None
    figures: tuple[Figure, ...] = ()
    span: Span = field(default=NOWHERE, compare=False)


class Remark(Record):
    """What is odd in the document and no machine sees, with its clause."""

    cite: Cite
    note: Label
    span: Span = field(default=NOWHERE, compare=False)


Provision = Period | Target | Definition | Eligibility | Duty | Procedure | Day


class Provisions(Record):
    """All of one pack."""

    periods: Mapping[str, Period] = field(default_factory=dict, later=True)
    targets: Mapping[str, Target] = field(default_factory=dict, later=True)
    definitions: Mapping[str, Definition] = field(default_factory=dict, later=True)
    eligibility: Mapping[str, Eligibility] = field(default_factory=dict, later=True)
    duties: Mapping[str, Duty] = field(default_factory=dict, later=True)
    procedures: Mapping[str, Procedure] = field(default_factory=dict, later=True)
    dates: Mapping[str, Day] = field(default_factory=dict, later=True)
    notes: tuple[Remark, ...] = field(default=(), later=True)

    def comparators(self) -> Iterator[str]:
        """How each target and each row of its tables compares: one of COMPARATORS, or a reading of the pack."""
        for target in self.targets.values():
            yield target.comparator
            for table in target.quotas.values():
                yield from (row.comparator for row in table.rows if row.comparator is not None)

    def expressions(self) -> Iterator[tuple[str, Node]]:
        """Every expression, by where it stands: `targets.x.metric`, `procedures.y.steps.0.when`."""
        for target in self.targets.values():
            yield f"targets.{target.id}.metric", target.metric
        yield from self.conditions()

    def conditions(self) -> Iterator[tuple[str, Node]]:
        """Every condition on platforms, by where it stands."""
        for where, item in self._conditioned():
            if item.when is not None:
                yield f"{where}.when", item.when

    def _conditioned(self) -> Iterator[tuple[str, Target | Quota | Eligibility | Duty | Step]]:
        for target in self.targets.values():
            yield f"targets.{target.id}", target
            for table in target.quotas.values():
                for i, row in enumerate(table.rows):
                    yield f"targets.{target.id}.quotas.{table.id}.rows.{i}", row
        for condition in self.eligibility.values():
            yield f"eligibility.{condition.id}", condition
        for duty in self.duties.values():
            yield f"duties.{duty.id}", duty
        for procedure in self.procedures.values():
            for i, step in enumerate(procedure.steps):
                yield f"procedures.{procedure.id}.steps.{i}", step
