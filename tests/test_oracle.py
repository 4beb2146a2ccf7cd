"""The engine against an independent calculation of the same documents, on generated platforms."""

from __future__ import annotations

from datetime import date
from typing import Any

import oracle
from hypothesis import given, settings
from hypothesis import strategies as st
from regimes import ask

PLACES = ["donghai", "guanyun", "guannan", "haizhou", "lianyun", "gaoxin", "etdz", "xuwei", *["ganyu"] * 8]
FULL = 10**15
BOUNDARIES = [0, 1, 2, 3, 5 * 10**8, 10**9, 2 * 10**9, FULL]

fen = st.one_of(
    st.builds(lambda b, d: min(FULL, max(0, b + d)), st.sampled_from(BOUNDARIES), st.integers(-3, 3)),
    st.integers(0, 10**10),
    st.integers(0, 10**6),
)
money = fen.map(lambda f: f"{f // 100}.{f % 100:02d}")
platforms = st.fixed_dictionaries(
    {"location": st.sampled_from(PLACES)},
    optional={
        "level": st.sampled_from(["none", "municipal", "provincial", "national", "national"]),
        "upstream_funding": money,
        "contract_turnover": money,
        "performance": st.sampled_from(["excellent", "excellent", "good"]),
        "exceptional": st.booleans(),
    },
)
readings = st.fixed_dictionaries(
    {
        "lianyungang-2021/cap_scope": st.sampled_from(["together", "each"]),
        "ganyu-draft/no_duplication": st.sampled_from(["net_of_city", "higher_regime", "city_alone"]),
        "ganyu-draft/higher_scope": st.sampled_from(["subsidies", "all"]),
    }
)
days = st.sampled_from([*[date(2023, 6, 30)] * 4, date(2021, 4, 12), date(2021, 4, 11)])
drafts = st.sampled_from([True, True, True, False])


@settings(max_examples=350, deadline=None, derandomize=True)
@given(platforms, readings, days, drafts)
def test_the_engine_agrees_with_the_calculation_by_hand(
    platform: dict[str, Any], chosen: dict[str, str], as_of: date, with_draft: bool
) -> None:
    try:
        expected = oracle.expected(platform, as_of, with_draft, chosen)
    except oracle.Undecided:
        return
    found = ask(platform, as_of, ["ganyu-draft"] if with_draft else [], chosen)
    support = expected["support"]
    assert {key: found["support"][key] for key in ("min", "max", "undetermined", "unquantified")} == {
        key: support[key] for key in ("min", "max", "undetermined", "unquantified")
    }
    assert found["payers"] == {payer: expected["payers"][payer] for payer in found["payers"]}


@settings(max_examples=150, deadline=None, derandomize=True)
@given(platforms, readings, st.booleans())
def test_payers_add_up_and_no_cap_is_passed(platform: dict[str, Any], chosen: dict[str, str], with_draft: bool) -> None:
    found = ask(platform, date(2023, 6, 30), ["ganyu-draft"] if with_draft else [], chosen)
    for award in found["awards"]:
        if award["min"] is None or award["min"] != award["max"]:
            continue
        total = sum(_fen(span["min"]) for span in award["payers"].values())
        assert total == (_fen(award["min"]) if award["payers"] else 0)
        ceiling = {"national_match": 10**9, "provincial_match": 5 * 10**8}.get(award["award"].partition("/")[2])
        if ceiling and chosen["lianyungang-2021/cap_scope"] == "together":
            assert total <= ceiling
    low, high = found["support"]["min"], found["support"]["max"]
    if high is not None:
        assert sum(_fen(span["min"]) for span in found["payers"].values()) <= _fen(low)
        assert _fen(high) <= sum(_fen(span["max"]) for span in found["payers"].values())


@settings(max_examples=150, deadline=None, derandomize=True)
@given(platforms, readings, st.booleans(), fen, st.integers(0, 10**9))
def test_more_from_above_never_lowers_support_by_default(
    platform: dict[str, Any], chosen: dict[str, str], with_draft: bool, base: int, more: int
) -> None:
    """Monotone where the texts are: in what comes from above."""
    platform = {"level": "national", "contract_turnover": "0.00", **platform}
    least = []
    for amount in (base, min(FULL, base + more)):
        given_ = {**platform, "upstream_funding": f"{amount // 100}.{amount % 100:02d}"}
        least.append(
            _fen(ask(given_, date(2023, 6, 30), ["ganyu-draft"] if with_draft else [], chosen)["support"]["min"])
        )
    assert least[0] <= least[1]


def _fen(yuan: str) -> int:
    return int(yuan.replace(".", ""))
