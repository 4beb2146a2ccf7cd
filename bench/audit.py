"""How long an audit takes as packs grow in number: `python -m bench.audit`.

In: the shipped packs and 50 to 400 made-up ones, each with targets, tables, definitions, duties and a procedure, at the
places and with the metrics, bodies and words of the shipped vocabulary, so that they meet each other. Out: for each
number the processor time of an audit, of its JSON and of its page, in one process, and what is found. The packs are
read before.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import date
from itertools import pairwise
from random import Random
from typing import Any

from policyeval.audit import as_json, audit
from policyeval.cli.audit_text import page_of
from policyeval.library import Library, open_library
from policyeval.load import load_pack
from policyeval.pack import Pack
from policyeval.record import replace
from policyeval.resolve import resolve

NUMBERS = (50, 100, 200, 400)
DAY = date(2026, 1, 1)
LABEL = {"zh": "例", "en": "an example"}
CITE = {"section": "一", "phrase": "示例"}
TARGETS = 24
TOPICS = ("monitoring", "recognition", "coordination", "finance", "reports", "appraisal")


def pack(number: int, shipped: Library) -> bytes:
    """A plan as a drafter would write it."""
    rnd, words = Random(number), shipped.vocabulary
    place = rnd.choice(list(words.places))
    below = [name for name, info in words.places.items() if info.within == place]
    bodies, used = list(words.bodies), rnd.choice(list(shipped.versions))
    metrics = [m for m in words.metrics.values() if m.type == "count"]
    targets: dict[str, Any] = {}
    for i in range(TARGETS):
        value = rnd.randrange(1, 100)
        targets[f"target_{i}"] = {
            "label": LABEL,
            "cite": CITE,
            "metric": rnd.choice(metrics).name,
            "comparator": rnd.choice(("at_least", "exact", "about")),
            "value": value,
            "bodies": rnd.sample(bodies, 2),
            **({"per": "year"} if rnd.random() < 0.3 else {}),
            **({"period": rnd.choice(("plan", "first"))} if rnd.random() < 0.8 else {}),
        }
        if below and rnd.random() < 0.5:
            rows = [{"places": [name], "value": rnd.randrange(20), "cite": CITE} for name in below]
            targets[f"target_{i}"]["quotas"] = {"by_place": {"rows": rows, "total": {"value": value, "cite": CITE}}}
    found = {
        "pack": f"plan-{number}",
        "version": "1.0.0",
        "status": "enacted",
        "jurisdiction": place,
        "document": {"title": LABEL},
        "effective": {"from": f"{rnd.randrange(2018, 2024)}-01-01", "to": None},
        "uses": {used: f"^{shipped.versions[used][0].version}"},
        "payers": [],
        "awards": {},
        "periods": {
            "plan": {"label": LABEL, "from": "2021-01-01", "to": "2025-12-31"},
            "first": {"label": LABEL, "from": "2021-01-01", "to": "2021-12-31"},
        },
        "targets": targets,
        "definitions": {
            value: {
                "label": {"zh": f"名称{rnd.randrange(9)}", "en": "a name"},
                "means": LABEL,
                "of": f"kind.{value}",
                "items": [{"zh": f"项{rnd.randrange(9)}", "en": "an item"} for _ in range(4)],
                "cite": CITE,
            }
            for value in words.facts["kind"].values
        },
        "duties": {
            f"duty_{i}": {
                "bodies": rnd.sample(bodies, 3),
                "does": LABEL,
                "topic": rnd.choice(TOPICS),
                "cite": CITE,
                **({"every": rnd.choice(("month", "quarter", "year"))} if rnd.random() < 0.5 else {}),
            }
            for i in range(20)
        },
        "procedures": {
            "recognition": {
                "label": LABEL,
                "cite": CITE,
                "topic": rnd.choice(TOPICS),
                "steps": [{"step": i, "does": LABEL, "cite": CITE, "bodies": rnd.sample(bodies, 2)} for i in range(5)],
            }
        },
    }
    return json.dumps(found, ensure_ascii=False, indent=1).encode()


def read(number: int, shipped: Library) -> Pack:
    loaded, problems = load_pack(pack(number, shipped), f"plan-{number}.yaml")
    assert loaded is not None, problems[0].message()
    resolved, problems = resolve(loaded, shipped.vocabulary, {})
    assert not problems, problems[0].message()
    return resolved


def main(numbers: tuple[int, ...] = NUMBERS) -> int:
    shipped = open_library()
    packs = [read(number, shipped) for number in range(max(numbers))]
    audit(shipped, DAY)  # what is worked out once
    print("| packs | audit | as JSON | as a page | findings |")
    print("| --- | --- | --- | --- | --- |")
    for number in numbers:
        library = replace(shipped, packs=(*shipped.packs, *packs[:number]))
        times = [time.process_time()]
        found = audit(library, DAY)
        times.append(time.process_time())
        json.dumps(as_json(found, "en"))
        times.append(time.process_time())
        page_of(found, "zh").terminal(100, False)
        times.append(time.process_time())
        took = [f"{after - before:.2f} s" for before, after in pairwise(times)]
        print(f"| {len(library.packs)} | {' | '.join(took)} | {len(found.findings)} |")
    return 0


if __name__ == "__main__":
    sys.exit(main(tuple(int(number) for number in sys.argv[1:]) or NUMBERS))
