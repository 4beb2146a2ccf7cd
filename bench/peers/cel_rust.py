"""CEL by common-expression-language, an interpreter written in Rust."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cel

from bench.peers import ONE, Amounts, Row
from bench.peers.cel_programs import EXPRESSIONS, FACTS, WANTED

NAME = "CEL, common-expression-language"
TAKES = ONE
PACKAGES = ("common-expression-language",)


class Rules:
    def __init__(self) -> None:
        self.programs = {name: cel.compile(text) for name, text in EXPRESSIONS.items()}

    def prepare(self, rows: Sequence[Row], times: int = 1) -> list[dict[str, Any]]:
        return [{name: getattr(row, name) for name in FACTS} for row in rows] * times

    def run(self, given: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
        return [self._one(dict(facts)) for facts in given]

    def _one(self, known: dict[str, Any]) -> tuple[Any, ...]:
        for name, program in self.programs.items():
            known[name] = program.execute(known)
        return tuple(known[name] for name in WANTED)

    def amounts(self, done: list[tuple[Any, ...]]) -> list[Amounts]:
        return [Amounts(*row) for row in done]
