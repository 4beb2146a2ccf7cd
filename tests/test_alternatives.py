"""Every reading's outcome for a platform, held against the ordinary answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import product

import pytest
from policyeval import alternatives as module
from policyeval.alternatives import Alternatives, alternatives
from policyeval.cases import typed
from policyeval.problems import Problem, Refusal
from policyeval.regime import Regimes
from test_examples import SHIPPED

DAY = date(2023, 6, 30)
DRAFT = ["ganyu-draft"]
PLATFORMS = {
    "excellent": {"location": "ganyu", "kind": "technology_innovation_center", "level": "national",
                  "upstream_funding": "1600万元", "contract_turnover": "3000万元", "performance": "excellent"},
    "filed": {"location": "ganyu", "kind": "new_rnd_institution", "level": "municipal", "upstream_funding": "0",
              "contract_turnover": "300万元", "performance": "excellent"},
    "county": {"location": "donghai", "kind": "technology_innovation_center", "level": "national",
               "upstream_funding": "1200万元"},
    "missing": {"location": "ganyu", "kind": "professional_institute", "level": "provincial"},
    "qidong": {"location": "qidong", "kind": "public_technology_service_platform"},
}  # fmt: skip


def found(name: str, **readings: str) -> Alternatives:
    platform = typed(PLATFORMS[name], SHIPPED.vocabulary)
    return alternatives(Regimes(SHIPPED, DAY, (), DRAFT, readings), platform)


def holds(way: Mapping[str, tuple[str, ...]], chosen: Mapping[str, str]) -> bool:
    return all(chosen[id_] in options for id_, options in way.items())


@pytest.mark.parametrize("name", PLATFORMS)
def test_every_combination_is_in_one_row_and_the_row_is_right(name: str) -> None:
    fixed = {"no_duplication": "higher_regime"} if name == "excellent" else {"no_duplication": "net_of_city"}
    fixed = {} if name in ("county", "qidong") else {**fixed, "county_standard": "county_ratio"}
    these = found(name, **fixed)
    assert these.combinations == len(list(product(*(r.options for r in these.readings.values()))))
    for options in product(*(r.options for r in these.readings.values())):
        chosen = dict(zip(these.readings, options, strict=True))
        rows = [o for o in these.outcomes if any(holds(way, chosen) for way in o.ways)]
        assert len(rows) == 1
        answer = Regimes(SHIPPED, DAY, (), DRAFT, {**fixed, **chosen}).answer(these.platform)
        assert (rows[0].answer.support, rows[0].answer.payers) == (answer.support, answer.payers)
        assert rows[0].answer.unquantified_awards == answer.unquantified_awards


def test_the_assumed_readings_come_first_and_rows_differ() -> None:
    these = found("excellent")
    assert [o.default for o in these.outcomes].index(True) == 0
    seen = [(o.answer.support, tuple(o.answer.payers.values())) for o in these.outcomes]
    assert len(set(seen)) == len(seen)
    assert these.matter == ("lianyungang-2021/cap_scope", "ganyu-draft/no_duplication", "ganyu-draft/higher_scope")
    assert "ganyu-draft/county_standard" in these.idle


def test_what_no_reading_changes_is_one_row() -> None:
    these = found("county")
    assert (len(these.outcomes), these.matter, these.outcomes[0].ways) == (1, (), ({},))
    assert set(these.idle) == {"lianyungang-2021/cap_scope", "lianyungang-2021/matching_kinds"}


def test_a_promise_that_a_reading_takes_away_is_another_outcome() -> None:
    these = found("qidong")
    assert [len(o.answer.unquantified_awards) for o in these.outcomes] == [2, 1, 1, 0]


def test_a_chosen_reading_stays() -> None:
    these = found("filed", filing="recognition_only")
    assert "ganyu-draft/filing" not in these.readings
    assert {o.answer.readings["ganyu-draft/filing"] for o in these.outcomes} == {"recognition_only"}


def test_nothing_in_force_is_one_row_without_readings() -> None:
    platform = typed(PLATFORMS["county"], SHIPPED.vocabulary)
    these = alternatives(Regimes(SHIPPED, date(2000, 1, 1)), platform)
    assert (len(these.outcomes), these.combinations, these.readings) == (1, 1, {})


def test_plans_that_are_too_much_at_once_are_taken_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise Refusal(Problem("X301", {"limit": 1}))

    whole = found("county")
    monkeypatch.setattr(module, "_outcomes", refuse)
    assert found("county").outcomes[0].answer.support == whole.outcomes[0].answer.support


def test_too_many_combinations_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LIMIT", 10)
    with pytest.raises(Refusal) as refusal:
        found("excellent")
    assert refusal.value.problems[0].code == "T109"
    assert "192" in refusal.value.problems[0].message()
