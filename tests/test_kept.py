"""After an edit: which files are read anew, which packs are checked and linted anew, and that nothing else differs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from importlib import import_module
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from policyeval.data_files import data_file
from policyeval.library import Library, open_library
from policyeval.lint import Linted, linted

ROOT = Path(__file__).parents[1]
SLOTS = ROOT / "tests" / "cases" / "explain" / "slots"  # district-plan uses city-plan, and fills a slot of it
DAY = date(2026, 1, 1)
FILES = {path.stem: path.read_text("utf-8") for path in data_file("policies").glob("*.yaml")}
SHIPPED = {name for name, text in FILES.items() if "\npack: " in text}
WORDS = FILES.keys() - SHIPPED
OURS = {"city-plan", "district-plan", "alone"}


class Done:
    """What was done since it was last asked: files read, packs resolved, checked and linted."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.found: dict[str, set[str]] = {}
        self._watch(monkeypatch, "load", "read_yaml", lambda _data, name: Path(name).stem)
        self._watch(monkeypatch, "resolve", "resolve", lambda pack, *_: pack.id)
        self._watch(monkeypatch, "check", "check", lambda pack, *_: pack.id)
        self._watch(monkeypatch, "lint", "lint", lambda _library, pack, *_: pack.id, lambda *_: Linted((), ()))

    def _watch(
        self,
        monkeypatch: pytest.MonkeyPatch,
        of: str,
        name: str,
        what: Callable[..., str],
        instead: Callable[..., Any] | None = None,  # of what takes its time
    ) -> None:
        module = import_module(f"policyeval.{of}")
        run = instead or getattr(module, name)

        def watched(*args: Any, **options: Any) -> Any:
            self.found.setdefault(name, set()).add(what(*args))
            return run(*args, **options)

        monkeypatch.setattr(module, name, watched)

    def __call__(self) -> dict[str, set[str]]:
        found, self.found = self.found, {}
        return found


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("POLICYEVAL_CACHE", str(tmp_path / "cache"))
    copytree(SLOTS, tmp_path / "packs")
    alone = data_file("policies", "qidong-2023.yaml").read_text("utf-8")
    (tmp_path / "packs" / "alone.yaml").write_text(alone.replace("pack: qidong-2023", "pack: alone", 1), "utf-8")
    words = "vocabulary: more\nversion: 1.0.0\ntiers: {region: {zh: 大区, en: region}}\n"
    (tmp_path / "packs" / "words.yaml").write_text(words, "utf-8")
    return tmp_path / "packs"


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> Done:
    return Done(monkeypatch)


def looked_at(folder: Path) -> Library:
    """The library, with all that `check` does."""
    library = open_library([folder]).sound()
    for pack in library.packs:
        linted(library, pack, DAY, known=library.problems)
    return library


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def only(*packs: str, read: set[str], lint: set[str] | None = None) -> dict[str, set[str]]:
    """That files were read, and packs resolved, checked and linted; nothing where there were none."""
    found = {"read_yaml": read, "resolve": {*packs}, "check": {*packs}, "lint": {*packs} if lint is None else lint}
    return {what: names for what, names in found.items() if names}


def test_nothing_is_done_twice(folder: Path, done: Done) -> None:
    looked_at(folder)
    assert done() == only(*SHIPPED, *OURS, read={*SHIPPED, *OURS, *WORDS, "words"})
    looked_at(folder)
    assert done() == {}


@pytest.mark.parametrize(
    ("file", "old", "new", "concerned"),
    [
        ("alone", "version: 1.", "version: 2.", {"alone"}),
        ("district-plan", "10% of", "20% of", {"district-plan", "city-plan"}),  # it fills the city's slot
        ("city-plan", "capped at 100万元", "capped at 90万元", {"district-plan", "city-plan"}),
    ],
)
def test_an_edit_concerns_one_pack_and_those_that_depend_on_it(
    folder: Path, done: Done, file: str, old: str, new: str, concerned: set[str]
) -> None:
    looked_at(folder)
    done()
    edit(folder / f"{file}.yaml", old, new)
    library = looked_at(folder)
    # the awards in force where a pack applies are beside it in its lints, but its check knows only what it uses
    beside = SHIPPED - {"qidong-2023"} if file != "alone" else {"qidong-2023"}
    assert done() == only(*concerned, read={file}, lint=concerned | beside)
    assert library == open_library([folder], use_cache=False)


def test_words_concern_every_pack(folder: Path, done: Done) -> None:
    before = looked_at(folder)
    done()
    edit(folder / "words.yaml", "大区", "区域")
    after = looked_at(folder)
    assert done() == only(*SHIPPED, *OURS, read={"words", *WORDS})  # those of both files are merged
    assert after == open_library([folder], use_cache=False)
    assert [*after.vocabulary.places] == [*before.vocabulary.places]


def test_a_pack_that_comes_or_goes_is_noticed(folder: Path, done: Done) -> None:
    looked_at(folder)
    done()
    alone = (folder / "alone.yaml").read_bytes()
    (folder / "alone.yaml").unlink()
    without = open_library([folder])
    assert done().get("read_yaml") is None
    assert without == open_library([folder], use_cache=False)
    (folder / "alone.yaml").write_bytes(alone)
    done()
    looked_at(folder)
    assert done() == {}


def test_what_is_wrong_is_told_each_time(folder: Path, done: Done) -> None:
    edit(folder / "city-plan.yaml", "by city", "by sity")
    first, again = open_library([folder]), open_library([folder])
    edit(folder / "alone.yaml", "version: 1.", "version: 2.")
    done()
    later = open_library([folder])
    assert done()["check"] == {"alone"}
    told = [[(p.code, p.at and p.at.span) for p in each.problems] for each in (first, again, later)]
    assert told[0] == told[1] == told[2] != []
    assert later.broken == {"city-plan": f"{folder}/city-plan.yaml"}


def test_an_entry_that_is_gone_is_made_anew(folder: Path, done: Done, tmp_path: Path) -> None:
    whole = looked_at(folder)
    for path in (tmp_path / "cache").iterdir():
        if b'"alone"' in path.read_bytes():
            path.unlink()
    done()
    assert open_library([folder]) == whole
    assert done() == only("alone", read={"alone"}, lint=set())


def test_a_file_of_the_command_line_is_read_and_checked_alone(folder: Path, done: Done, tmp_path: Path) -> None:
    looked_at(folder)
    mine = tmp_path / "mine.yaml"
    mine.write_text((folder / "district-plan.yaml").read_text("utf-8"), "utf-8")
    done()
    library = open_library([folder], [str(mine)])
    assert done() == only("district-plan", read={"mine"}, lint=set())
    assert library == open_library([folder], [str(mine)], use_cache=False)


def test_findings_that_were_kept_are_those_that_were_found(folder: Path) -> None:
    library = open_library([folder]).sound()
    for pack in library.packs:
        found, kept = (linted(library, pack, DAY, notes=True) for _ in range(2))
        assert found is not kept
        shown = [[(p.code, p.at, p.others, p.message("zh"), p.help()) for p in x.problems] for x in (found, kept)]
        assert shown[0] == shown[1]
        assert [(p.code, allow) for p, allow in found.allowed] == [(p.code, allow) for p, allow in kept.allowed]


def test_a_proof_that_ran_out_of_time_is_tried_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = import_module("policyeval.lint")
    found = iter([Linted((), (), hurried=True), Linted((), ()), None])
    monkeypatch.setattr(module, "lint", lambda *_: next(found))
    library = open_library([folder])
    looked = [linted(library, library.pack("alone"), DAY).hurried for _ in range(3)]
    assert looked == [True, False, False]
