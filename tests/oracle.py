"""The three documents worked by hand: a platform's facts -> what it gets and who pays, as `eval` must say it.

In: facts with canonical names (money in yuan), a date, whether the Ganyu draft is applied, and chosen readings.
Out: `support` and `payers` of the JSON answer, to the fen. Nothing of the engine is imported and no statement of a pack
is read: the clauses are worked from the documents' own words, so that an error in a pack or in the engine shows as a
difference. What the documents and the contract leave open is refused with `Undecided`, never guessed.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any

COUNTIES = {"donghai", "guanyun", "guannan"}
DISTRICTS_AND_ZONES = {"ganyu", "haizhou", "lianyun", "gaoxin", "etdz", "xuwei"}
QIDONG = "qidong"
PARKS = {  # a park counts as the place it lies in: the annex of the draft, and the parks that Qidong's opinions name
    "ganyu": {"ganyu_edz", "ganyu_marine_edz", "ganyu_hightech_zone", "haizhou_bay_biotech_park"},
    QIDONG: {"qidong_edz", "qidong_shipbuilding_park", "qidong_life_science_park", "lusigang", "qidong_pudong_park"},
}

CITY_PLAN_FROM = dt.date(2021, 4, 12)
QIDONG_FROM = dt.date(2023, 3, 5)

CAP_SCOPE = "lianyungang-2021/cap_scope"
NO_DUPLICATION = "ganyu-draft/no_duplication"
HIGHER_SCOPE = "ganyu-draft/higher_scope"
OPTIONS = {
    CAP_SCOPE: ("together", "each"),
    NO_DUPLICATION: ("net_of_city", "higher_regime", "city_alone"),
    HIGHER_SCOPE: ("subsidies", "all"),
}

# What the platform is given for each yuan from above, and the ceiling in fen: 七 of the city plan, 六 of the draft.
RATIO = {"national": Decimal(1), "provincial": Decimal("0.5")}
CEILING = {"national": Decimal(1_000_0000_00), "provincial": Decimal(500_0000_00)}
# 六 of the draft: 不超过…10%, 最高不超过100万.
SUBSIDY_RATIO, SUBSIDY_CEILING = Decimal("0.1"), Decimal(100_0000_00)

ZERO = Decimal(0)


class Undecided(Exception):
    """The documents and the contract do not say what such a platform gets."""


@dataclass(frozen=True)
class Part:
    """What one payer owes under one promise, in fen; unknown where a fact is missing."""

    least: Decimal = ZERO
    most: Decimal | None = ZERO

    def __add__(self, other: "Part") -> "Part":
        unknown = self.most is None or other.most is None
        return Part(self.least + other.least, None if unknown else self.most + other.most)

    def json(self) -> dict[str, str | None]:
        return {"min": _yuan(self.least), "max": None if self.most is None else _yuan(self.most)}


NOTHING = Part()
UNKNOWN = Part(ZERO, None)


def exactly(fen: Decimal) -> Part:
    return Part(fen, fen)


def expected(
    platform: Mapping[str, Any], as_of: dt.date, with_draft: bool = False, readings: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The `support` and `payers` of the answer.

    Two things are a pack's own and left to it: which of the three payers it names, and so shows, zeros included; and
    the ids of Qidong's awards, for which `unquantified` and `unquantified_awards` are None here.
    """
    chosen = {reading: options[0] for reading, options in OPTIONS.items()} | dict(readings or {})
    for reading, option in chosen.items():
        if option not in OPTIONS[reading]:
            raise ValueError(f"{reading} has no option {option}")

    place = platform.get("location")
    place = next((host for host, parks in PARKS.items() if place in parks), place)
    if place == QIDONG:
        if as_of < QIDONG_FROM:
            return _no_pack()
        # 启政办发〔2023〕10号 names no ratio, ceiling or sum for anyone.
        return _answer(NOTHING, NOTHING, undetermined=False, unquantified=None)
    if place not in COUNTIES | DISTRICTS_AND_ZONES:
        raise Undecided(f"where the platform lies: {place}")

    city_plan = as_of >= CITY_PLAN_FROM
    draft = with_draft and place == "ganyu"
    if not city_plan and not draft:
        return _no_pack()

    level = platform.get("level")
    upstream = _fen(platform.get("upstream_funding"))
    # Matching needs a platform approved at national or provincial level; a level that is not known may be one of them.
    matched = None if level is None else level in RATIO
    known = matched is not None and (not matched or upstream is not None)

    city = host = NOTHING
    if place in COUNTIES:
        if not known:
            host = UNKNOWN
        elif matched:
            host = exactly(_county(level, upstream))
    elif not draft:
        if not known:
            city = host = UNKNOWN
        elif matched:
            city, host = map(exactly, _district(level, upstream, chosen[CAP_SCOPE]))
    elif not city_plan:  # before the city plan the draft stands alone: there is no city money to set against its own
        if not known:
            host = UNKNOWN
        elif matched:
            host = exactly(_county(level, upstream))
    elif not known:
        city = UNKNOWN
        # City money alone: the city plan's matching applies as soon as the level is known, whatever its amount.
        host = NOTHING if matched and chosen[NO_DUPLICATION] == "city_alone" else UNKNOWN
    elif matched:
        city, host = map(exactly, _both(level, upstream, chosen))
    missing = city is UNKNOWN or host is UNKNOWN

    if draft:
        subsidy = _subsidy(platform)
        missing = missing or subsidy is UNKNOWN
        if chosen[HIGHER_SCOPE] == "all" and matched is not False and subsidy is not NOTHING:
            if subsidy is UNKNOWN and city is not UNKNOWN and city.least and chosen[NO_DUPLICATION] == "higher_regime":
                # The city plan stands as a whole: is its city share, too, tied to the unknown subsidy?
                raise Undecided("the city plan's award against a subsidy that is not known")
            host = _higher(host, subsidy)
        else:
            host += subsidy

    unquantified = ["lianyungang-2021/staged_funding"] if city_plan else []
    if platform.get("exceptional", False):
        unquantified += ["lianyungang-2021/case_by_case"] if city_plan else []
        unquantified += ["ganyu-draft/case_by_case"] if draft else []
    return _answer(city, host, undetermined=missing, unquantified=sorted(unquantified))


