"""Two versions of a pack, rule by rule."""

from __future__ import annotations

import pytest
from policyeval.changes import pairs
from policyeval.pack import Cite, Pack
from policyeval.record import replace
from policyeval.resolve import resolve
from small_packs import build, vocabulary

AWARDS = {"a": {"amount": "funding by city"}, "b": {"amount": "turnover by host"}, "c": {"amount": "0.01元 by host"}}
RULES = ["a net of b", "higher of b, c", "c limited to 0.02元"]


def pack(rules: list[str] = RULES, cites: str = "甲乙丙丁", **awards: dict[str, str]) -> Pack:
    """Statements of a clause each."""
    words = {"awards": {**AWARDS, **awards}, "precedence": rules, "entitlements": {"land": "exceptional"}}
    built = build("here", {**words, "uses": {}})
    found, problems = resolve(built, vocabulary(), {"here": built})
    assert not problems
    cited = [replace(s, cite=Cite("一", cite)) for s, cite in zip(found.precedence, cites, strict=False)]
    return replace(found, precedence=tuple(cited))


def how(old: Pack | None, new: Pack | None) -> list[str]:
    return [f"{pair.how} {pair.id}" for pair in pairs(old, new) if pair.how != "same"]


STATEMENTS = [
    (["a net of b", "higher of b, c", "c limited to 0.02元"], "甲乙丙", []),
    (["a 抵扣 b", "取高者 b、c", "c 限于 0.02元"], "甲乙丙", []),
    (["a net of b", "higher of b, c", "c limited to 0.03元"], "甲乙丙", ["changed here/precedence[3]"]),
    (["a net of b", "b net of c", "c limited to 0.02元"], "甲丁丙", [
        "removed here/precedence[2]", "added here/precedence[2]",
    ]),
    (["higher of b, c", "c limited to 0.02元"], "乙丙", ["removed here/precedence[1]"]),
    (["a net of b", "higher of b, c", "a stacks with c", "c limited to 0.02元"], "甲乙丁丙", [
        "added here/precedence[3]",
    ]),
    (["c limited to 0.02元", "a net of b", "higher of b, c"], "丙甲乙", [
        "added here/precedence[1]", "removed here/precedence[3]",
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("rules", "cites", "expected"), STATEMENTS)
def test_statements(rules: list[str], cites: str, expected: list[str]) -> None:
    assert how(pack(), pack(rules, cites)) == expected


def test_awards() -> None:
    assert how(pack(), pack(a={"amount": "funding 由 市级"})) == []
    assert how(pack(), pack(a={"amount": "funding by host"})) == ["changed here/a"]
    assert how(pack(), pack(a={"amount": "funding by city", "when": "exceptional"})) == ["changed here/a"]
    assert how(pack(), pack(d={"amount": "funding by city"})) == ["added here/d"]
    other = pack()
    assert how(other, replace(other, awards={k: a for k, a in other.awards.items() if k != "b"})) == ["removed here/b"]


def test_labels_and_clauses_are_no_change_of_a_rule() -> None:
    old = pack()
    award = replace(old.awards["a"], cite=Cite("九", "癸"), label=replace(old.awards["a"].label, en="other"))
    assert how(old, replace(old, awards={**old.awards, "a": award})) == []


def test_a_pack_that_comes_or_goes() -> None:
    whole = ["a", "b", "c", "land", "precedence[1]", "precedence[2]", "precedence[3]"]
    assert how(None, pack()) == [f"added here/{name}" for name in whole]
    assert how(pack(), None) == [f"removed here/{name}" for name in whole]
