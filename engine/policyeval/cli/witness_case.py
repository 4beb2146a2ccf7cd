"""A witness as an example that a pack can hold under `cases`.

In: a proof with a witness. Out: YAML. Promise: what is expected is what the engine's evaluation gave, so the example
passes as it stands and shows what the claim denies.
"""

from __future__ import annotations

from typing import Any

import yaml

from policyeval.cli.console import say_bytes
from policyeval.evaluate import Span
from policyeval.files import create_file
from policyeval.money import in_words
from policyeval.verdicts import Proof, platform_words, readings_of

_STDOUT = "-"


def emit_case(proof: Proof, path: str) -> None:
    """Prints the example, or writes it to a file that must not be there yet."""
    data = yaml.safe_dump([_case(proof)], allow_unicode=True, sort_keys=False, width=1000).encode()
    if path == _STDOUT:
        say_bytes(data)
    else:
        create_file(path, data)


def _case(proof: Proof) -> dict[str, Any]:
    witness = proof.verdict.witness
    assert witness is not None  # the caller asked
    regime, outcome = list(witness.outcomes.items())[-1]
    drafts = [pack.id for pack in proof.regimes[regime] if pack.status == "draft"]
    readings = {**proof.readings, **readings_of(witness, proof.open_readings)}
    return {
        "name": {"zh": f"反例：{proof.text}", "en": f"Against: {proof.text}"},
        "as_of": proof.as_of.isoformat(),
        **({"with": drafts} if drafts else {}),
        **({"readings": dict(readings)} if readings else {}),
        "platform": platform_words(witness.facts, proof.vocabulary),
        "expect": {
            "support": _amount(outcome.support),
            "payers": {payer: _amount(span) for payer, span in outcome.payers.items()},
        },
    }


def _amount(span: Span) -> Any:
    low = in_words(span.min or 0)
    if span.max == span.min:
        return low
    return {"min": low, **({} if span.max is None else {"max": in_words(span.max)})}
