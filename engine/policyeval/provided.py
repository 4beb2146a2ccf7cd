"""Provisions from the nodes of a pack that fits its schema.

In: the pack's root, and how its expressions and days are read. Out: the Provisions. Promise: figures stay as written;
an item whose expression could not be parsed, which is a problem already, stands without it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from policyeval import fields
from policyeval.nodes import Mapped
from policyeval.provisions import (
    Allocation,
    Baseline,
    Day,
    Definition,
    Duty,
    Eligibility,
    Period,
    Procedure,
    Provisions,
    Quota,
    Remark,
    Step,
    Target,
    Total,
)
from policyeval.source import Span
from policyeval.tree import Name, Node

ReadTree = Callable[[Mapped, str], Node | None]
ReadDay = Callable[[Mapped, str], date | None]


def read_provisions(root: Mapped, tree: ReadTree, day: ReadDay) -> Provisions:
    return _Reader(root, tree, day).provisions()


class _Reader:
    def __init__(self, root: Mapped, tree: ReadTree, day: ReadDay) -> None:
        self.root, self.tree, self.day = root, tree, day

    def provisions(self) -> Provisions:
        return Provisions(
            periods=self._named("periods", self.period),
            targets=self._named("targets", self.target),
            definitions=self._named("definitions", self.definition),
            eligibility=self._named("eligibility", self.eligibility),
            duties=self._named("duties", self.duty),
            procedures=self._named("procedures", self.procedure),
            dates=self._named("dates", self.date),
            notes=tuple(
                Remark(fields.cite(item), fields.label(item["note"]), item.span)
                for _, _, item in fields.items(self.root, "notes")
            ),
        )

    def _named(self, section: str, build: Callable[[str, Mapped, Span], Any]) -> dict[str, Any]:
        return {name: build(name, item, span) for name, span, item in fields.items(self.root, section)}

    def period(self, name: str, item: Mapped, span: Span) -> Period:
        return Period(
            id=name,
            label=fields.label(item["label"]),
            first=self.day(item, "from"),
            last=self.day(item, "to"),
            cite=fields.cite(item) if "cite" in item else None,
            value=fields.optional(item, "value"),
            **self._ending(item, span),
        )

    def target(self, name: str, item: Mapped, span: Span) -> Target:
        per: Any = fields.optional(item, "per")
        return Target(
            id=name,
            label=fields.label(item["label"]),
            metric=self.tree(item, "metric") or Name(fields.text(item, "metric")),
            comparator=fields.text(item, "comparator"),
            cite=fields.cite(item),
            value=fields.optional(item, "value"),
            period=fields.optional(item, "period"),
            per=per,
            cumulative=fields.optional(item, "cumulative") == "true",
            hedged=fields.optional(item, "hedged") == "true",
            places=fields.listed(item, "places"),
            bodies=fields.listed(item, "bodies"),
            when=self.tree(item, "when"),
            baseline=self.baseline(fields.mapped(item, "baseline")) if "baseline" in item else None,
            quotas={table: self.allocation(table, rows) for table, _, rows in fields.items(item, "quotas")},
            **self._ending(item, span),
        )

    def baseline(self, item: Mapped) -> Baseline:
        return Baseline(fields.cite(item), fields.text(item, "value"), self.day(item, "at"))

    def allocation(self, name: str, item: Mapped) -> Allocation:
        rows = tuple(self.quota(row) for _, _, row in fields.items(item, "rows"))
        return Allocation(name, rows, self.total(fields.mapped(item, "total")) if "total" in item else None)

    def quota(self, item: Mapped) -> Quota:
        return Quota(
            cite=fields.cite(item),
            value=fields.optional(item, "value"),
            places=fields.listed(item, "places"),
            bodies=fields.listed(item, "bodies"),
            items=fields.labels(item, "items"),
            comparator=fields.optional(item, "comparator"),
            when=self.tree(item, "when"),
            **self._ending(item, item.span),
        )

    def total(self, item: Mapped) -> Total:
        return Total(fields.cite(item), fields.text(item, "value"), fields.figures(item), item.span)

    def definition(self, name: str, item: Mapped, span: Span) -> Definition:
        return Definition(
            id=name,
            label=fields.label(item["label"]),
            means=fields.label(item["means"]),
            cite=fields.cite(item),
            of=fields.optional(item, "of"),
            items=fields.labels(item, "items"),
            value=fields.optional(item, "value"),
            **self._ending(item, span),
        )

    def eligibility(self, name: str, item: Mapped, span: Span) -> Eligibility:
        return Eligibility(
            id=name,
            label=fields.label(item["label"]),
            cite=fields.cite(item),
            when=self.tree(item, "when"),
            for_=fields.listed(item, "for"),
            items=fields.labels(item, "items"),
            value=fields.optional(item, "value"),
            **self._ending(item, span),
        )

    def duty(self, name: str, item: Mapped, span: Span) -> Duty:
        role: Any = fields.optional(item, "role") or "responsible"
        every: Any = fields.optional(item, "every")
        return Duty(
            id=name,
            bodies=fields.listed(item, "bodies"),
            does=fields.label(item["does"]),
            cite=fields.cite(item),
            role=role,
            when=self.tree(item, "when"),
            every=every,
            topic=fields.optional(item, "topic"),
            targets=fields.listed(item, "targets"),
            value=fields.optional(item, "value"),
            **self._ending(item, span),
        )

    def procedure(self, name: str, item: Mapped, span: Span) -> Procedure:
        return Procedure(
            id=name,
            label=fields.label(item["label"]),
            cite=fields.cite(item),
            steps=tuple(self.step(step) for _, _, step in fields.items(item, "steps")),
            topic=fields.optional(item, "topic"),
            note=fields.prose(item, "note"),
            span=span,
        )

    def step(self, item: Mapped) -> Step:
        return Step(
            step=fields.text(item, "step"),
            does=fields.label(item["does"]),
            cite=fields.cite(item),
            bodies=fields.listed(item, "bodies"),
            needs=fields.labels(item, "needs"),
            when=self.tree(item, "when"),
            within=fields.optional(item, "within"),
            **self._ending(item, item.span),
        )

    def date(self, name: str, item: Mapped, span: Span) -> Day:
        return Day(
            id=name,
            label=fields.label(item["label"]),
            cite=fields.cite(item),
            on=self.day(item, "on"),
            period=fields.optional(item, "period"),
            value=fields.optional(item, "value"),
            **self._ending(item, span),
        )

    def _ending(self, item: Mapped, span: Span) -> dict[str, Any]:
        """What every provision may end with."""
        return {"note": fields.prose(item, "note"), "figures": fields.figures(item), "span": span}
