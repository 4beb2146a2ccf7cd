"""`policyeval facts`: what may be said of a platform, who pays, and where."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policyeval.cli import options
from policyeval.cli.console import say_json, say_pages
from policyeval.cli.options import command, door
from policyeval.cli.page import Below, Page, Row, row
from policyeval.cli.platform_text import value_words
from policyeval.cli.table import Cell
from policyeval.cli.words import listed, say
from policyeval.library import open_library
from policyeval.types import KIND_NAMES
from policyeval.vocabulary import Fact, Label, Metric, Vocabulary


@command("facts", en="The facts of a platform, the payers and the places.", zh="平台的事实、出资方和地方。")
@options.policies
@options.form("text", "json", "md")
def run(policies: tuple[str, ...], form: str) -> int:
    vocabulary = open_library(policies).sound().vocabulary
    if form == "json":
        say_json(_json(vocabulary))
    else:
        say_pages([_page(vocabulary, door().lang)], form)
    return 0


def _json(vocabulary: Vocabulary) -> dict[str, Any]:
    return {
        "facts": [_fact_json(fact) for fact in vocabulary.declared.values()],
        "payers": [{"payer": p.name, "label": _label_json(p.label)} for p in vocabulary.payers.values()],
        "places": [
            {
                "place": place.name,
                "label": _label_json(place.label),
                "tier": place.tier,
                "within": place.within,
                "treasury": _label_json(place.treasury) if place.treasury else None,
            }
            for place in vocabulary.places.values()
        ],
        "metrics": [_metric_json(metric) for metric in vocabulary.metrics.values()],
        "bodies": [
            {"body": body.name, "label": _label_json(body.label), "place": body.place, "succeeds": body.succeeds}
            for body in vocabulary.bodies.values()
        ],
    }


def _metric_json(metric: Metric) -> dict[str, Any]:
    return {
        "metric": metric.name,
        "label": _label_json(metric.label),
        "type": metric.type,
        "unit": _label_json(metric.unit) if metric.unit else None,
        "measure": metric.measure,
        "within": metric.within,
        "adds_to": metric.adds_to,
        "same_as": metric.same_as.metric if metric.same_as else None,
        "like": metric.like.metric if metric.like else None,
    }


def _fact_json(fact: Fact) -> dict[str, Any]:
    return {
        "fact": fact.name,
        "label": _label_json(fact.label),
        "type": fact.kind,
        "values": [{"value": value, "label": _label_json(label)} for value, label in fact.values.items()],
        "default": fact.default,
        "derived_from": fact.derived.source if fact.derived else None,
        "given": fact.given,
        "note": _label_json(fact.note) if fact.note else None,
        "most": fact.most,
        "of": [{**_fact_json(inner), "fact": name} for name, inner in fact.fields.items()],
    }


def _label_json(label: Label) -> dict[str, Any]:
    return {"zh": label.zh, "en": label.en, "also": list(label.also)}


def _page(vocabulary: Vocabulary, lang: str) -> Page:
    said, page = say(lang), Page()
    header = [said(key) for key in ("name", "label", "type", "default")]
    page.section(said("facts"), [_fact(fact, vocabulary, lang) for fact in vocabulary.declared.values()], header)
    payers = [row(Cell(p.name, "bold"), p.label[lang]) for p in vocabulary.payers.values()]
    page.section(said("payers"), payers, [said("name"), said("label")])
    header = [said("label"), said("name"), said("tier"), said("treasury")]
    page.section(said("places"), list(_places(vocabulary, None, 0, lang)), header)
    header = [said("name"), said("label"), said("metric_unit")]
    page.section(said("metrics"), [_metric(metric, vocabulary, lang) for metric in vocabulary.metrics.values()], header)
    bodies = [
        row(Cell(body.name, "bold"), body.label[lang], vocabulary.places[body.place].label[lang])
        for body in vocabulary.bodies.values()
    ]
    page.section(said("bodies"), bodies, [said("name"), said("label"), said("body_place")])
    return page


def _metric(metric: Metric, vocabulary: Vocabulary, lang: str) -> Row:
    """A metric with its unit, and what it is to others."""
    said = say(lang)
    unit = metric.unit[lang] if metric.unit else said(f"measured_{metric.type}")
    kind = f"{unit}{said(f'measure_{metric.measure}') if metric.measure else ''}"
    related = {
        "metric_within": metric.within,
        "metric_adds_to": metric.adds_to,
        "metric_same_as": metric.same_as.metric if metric.same_as else None,
        "metric_like": metric.like.metric if metric.like else None,
    }
    below = [
        Below(said(key, metric=vocabulary.metrics[other].label[lang]), "dim") for key, other in related.items() if other
    ]
    return row(Cell(metric.name, "bold"), metric.label[lang], kind, below=below)


def _fact(fact: Fact, vocabulary: Vocabulary, lang: str) -> Row:
    said = say(lang)
    default = value_words(fact, fact.default, vocabulary, lang) if fact.default is not None else ""
    if fact.derived:
        default = said("derived", source=vocabulary.facts[fact.derived.source].label[lang])
    kind = KIND_NAMES[fact.kind][lang]
    if fact.most is not None:
        kind = said("at_most_items", kind=kind, most=fact.most)
    return row(Cell(fact.name, "bold"), fact.label[lang], kind, default, below=list(_below(fact, lang)))


def _below(fact: Fact, lang: str, level: int = 0) -> Iterator[Below]:
    """What there is to know of a fact beside its name: note, values, other names, and the fields of a list."""
    if fact.note:
        yield Below(fact.note[lang], "dim", level)
    if fact.values:
        between = " < " if fact.kind == "ordered" else ", "
        yield Below(between.join(f"{value} {label[lang]}" for value, label in fact.values.items()), "", level)
    if fact.label.also:
        yield Below(say(lang)("also", names=listed(list(fact.label.also), lang)), "dim", level)
    for name, field in fact.fields.items():
        yield Below(f"{name}  {field.label[lang]}  {KIND_NAMES[field.kind][lang]}", "", level)
        yield from _below(field, lang, level + 1)


def _places(vocabulary: Vocabulary, within: str | None, depth: int, lang: str) -> Iterator[Row]:
    """The tree of places, each with what lies in it below it."""
    for place in vocabulary.places.values():
        if place.within == within:
            treasury = place.treasury[lang] if place.treasury else ""
            label = f"{'· ' * depth}{place.label[lang]}"
            yield row(label, Cell(place.name, "bold"), Cell(vocabulary.tiers[place.tier][lang], "dim"), treasury)
            yield from _places(vocabulary, place.name, depth + 1, lang)
