"""A plan's digest: the same for the same plan, however it was written or numbered; another one for any other."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from policyeval.digest import UNORDERED, digest
from policyeval.library import Library, open_library
from policyeval.load import read_pack
from policyeval.lower import lower
from policyeval.pack import Pack
from policyeval.plan import Builder, Node, Plan
from policyeval.record import replace
from policyeval.resolve import resolve

ROOT = Path(__file__).resolve().parents[1]
DRAFT = (ROOT / "policies" / "ganyu-draft.yaml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def library() -> Library:
    return open_library(use_cache=False)


def planned(library: Library, pack: Pack) -> Plan:
    return lower(library.ordered([*(library.pack(id) for id in pack.uses), pack]), library.vocabulary, {})


def of_text(library: Library, text: str) -> str:
    pack, problems = read_pack(text.encode(), "x.yaml")
    assert pack is not None, problems
    pack, problems = resolve(pack, library.vocabulary, library.around(pack))
    assert not problems
    return digest(planned(library, pack))


def test_it_is_a_sha256_and_the_same_each_time(library: Library) -> None:
    found = {id: digest(planned(library, versions[0])) for id, versions in library.versions.items()}
    assert all(len(value) == 64 for value in found.values())
    assert len(set(found.values())) == len(found)
    assert found == {id: digest(planned(library, versions[0])) for id, versions in library.versions.items()}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("matched 1:1 by host capped at 1000万元", "配套  1：1 由 属地 最高 1,000万元"),
        ("level is provincial and (", "级别 为 省级 且 ("),
        (
            "  - rule: higher of matching, performance_subsidy when",
            "  # a remark\n  - rule: 就高 matching、performance_subsidy 当",
        ),
        ("up to 10% of contract_turnover", "up to (10% of (contract_turnover))"),
    ],
)
def test_how_it_is_written_makes_no_difference(library: Library, old: str, new: str) -> None:
    assert old in DRAFT
    assert of_text(library, DRAFT.replace(old, new, 1)) == of_text(library, DRAFT)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("capped at 1000万元", "capped at 1001万元"),
        ("matched 1:1 by host", "matched 1:1 by city"),
        ("level is provincial and", "level is national and"),
        ("  national_match:", "  country_match:"),
        ("when: exceptional\n", "when: not exceptional\n"),
        ("kind is industry_innovation_center", "kind is new_rnd_institution"),
        ("higher of matching, performance_subsidy", "higher of performance_subsidy, matching"),
        ("version: 0.2.0", "version: 0.3.0"),
        ("jurisdiction: ganyu", "jurisdiction: haizhou"),
    ],
)
def test_what_it_says_does(library: Library, old: str, new: str) -> None:
    assert old in DRAFT
    changed = DRAFT.replace(old, new, 1).replace("claim: country", "claim: national")
    assert of_text(library, changed) != of_text(library, DRAFT)


def test_statements_in_another_order_are_another_plan(library: Library) -> None:
    pack = library.pack("ganyu-draft")
    turned = replace(pack, precedence=(*pack.precedence[1:], pack.precedence[0]))
    assert digest(planned(library, turned)) != digest(planned(library, pack))


def renumbered(plan: Plan, seed: int) -> tuple[Plan, list[int]]:
    """The nodes in another order that evaluates as well, arguments of the unordered kinds turned round."""
    rest, order = list(range(len(plan.nodes))), list[int]()
    choose = random.Random(seed)
    while rest:
        ready = [n for n in rest if all(arg in order for arg in plan.nodes[n].args)]
        order.append(choose.choice(ready))
        rest.remove(order[-1])
    number = {old: new for new, old in enumerate(order)}
    nodes = []
    for old in order:
        node = plan.nodes[old]
        args = tuple(number[arg] for arg in node.args)
        nodes.append(Node(node.kind, args[::-1] if node.kind in UNORDERED else args, node.data))
    return replace(plan, nodes=tuple(nodes)), [number[old] for old in range(len(order))]


@pytest.mark.parametrize("seed", range(5))
def test_numbers_make_no_difference(seed: int) -> None:
    b = Builder()
    fact, other = b.fact("x"), b.fact("y")
    both = b.add(b.mul(fact, b.const(3)), other)
    support = b.if_(b.and_(b.less(fact, other), b.equal(fact, b.const(7))), b.min(both, b.const(5)), b.max(fact, other))
    plan = Plan(
        nodes=tuple(b.nodes), support=support, undetermined=b.false, unquantified=b.false, payers={"p": both},
        payers_open={"p": b.true}, awards=(), statements=(), alarms=(), asleep=(), entitlements=(), authority=(),
        packs=(), readings={},
    )  # fmt: skip
    turned, number = renumbered(plan, seed)
    moved = replace(
        turned, support=number[support], undetermined=number[b.false], unquantified=number[b.false],
        payers={"p": number[both]}, payers_open={"p": number[b.true]},
    )  # fmt: skip
    assert digest(moved) == digest(plan)
    assert digest(replace(moved, support=number[both])) != digest(plan)


def test_a_node_that_nothing_needs_makes_no_difference(library: Library) -> None:
    plan = planned(library, library.pack("ganyu-draft"))
    assert digest(replace(plan, nodes=(*plan.nodes, Node("Const", (), 12345)))) == digest(plan)
