"""What a name is called, in either language, so that reading it gives the same name again.

In: a name, the vocabulary, the pack that the expression stands in, the packs it speaks of. Out: in Chinese, facts,
values, places, payers and slots by their labels; awards, families, readings and options go by their ids. Promise: a
label that no expression could hold (with a space or a bracket in it, or a word of the language), or that would be read
as something else, is never written: its name stands instead.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from policyeval.functions import RESERVED
from policyeval.pack import Pack
from policyeval.problems import Lang
from policyeval.record import replace
from policyeval.tree import Name, Ref
from policyeval.vocabulary import Label, Vocabulary
from policyeval.write import Naming

# One word of a name; the same characters as `parse` reads, and a test compares.
_LETTERS = r"\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"
WORD = rf"[A-Za-z_{_LETTERS}][A-Za-z0-9_{_LETTERS}]*"  # compiled when it is needed: that takes some 5 ms


def naming(vocabulary: Vocabulary, home: str, lang: Lang, packs: Mapping[str, Pack] = MappingProxyType({})) -> Naming:
    """What names are called in an expression of the pack `home`; slots by their labels where their packs are named."""

    def called(name: Name | Ref) -> str:
        if isinstance(name, Name):
            return str(name)
        label = _label(name, vocabulary) if lang == "zh" else None
        if label is not None:
            return label
        if name.role == "fact":
            return name.name.rpartition(".")[2]  # a field goes by its short name
        written = _in_chinese(name, vocabulary, packs.get(name.pack or "")) if lang == "zh" else name
        return _at_home(written, vocabulary, home)

    return called


def is_a_name(text: str) -> bool:
    """Whether an expression can hold the text as a name."""
    return re.fullmatch(WORD, text) is not None and text not in RESERVED


def _label(ref: Ref, vocabulary: Vocabulary) -> str | None:
    """The Chinese label of what has one that can be written."""
    label: Label | None = None
    match ref.role:
        case "regime" if ref.name == "enacted":
            return "现行"
        case "fact":
            label = vocabulary.facts[ref.name].label
        case "value" if fact := vocabulary.facts.get(ref.of or ""):
            label = fact.values.get(ref.name)
        case "place":
            label = vocabulary.places[ref.name].label
        case "payer":
            label = vocabulary.payers[ref.name].label
        case "metric":
            label = vocabulary.metrics[ref.name].label
    return label.zh if label and is_a_name(label.zh) else None


def _in_chinese(ref: Ref, vocabulary: Vocabulary, owner: Pack | None) -> Ref:
    """A slot by its label, and an award's slice by the payer's."""
    if ref.role == "slot" and owner is not None:
        label = owner.slots[ref.name].label.zh
        others = {**owner.award_spellings, **owner.families}
        known = is_a_name(label) and owner.slot_spellings.get(label) == ref.name and label not in others
        return replace(ref, name=label) if known else ref
    payer = vocabulary.payers.get(ref.slice or "")
    return replace(ref, slice=payer.label.zh) if payer and is_a_name(payer.label.zh) else ref


def _at_home(ref: Ref, vocabulary: Vocabulary, home: str) -> str:
    """A name of the own pack goes without the pack, unless it would be taken for a fact."""
    return str(replace(ref, pack=None) if ref.pack == home and ref.name not in vocabulary.fact_spellings else ref)
