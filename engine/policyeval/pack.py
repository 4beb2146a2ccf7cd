"""A pack: one policy document, one version, as data.

In: what `load` read. Out: frozen records that `resolve`, `check` and `lower` read. Expressions are trees; every record
keeps the span of the thing it was read from, in `Pack.source`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cached_property
from typing import Any, Literal

from policyeval.provisions import Cite, Figure, Provisions
from policyeval.record import Record, field
from policyeval.source import Source, Span
from policyeval.tree import NOWHERE, Node, Ref, walk
from policyeval.vocabulary import Label


class Document(Record):
    """The document a pack stands for. A draft may lack number, issuer and date."""

    title: Label
    number: str | None = None
    issuer: Label | None = None
    issued: date | None = None


class Reading(Record):
    """A clause that can honestly be read in more than one way; the reader chooses an option."""

    id: str
    ask: Label
    cite: Cite
    options: Mapping[str, Label]
    default: str
    span: Span = field(default=NOWHERE, compare=False)
    figures: tuple[Figure, ...] = ()


class Award(Record):
    """Support in money. `when` None means always; the amount may be `unspecified`."""

    id: str
    label: Label
    cite: Cite
    amount: Node
    when: Node | None = None
    family: str | None = None
    beneficiary: str = "platform"
    per: Literal["platform", "year"] = "platform"
    instrument: str = "grant"
    fills: str | None = None  # a slot, `pack/id`
    note: Label | None = None
    figures: tuple[Figure, ...] = ()
    span: Span = field(default=NOWHERE, compare=False)


class Slot(Record):
    """What a lower government is to settle: in an amount, the sum of the awards that fill it."""

    id: str
    label: Label
    cite: Cite
    span: Span = field(default=NOWHERE, compare=False)


class Budget(Record):
    """A ceiling in fen over awards of a whole year; it is applied where a batch is evaluated, not to one platform."""

    id: str
    label: Label
    cite: Cite
    awards: tuple[str, ...]
    total: int
    span: Span = field(default=NOWHERE, compare=False)


class Entitlement(Record):
    """Support in kind: land, financing, treatment."""

    id: str
    label: Label
    cite: Cite
    when: Node | None = None
    beneficiary: str = "platform"
    note: Label | None = None
    figures: tuple[Figure, ...] = ()
    span: Span = field(default=NOWHERE, compare=False)


class Authority(Record):
    """A department in charge, of which platforms, and what it does."""

    body: Label
    does: Label
    cite: Cite
    when: Node | None = None
    figures: tuple[Figure, ...] = ()
    span: Span = field(default=NOWHERE, compare=False)


class Statement(Record):
    """A statement of precedence; `rule` is an Op of the statement rows of `functions`, or a `when` around one."""

    rule: Node
    cite: Cite
    text: str
    note: Label | None = None
    figures: tuple[Figure, ...] = ()
    span: Span = field(default=NOWHERE, compare=False)


class Guarantee(Record):
    """A property that must hold for every platform."""

    claim: Node
    text: str
    cite: Cite | None = None
    span: Span = field(default=NOWHERE, compare=False)


class Case(Record):
    """An embedded example as written: facts, and what was worked out by hand; `examples` reads and runs it.

    A fact or a reading with a list takes each of its values in turn; `expect` is a mapping, or a list of them.
    """

    name: Label
    platform: Mapping[str, Any]
    expect: Any
    as_of: date | None = None
    with_: tuple[str, ...] = ()
    readings: Mapping[str, Any] = field(default_factory=dict)
    because: Label | None = None
    span: Span = field(default=NOWHERE, compare=False)


class NotModelled(Record):
    """What the document says and the pack does not, and why. `kinds`: of the rows of a ledger it accounts for."""

    section: str
    what: Label
    reason: Label
    kinds: tuple[str, ...] = ()


class Allow(Record):
    """A finding of `lint` that is meant: its code, the rule it is about, and why it may stand."""

    code: str
    where: str
    reason: Label
    span: Span = field(default=NOWHERE, compare=False)


class Pack(Record):
    """One document, one version. `sha256` is of the file's bytes; `effective` is None for what is not in force."""

    id: str
    version: str
    status: Literal["draft", "enacted"]
    jurisdiction: str
    document: Document
    source: Source
    sha256: str
    effective_from: date | None = None
    effective_to: date | None = None
    uses: Mapping[str, str] = field(default_factory=dict)
    payers: tuple[str, ...] = ()
    readings: Mapping[str, Reading] = field(default_factory=dict, later=True)
    awards: Mapping[str, Award] = field(default_factory=dict, later=True)
    slots: Mapping[str, Slot] = field(default_factory=dict, later=True)
    budgets: Mapping[str, Budget] = field(default_factory=dict, later=True)
    entitlements: Mapping[str, Entitlement] = field(default_factory=dict, later=True)
    authority: tuple[Authority, ...] = field(default=(), later=True)
    precedence: tuple[Statement, ...] = field(default=(), later=True)
    guarantees: tuple[Guarantee, ...] = field(default=(), later=True)
    provisions: Provisions = field(default_factory=Provisions)
    cases: tuple[Case, ...] = field(default=(), later=True)
    not_modelled: tuple[NotModelled, ...] = field(default=(), later=True)
    allow: tuple[Allow, ...] = field(default=(), later=True)
    spans: Mapping[str, Span] = field(
        default_factory=dict, compare=False, later=True
    )  # of `jurisdiction`, `uses.<id>`, …

    @property
    def ref(self) -> str:
        return f"{self.id}@{self.version}"

    @property
    def families(self) -> dict[str, tuple[str, ...]]:
        """Each family's awards, in the order of the pack."""
        found: dict[str, tuple[str, ...]] = {}
        for award in self.awards.values():
            if award.family:
                found[award.family] = (*found.get(award.family, ()), award.id)
        return found

    @cached_property
    def award_spellings(self) -> dict[str, str]:
        return _spellings(self.awards)

    @cached_property
    def slot_spellings(self) -> dict[str, str]:
        return _spellings(self.slots)

    @cached_property
    def comparing(self) -> frozenset[str]:
        """The readings that say how targets compare."""
        return frozenset(self.provisions.comparators()) & self.readings.keys()

    @cached_property
    def asked(self) -> frozenset[tuple[str | None, str]]:
        """The readings that rules on support ask for, each with its pack."""
        items: tuple[Award | Entitlement | Authority, ...] = (
            *self.awards.values(),
            *self.entitlements.values(),
            *self.authority,
        )
        trees = [item.when for item in items if item.when is not None]
        trees += [award.amount for award in self.awards.values()]
        trees += [statement.rule for statement in self.precedence]
        nodes = (node for tree in trees for node in walk(tree))
        return frozenset((node.pack, node.name) for node in nodes if isinstance(node, Ref) and node.role == "reading")

    def awards_of(self, names: Iterable[str]) -> tuple[str, ...]:
        """The awards that names of awards and families stand for."""
        return tuple(award for name in names for award in self.families.get(name, (name,)))

    def in_force(self, day: date) -> bool:
        """Whether an enacted pack is in force on `day`; both ends are included, no end means still in force."""
        if self.status != "enacted" or self.effective_from is None:
            return False
        return self.effective_from <= day and (self.effective_to is None or day <= self.effective_to)


def _spellings(items: Mapping[str, Award] | Mapping[str, Slot]) -> dict[str, str]:
    """Ids, and those labels that one item alone has; an id goes before a label."""
    labels = [(spelling, item.id) for item in items.values() for spelling in {*item.label.spellings}]
    times = Counter(spelling for spelling, _ in labels)
    return {s: id for s, id in labels if times[s] == 1} | {id: id for id in items}
