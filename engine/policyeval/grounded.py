"""What the names in a pack's provisions mean.

In: a pack as read, the vocabulary, and how conditions and metrics are resolved. Out: the provisions with their
expressions resolved; what is named and is not there, and figures that do not fit their metric, as problems.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from policyeval.pack import Pack
from policyeval.provisions import (
    COMPARATORS,
    Allocation,
    Day,
    Definition,
    Duty,
    Eligibility,
    Procedure,
    Provisions,
    Quota,
    Step,
    Target,
)
from policyeval.quantity import NotAQuantity, read_quantity
from policyeval.record import replace
from policyeval.source import Span
from policyeval.tree import Node, Op, Ref, walk
from policyeval.vocabulary import Metric, Vocabulary

ARITHMETIC = frozenset({"add", "sub", "mul", "div", "neg"})  # what an expression over metrics may hold
NO_VALUE = frozenset({"none", "double"})  # comparators that need no figure

Resolve = Callable[[Node], Node]


class Tell(Protocol):
    """Says that a name is not known, with the nearest that is."""

    def __call__(self, code: str, span: Span, name: str, known: Iterable[str], **words: object) -> None: ...


def grounded(pack: Pack, vocabulary: Vocabulary, condition: Resolve, metric: Resolve, tell: Tell) -> Provisions:
    """The provisions with every expression resolved; what is wrong is told."""
    found = _Grounds(pack, vocabulary, condition, metric, tell)
    mine = pack.provisions
    for definition in mine.definitions.values():
        found.definition(definition)
    for day in mine.dates.values():
        found.date(day)
    return replace(
        mine,
        targets={id: found.target(target) for id, target in mine.targets.items()},
        eligibility={id: found.eligible(item) for id, item in mine.eligibility.items()},
        duties={id: found.duty(duty) for id, duty in mine.duties.items()},
        procedures={id: found.procedure(item) for id, item in mine.procedures.items()},
    )


class _Grounds:
    def __init__(self, pack: Pack, vocabulary: Vocabulary, condition: Resolve, metric: Resolve, tell: Tell) -> None:
        self.pack, self.vocabulary = pack, vocabulary
        self._condition, self._metric, self._tell = condition, metric, tell

    def target(self, target: Target) -> Target:
        where, metric = f"targets.{target.id}", self._metric(target.metric)
        self._measured(metric)
        self._within("N133", where, "period", target.period, self.pack.provisions.periods, target.span)
        self._bound(where, target)
        self._compared(where, target.comparator, target.span)
        one = metric_of(metric, self.vocabulary)
        self._value(where, target.value, one, target.span)
        if target.baseline:
            self._value(where, target.baseline.value, one, target.span)
        if target.value is None and target.comparator not in NO_VALUE:
            self._tell("Q104", target.span, target.id, (), comparator=target.comparator)
        quotas = {id: self._allocation(f"{where}.quotas.{id}", table, one) for id, table in target.quotas.items()}
        return replace(target, metric=metric, when=self._maybe(target.when), quotas=quotas)

    def _allocation(self, where: str, table: Allocation, metric: Metric | None) -> Allocation:
        if table.total:
            self._value(where, table.total.value, metric, table.total.span)
        rows = tuple(self._quota(f"{where}.rows.{i}", row, metric) for i, row in enumerate(table.rows))
        return replace(table, rows=rows)

    def _quota(self, where: str, row: Quota, metric: Metric | None) -> Quota:
        self._bound(where, row)
        if row.comparator:
            self._compared(where, row.comparator, row.span)
        self._value(where, row.value, metric, row.span)
        return replace(row, when=self._maybe(row.when))

    def eligible(self, item: Eligibility) -> Eligibility:
        pack = self.pack
        known = (*pack.awards, *pack.families, *pack.entitlements, *pack.provisions.targets)
        for name in item.for_:
            self._within("N135", f"eligibility.{item.id}", "for", name, known, item.span)
        return replace(item, when=self._maybe(item.when))

    def duty(self, duty: Duty) -> Duty:
        where = f"duties.{duty.id}"
        self._bound(where, duty)
        for name in duty.targets:
            self._within("N136", where, "targets", name, self.pack.provisions.targets, duty.span)
        return replace(duty, when=self._maybe(duty.when))

    def procedure(self, procedure: Procedure) -> Procedure:
        for i, step in enumerate(procedure.steps):
            self._bound(f"procedures.{procedure.id}.steps.{i}", step)
        return replace(procedure, steps=tuple(replace(s, when=self._maybe(s.when)) for s in procedure.steps))

    def definition(self, item: Definition) -> None:
        """The word that is defined must be one of the vocabulary."""
        words, (name, _, value) = self.vocabulary, (item.of or "").partition(".")
        known = {*words.facts, *words.metrics, *words.bodies}
        if value and name in words.facts:
            known = {f"{name}.{one}" for one in words.facts[name].values}
        self._within("N137", f"definitions.{item.id}", "of", item.of, known, item.span)

    def date(self, item: Day) -> None:
        self._within("N133", f"dates.{item.id}", "period", item.period, self.pack.provisions.periods, item.span)

    def _bound(self, where: str, item: Target | Quota | Duty | Step) -> None:
        """The places and bodies that a provision names."""
        for name in item.bodies:
            self._within("N132", where, "bodies", name, self.vocabulary.bodies, item.span)
        for name in item.places if isinstance(item, Target | Quota) else ():
            self._within("N105", where, "places", name, self.vocabulary.places, item.span)

    def _compared(self, where: str, comparator: str, span: Span) -> None:
        """A comparator, or a reading whose options are comparators."""
        readings = (id for id, reading in self.pack.readings.items() if {*reading.options} <= {*COMPARATORS})
        self._within("N134", where, "comparator", comparator, (*COMPARATORS, *readings), span)

    def _measured(self, metric: Node) -> None:
        for node in walk(metric):
            if isinstance(node, Op) and node.op not in ARITHMETIC:
                self._tell("Q105", node.span, node.op, ())

    def _value(self, where: str, value: str | None, metric: Metric | None, span: Span) -> None:
        if value is None or metric is None:
            return
        try:
            read_quantity(value, metric.type, metric.unit.zh if metric.unit else "")
        except NotAQuantity as wrong:
            at = self.pack.spans.get(f"{where}.value.{value}", span)
            self._tell(wrong.args[0], at, value, (), metric=metric.name)

    def _maybe(self, when: Node | None) -> Node | None:
        return None if when is None else self._condition(when)

    def _within(self, code: str, where: str, key: str, name: str | None, known: Iterable[str], span: Span) -> None:
        """Says that a name is not one of those known, at its place in the file."""
        known = list(known)
        if name is not None and name not in known:
            self._tell(code, self.pack.spans.get(f"{where}.{key}.{name}", span), name, known)


def metric_of(node: Node, vocabulary: Vocabulary) -> Metric | None:
    """The metric that an expression is, where it is one alone."""
    return vocabulary.metrics.get(node.name) if isinstance(node, Ref) and node.role == "metric" else None
