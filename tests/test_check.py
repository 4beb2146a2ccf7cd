"""Types and units, payers, cycles, statements and dead branches: what is said, and where it is underlined."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from policyeval import check as checking
from policyeval import infer, reach, resolve
from policyeval.check import check, type_of, types_of
from policyeval.functions import TABLE
from policyeval.messages import MESSAGES
from policyeval.problems import render
from policyeval.tree import Number, walk
from policyeval.types import MONEY, NUMBER
from small_packs import cases, findings, resolved, said, vocabulary

FILES = ("names", "types", "amounts", "statements")
ALL = [pytest.param(case, id=name) for name, case in cases("types", "amounts", "statements")]


@pytest.mark.parametrize("case", ALL)
def test_what_is_said(case: dict[str, Any]) -> None:
    assert [said(p) for p in findings(case)] == case.get("finds", [])


def test_every_message_is_said_once_at_least() -> None:
    found = {p["code"] for _, case in cases(*FILES) for p in case.get("finds", ())}
    own = {code for code in MESSAGES if re.fullmatch(r"N1[0-2]\d|U2[01]\d|U22\d|U23[0-2]|R301|W40\d", code)}
    assert own - found == set()


def test_messages_as_a_person_reads_them(snapshot: Any) -> None:
    shown = [(name, [render(p, lang) for p in findings(case) for lang in ("en", "zh")]) for name, case in cases(*FILES)]
    assert "\n\n".join("\n".join([f"# {name}", *texts]) for name, texts in shown if texts) == snapshot


def test_every_operator_is_covered() -> None:
    ops = {operator.op for operator in TABLE.values()}
    assert ops == set(infer.RULES)
    known = resolve.COMPARISONS | resolve.CONDITIONS | resolve.STATEMENTS | resolve.BOUNDED | resolve.CEILINGS
    assert ops == known | resolve.AMOUNTS | resolve.BINDERS | resolve.CLAIMED


def test_a_bare_number_carries_the_type_of_its_position() -> None:
    pack, packs, _ = resolved({"amount": "funding * 2 capped at 1000 by host", "when": "funding / 3 above 5"})
    types, problems = types_of(pack, vocabulary(), packs)
    award = pack.awards["one"]
    assert award.when is not None
    assert not problems
    numbers = [n for tree in (award.amount, award.when) for n in walk(tree) if isinstance(n, Number)]
    assert {str(n.value): types.of(n) for n in numbers} == {"2": NUMBER, "1000": MONEY, "3": NUMBER, "5": MONEY}


def test_a_type_alone() -> None:
    pack, packs, _ = resolved({"amount": "10% of funding by host"})
    assert type_of(pack.awards["one"].amount, pack, vocabulary(), packs) == MONEY


def test_a_name_that_means_nothing_causes_no_second_problem() -> None:
    case = {"amount": "fundng + 10% by hots capped at levle", "when": "levle at least 3 and founded"}
    assert [p.code for p in findings(case)] == ["N101", "N104", "N101", "N101", "U208"]  # by place, names first


def test_problems_stand_in_the_order_of_the_file() -> None:
    pack, packs, _ = resolved({"awards": {a: {"amount": "funding + 10% by host"} for a in ("one", "two", "three")}})
    found = check(pack, vocabulary(), packs)
    assert [p.at.span for p in found if p.at] == sorted(p.at.span for p in found if p.at)
    assert len(found) == 3


def test_too_many_combinations_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    case = {"when": "level is national", "amount": "if level is municipal then 1元 by host else 2元 by host"}
    assert [p.code for p in findings(case)] == ["W404"]
    monkeypatch.setattr(reach, "LIMIT", 2)
    assert findings(case) == []


def test_a_large_pack_is_checked() -> None:
    amount = "if level is national then funding matched 1:1 by host capped at 100万元 else 10% of turnover by host"
    awards = {f"award_{i}": {"amount": amount, "when": "performance is good or exceptional"} for i in range(200)}
    pack, packs, _ = resolved({"awards": awards})
    assert check(pack, vocabulary(), packs) == []


def test_a_long_chain_of_awards() -> None:
    awards = {f"a{i}": {"amount": f"a{i + 1} capped at 1万元"} for i in range(1500)} | {"a1500": {}}
    assert findings({"awards": awards}) == []


def test_the_shipped_packs_are_clean() -> None:
    from policyeval.load import load_files

    folder = Path(__file__).parents[1] / "policies"
    loaded = load_files((path.name, path.read_bytes()) for path in sorted(folder.glob("*.yaml")))
    assert [render(p) for p in loaded.problems] == []
    named = {pack.id: pack for pack in loaded.packs}
    found = {id: resolve.resolve(pack, loaded.vocabulary, named) for id, pack in named.items()}
    packs = {id: pack for id, (pack, _) in found.items()}
    problems = [p for _, problems in found.values() for p in problems]
    problems += [p for pack in packs.values() for p in checking.check(pack, loaded.vocabulary, packs)]
    assert [render(p) for p in problems] == []
