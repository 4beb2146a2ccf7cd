"""Which packs are at hand and which apply."""

from __future__ import annotations

import subprocess
from datetime import date
from pathlib import Path

import pytest
from policyeval.data_files import data_file
from policyeval.files import names_a_file
from policyeval.library import Library, open_library, select
from policyeval.problems import Refusal, render

DAY = date(2023, 6, 30)
SHIPPED = data_file("policies")
DRAFT = (SHIPPED / "ganyu-draft.yaml").read_text("utf-8")
CITY = (SHIPPED / "lianyungang-2021.yaml").read_text("utf-8")


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLICYEVAL_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


@pytest.fixture
def library() -> Library:
    return open_library().sound()


def refused(reference: str, library: Library) -> str:
    with pytest.raises(Refusal) as refusal:
        library.pack(reference)
    return render(refusal.value.problems[0])


def ids(packs: object) -> list[str]:
    return [pack.id for pack in packs]  # type: ignore[attr-defined]


def test_in_force(library: Library) -> None:
    assert ids(library.in_force("ganyu", DAY)) == ["lianyungang-2021"]
    assert ids(library.in_force("qidong", DAY)) == ["qidong-2023"]
    assert ids(library.in_force("qidong", date(2023, 3, 4))) == []
    assert ids(library.in_force("qidong", date(2023, 3, 5))) == ["qidong-2023"]
    assert ids(library.in_force("ganyu", date(2021, 4, 12))) == ["lianyungang-2021"]
    assert "lianyungang-2021" not in ids(library.in_force("ganyu", date(2021, 4, 11)))


def test_references(library: Library) -> None:
    pack = library.pack("ganyu-draft")
    assert library.pack(pack.ref) == pack
    assert "did you mean `ganyu-draft`?" in refused("ganyu-drft", library)
    assert f"`{pack.ref}`" in refused("ganyu-draft@9.9.9", library)


def test_what_names_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").write_text("")
    assert all(names_a_file(name) for name in ("git:HEAD:x", "a/b", "x.yaml", "x.YML", "mine"))
    assert not any(names_a_file(name) for name in ("ganyu-draft", "ganyu-draft@1.0.0", "."))


# Selection


def codes(
    library: Library, place: str, packs: tuple[str, ...] = (), with_: tuple[str, ...] = ()
) -> tuple[list[str], list[str]]:
    """The packs selected and the codes of the notes."""
    found = select(library, place, DAY, packs, with_)
    return ids(found.packs), [note.code for note in found.notes]


def test_selection(library: Library) -> None:
    city, draft = "lianyungang-2021", "ganyu-draft"
    assert codes(library, "ganyu") == ([city], [])
    assert codes(library, "ganyu", with_=(draft,)) == ([city, draft], [])
    assert codes(library, "donghai", with_=(draft,)) == ([city], ["L201"])
    assert codes(library, "ganyu", packs=(city, draft)) == ([city], ["L202"])
    assert codes(library, "ganyu", packs=(draft,), with_=(draft,)) == ([draft], [])
    assert codes(library, "ganyu", packs=("qidong-2023",)) == ([], ["L201"])
    note = select(library, "ganyu", DAY, (draft,)).notes[0]
    assert "--with ganyu-draft" in render(note)
    assert "--with ganyu-draft" in render(note, "zh")


def test_a_pack_that_is_not_in_force_is_noted(library: Library) -> None:
    found = select(library, "ganyu", date(2020, 1, 1), ("lianyungang-2021",))
    assert [note.code for note in found.notes] == ["L203"]
    assert "from 2021-04-12" in render(found.notes[0])


# Files of the command line


