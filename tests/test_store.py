"""The cache: what goes in comes out, and nothing that is not whole is used."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from policyeval import store
from policyeval.cases import Platform
from policyeval.cli.input import read_case_file
from policyeval.library import Library, open_library
from policyeval.problems import At, Problem
from policyeval.record import Record, field, replace
from policyeval.regime import Regimes
from policyeval.source import Source, Span
from policyeval.tree import Day, Name, Node, Number, Op, Ref, Split


class Everything(Record):
    node: Node
    at: At | None = None
    problems: tuple[Problem, ...] = ()
    pair: tuple[int, str] = (1, "a")
    day: date | None = None
    words: dict[str, Any] = field(default_factory=dict)


SOURCE = Source("x.yaml", "一二三\n")
LEAVES = (
    Number(Fraction(1, 3), "万元", Span(0, 1)),
    Split((Fraction(1), Fraction(1, 2)), Span(1, 2)),
    Day(date(2023, 6, 30)),
    Name("甲", "pack", "city", Span(2, 3)),
    Ref("value", "a", of="b"),
)
WHOLE = Everything(
    Op("add", (*LEAVES, Op("neg", LEAVES[:1], Span(0, 3)))),
    At(SOURCE, Span(0, 2)),
    (Problem("F107", {"near": {"en": "", "zh": ""}}, At(SOURCE, Span(1, 2)), ((At(SOURCE, Span(0, 1)), "F122"),)),),
    (2, "b"),
    date(2020, 2, 29),
    {"a": [1, None, True, "x"]},
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("POLICYEVAL_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_what_goes_in_comes_out() -> None:
    found = store.decode(store.encode(WHOLE), Everything)
    assert found == WHOLE
    assert isinstance(found.node, Op)
    assert [type(leaf) for leaf in found.node.args] == [type(leaf) for leaf in WHOLE.node.args]  # type: ignore[union-attr]
    assert [leaf.span for leaf in found.node.args] == [leaf.span for leaf in WHOLE.node.args]  # type: ignore[union-attr]


class Remark(Record):
    text: str
    others: tuple[Remark, ...] = field(default=(), later=True)
    at: At | None = field(default=None, later=True)


def test_some_fields_are_read_when_they_are_asked_for() -> None:
    whole = Remark("a", (Remark("b", (Remark("c"),)), Remark("d")), At(SOURCE, Span(0, 2)))
    data = store.encode(whole)
    found = store.decode(data, Remark)
    assert set(vars(found)) == {"text", "others unread", "at unread"}
    assert (found.others[0].others[0].text, found.at) == ("c", whole.at)
    assert set(vars(found)) == {"text", "others", "at"}
    assert found == whole
    assert store.decode(data, Remark) == whole  # comparing asks for all
    assert hash(store.decode(data, Remark)) == hash(whole)
    assert repr(store.decode(data, Remark)) == repr(whole)
    assert replace(store.decode(data, Remark), text="z") == replace(whole, text="z")


def test_what_is_not_read_yet_can_be_stored_again() -> None:
    data = store.encode(Remark("a", (Remark("b", at=At(SOURCE, Span(0, 2))),), At(SOURCE, Span(1, 2))))
    assert store.encode(store.decode(data, Remark)) == data


def test_a_text_is_stored_once() -> None:
    assert store.encode(WHOLE).decode().count("一二三") == 1


def test_the_library_comes_out_as_it_went_in() -> None:
    fresh = open_library(use_cache=False)
    cold, warm = open_library(), open_library()
    assert fresh == cold == warm
    assert [pack.spans for pack in warm.packs] == [pack.spans for pack in fresh.packs]


@pytest.mark.parametrize("harm", ["empty", "cut", "changed", "other key", "not json", "wrong shape", "folder"])
def test_what_is_not_whole_is_never_used(folder: Path, harm: str) -> None:
    key = store.key_of([("a", b"b")])
    store.write(key, WHOLE)
    path = folder / f"{key}.json"
    whole = path.read_bytes()
    match harm:
        case "empty":
            path.write_bytes(b"")
        case "cut":
            path.write_bytes(whole[: len(whole) // 2])
        case "changed":
            path.write_bytes(whole.replace("三".encode(), "四".encode()))
        case "other key":
            path.rename(folder / f"{'0' * 64}.json")
            key = "0" * 64
        case "not json" | "wrong shape":
            body = b"{" if harm == "not json" else b'[[],[[9,"x"]]]'
            path.write_bytes(store._head(key, body) + body)
        case "folder":
            path.unlink()
            path.mkdir()
    assert store.read(key, Everything) is None
    if harm == "folder":
        path.rmdir()
    store.write(store.key_of([("a", b"b")]), WHOLE)
    assert store.read(store.key_of([("a", b"b")]), Everything) == WHOLE


def test_a_record_of_another_kind_is_not_used() -> None:
    key = store.key_of([])
    store.write(key, WHOLE)
    assert store.read(key, Library) is None


def test_a_folder_that_cannot_be_written_is_never_fatal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("POLICYEVAL_CACHE", str(tmp_path / "file" / "below"))
    store.write("k", WHOLE)
    assert store.read("k", Everything) is None
    assert open_library().packs


def test_every_byte_and_name_counts() -> None:
    one = ("a", b"b")
    keys = {store.key_of(files) for files in ([], [one], [one, one], [("a", b"c")], [("ab", b"")], [("", b"ab")])}
    assert len(keys) == 6


@pytest.mark.parametrize(("limit", "most"), [("_KEPT", 10), ("_SIZE", 10_000)])
def test_old_files_go_and_nothing_else(folder: Path, monkeypatch: pytest.MonkeyPatch, limit: str, most: int) -> None:
    for i in range(40):
        store.write(f"{i:064d}", WHOLE)
    assert len(list(folder.iterdir())) == 40
    (folder / "mine.json").write_text("{}")
    os.utime(folder / "mine.json", (0, 0))
    os.utime(folder / f"{'0' * 64}.json", (0, 0))
    monkeypatch.setattr(store, limit, most)
    store._forget_oldest.cache_clear()  # as another run
    store.write("f" * 64, WHOLE)
    left = {path.name: path.stat().st_size for path in folder.iterdir()}
    assert left.pop("mine.json") == 2
    assert f"{'f' * 64}.json" in left
    assert f"{'0' * 64}.json" not in left
    assert (len(left) if limit == "_KEPT" else sum(left.values())) <= most < 40 * min(left.values())


def test_a_warm_start_reads_no_yaml_and_builds_no_grammar(tmp_path: Path) -> None:
    case = tmp_path / "case.yaml"
    case.write_text("location: ganyu\nlevel: national\n")
    code = (
        "import sys; from policyeval.cli.main import cli\n"
        "try: cli.main(['eval', sys.argv[1], '--with', 'ganyu-draft'])\n"
        "except SystemExit: pass\n"
        "print([m for m in ('yaml', 'lark', 'jsonschema', 'subprocess', 'tempfile', 'difflib') if m in sys.modules])"
    )
    cold, warm = (
        subprocess.run([sys.executable, "-c", code, str(case)], capture_output=True, text=True, check=True)
        for _ in range(2)
    )
    assert [*cold.stdout.splitlines()[:-1], "[]"] == warm.stdout.splitlines()
    assert "yaml" in cold.stdout.splitlines()[-1]


def test_nothing_is_kept_as_that_of_an_engine_that_took_its_place(tmp_path: Path) -> None:
    """A process that runs on while its files are replaced makes what the old ones make."""
    root = Path(store.__file__).parents[2]
    for name in ("engine/policyeval", "grammar"):
        shutil.copytree(root / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    code = "import os; from policyeval import plan, store; os.utime(plan.__file__, (0, 0)); print(store.key_of([]))"
    env = {**os.environ, "PYTHONPATH": str(tmp_path / "engine")}
    old, new = (
        subprocess.run([sys.executable, "-c", code], capture_output=True, env=env, check=True).stdout for _ in range(2)
    )
    assert old != new


def test_of_packs_that_do_not_apply_nothing_but_the_head_is_read() -> None:
    open_library()
    library = open_library()
    Regimes(library, date(2023, 6, 30)).answer(Platform(written={"location": "qidong"}))
    read = {pack.id: {name for name in ("awards", "cases", "spans") if name in vars(pack)} for pack in library.packs}
    assert {id: names for id, names in read.items() if names} == {"qidong-2023": {"awards"}}


def test_a_long_case_file_is_not_kept(folder: Path, tmp_path: Path) -> None:
    case = tmp_path / "case.yaml"
    for length, kept in ((10, 1), (2**16, 0)):
        before = len(list(folder.iterdir())) if folder.exists() else 0
        case.write_text(f"location: ganyu # {'-' * length}\n")
        assert [given.value for given in read_case_file(str(case))[0].facts] == ["ganyu"]
        assert len(list(folder.iterdir())) == before + kept
