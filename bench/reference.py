"""The measure for speed: the city plan and the Ganyu draft as a programmer would write them by hand.

In: facts, money in whole fen, `host` the county, district or zone, or Qidong, whose promises have no figures. Out:
`(least, most)` in fen, and the same by payer. Like the engine it is exact, rounds once, half-up, and rounds down what
is "up to"; unlike the engine it knows no clause, no reading but the defaults, and no missing fact.
"""

from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

Range = tuple[Decimal, Decimal]

FEN = Decimal(1)
ZERO = Decimal(0)
NOTHING = (ZERO, ZERO)
HALF = Decimal("0.5")
TENTH = Decimal("0.1")
COUNTIES = frozenset({"donghai", "guanyun", "guannan"})
RATIO = {"national": Decimal(1), "provincial": HALF}
CEILING = {"national": Decimal(1_000_0000_00), "provincial": Decimal(500_0000_00)}
SUBSIDY_CEILING = Decimal(100_0000_00)


def reference(
    upstream_fen: int,
    turnover_fen: int = 0,
    level: str = "national",
    performance: str = "unrated",
    host: str = "ganyu",
    with_draft: bool = True,
) -> tuple[Range, dict[str, Range]]:
    city = own = ZERO
    ratio = RATIO.get(level)
    if ratio is not None and host != "qidong":
        # The whole is the same everywhere: in Ganyu the draft fills up what the city leaves, the district's own half.
        exact = min(Decimal(upstream_fen) * ratio, CEILING[level])
        whole = exact.quantize(FEN, ROUND_HALF_UP)
        if host not in COUNTIES:
            city = (exact * HALF).quantize(FEN, ROUND_HALF_UP)
        own = whole - city
    subsidy = ZERO
    if with_draft and performance == "excellent" and level != "none" and host == "ganyu":
        subsidy = min(Decimal(turnover_fen) * TENTH, SUBSIDY_CEILING).quantize(FEN, ROUND_FLOOR)
    least = city + own
    return (least, least + subsidy), {"province": NOTHING, "city": (city, city), "host": (own, own + subsidy)}
