"""Targets, definitions, duties, procedures and dates: what a pack says of them, and what is wrong in one."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from policyeval.diff import diff
from policyeval.library import Library
from policyeval.load import load_pack, load_vocabulary
from policyeval.pack import Pack
from policyeval.problems import Problem, as_json
from policyeval.provisions import Baseline, Cite
from policyeval.quantity import Measured, NotAQuantity, in_figures, read_quantity
from policyeval.regime import with_defaults
from policyeval.resolve import resolve
from policyeval.restyle import restyled
from policyeval.store import decode, encode
from policyeval.tree import Op, Ref
from policyeval.vocabulary import Vocabulary

CASES = Path(__file__).parent / "cases" / "provisions"
PACK, WORDS = ((CASES / f"{name}.yaml").read_text("utf-8") for name in ("pack", "vocabulary"))


def changed(name: str) -> list[Any]:
    cases = yaml.load((CASES / f"{name}.yaml").read_bytes(), yaml.BaseLoader)
    return [pytest.param(case, id=case["case"]) for case in cases]


def vocabulary(text: str = WORDS) -> tuple[Vocabulary, list[Problem]]:
    return load_vocabulary([("words.yaml", text.encode())])


def pack(text: str = PACK) -> tuple[Pack | None, list[Problem]]:
    read, problems = load_pack(text.encode(), "pack.yaml")
    if read is None:
        return None, problems
    resolved, found = resolve(read, vocabulary()[0], {})
    return resolved, [*problems, *found]


def edited(text: str, case: dict[str, str]) -> str:
    assert case["old"] in text
    return text.replace(case["old"], case["new"], 1)


@pytest.mark.parametrize("case", changed("wrong"))
def test_what_is_wrong_in_a_pack(case: dict[str, str]) -> None:
    found = [as_json(problem) for problem in pack(edited(PACK, case))[1]]
    assert [(problem["code"], problem["text"]) for problem in found] == [(case["code"], case["text"])]


@pytest.mark.parametrize("case", changed("wrong-words"))
def test_what_is_wrong_in_a_vocabulary(case: dict[str, str]) -> None:
    found = [as_json(problem) for problem in vocabulary(edited(WORDS, case))[1]]
    assert [(problem["code"], problem["text"]) for problem in found] == [(case["code"], case["text"])]


def test_a_pack_with_provisions() -> None:
    found, problems = pack()
    assert found is not None
    assert problems == []
    said = found.provisions
    labs = said.targets["labs"]
    assert labs.metric == Ref("metric", "labs")
    assert labs.when == Op("is", (Ref("fact", "kind"), Ref("value", "lab", of="kind")))
    assert labs.baseline == Baseline(Cite("一", "已有12个"), "12", date(2023, 12, 31))
    assert [(row.places, row.value) for row in labs.quotas["by_place"].rows] == [(("hill",), "20"), (("lake",), None)]
    assert said.targets["sales_per_lab"].metric == Op("div", (Ref("metric", "sales"), Ref("metric", "labs")))
    assert [step.step for step in said.procedures["recognition"].steps] == ["1", "2"]
    assert decode(encode(found), Pack) == found


def test_a_reading_that_only_compares_targets_bears_on_no_support() -> None:
    amount = "if reach is exact then 1元 by city else 0元"
    prize = f"{{label: {{zh: 奖, en: Prize}}, cite: {{section: 三, phrase: 奖}}, amount: {amount}}}"
    asking = PACK.replace("awards: {}", f"awards: {{prize: {prize}}}")
    for text, found in ((PACK, {}), (asking, {"county-plan/reach": "exact"})):
        read = pack(text)[0]
        assert read is not None
        assert read.comparing == {"reach"}
        assert with_defaults([read], {"county-plan/reach": "exact"}) == found


def test_both_surfaces_are_one_pack() -> None:
    library = Library(vocabulary()[0])
    chinese = restyled(PACK.encode(), "pack.yaml", library, "zh").decode()
    assert "metric: 销售额 / 实验室数" in chinese
    assert "when: 类别 为 实验室" in chinese
    assert restyled(chinese.encode(), "pack.yaml", library, "en").decode() == PACK


@pytest.mark.parametrize(
    ("text", "measured", "value"),
    [
        ("80", "count", 80),
        ("2.5万", "count", 25_000),
        ("2.5万人", "count", 25_000),
        ("１,０００家", "count", None),
        ("1,000", "count", 1000),
        ("200亿元", "money", 20_000_000_000),
        ("5000 万元", "money", 50_000_000),
        ("2.85%", "percent", Fraction("2.85")),
        ("60", "percent", 60),
        ("60家", "percent", None),
        ("是", "milestone", 1),
        ("no", "milestone", 0),
        ("perhaps", "milestone", None),
        ("12.5", "number", Fraction("12.5")),
        ("12.5", "count", None),
        ("", "count", None),
        ("1e3", "count", None),
    ],
)
def test_figures_are_read_where_they_are_certain(text: str, measured: Measured, value: Any) -> None:
    if value is None:
        with pytest.raises(NotAQuantity):
            read_quantity(text, measured, "人")
    else:
        assert read_quantity(text, measured, "人") == value


@pytest.mark.parametrize(
    ("yuan", "text"),
    [
        (10**8, "1亿元"),
        (-2_250_000_000, "-22.5亿元"),
        (123_456_789, "123456789元"),
        (12_345, "12345元"),
        (45_000, "4.5万元"),
        (0, "0元"),
    ],
)
def test_money_is_written_in_its_largest_unit(yuan: int, text: str) -> None:
    assert in_figures(Fraction(yuan), "money") == text


@settings(deadline=None)
@given(st.integers(-(10**14), 10**14), st.integers(0, 4), st.sampled_from(["count", "money", "percent", "number"]))
def test_a_figure_is_read_back(whole: int, places: int, measured: Measured) -> None:
    number = Fraction(whole, 1 if measured == "count" else 10**places)
    assert read_quantity(in_figures(number, measured), measured) == number


@pytest.mark.parametrize(
    ("old", "new", "section", "before", "after"),
    [
        ("    value: 30", "    value: 31", "targets", "labs; value 30 (laboratories)", "labs; value 31 (laboratories)"),
        ("every: month, ", "every: year, ", "duties", "report; every month (reports each month)", "report; every year"),
        ("  published: {", "  posted: {", "dates", "published (published)", ""),
        ("value: 20, cite", "value: 19, cite", "targets", "labs (laboratories)", "labs (laboratories)"),
    ],
)
def test_a_difference_names_the_provisions_that_changed(
    old: str, new: str, section: str, before: str, after: str
) -> None:
    was, now = pack()[0], pack(PACK.replace(old, new, 1))[0]
    assert was is not None
    assert now is not None
    found = diff(Library(vocabulary()[0], named={"was": was, "now": now}), "was", "now", date(2024, 6, 1), {})
    assert found.kind == "no_money"
    entry = next(entry for entry in found.document if entry.name == section)
    assert entry.old.en == before
    assert entry.new.en.startswith(after)
