"""CEL by cel-python, an interpreter written in Python."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import celpy

from bench.peers import ONE, Amounts, Row
from bench.peers.cel_programs import EXPRESSIONS, FACTS, WANTED

NAME = "CEL, cel-python"
TAKES = ONE
PACKAGES = ("cel-python",)


class Rules:
    def __init__(self) -> None:
        environment = celpy.Environment(runner_class=celpy.CompiledRunner)
        compiled = {name: environment.compile(text) for name, text in EXPRESSIONS.items()}
        self.programs = {name: environment.program(tree) for name, tree in compiled.items()}

    def prepare(self, rows: Sequence[Row], times: int = 1) -> list[dict[str, Any]]:
        return [{name: celpy.json_to_cel(getattr(row, name)) for name in FACTS} for row in rows] * times

    def run(self, given: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
        return [self._one(dict(facts)) for facts in given]

    def _one(self, known: dict[str, Any]) -> tuple[Any, ...]:
        for name, program in self.programs.items():
            known[name] = program.evaluate(known)
        return tuple(known[name] for name in WANTED)

    def amounts(self, done: list[tuple[Any, ...]]) -> list[Amounts]:
        return [Amounts(*map(int, row)) for row in done]
