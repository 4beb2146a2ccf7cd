"""The count of errors that examples find: `bench/mutation.py` breaks packs, and proves some breaks to be none."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest
from test_examples import SHIPPED


def _module() -> Any:
    path = Path(__file__).resolve().parents[1] / "bench" / "mutation.py"
    spec = importlib.util.spec_from_file_location("mutation", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


mutation = _module()
CITY = SHIPPED.pack("lianyungang-2021")
DRAFT = SHIPPED.pack("ganyu-draft")
BENCH = mutation.Bench(SHIPPED)


def mutant(pack: Any, where: str, text: str) -> Any:
    every = mutation.mutants(pack, SHIPPED.vocabulary)
    return next(m for m in every if m.where == where and text in m.what)


def test_every_award_with_a_figure_and_every_statement_is_broken() -> None:
    for pack in (CITY, DRAFT):
        every = list(mutation.mutants(pack, SHIPPED.vocabulary))
        assert len({(tuple(m.pack.awards.values()), m.pack.precedence) for m in every}) == len(every) > 100
        assert all(m.pack != pack for m in every)
        statements = {f"precedence[{i}]" for i in range(1, len(pack.precedence) + 1)}
        assert statements <= {m.where for m in every}


@pytest.mark.parametrize(
    ("where", "text"),
    [
        ("national_match", "capped at 1001万元"),
        ("national_match", "by host, city each"),
        ("provincial_match", "500万元  ->  capped at 1000万元"),
        ("provincial_match", "by city, host each  ->  by city, province each"),
        ("case_by_case", "`when` dropped"),
    ],
)
def test_an_error_is_caught_and_never_called_harmless(where: str, text: str) -> None:
    broken = mutant(CITY, where, text)
    assert BENCH.caught(broken)
    assert not BENCH.same(broken)


def test_the_lints_notice_what_no_outcome_shows() -> None:
    unread = mutant(DRAFT, "precedence[1]", "`when` dropped")  # nothing depends on its reading any more
    assert BENCH.doubted(unread)
    assert not BENCH.doubted(mutant(DRAFT, "precedence[8]", "dropped:"))


@pytest.mark.parametrize(
    ("where", "text"),
    [
        ("precedence[1]", "dropped:"),
        ("precedence[8]", "dropped:"),
        ("national_match", "by host each capped"),
    ],
)
def test_what_changes_no_outcome_is_proved_so(where: str, text: str) -> None:
    harmless = mutant(DRAFT, where, text)
    assert not BENCH.caught(harmless)
    assert BENCH.same(harmless)
