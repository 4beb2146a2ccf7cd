"""A platform in words.

In: a platform and the vocabulary. Out: its facts as a person would say them. Promise: what was assumed or follows from
the place is not said as if it had been given.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from policyeval.cases import Platform, Written
from policyeval.cli.words import say
from policyeval.money import read_money
from policyeval.sentences import readable
from policyeval.vocabulary import Fact, Vocabulary


def described(platform: Platform, vocabulary: Vocabulary, lang: str) -> str:
    """The platform in one line, with its name where it has one."""
    facts = facts_in_line(platform, vocabulary, lang)
    return f"{platform.name}{'：' if lang == 'zh' else ': '}{facts}" if platform.name else facts


def facts_in_line(platform: Platform, vocabulary: Vocabulary, lang: str) -> str:
    """What was given about the platform."""
    given = [name for name in platform.written if name not in (*platform.assumed, *platform.derived)]
    return " · ".join(in_words(given, platform.written, vocabulary, lang)) or say(lang)("a_platform")


def in_words(names: Iterable[str], written: Mapping[str, Written], vocabulary: Vocabulary, lang: str) -> list[str]:
    """Facts with their values, in the order of the vocabulary."""
    among = set(names)
    return [_fact(fact, written[name], vocabulary, lang) for name, fact in vocabulary.facts.items() if name in among]


def value_words(fact: Fact, value: str, vocabulary: Vocabulary, lang: str) -> str:
    if fact.kind == "place":
        return vocabulary.places[value].label[lang]
    if fact.kind == "money":
        return readable(read_money(value))
    if fact.kind == "bool":
        return say(lang)("yes" if value == "true" else "no")
    return fact.values[value][lang] if value in fact.values else value


def _items(fact: Fact, items: Sequence[Mapping[str, str]], vocabulary: Vocabulary, lang: str) -> str:
    """How many items a list has, and what each of them is."""
    between, after = ("，", "；") if lang == "zh" else (", ", "; ")
    fields = [[(fact.fields[name], value) for name, value in item.items()] for item in items]
    texts = [between.join(_fact(field, value, vocabulary, lang) for field, value in item) for item in fields]
    shown = after.join(text or say(lang)("nothing_stated") for text in texts) if any(texts) else ""
    said = say(lang)
    count = said("count_of", fact=fact.label[lang], count=str(len(items)))
    return said("items", count=count, items=shown) if shown else count


def _fact(fact: Fact, value: Written, vocabulary: Vocabulary, lang: str) -> str:
    """A place or a value that has no default speaks for itself; the others need the fact's name."""
    if not isinstance(value, str):
        return _items(fact, value, vocabulary, lang)
    said, shown = say(lang), value_words(fact, value, vocabulary, lang)
    if fact.kind == "place" or (fact.values and fact.default is None):
        return shown
    if fact.kind == "bool" and value == "true":
        return fact.label[lang]
    if fact.kind == "bool":
        return said("not", fact=fact.label[lang])
    return said("fact_default" if fact.values else "fact_value", fact=fact.label[lang], value=shown)
