"""The library: all packs at hand, and which of them apply.

In: folders and files. Out: a Library of resolved and checked packs, from the cache where nothing has changed. Promises:
a pack with an error is never applied; what is left out of a selection is said, with the way to have it applied.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property

from policyeval import store
from policyeval.data_files import data_folder
from policyeval.files import AnyPath, names_a_file, read_file, read_reference
from policyeval.near import did_you_mean
from policyeval.pack import Pack
from policyeval.problems import At, Problem, Refusal, errors
from policyeval.record import Record, field, replace
from policyeval.tree import Node, Ref, walk
from policyeval.versions import meets, read_version
from policyeval.vocabulary import Label, Vocabulary

File = tuple[str, bytes]  # its name, as a user knows it, and its bytes
Files = list[File]


class Library(Record):
    """`packs` are of the folders, `named` those of files on the command line, by the reference as typed.

    `broken` says of each pack that has an error, by its id or reference, from which file it is.
    """

    vocabulary: Vocabulary
    packs: tuple[Pack, ...] = ()
    named: Mapping[str, Pack] = field(default_factory=dict)
    broken: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    @cached_property
    def versions(self) -> dict[str, tuple[Pack, ...]]:
        """The packs of the folders by id, newest first."""
        found: dict[str, list[Pack]] = {}
        for pack in sorted(self.packs, key=_newness, reverse=True):
            found.setdefault(pack.id, []).append(pack)
        return {id: tuple(packs) for id, packs in sorted(found.items())}

    def sound(self) -> Library:
        """The library itself, where every pack loads. Raises Refusal otherwise."""
        if wrong := errors(self.problems):
            raise Refusal(*wrong)
        return self

    def pack(self, reference: str) -> Pack:
        """The pack that a reference means: a file as typed, `id@version`, or the newest of an id. Raises Refusal."""
        if reference in self.named:
            return self.named[reference]
        if reference in self.broken:
            raise Refusal(*self.problems_of(reference))
        id, _, version = reference.partition("@")
        known = self.versions.get(id) or tuple(pack for pack in self.named.values() if pack.id == id)
        if not known:
            raise Refusal(Problem("L102", {"pack": reference, "near": did_you_mean(id, self._ids)}))
        for pack in known:
            if version in ("", pack.version):
                return pack
        there = ", ".join(f"`{pack.ref}`" for pack in known)
        raise Refusal(Problem("L103", {"pack": id, "version": version, "there": there}))

    def problems_of(self, reference: str) -> list[Problem]:
        """What was found in the file of one pack."""
        name = self.broken.get(reference) or self.pack(reference).source.name
        return [p for p in self.problems if (p.at.source.name if p.at else p.words.get("path")) == name]

    def in_force(self, place: str | None, day: date) -> list[Pack]:
        """What applies at a place on a day without being named: the newest enacted version of each, higher first.

        Where the place is not known (None), what applies anywhere.
        """
        found = []
        for versions in self.versions.values():
            anywhere = (pack for pack in versions if pack.in_force(day))
            applying = (pack for pack in anywhere if place is None or self.reaches(pack, place))
            if newest := next(applying, None):
                found.append(newest)
        return self.ordered(found)

    def reaches(self, pack: Pack, place: str) -> bool:
        """Whether the pack's place is this place or above it."""
        return any(up.name == pack.jurisdiction for up in self.vocabulary.upward(place))

    def ordered(self, packs: Iterable[Pack]) -> list[Pack]:
        """Packs of a higher government first; the order in which statements apply."""
        return sorted(packs, key=lambda pack: (self.vocabulary.depth(pack.jurisdiction), pack.id))

    def around(self, pack: Pack) -> dict[str, Pack]:
        """The packs that a file of the command line may speak of, one an id."""
        return _around(pack, self, from_file=True)

    def behind(self, packs: Iterable[Pack], from_file: bool = False) -> Files:
        """What tells apart the packs on which anything found in these may depend: they themselves, those that they use,
        those that fill their slots, and so on. `from_file`: as `around` sees it."""
        start = list(packs)
        views = [_around(pack, self, from_file) for pack in start]
        found = {_identity(pack) for pack in start}
        todo = list(start)
        while todo:
            one = todo.pop()
            near = {*one.uses, *self._filling.get(one.id, ())}
            for view in (*views, _around(one, self)) if near else ():
                for other in (view[id] for id in near if id in view):
                    if _identity(other) not in found:
                        found.add(_identity(other))
                        todo.append(other)
        return sorted(found)

    @cached_property
    def _filling(self) -> dict[str, set[str]]:
        """For each pack with slots, the packs with an award that fills one of them."""
        found: dict[str, set[str]] = {}
        for pack in (*self.packs, *self.named.values()):
            for award in pack.awards.values():
                if award.fills is not None:
                    found.setdefault(award.fills.rpartition("/")[0], set()).add(pack.id)
        return found

    @property
    def _ids(self) -> list[str]:
        return [*self.versions, *(pack.id for pack in self.named.values())]


