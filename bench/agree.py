"""Whether evaluator and solver agree: `python -m bench.agree [PLATFORMS [CLAIMS]]`.

In: the shipped packs, random platforms of their places under random readings; random small packs with random claims.
Out: how many were compared, how many were left out and why, and what disagrees, if anything does (status 1).
How: of the shipped packs the solver's terms have the readings open; the platform and its readings are put into them,
and each amount is held against what the evaluator makes of the plan with these readings chosen. Of small packs claims
are decided by proof, and by trying all platforms of a tiny world with all choices.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from datetime import date
from functools import partial
from itertools import islice, product
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any

import z3
from policyeval.evaluate import Evaluator
from policyeval.library import Library, open_library
from policyeval.pack import Pack
from policyeval.plan import NO_MOST
from policyeval.solve import Clock, Solver
from policyeval.verdicts import Asked

DAY = date(2023, 6, 30)
PLATFORMS = 20_000
CLAIMS = 1_500
REGIMES = (
    ("lianyungang", ("lianyungang-2021",)),
    ("ganyu", ("lianyungang-2021", "ganyu-draft")),
    ("qidong", ("qidong-2023",)),
)
READINGS = 40  # combinations of readings of one regime, at most
CEILINGS = (100_0000_00, 500_0000_00, 1000_0000_00, 2000_0000_00, 10**15)

Facts = dict[str, Any]


class Count:
    """What has been compared, what was left out and why, and what disagrees."""

    def __init__(self) -> None:
        self.compared: Counter[str] = Counter()
        self.left_out: Counter[str] = Counter()
        self.wrong: list[str] = []

    def lines(self, what: str) -> list[str]:
        whole = self.compared.total() + self.left_out.total()
        share = 100 * self.left_out.total() / whole if whole else 0
        found = [f"{what}: {self.compared.total()} compared, {len(self.wrong)} disagree, {share:.1f}% left out"]
        found += [f"  {number:6} {name}" for name, number in sorted(self.compared.items())]
        return [*found, *(f"  {number:6} left out: {why}" for why, number in sorted(self.left_out.items()))]


# The shipped packs -----------------------------------------------------------


class Regime:
    """Packs of a place, as the solver says them with all readings open, and evaluators of the readings chosen."""

    def __init__(self, library: Library, place: str, packs: Sequence[Pack]) -> None:
        self.name = " + ".join(pack.id for pack in packs)
        self.packs = packs
        asked = Asked(library, {"all": tuple(packs)}, place, DAY, None)
        ground = asked.ground()
        self.space = ground.space
        solver = Solver(ground.b, ground.space, Clock(float("inf")))
        ends = ground.outcome("all")
        self.amounts = ["support", *ends.payers]
        pairs = [ends.support, *ends.payers.values()]
        numbers = [node for pair in pairs for node in pair]
        together = z3.Function("together", *[z3.IntSort()] * (len(numbers) + 1))
        self.term = together(*(solver.term(node) for node in numbers))
        options = {f"{p.id}/{r.id}": range(len(r.options)) for p in packs for r in p.readings.values()}
        every = [dict(zip(options, chosen, strict=True)) for chosen in product(*options.values())]
        self.readings = Random(1).sample(every, min(len(every), READINGS))
        self.evaluators = [Evaluator(self._plan(asked, chosen)) for chosen in self.readings]
        self.asked = ground.plans["all"].facts

    def _plan(self, asked: Asked, chosen: Facts) -> Any:
        readings = {f"{p.id}/{r.id}": list(r.options) for p in self.packs for r in p.readings.values()}
        fixed = {id_: readings[id_][option] for id_, option in chosen.items()}
        return Asked(asked.library, {}, asked.place, DAY, None, fixed).plan(self.packs)

    def said(self, facts: Facts) -> list[int]:
        """Least and most of each amount, by the solver's terms."""
        pins = [
            (z3.Bool(name), z3.BoolVal(value)) if isinstance(value, bool) else (z3.Int(name), z3.IntVal(value))
            for name, value in facts.items()
        ]
        found = z3.simplify(z3.substitute(self.term, pins))
        return [found.arg(i).as_long() for i in range(found.num_args())]

    def platform(self, rnd: Random) -> Facts:
        """One of the platforms that the solver knows of, with the readings still open."""
        facts: Facts = {}
        for name in self.asked:
            values = self.space.values.get(name)
            facts[name] = rnd.choice(values) if values else self._amount(rnd, name)
        for table in self.space.tables:
            facts |= dict(zip(table.facts, rnd.choice(table.rows), strict=True))
        return facts

    def _amount(self, rnd: Random, name: str) -> int:
        bounds = self.space.bounds[name]
        ceiling = rnd.choice(CEILINGS)
        amount = rnd.choice((rnd.randrange(2 * ceiling), ceiling + rnd.randrange(-3, 4), rnd.randrange(9)))
        return min(max(amount, bounds.low or 0), bounds.high or 0)


def shipped(platforms: int, seed: int = 2021) -> Count:
    """Evaluator and solver on random platforms, readings and shipped packs."""
    library = open_library().sound()
    rnd, count = Random(seed), Count()
    regimes = [Regime(library, place, [library.pack(id_) for id_ in ids]) for place, ids in REGIMES]
    for i in range(platforms):
        regime = regimes[i % len(regimes)]
        which = rnd.randrange(len(regime.readings))
        facts = regime.platform(rnd) | regime.readings[which]
        said = iter(regime.said(facts))
        found = regime.evaluators[which].amounts(facts)
        if found.undetermined:
            count.left_out["undetermined"] += 1
            continue
        spans = [found.support, *found.payers.values()]
        same = all(_same(next(said), end) for span in spans for end in span)
        count.compared[f"{regime.name}, {len(regime.readings)} combinations of readings"] += 1
        if not same or [*found.payers] != regime.amounts[1:]:
            count.wrong.append(f"{regime.name}: {facts}: {found}, by the solver {regime.said(facts)}")
    return count


def _same(said: int, end: int | None) -> bool:
    return said > NO_MOST if end is None else said == end


# Small packs -----------------------------------------------------------------


def small(claims: int, seed: int = 0, lists: bool = False) -> Count:
    """Claims about random small packs, decided by proof and by trying everything."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
    from small_proofs import held  # noqa: PLC0415  # where the tests have their small packs

    count = Count()
    for verdict, wrong in islice(held(seed, lists), claims):
        if wrong is None:
            count.left_out[verdict] += 1
        else:
            count.compared[verdict] += 1
            count.wrong += wrong
    return count


def main(platforms: int = PLATFORMS, claims: int = CLAIMS) -> int:
    wrong: list[str] = []
    parts = (
        ("platforms of shipped packs", shipped, platforms),
        ("claims about small packs", small, claims),
        ("claims about small packs with lists", partial(small, lists=True), claims),
    )
    for what, run, size in parts:
        start = perf_counter()
        count = run(size)
        print(*count.lines(what), f"  in {perf_counter() - start:.0f} s", sep="\n", flush=True)
        wrong += count.wrong
    print(*wrong[:3], sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*(int(size) for size in sys.argv[1:])))
