"""How long checking takes as a pack grows: `python -m bench.check`.

In: made-up packs of 50 to 2,000 awards, in families of four with a statement each. Out: for each size the processor
time of the steps, warm and in one process, and of an award. Each award has its own figures, so nothing is met twice.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from datetime import date
from random import Random
from typing import Any

from policyeval.check import check
from policyeval.library import Library, open_library
from policyeval.lint import lint
from policyeval.load import load_pack
from policyeval.record import replace
from policyeval.resolve import resolve

SIZES = (50, 100, 200, 500, 1000, 2000)
LABEL = {"zh": "例", "en": "an example"}
CITE = {"section": "一", "phrase": "示例"}
KINDS = ("technology_innovation_center", "industry_innovation_center", "new_rnd_institution", "professional_institute")


def pack(size: int) -> bytes:
    """A pack as a drafter would write it: matching, rewards in steps, subsidies up to an amount, how they relate."""
    rnd = Random(size)
    awards: dict[str, Any] = {}
    rules = []
    for family in range(size // 4):
        kind = KINDS[family % len(KINDS)]
        names = [f"{name}_{family}" for name in ("match", "steps", "subsidy", "promise")]
        a, b, c = (rnd.randrange(100, 900) for _ in range(3))
        whens = [
            f"level is national and kind is {kind}",
            f"level is provincial and kind is {kind}",
            f"level is municipal and kind is {kind} and performance is excellent",
            f"level is none and kind is {kind}",
        ]
        amounts = [
            f"upstream_funding matched 1:0.{a} by host capped at {b}万元",
            f"if contract_turnover at least {c + 900}万元 then {b + 900}万元 by host else {b}万元 by host",
            f"up to 0.{a}% of contract_turnover capped at {c}万元 by host",
            "unspecified by host",
        ]
        for name, when, amount in zip(names, whens, amounts, strict=True):
            awards[name] = {"family": f"family_{family}", "label": LABEL, "cite": CITE, "when": when, "amount": amount}
        rules.append({"rule": f"{names[0]} limited to {b - 50}万元", "cite": CITE})
    found = {
        "pack": "large",
        "version": "1.0.0",
        "status": "draft",
        "jurisdiction": "ganyu",
        "document": {"title": LABEL},
        "effective": None,
        "payers": ["host"],
        "awards": awards,
        "precedence": rules,
    }
    return json.dumps(found, ensure_ascii=False, indent=1).encode()


def timed(size: int, shipped: Library) -> Iterator[tuple[str, float]]:
    data = pack(size)
    start = time.process_time()
    loaded, problems = load_pack(data, "large.yaml")
    yield "read", time.process_time() - start
    assert loaded is not None
    assert not problems
    start = time.process_time()
    resolved, problems = resolve(loaded, shipped.vocabulary, {})
    problems += check(resolved, shipped.vocabulary, {})
    yield "names and types", time.process_time() - start
    assert not problems
    library = replace(shipped, packs=(*shipped.packs, resolved))
    start = time.process_time()
    found = lint(library, resolved, date(2026, 1, 1))
    yield "lints", time.process_time() - start
    assert not found.problems, found.problems[0].message()


def main(sizes: tuple[int, ...] = SIZES) -> int:
    shipped = open_library()
    dict(timed(40, shipped))  # what is worked out once
    print("| awards | read | names and types | lints | check, together | an award |")
    print("| --- | --- | --- | --- | --- | --- |")
    for size in sizes:
        best = min((dict(timed(size, shipped)) for _ in range(5 if size <= 200 else 1)), key=lambda t: sum(t.values()))
        ms = {step: seconds * 1000 for step, seconds in best.items()}
        checked = ms["names and types"] + ms["lints"]
        row = [ms["read"], ms["names and types"], ms["lints"], checked]
        print(f"| {size} | {' | '.join(f'{v:.0f} ms' for v in row)} | {checked / size:.2f} ms |")
    return 0


if __name__ == "__main__":
    sys.exit(main(tuple(int(size) for size in sys.argv[1:]) or SIZES))