def test_a_file_stands_in_for_a_pack_of_its_id(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text(DRAFT.replace("version: 0.2.0", "version: 0.2.1", 1), "utf-8")
    library = open_library(files=[str(mine), "lianyungang-2021"]).sound()
    assert library.pack(str(mine)).version == "0.2.1"
    assert library.pack("ganyu-draft").version == "0.2.0"
    found = select(library, "ganyu", DAY, with_=[str(mine)])
    assert [pack.ref for pack in found.packs] == [library.pack("lianyungang-2021").ref, "ganyu-draft@0.2.1"]
    assert [note.code for note in found.notes] == ["L204"]


def test_the_same_file_stands_in_for_nothing() -> None:
    path = str(SHIPPED / "ganyu-draft.yaml")
    library = open_library(files=[path]).sound()
    assert select(library, "ganyu", DAY, with_=[path]).notes == ()


def test_a_file_that_dropped_what_others_speak_of_is_refused(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text(CITY.replace("matching", "matchings"), "utf-8")
    library = open_library(files=[str(mine)])
    with pytest.raises(Refusal) as refusal:
        select(library.sound(), "ganyu", DAY, [str(mine)], ["ganyu-draft"])
    assert {problem.code for problem in refusal.value.problems} == {"L206"}


def test_a_broken_file_is_told_and_the_rest_is_there(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text(DRAFT.replace("status: draft", "status: daft"), "utf-8")
    library = open_library(files=[str(mine)])
    assert [problem.code for problem in library.problems_of(str(mine))] == ["S105"]
    assert library.pack("ganyu-draft")
    with pytest.raises(Refusal):
        library.pack(str(mine))
    with pytest.raises(Refusal):
        library.sound()


def test_a_missing_file_is_a_refusal() -> None:
    with pytest.raises(Refusal) as refusal:
        open_library(files=["no/such.yaml"])
    assert [problem.code for problem in refusal.value.problems] == ["F101"]


# Folders


def test_one_id_and_version_twice_in_a_folder(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(DRAFT.replace("pack: ganyu-draft", "pack: mine"), "utf-8")
    library = open_library([tmp_path])
    assert [problem.code for problem in library.problems if problem.severity == "error"] == ["L101"]


def test_a_folder_adds_packs_and_newer_versions(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(DRAFT.replace("version: 0.2.0", "version: 0.10.0", 1), "utf-8")
    library = open_library([tmp_path]).sound()
    assert [pack.version for pack in library.versions["ganyu-draft"]] == ["0.10.0", "0.2.0"]
    assert library.pack("ganyu-draft").version == "0.10.0"
    assert library.pack("ganyu-draft@0.2.0").version == "0.2.0"


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refusal:
        open_library([tmp_path / "nowhere"])
    assert [problem.code for problem in refusal.value.problems] == ["L104"]


def test_a_broken_vocabulary_is_told_alone(tmp_path: Path) -> None:
    places = "places:\n  x: {tier: nowhere, label: {zh: 某, en: x}}\n"
    (tmp_path / "v.yaml").write_text("vocabulary: v\nversion: 1.0.0\n" + places, "utf-8")
    library = open_library([tmp_path])
    assert {problem.code for problem in library.problems} == {"S125"}


# git


def git(folder: Path, *arguments: str) -> None:
    named = ["-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *named, *arguments], cwd=folder, check=True, capture_output=True)


def test_a_file_of_a_revision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "packs").mkdir()
    path = tmp_path / "packs" / "mine.yaml"
    path.write_text(DRAFT, "utf-8")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "a")
    path.write_text("changed", "utf-8")
    monkeypatch.chdir(tmp_path)
    assert open_library(files=["git:HEAD:packs/mine.yaml"]).pack("git:HEAD:packs/mine.yaml").id == "ganyu-draft"
    monkeypatch.chdir(tmp_path / "packs")
    assert open_library(files=["git:HEAD:mine.yaml"]).named
    for reference, code in {
        "git:HEAD": "L110",
        "git:--output=x:y": "L110",
        "git:nowhere:packs/mine.yaml": "L113",
        "git:HEAD:other.yaml": "L114",
    }.items():
        with pytest.raises(Refusal) as refusal:
            open_library(files=[reference])
        assert [problem.code for problem in refusal.value.problems] == [code]


def test_no_repository_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(Refusal) as refusal:
        open_library(files=["git:HEAD:x.yaml"])
    assert [problem.code for problem in refusal.value.problems] == ["L112"]