# Selection -------------------------------------------------------------------


class Selection(Record):
    """The packs to apply, in their order, and what there is to say about those that were named."""

    packs: tuple[Pack, ...]
    notes: tuple[Problem, ...] = ()


def select(
    library: Library, place: str | None, day: date, packs: Sequence[str] = (), with_: Sequence[str] = ()
) -> Selection:
    """What applies at a place on a day; where the place is not known, all that may.

    Without `packs`, what is in force there; `packs` narrows that, `with_` adds drafts at any date. Raises Refusal for a
    reference that means nothing.
    """
    notes: list[Problem] = []
    added = {reference: library.pack(reference) for reference in with_}
    if packs:
        chosen = {}
        for reference in packs:
            pack = library.pack(reference)
            if pack.status == "draft" and pack not in added.values():
                notes.append(Problem("L202", {"pack": pack.id, "ref": reference}))
            elif pack.status == "enacted" and _applies(library, pack, place, day, notes):
                chosen[pack.id] = _standing_in(library, reference, pack, notes)
    else:
        chosen = {pack.id: pack for pack in library.in_force(place, day)}
    for reference, pack in added.items():
        if _applies(library, pack, place, day, notes):
            chosen[pack.id] = _standing_in(library, reference, pack, notes)
    ordered = library.ordered(chosen.values())
    if any(pack in library.named.values() for pack in ordered) and (missing := missing_references(ordered)):
        raise Refusal(*missing)
    return Selection(tuple(ordered), tuple(notes))


def missing_references(packs: Sequence[Pack]) -> list[Problem]:
    """Where packs speak of what another of them does not have: a file that stands in for a pack may have dropped it."""
    by_id = {pack.id: pack for pack in packs}
    found = []
    for pack in packs:
        for ref in _references(pack):
            owner, _, reading = (ref.of or "").partition("/")
            other = by_id.get(ref.pack or owner)
            if other and not _has(other, ref, reading):
                words = {"ref": str(ref), "path": other.source.name}
                found.append(Problem("L206", words, At(pack.source, ref.span)))
    return found


def _has(pack: Pack, ref: Ref, reading: str) -> bool:
    """Whether the pack has the award, family or reading, or the option of `reading`, that is meant."""
    if ref.role == "value":
        return reading in pack.readings and ref.name in pack.readings[reading].options
    return ref.name in {*pack.awards, *pack.families, *pack.readings, *pack.slots}


def _references(pack: Pack) -> Iterator[Ref]:
    """What a pack says about awards, families and readings of other packs."""
    trees: list[Node | None] = [tree for award in pack.awards.values() for tree in (award.when, award.amount)]
    trees += [item.when for item in pack.entitlements.values()]
    trees += [item.when for item in pack.authority]
    trees += [statement.rule for statement in pack.precedence]
    trees += [guarantee.claim for guarantee in pack.guarantees]
    for tree in trees:
        for node in walk(tree) if tree else ():
            owner = node.pack or (node.of or "").rpartition("/")[0] if isinstance(node, Ref) else ""
            if isinstance(node, Ref) and owner not in ("", pack.id):
                yield node


def _applies(library: Library, pack: Pack, place: str | None, day: date, notes: list[Problem]) -> bool:
    """Whether a pack that was named applies; if not, a note says why."""
    if place is not None and not library.reaches(pack, place):
        of, at = (library.vocabulary.places[name].label for name in (pack.jurisdiction, place))
        notes.append(Problem("L201", {"pack": pack.id, "of": _in_words(of), "place": _in_words(at)}))
        return False
    if pack.status == "enacted" and not pack.in_force(day):
        notes.append(Problem("L203", {"pack": pack.ref, "day": day.isoformat(), "term": _term(pack)}))
        return False
    return True


