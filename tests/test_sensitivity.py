"""Which readings change which verdict about the draft: worked by hand from the clauses."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from policyeval.library import open_library
from policyeval.problems import Refusal
from policyeval.sensitivity import as_json, sensitivity

DAY = date(2023, 6, 30)
SETTLED = {"filing": "counts", "ganyu-draft/matching_kinds": "any_kind", "lianyungang-2021/matching_kinds": "any_kind"}


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    return as_json(sensitivity(open_library(), "ganyu-draft", DAY, SETTLED, 60.0))


def test_a_clause_that_turns_a_verdict(found: dict[str, Any]) -> None:
    # 市、区不重复奖励: where the city alone pays, the district's 500万元 is lost
    turn = found["readings"]["ganyu-draft/no_duplication"]
    assert turn["changes"] == ["no_platform_receives_less"]
    less = {option: claims["no_platform_receives_less"] for option, claims in turn["options"].items()}
    assert less["net_of_city"] == {"verdict": "proved", "by_at_most": "0.00"}
    assert less["higher_regime"] == {"verdict": "proved", "by_at_most": "0.00"}
    assert less["city_alone"] == {"verdict": "refuted", "by_at_most": "5000000.00"}
    host = {option: claims["host_pays_no_more"]["by_at_most"] for option, claims in turn["options"].items()}
    assert host == {"net_of_city": "1000000.00", "higher_regime": "6000000.00", "city_alone": "1000000.00"}


def test_a_clause_of_the_city_plan_that_turns_a_verdict(found: dict[str, Any]) -> None:
    turn = found["readings"]["lianyungang-2021/cap_scope"]
    assert turn["changes"] == ["no_platform_receives_less"]
    assert turn["options"]["each"]["no_platform_receives_less"]["by_at_most"] == "10000000.00"


def test_a_clause_that_changes_amounts_and_no_verdict(found: dict[str, Any]) -> None:
    # 就高: the subsidy may fall away beside matching, but nobody had one before
    turn = found["readings"]["ganyu-draft/higher_scope"]
    assert (turn["changes"], turn["harmless"]) == ([], False)


def test_a_harmless_clause_is_proved_so(found: dict[str, Any]) -> None:
    # the city's standard for counties is the draft's own ratio and ceiling, so it never binds, wherever it is found
    turn = found["readings"]["ganyu-draft/county_standard"]
    assert (turn["changes"], turn["harmless"]) == ([], True)


def test_settled_readings_are_not_varied(found: dict[str, Any]) -> None:
    assert set(found["fixed"]) == {
        "ganyu-draft/filing",
        "ganyu-draft/matching_kinds",
        "lianyungang-2021/matching_kinds",
    }
    assert not set(found["fixed"]) & set(found["readings"])


def test_too_many_combinations_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("policyeval.sensitivity.LIMIT", 10)
    with pytest.raises(Refusal) as caught:
        sensitivity(open_library(), "ganyu-draft", DAY, {}, 1.0)
    assert [p.code for p in caught.value.problems] == ["X305"]
