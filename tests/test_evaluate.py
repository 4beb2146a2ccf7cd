"""What every operator and every statement comes to: small packs and platforms as data, worked by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from policyeval.answer import Asker, as_json
from policyeval.cases import typed
from policyeval.check import check
from policyeval.evaluate import Evaluator
from policyeval.money import read_money
from policyeval.pack import Pack
from policyeval.problems import Refusal, errors
from policyeval.regime import planned
from policyeval.resolve import resolve
from policyeval.tree import Op, walk
from small_packs import build, vocabulary

WORKED = Path(__file__).parent / "cases" / "worked"
DAY = date(2023, 6, 30)


def cases() -> Iterator[Any]:
    for path in sorted(WORKED.glob("*.yaml")):
        for case in yaml.load(path.read_bytes(), yaml.BaseLoader):
            yield pytest.param(case, id=f"{path.stem}: {case['case']}")


def packs_of(case: Mapping[str, Any]) -> list[Pack]:
    """The packs of a case that are loaded, `here` last, as in the order of governments."""
    words = {"uses": {}, "awards": {}, **{k: v for k, v in case.items() if k not in ("packs", "ask", "absent")}}
    words["uses"] = dict.fromkeys(case.get("packs", ()), "^1")
    built = {id: build(id, {"uses": {}, "awards": {}, **pack}) for id, pack in case.get("packs", {}).items()}
    built["here"] = build("here", words)
    found = {id: resolve(pack, vocabulary(), built) for id, pack in built.items()}
    packs = {id: pack for id, (pack, _) in found.items()}
    problems = [p for _, said in found.values() for p in said]
    problems += [p for pack in packs.values() for p in check(pack, vocabulary(), packs)]
    assert not errors(problems)
    return [pack for id, pack in packs.items() if id not in case.get("absent", ())]


@pytest.mark.parametrize("case", list(cases()))
def test_worked(case: dict[str, Any]) -> None:
    packs = packs_of(case)
    if "refused" in case:
        with pytest.raises(Refusal) as refused:
            planned(packs, vocabulary(), {})
        assert [p.code for p in refused.value.problems] == [case["refused"]]
        return
    evaluator = Evaluator(planned(packs, vocabulary(), {}))
    asker = Asker(evaluator, packs, vocabulary(), DAY)
    for asked in case["ask"]:
        platform = typed({"location": "district_d", **asked.get("facts", {})}, vocabulary())
        answer = as_json(asker.answer(platform))
        assert told(answer, asked) == expected(asked), asked
        brief = evaluator.amounts(platform.facts)
        assert {"min": brief.support.min, "max": brief.support.max} == _fen(answer["support"])
        for payer, span in brief.payers.items():
            assert {"min": span.min, "max": span.max} == _fen(answer["payers"][payer])


def expected(asked: Mapping[str, Any]) -> dict[str, Any]:
    found = {key: asked[key] for key in ("awards", "findings", "asleep", "missing") if key in asked}
    found["support"] = _span(asked["support"])
    found["payers"] = {payer: _span(text) for payer, text in asked.get("payers", {}).items()}
    found["parts"] = {a: {p: _span(text) for p, text in parts.items()} for a, parts in asked.get("parts", {}).items()}
    if "unquantified" in asked:
        found["unquantified"] = [_full(name) for name in asked["unquantified"]]
    return found


def told(answer: Mapping[str, Any], asked: Mapping[str, Any]) -> dict[str, Any]:
    """The same of an answer, as far as it is asked."""
    awards = {award["award"]: award for award in answer["awards"]}
    found: dict[str, Any] = {"support": _fen(answer["support"])}
    found["payers"] = {payer: _fen(answer["payers"][payer]) for payer in asked.get("payers", ())}
    found["parts"] = {
        a: {p: _fen(span) for p, span in awards[_full(a)]["payers"].items()} for a in asked.get("parts", ())
    }
    if "awards" in asked:
        found["awards"] = {name: awards[_full(name)]["outcome"] for name in asked["awards"]}
    if "findings" in asked:
        found["findings"] = [finding["code"] for finding in answer["findings"]]
    if "asleep" in asked:
        found["asleep"] = [statement["statement"] for statement in answer["asleep"]]
    if "missing" in asked:
        found["missing"] = answer["missing"]
    if "unquantified" in asked:
        found["unquantified"] = answer["support"]["unquantified_awards"]
        assert answer["support"]["unquantified"] == bool(found["unquantified"])
    return found


def _full(award: str) -> str:
    return award if "/" in award else f"here/{award}"


def _span(text: str) -> dict[str, int | None]:
    """`5` is exactly that, `0..5` a least and a most, `0..` one without a most."""
    low, ranged, high = text.partition("..")
    return {"min": read_money(low), "max": None if ranged and not high else read_money(high or low)}


def _fen(span: Mapping[str, str | None]) -> dict[str, int | None]:
    return {end: None if (amount := span[end]) is None else read_money(amount) for end in ("min", "max")}


# What the cases here do not say is worked by hand in `forms.yaml`, or means nothing for an amount.
ELSEWHERE = {"brackets", "steps", "band", "beyond", "for_each", "for_each_most", "shared", "rounded", "rounded_down"}
ELSEWHERE |= {"first_by", "top_up", "never_above", "never_below", "not_in"}
ELSEWHERE |= {"support_of", "pays_under"}


def test_every_operator_is_worked() -> None:
    from policyeval.functions import TABLE

    said = set()
    for param in cases():
        for pack in packs_of(param.values[0]):
            trees = [tree for award in pack.awards.values() for tree in (award.amount, award.when) if tree]
            trees += [statement.rule for statement in pack.precedence]
            said |= {node.op for tree in trees for node in walk(tree) if isinstance(node, Op)}
    assert set(TABLE) - said <= ELSEWHERE