def _standing_in(library: Library, reference: str, pack: Pack, notes: list[Problem]) -> Pack:
    """The pack; where it is a file that stands in for a pack of its id, a note says so."""
    shipped = library.versions.get(pack.id, ())
    if reference in library.named and shipped and all(pack.sha256 != other.sha256 for other in shipped):
        notes.append(Problem("L204", {"path": reference, "pack": shipped[0].ref}))
    return pack


def _term(pack: Pack) -> dict[str, str]:
    first, last = pack.effective_from, pack.effective_to
    return {
        "en": f"from {first}" + (f" to {last}" if last else ""),
        "zh": f"自{first}起" + (f"至{last}" if last else ""),
    }


def _in_words(label: Label) -> dict[str, str]:
    return {"en": label.en, "zh": label.zh}


# Opening ---------------------------------------------------------------------


def open_library(folders: Sequence[AnyPath] = (), files: Sequence[str] = (), use_cache: bool = True) -> Library:
    """The shipped policies, those of `folders`, and the files that PACK references name (others are ids, and skipped).

    Raises Refusal where a folder or a file cannot be read; what is wrong inside them is in `Library.problems`.
    """
    shelves = [
        _folder_files(data_folder("policies"), "policies"),
        *(_folder_files(f, os.path.normpath(f)) for f in folders),
    ]
    named = [(reference, read_reference(reference)) for reference in dict.fromkeys(files) if names_a_file(reference)]
    if not use_cache:
        return _build(shelves, named, use_cache)[0]
    key = store.key_of([*(file for shelf in shelves for file in (("", b""), *shelf)), ("named", b""), *named])
    found = _opened(key)
    if found is None:
        found, index = _build(shelves, named, use_cache)
        store.write(key, index)
    return found


class Checked(Record):
    """A resolved pack, and what is wrong with it: an entry of the cache for each pack."""

    pack: Pack
    problems: tuple[Problem, ...]


class _Index(Record):
    """A library with the keys of its packs in their place: an entry of the cache for each set of files."""

    vocabulary: Vocabulary
    packs: tuple[str, ...]
    named: Mapping[str, str]
    broken: Mapping[str, str]
    problems: tuple[Problem, ...]


def _opened(key: str) -> Library | None:
    """The library of an index; None where it, or one of its packs, is not kept."""
    index = store.read(key, _Index)
    if index is None:
        return None
    packs: dict[str, Pack] = {}
    for each in (*index.packs, *index.named.values()):
        found = store.read(each, Checked)
        if found is None:
            return None
        packs[each] = found.pack
    named = {reference: packs[each] for reference, each in index.named.items()}
    return Library(index.vocabulary, tuple(packs[each] for each in index.packs), named, index.broken, index.problems)


def _folder_files(folder: AnyPath, name: str) -> Files:
    """The YAML files of a folder, in order, by the names that a user knows."""
    if not os.path.isdir(folder):
        raise Refusal(Problem("L104", {"path": name}))
    with os.scandir(folder) as entries:
        found = sorted((each.name, each.path) for each in entries if _is_yaml(each.name) and each.is_file())
    return [(f"{name}/{file}", read_file(path, f"{name}/{file}")) for file, path in found]


def _is_yaml(name: str) -> bool:
    return os.path.splitext(name)[1] in (".yaml", ".yml")


def _build(shelves: Sequence[Files], named: Files, use_cache: bool) -> tuple[Library, _Index]:
    """Reads, resolves and checks what has changed, and whatever depends on it; the rest was kept."""
    # yaml, lark and jsonschema cost more than a whole warm start, so they wait until something has changed
    from policyeval.load import anew, load_files, load_named  # noqa: PLC0415

    keep = store.kept if use_cache else anew
    loaded = load_files([file for shelf in shelves for file in shelf], keep)
    problems, broken = list(loaded.problems), dict(loaded.broken)
    files: dict[str, Pack] = {}
    for reference, data in named:
        piece = load_named(data, reference, keep)
        problems += piece.problems
        if piece.pack:
            files[reference] = piece.pack
        else:
            broken[reference] = reference
    if not loaded.sound:  # without its words no pack means anything
        library = Library(loaded.vocabulary, broken=broken, problems=_distinct(problems))
        return library, _Index(library.vocabulary, (), {}, library.broken, library.problems)
    packs = _one_each(loaded.packs, shelves, problems)
    return _checked(Library(loaded.vocabulary, packs, files, broken, tuple(problems)), loaded.words, use_cache)


