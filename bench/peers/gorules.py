"""GoRules' zen-engine: a decision graph of two decision tables and one node of expressions, amounts in yuan.

Its numbers are decimals inside, and floats where they come in and go out.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import zen

from bench.peers import ONE, Amounts, Row, fen, yuan

NAME = "GoRules zen-engine"
TAKES = ONE
PACKAGES = ("zen-engine",)

MATCHING = [  # level, ratio, ceiling
    ('"national"', "1", "10000000"),
    ('"provincial"', "0.5", "5000000"),
    ("", "0", "0"),
]
PLACES = [  # location, whether there is matching, the city's share of it
    ('"donghai", "guanyun", "guannan"', "1", "0"),
    ('"qidong"', "0", "0"),
    ("", "1", "0.5"),
]
EXPRESSIONS = {
    "exact": "min([upstream * ratio, ceiling]) * inside",
    "support_min": "floor($.exact * 100 + 0.5) / 100",
    "city": "floor($.exact * city_share * 100 + 0.5) / 100",
    "subsidy": (
        "location == 'ganyu' and performance == 'excellent' and level != 'none' "
        "? floor(min([turnover * 0.1, 1000000]) * 100) / 100 : 0"
    ),
    "support_max": "$.support_min + $.subsidy",
    "host_min": "$.support_min - $.city",
    "host_max": "$.host_min + $.subsidy",
}
FACTS = ("location", "level", "performance")


def _table(id_: str, inputs: Sequence[str], outputs: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, Any]:
    columns = [*inputs, *outputs]
    return {
        "id": id_,
        "name": id_,
        "type": "decisionTableNode",
        "content": {
            "hitPolicy": "first",
            "passThrough": True,
            "inputField": None,
            "outputPath": None,
            "executionMode": "single",
            "inputs": [{"id": name, "name": name, "field": name} for name in inputs],
            "outputs": [{"id": name, "name": name, "field": name} for name in outputs],
            "rules": [{"_id": f"{id_}{n}", **dict(zip(columns, row, strict=True))} for n, row in enumerate(rows)],
        },
    }


def graph() -> dict[str, Any]:
    nodes: list[dict[str, Any]] = [
        {"id": "given", "name": "given", "type": "inputNode"},
        _table("matching", ["level"], ["ratio", "ceiling"], MATCHING),
        _table("places", ["location"], ["inside", "city_share"], PLACES),
        {
            "id": "amounts",
            "name": "amounts",
            "type": "expressionNode",
            "content": {
                "passThrough": False,
                "inputField": None,
                "outputPath": None,
                "executionMode": "single",
                "expressions": [{"id": name, "key": name, "value": text} for name, text in EXPRESSIONS.items()],
            },
        },
        {"id": "found", "name": "found", "type": "outputNode"},
    ]
    ids = [node["id"] for node in nodes]
    edges = [{"id": f"{a}-{b}", "type": "edge", "sourceId": a, "targetId": b} for a, b in pairwise(ids)]
    return {"contentType": "application/vnd.gorules.decision", "nodes": nodes, "edges": edges}


class Rules:
    def __init__(self) -> None:
        self.decision = zen.ZenEngine().create_decision(json.dumps(graph()))

    def prepare(self, rows: Sequence[Row], times: int = 1) -> list[dict[str, Any]]:
        return [
            {name: getattr(row, name) for name in FACTS}
            | {"upstream": yuan(row.upstream), "turnover": yuan(row.turnover)}
            for row in rows
        ] * times

    def run(self, given: list[dict[str, Any]]) -> list[Any]:
        return [self.decision.evaluate(facts)["result"] for facts in given]

    def trace(self, given: list[dict[str, Any]]) -> list[Any]:
        return [self.decision.evaluate(facts, {"trace": True}) for facts in given]

    def amounts(self, done: list[Any]) -> list[Amounts]:
        return [Amounts(*(fen(found[name]) for name in Amounts._fields)) for found in done]