def _county(level: str, upstream: Decimal) -> Decimal:
    """1:1 or 1:0.5 from one treasury: a county under the city plan, and the draft's own matching before anything else.

    The draft's limit, the city's standard for other counties, is this very figure and so never takes anything away.
    """
    return _nearest(min(upstream * RATIO[level], CEILING[level]))


def _district(level: str, upstream: Decimal, cap_scope: str) -> tuple[Decimal, Decimal]:
    """Half from the city and half from the district or zone; the ceiling binds their sum, or each of the two."""
    ceiling = CEILING[level] / 2 if cap_scope == "together" else CEILING[level]
    each = min(upstream * RATIO[level] / 2, ceiling)
    city = _nearest(each)
    return city, _nearest(2 * each) - city  # cumulative, so that the two add up to the rounded whole


def _both(level: str, upstream: Decimal, chosen: Mapping[str, str]) -> tuple[Decimal, Decimal]:
    """市、区不重复奖励: what city and district pay for matching where the draft and the city plan both apply."""
    draft = _county(level, upstream)
    city, district = _district(level, upstream, chosen[CAP_SCOPE])
    match chosen[NO_DUPLICATION]:
        case "net_of_city":
            return city, max(draft - city, ZERO)
        case "higher_regime":  # a tie goes to the draft
            return (city, district) if city + district > draft else (ZERO, draft)
        case _:
            return city, ZERO


def _subsidy(platform: Mapping[str, Any]) -> Part:
    """绩效考核优秀: up to a tenth of the year's contracts; one condition that fails settles it, whatever is missing."""
    level, turnover = platform.get("level"), _fen(platform.get("contract_turnover"))
    if platform.get("performance", "unrated") != "excellent" or level == "none":
        return NOTHING
    if level is None or turnover is None:
        return UNKNOWN
    return Part(ZERO, min(turnover * SUBSIDY_RATIO, SUBSIDY_CEILING).quantize(Decimal(1), ROUND_FLOOR))


def _higher(matching: Part, subsidy: Part) -> Part:
    """就高 over what the district itself still pays: the higher alone. An unknown one leaves the other open as well."""
    if UNKNOWN in (matching, subsidy):
        return UNKNOWN
    return Part(max(matching.least, subsidy.least), max(matching.most, subsidy.most))


def _answer(city: Part, host: Part, *, undetermined: bool, unquantified: list[str] | None) -> dict[str, Any]:
    payers = {"province": NOTHING, "city": city, "host": host}
    return {
        "support": {
            **(city + host).json(),
            "unquantified": None if unquantified is None else bool(unquantified),
            "unquantified_awards": unquantified,
            "undetermined": undetermined,
        },
        "payers": {payer: part.json() for payer, part in payers.items()},
    }


def _no_pack() -> dict[str, Any]:
    support = {"min": None, "max": None, "unquantified": False, "unquantified_awards": [], "undetermined": True}
    return {"support": support, "payers": {}}


def _nearest(fen: Decimal) -> Decimal:
    return fen.quantize(Decimal(1), ROUND_HALF_UP)


def _fen(yuan: str | int | None) -> Decimal | None:
    if yuan is None:
        return None
    fen = Decimal(yuan) * 100
    if fen != fen.to_integral_value() or not 0 <= fen <= 10**15:
        raise ValueError(f"not a sum in whole fen from 0 to 10^15: {yuan}")
    return fen


def _yuan(fen: Decimal) -> str:
    return f"{fen / 100:.2f}"
