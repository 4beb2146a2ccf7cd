"""The measure for totals, again: by_hand_totals.sql written by hand in Polars.

In: platforms as Parquet. Out: the totals before and after the draft, in fen.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars

COUNTIES = ["donghai", "guanyun", "guannan"]
CEILING = 1000_0000_00


def totals(platforms: Path) -> dict[str, int]:
    """What all of them cost before and after the draft, as a stream."""
    level, location, performance = (polars.col(name) for name in ("level", "location", "performance"))
    base, turnover = (_fen(name).clip(upper_bound=CEILING) for name in ("upstream_funding", "contract_turnover"))
    nothing = level.is_in(["none", "municipal"]) | (location == "qidong")
    known = location.is_not_null()
    matching = (
        polars.when(nothing)
        .then(0)
        .when(known & (level == "national"))
        .then(base)
        .when(known & (level == "provincial"))
        .then((base + 1) // 2)
    )
    city = (
        polars.when(nothing | location.is_in(COUNTIES))
        .then(0)
        .when(known & (level == "national"))
        .then((base + 1) // 2)
        .when(known & (level == "provincial"))
        .then((base + 2) // 4)
    )
    subsidy = (
        polars.when((location != "ganyu") | (level == "none") | performance.ne_missing("excellent"))
        .then(0)
        .when((location == "ganyu") & level.is_not_null())
        .then(turnover // 10)
    )
    shares = polars.scan_parquet(platforms).select(matching=matching, city=city, subsidy=subsidy)
    support, own, more = polars.col("matching"), polars.col("matching") - polars.col("city"), polars.col("subsidy")
    sums = {
        "support_min_before": support,
        "support_max_before": support,
        "support_min_after": support,
        "support_max_after": support + more,
        "city_min_before": polars.col("city"),
        "city_max_before": polars.col("city"),
        "city_min_after": polars.col("city"),
        "city_max_after": polars.col("city"),
        "host_min_before": own,
        "host_max_before": own,
        "host_min_after": own,
        "host_max_after": own + more,
    }
    found = shares.select(
        platforms=polars.len(),
        undetermined_before=support.is_null().sum(),
        undetermined_after=(support + more).is_null().sum(),
        **{name: amount.sum() for name, amount in sums.items()},
    ).collect(engine="streaming")
    return {name: int(value) for name, value in found.row(0, named=True).items()}


def _fen(name: str) -> Any:
    return (polars.col(name) * 100).cast(polars.Int64)
