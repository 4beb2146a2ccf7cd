"""A plan's digest: equal digests, equal plans.

In: a plan. Out: a sha256 over what it works out: its outputs, awards, statements, entitlements and departments, each
node by the formula that it is. Promises: how nodes are numbered, and in which language or spacing an expression was
written, makes no difference; any other figure, condition, payer or order of statements does.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from policyeval.plan import Node, Plan, PlannedAward
from policyeval.record import Record, names, replace

# Operands of these may stand in any order; the builder sorts them by number, and here they are sorted by what they are.
UNORDERED = frozenset({"Add", "Mul", "Min", "Max", "Equal", "And", "Or"})

_NUMBERS = frozenset({"den", "operand_den", "total"})  # whole numbers of a plan that are not nodes
_LEFT_OUT = frozenset({"nodes", "tree"})  # nodes are read where they are named; a tree only says where one came from


def digest(plan: Plan) -> str:
    """The plan's digest, 64 hexadecimal digits."""
    return _hashed(_Reader(plan.nodes).record(plan))


def outcome_digest(plan: Plan) -> str:
    """The digest of what platforms get and who pays, under which findings: not of how it is told, nor of the order in
    which awards stand, where that makes no difference."""
    awards = sorted((replace(a, steps=(), conditions=()) for a in plan.awards), key=lambda award: award.id)
    alarms = sorted(
        (replace(a, ids=tuple(i for i in a.ids if not i.endswith("]"))) for a in plan.alarms),  # statements by number
        key=lambda alarm: (alarm.code, alarm.ids),
    )
    return digest(
        replace(
            plan,
            awards=tuple(awards),
            statements=(),
            alarms=tuple(alarms),
            asleep=(),
            entitlements=tuple(sorted(plan.entitlements, key=lambda entry: entry.id)),
            authority=(),
            packs=(),
            budgets=tuple(sorted(plan.budgets, key=lambda budget: budget.id)),
        )
    )


def award_digest(plan: Plan, award: PlannedAward) -> str:
    """The digest of what an award comes to before any statement."""
    reader = _Reader(plan.nodes)
    shares = [[s.payer, reader.value("", s.present), reader.value("", s.before)] for s in award.shares]
    return _hashed([reader.value("", award.applies), reader.value("", award.unquantified), shares])


class _Reader:
    """Plan records as data, with a node's number replaced by the hash of its formula."""

    def __init__(self, nodes: tuple[Node, ...]) -> None:
        self.formulas: list[str] = []
        for node in nodes:
            args = [self.formulas[arg] for arg in node.args]
            self.formulas.append(_hashed([node.kind, sorted(args) if node.kind in UNORDERED else args, node.data]))

    def record(self, record: Record) -> dict[str, Any]:
        return {name: self.value(name, getattr(record, name)) for name in names(type(record)) if name not in _LEFT_OUT}

    def value(self, name: str, value: Any) -> Any:
        match value:
            case Record():
                return self.record(value)
            case Mapping():
                return {key: self.value(name, inner) for key, inner in value.items()}
            case tuple() | list():
                return [self.value(name, inner) for inner in value]
            case bool():
                return value
            case int() if name not in _NUMBERS:
                return self.formulas[value]
        return value


def _hashed(value: Any) -> str:
    written = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return sha256(written.encode()).hexdigest()