def _one_each(packs: Iterable[Pack], shelves: Sequence[Files], problems: list[Problem]) -> tuple[Pack, ...]:
    """One pack an id and version: twice in a folder is a problem, and a later folder stands before an earlier one."""
    shelf_of = {name: i for i, shelf in enumerate(shelves) for name, _ in shelf}
    found: dict[str, Pack] = {}
    for pack in packs:
        first = found.get(pack.ref)
        if first and shelf_of[first.source.name] == shelf_of[pack.source.name]:
            other = (At(first.source, first.spans["pack"]), "S127")
            problems.append(Problem("L101", {"pack": pack.ref}, At(pack.source, pack.spans["pack"]), (other,)))
            continue
        if first and first.sha256 != pack.sha256:
            problems.append(Problem("L204", {"path": pack.source.name, "pack": pack.ref}))
        found[pack.ref] = pack
    return tuple(found.values())


def _checked(library: Library, words: Iterable[File], use_cache: bool) -> tuple[Library, _Index]:
    """The library with its packs resolved; those with an error are told and taken out."""
    from policyeval.check import check  # noqa: PLC0415  # as in `_build`
    from policyeval.resolve import resolve  # noqa: PLC0415

    vocabulary = library.vocabulary
    everything = {**{pack.ref: pack for pack in library.packs}, **library.named}
    keys = {name: _key(pack, library, words) for name, pack in everything.items()}
    kept = {name: store.read(key, Checked) if use_cache else None for name, key in keys.items()}
    resolved: dict[str, Pack] = {}
    found: dict[str, list[Problem]] = {}
    for name, pack in everything.items():
        before = kept[name]
        if before is None:
            resolved[name], found[name] = resolve(pack, vocabulary, _around(pack, library))
        else:
            resolved[name], found[name] = before.pack, list(before.problems)
    together = replace(
        library,
        packs=tuple(resolved[pack.ref] for pack in library.packs),
        named={reference: resolved[reference] for reference in library.named},
    )
    for name, pack in resolved.items():
        if kept[name] is None:
            found[name] += check(pack, vocabulary, _around(pack, together))
            if use_cache:
                store.write(keys[name], Checked(pack, tuple(found[name])))
    unread = {problem.at.source.name for problem in errors(library.problems) if problem.at}
    wrong = {name for name, problems in found.items() if errors(problems) or resolved[name].source.name in unread}
    broken = {name if name in library.named else resolved[name].id: resolved[name].source.name for name in wrong}
    sound = replace(
        together,
        packs=tuple(pack for pack in together.packs if pack.ref not in wrong),
        named={reference: pack for reference, pack in together.named.items() if reference not in wrong},
        broken={**library.broken, **broken},
        problems=_distinct([*library.problems, *(problem for problems in found.values() for problem in problems)]),
    )
    index = _Index(
        vocabulary,
        tuple(keys[pack.ref] for pack in sound.packs),
        {reference: keys[reference] for reference in sound.named},
        sound.broken,
        sound.problems,
    )
    return sound, index


def _key(pack: Pack, library: Library, words: Iterable[File]) -> str:
    """The key of all that resolving and checking a pack may depend on."""
    at_hand = " ".join(sorted({*library.versions, *(other.id for other in library.named.values())}))
    return store.key_of([("checked", b""), *words, (at_hand, b""), _identity(pack), *library.behind([pack])])


def _identity(pack: Pack) -> File:
    return pack.source.name, pack.sha256.encode()


def _around(pack: Pack, library: Library, from_file: bool = False) -> dict[str, Pack]:
    """The packs that a pack may speak of, one an id: of the versions it was written for the newest, else the newest.

    A file on the command line sees the other files there before the packs of the folders.
    """
    found = {id: versions[0] for id, versions in library.versions.items()}
    for id, wanted in pack.uses.items():
        if id in found:
            versions = library.versions[id]
            found[id] = next((other for other in versions if meets(other.version, wanted)), versions[0])
    if from_file or pack in library.named.values():
        found |= {other.id: other for other in library.named.values()}
    found.pop(pack.id, None)
    return found


def _distinct(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Each problem once, also where a file was read as one of a folder and as one of the command line."""
    return tuple({(p.at and (p.at.source.name, p.at.span), p.message()): p for p in problems}.values())


def _newness(pack: Pack) -> tuple[int, int, int]:
    return read_version(pack.version) or (0, 0, 0)
