"""How a run through a table ends: with a table in every form, or with a clear word and nothing half done."""

from __future__ import annotations

import csv
import json
import os
import pty
import shutil
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen
from threading import Timer
from typing import Any

import duckdb
import openpyxl
import pytest
from click.testing import CliRunner, Result
from policyeval.batch import write
from policyeval.batch.spool import LONGEST
from policyeval.batch.watched import watched
from policyeval.cli.main import cli
from syrupy.assertion import SnapshotAssertion
from test_batch import AMOUNTS, LABELS, ROWS, answers, ask, expected, text_of

ASKED = ["--as-of", "2024-06-30"]
posix = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


@pytest.fixture(autouse=True)
def _steady(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.chdir(tmp_path)


def ended(*arguments: str, status: int) -> Result:
    result = CliRunner().invoke(cli, ["batch", *arguments, *ASKED])
    assert result.exit_code == status, result.output
    return result


def said(*arguments: str, status: int) -> str:
    return ended(*arguments, status=status).stderr


# What comes out -------------------------------------------------------------------

WANTED = [dict.fromkeys(AMOUNTS, "0.00") | expected(row) for row in ROWS]
COLUMNS = [*ROWS[0], *AMOUNTS]


def as_texts(rows: list[tuple[Any, ...]]) -> list[dict[str, str]]:
    def text(value: Any) -> str:
        return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)

    return [dict(zip(COLUMNS, map(text, row), strict=True)) for row in rows]


def by_duckdb(path: str) -> list[tuple[Any, ...]]:
    return duckdb.sql(f"FROM {path}").fetchall()


def by_openpyxl(path: Path) -> list[tuple[Any, ...]]:
    sheet = openpyxl.load_workbook(path).worksheets[0]
    header, *rows = sheet.iter_rows(values_only=True)
    assert list(header) == COLUMNS
    return [tuple(f"{v:.2f}" if isinstance(v, int | float) and not isinstance(v, bool) else v for v in r) for r in rows]


def from_database(path: Path) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(path), read_only=True) as found:
        assert "policyeval.packs" in found.execute("SELECT comment FROM duckdb_tables()").fetchall()[0][0]
        assert [c[0] for c in found.execute("FROM found").description or ()] == COLUMNS
        return found.execute("FROM found").fetchall()


READ: dict[str, Callable[[Path], list[dict[str, str]]]] = {
    "out.csv": answers,
    "out.tsv": lambda p: list(csv.DictReader(p.read_text(encoding="utf-8").splitlines(), delimiter="\t")),
    "out.jsonl": lambda p: as_texts(
        [tuple(json.loads(li, parse_float=str).values()) for li in p.read_text(encoding="utf-8").splitlines()]
    ),
    "out.parquet": lambda p: as_texts(by_duckdb(f"'{p}'")),
    "folder/": lambda p: as_texts(by_duckdb(f"'{p}/*.parquet'")),
    "out.xlsx": lambda p: as_texts(by_openpyxl(p)),
    "out.duckdb#found": lambda p: as_texts(from_database(Path(str(p).partition("#")[0]))),
}


@pytest.mark.parametrize("parts", [1, 3])
@pytest.mark.parametrize("name", READ)
def test_every_form_of_result_says_the_same(
    name: str, parts: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("policyeval.batch.run.ROWS_OF_TEXT", -(-len(ROWS) // parts))
    Path("in.csv").write_text(text_of(ROWS), encoding="utf-8")
    ask("in.csv", name)
    found = READ[name](tmp_path / name)
    assert [{c: row[c] for c in AMOUNTS} for row in found] == WANTED
    assert [list(row) for row in found] == [COLUMNS] * len(ROWS)
    assert not Path(f"{name.rstrip('/')}.parts").exists()


def test_what_a_table_was_worked_out_from(tmp_path: Path) -> None:
    Path("in.csv").write_text(text_of(ROWS), encoding="utf-8")
    ask("in.csv", "out.csv")
    about = json.loads(Path("out.csv.meta.json").read_text(encoding="utf-8"))
    assert {p["pack"] for p in json.loads(about["policyeval.packs"])} == {"lianyungang-2021", "qidong-2023"}
    assert about["policyeval.as_of"] == "2024-06-30"
    ask("in.csv", "out.parquet")
    kept = duckdb.sql("SELECT decode(key), decode(value) FROM parquet_kv_metadata('out.parquet')").fetchall()
    assert {k: v for k, v in kept if k.startswith("policyeval.")} == about


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_mark_where_the_table_had_one_or_was_of_excel(encoding: str) -> None:
    Path("in.csv").write_text(text_of(ROWS, LABELS), encoding=encoding)
    ask("in.csv", "out.csv")
    assert Path("out.csv").read_bytes().startswith(b"\xef\xbb\xbf") == (encoding != "utf-8")


# Bad tables -----------------------------------------------------------------------

LINE = ",".join(ROWS[0].values())
HEADER = ",".join(ROWS[0])


def truncated() -> bytes:
    duckdb.sql("COPY (SELECT range AS location FROM range(10000)) TO 'whole.parquet'")
    return Path("whole.parquet").read_bytes()[:-100]


def broken_book() -> bytes:
    openpyxl.Workbook().save("book.xlsx")
    return Path("book.xlsx").read_bytes()[:1000]


def database() -> bytes:
    with duckdb.connect("base.duckdb") as made:
        made.execute("CREATE TABLE there AS SELECT 'ganyu' AS location")
    return Path("base.duckdb").read_bytes()


BAD: dict[str, tuple[str, Callable[[], bytes], tuple[str, ...]]] = {
    "no such file": ("none.csv", bytes, ()),
    "an empty file": ("in.csv", bytes, ()),
    "blanks": ("in.csv", b" \n\n ,, \n".strip, ()),
    "no header": ("in.csv", f"{LINE}\n{LINE}\n".encode, ()),
    "zero bytes": ("in.csv", lambda: bytes(1000), ()),
    "a header of no characters": ("in.csv", lambda: b"location,\xff\xff\n1,2\n", ()),
    "a column without a name": ("in.csv", f"{HEADER},,z\n{LINE},,\n".encode, ()),
    "a title above the header": ("in.csv", f"平台清单\n{HEADER}\n{LINE}\n".encode, ()),
    "in another encoding than it seems": ("in.csv", lambda: "所在地,級別\n贛榆區,國家級\n".encode("big5"), ()),
    "no place": ("in.csv", f"{HEADER.replace('location', 'where')}\n{LINE}\n".encode, ()),
    "a column missing": ("in.csv", f"{HEADER.replace('level', 'lvl')}\n{LINE}\n".encode, ()),
    "a column twice": ("in.csv", f"{HEADER},level\n{LINE},none\n".encode, ()),
    "a fact twice": ("in.csv", f"{HEADER},级别\n{LINE},none\n".encode, ()),
    "a column of answers": ("in.csv", f"{HEADER},support_min\n{LINE},1\n".encode, ()),
    "mixed units": ("in.csv", f"{HEADER}\n{LINE}\n{LINE.replace('8000000', '800万元')}\n".encode, ()),
    "no unit": ("in.csv", f"{HEADER}\n{LINE}\n".encode, ("--unit", "upstream_funding=斤")),
    "a header with no unit of money": (
        "in.csv",
        f"{HEADER.replace('upstream_funding', '上级扶持经费（千元）')}\n{LINE}\n".encode,
        (),
    ),
    "no column of money": ("in.csv", f"{HEADER}\n{LINE}\n".encode, ("--unit", "level=万元")),
    "no such column": ("in.csv", f"{HEADER}\n{LINE}\n".encode, ("--map", "levle=level")),
    "no such fact": ("in.csv", f"{HEADER}\n{LINE}\n".encode, ("--map", "level=lvel")),
    "a pair that is none": ("in.csv", f"{HEADER}\n{LINE}\n".encode, ("--map", "level")),
    "a day of its own": ("in.csv", f"{HEADER},as_of\n{LINE},2024-01-01\n".encode, ()),
    "columns without end": ("in.csv", lambda: ",".join(f"c{i}" for i in range(1001)).encode(), ()),
    "a database without a table": ("in.duckdb", database, ()),
    "a table of no database": ("in.csv#x", f"{HEADER}\n{LINE}\n".encode, ()),
    "a list in JSON": ("in.json", lambda: json.dumps(ROWS).encode(), ()),
    "no object in JSON lines": ("in.jsonl", lambda: b"1\n2\n", ()),
    "a Parquet file cut short": ("in.parquet", truncated, ()),
    "an empty Parquet file": ("in.parquet", bytes, ()),
    "a broken workbook": ("in.xlsx", broken_book, ()),
    "an old workbook": ("in.xls", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), ()),
    "nothing to go on with": ("in.csv", f"{HEADER}\n{LINE}\n".encode, ("--resume",)),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_tables(case: str, snapshot: SnapshotAssertion) -> None:
    name, data, options = BAD[case]
    if name != "none.csv":
        Path(name.partition("#")[0]).write_bytes(data())
    found = {lang: said(name, "out.csv", *options, "--lang", lang, status=2) for lang in ("en", "zh")}
    assert found == snapshot
    assert not [path.name for path in Path().iterdir() if path.name.startswith("out")]


def test_table_and_result_in_one_database() -> None:
    Path("in.csv").write_text(text_of(ROWS), encoding="utf-8")
    with duckdb.connect("one.duckdb") as made:
        made.execute("CREATE TABLE platforms AS FROM read_csv('in.csv', all_varchar = true)")
        made.execute(
            "CREATE VIEW seen AS FROM platforms; CREATE SCHEMA other; CREATE TABLE other.far AS FROM platforms"
        )
    for source in ("platforms", "seen"):
        said(f"one.duckdb#{source}", f"one.duckdb#from_{source}", status=0)
        with duckdb.connect("one.duckdb", read_only=True) as made:
            found = as_texts(made.execute(f"FROM from_{source}").fetchall())
        assert [{c: row[c] for c in AMOUNTS} for row in found] == WANTED
    assert "B202" in said("one.duckdb#platforms", "./one.duckdb#Platforms", "--overwrite", status=2)
    missing = said("one.duckdb#far", "out.csv", status=2)
    assert "B112" in missing
    assert missing.count("far") == 1


def test_a_day_without_any_policy() -> None:
    Path("in.csv").write_text(f"{HEADER}\n{LINE}\n", encoding="utf-8")
    result = CliRunner().invoke(cli, ["batch", "in.csv", "out.csv", "--as-of", "2010-01-01"])
    assert (result.exit_code, "B222" in result.stderr) == (0, True)
    assert answers(Path("out.csv"))[0]["support_min"] == ""


def test_bad_places_for_the_result(snapshot: SnapshotAssertion) -> None:
    Path("in.csv").write_text(f"{HEADER}\n{LINE}\n", encoding="utf-8")
    Path("there.csv").write_text("mine", encoding="utf-8")
    Path("empty").mkdir()
    shutil.copy("in.csv", "same.csv")
    Path("taken.csv.parts").mkdir()
    database()
    duckdb.sql("COPY (SELECT one.* FROM 'in.csv' AS one, range(1048576)) TO 'long.parquet'")
    found = [
        said(source, out, "--lang", lang, status=2)
        for source, out in (
            ("in.csv", "there.csv"),
            ("same.csv", "same.csv"),
            ("in.csv", "none/out.csv"),
            ("in.csv", "out.txt"),
            ("empty", "out.csv"),
            ("in.csv", "taken.csv"),
            ("long.parquet", "out.xlsx"),
            ("base.duckdb#here", "out.csv"),
        )
        for lang in ("en", "zh")
    ]
    assert found == snapshot
    assert Path("there.csv").read_text(encoding="utf-8") == "mine"
    assert Path("same.csv").read_bytes() == Path("in.csv").read_bytes()
    said("in.csv", "there.csv", "--overwrite", status=0)
    assert len(answers(Path("there.csv"))) == 1


def test_what_is_said_of_columns(snapshot: SnapshotAssertion) -> None:
    """One that is set for all rows is not read, and one that is no fact is carried along."""
    Path("in.csv").write_text(f"{HEADER},colour,levle\n{LINE},red,none\n", encoding="utf-8")
    options = ("--overwrite", "--set", "exceptional=true")
    assert [said("in.csv", "out.csv", *options, "--lang", lang, status=0) for lang in ("en", "zh")] == snapshot
    (row,) = answers(Path("out.csv"))
    assert (row["colour"], row["levle"]) == ("red", "none")


def test_rows_that_are_rejected_whole() -> None:
    """One of more characters than are read, and a key that is there twice, said in the language that is asked for."""
    Path("in.csv").write_text("\n".join([HEADER, LINE, "x" * (LONGEST + 1), LINE]), encoding="utf-8")
    Path("in.jsonl").write_text(f'{json.dumps(ROWS[0])}\n{{"level": "none", "level": "none"}}\n', encoding="utf-8")
    for name, line, code in (("in.csv", "3", "B126"), ("in.jsonl", "2", "B124")):
        for lang in ("en", "zh"):
            said(name, "out.csv", "--overwrite", "--lang", lang, status=1)
            with Path("out.csv.rejects").open(encoding="utf-8") as file:
                (row,) = csv.DictReader(file)
            assert (row["line"], row["code"]) == (line, code)
            assert row["reason"].isascii() == (lang == "en")


def test_a_database_that_needs_a_further_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    assert "B310" in said("postgresql://127.0.0.1/none#rows", "out.csv", status=2)


def test_a_header_alone() -> None:
    Path("in.csv").write_text(HEADER, encoding="utf-8")
    for name in READ:
        ask("in.csv", name)
        assert READ[name](Path(name)) == []


def test_parquet_of_other_types() -> None:
    duckdb.sql(
        "COPY (SELECT 7 AS location, DATE '2020-01-01' AS kind, true AS level, 'x'::BLOB AS upstream_funding, "
        "'nan'::DOUBLE AS contract_turnover) TO 'in.parquet'"
    )
    assert ask("in.parquet", "out.csv").rejected == 1
    with Path("out.csv.rejects").open(encoding="utf-8") as file:
        found = [(row["row"], row["column"], row["code"]) for row in csv.DictReader(file)]
    assert found == [
        ("1", "location", "N303"),
        ("1", "kind", "N302"),
        ("1", "level", "N302"),
        ("1", "upstream_funding", "M101"),
        ("1", "contract_turnover", "M101"),
    ]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_no_leave_to_read() -> None:
    Path("in.csv").write_text(f"{HEADER}\n{LINE}\n", encoding="utf-8")
    Path("in.csv").chmod(0)
    assert "F103" in said("in.csv", "out.csv", status=2)


# Runs that end before their time --------------------------------------------------

_CHILD = """
import resource, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a process that was started in the background ignores it
import policyeval.batch.run as run
from policyeval.cli.main import main
run.ROWS_OF_TEXT = 1_000
if sys.argv[1] != "0":
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2)
sys.argv[:2] = ["policyeval"]
sys.exit(main())
"""


def child(*arguments: str, room: int = 0, **options: Any) -> Popen[bytes]:
    return Popen([sys.executable, "-c", _CHILD, str(room), "batch", *arguments, *ASKED], **options)


def table(rows: int) -> None:
    lines = [",".join(row.values()) for row in ROWS] + ["atlantis,,,,,,"]
    with Path("in.csv").open("w", encoding="utf-8") as file:
        file.write(f"{HEADER}\n")
        file.writelines(f"{lines[i % len(lines)]}\n" for i in range(rows))


def until_parts(run: Popen[bytes], folder: Path) -> None:
    """Waits until some parts are done."""
    for _ in range(1200):
        if len(list(folder.glob("rejects-*.csv"))) > 2:
            return
        assert run.poll() is None, "it has ended before it could be stopped"
        time.sleep(0.05)
    raise AssertionError("no part was ever done")


@posix
def test_a_statement_that_was_stopped_leaves_the_engine_free() -> None:
    engine, began, before = duckdb.connect(), time.monotonic(), signal.getsignal(signal.SIGINT)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
    try:
        with pytest.raises(KeyboardInterrupt):
            watched(engine, "SELECT sum(random()) FROM range(1000000000000)", lambda _: None)
    finally:
        signal.signal(signal.SIGINT, before)
    assert engine.execute("SELECT 1").fetchall() == [(1,)]
    assert time.monotonic() - began < 20


@posix
@pytest.mark.parametrize(("end", "status", "out"), [("SIGINT", 130, "out.csv"), ("SIGKILL", -9, "out.parquet")])
def test_a_run_goes_on_where_it_was_stopped(end: str, status: int, out: str) -> None:
    table(12_000)
    ours, theirs = pty.openpty()
    run = child("in.csv", out, stdin=theirs, stdout=DEVNULL, stderr=theirs, start_new_session=True)
    until_parts(run, Path(f"{out}.parts"))
    run.send_signal(getattr(signal, end))
    assert run.wait(timeout=60) == status
    os.close(ours)
    os.close(theirs)
    assert not Path(out).exists()
    assert not Path(f"{out}.rejects").exists()
    assert "B206" in said("in.csv", out, status=2)
    assert "B208" in said("in.csv", out, "--resume", "--set", "level=none", status=2)
    assert child("in.csv", out, "--resume", stdout=DEVNULL, stderr=DEVNULL).wait(timeout=120) == 1
    assert child("in.csv", f"once.{out}", stdout=DEVNULL, stderr=DEVNULL).wait(timeout=120) == 1
    assert Path(out).read_bytes() == Path(f"once.{out}").read_bytes()
    assert Path(f"{out}.rejects").read_bytes() == Path(f"once.{out}.rejects").read_bytes()
    assert not Path(f"{out}.parts").exists()


@pytest.mark.parametrize("seat", ["into_postgres", "_into_database"])
def test_a_run_that_ends_when_its_table_is_in_place_goes_on(
    seat: str, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The table says whose it is: another one that stands there is in the way as ever."""
    put = getattr(write, seat)

    def killed(*what: Any, before: bool) -> None:
        before or put(*what)
        raise KeyboardInterrupt

    out = f"{request.getfixturevalue('database')}#out" if seat == "into_postgres" else "out.duckdb#out"
    (tmp_path / "in.csv").write_text("\n".join([HEADER, LINE, "atlantis,,,,,,"]), encoding="utf-8")
    once = ended("in.csv", out, status=1).stdout
    with monkeypatch.context() as patch:
        patch.setattr(write, seat, partial(killed, before=False))
        ended("in.csv", out, "--overwrite", "--set", "level=none", status=130)
    there = {path.name for path in tmp_path.iterdir()}
    assert "B206" in said("in.csv", out, status=2)
    assert "B208" in said("in.csv", out, "--resume", "--set", "level=national", status=2)
    assert {path.name for path in tmp_path.iterdir()} == there
    assert ended("in.csv", out, "--resume", "--set", "level=none", status=1).stdout == once
    assert {path.name for path in tmp_path.iterdir()} == {name for name in there if not name.endswith(".parts")}
    with monkeypatch.context() as patch:
        patch.setattr(write, seat, partial(killed, before=True))
        ended("in.csv", out, "--overwrite", status=130)
    assert "B201" in said("in.csv", out, "--resume", status=2)


MOVES = {("out.csv", 1): 4, ("out.csv", 3): 6, ("folder/", 2): 7, ("out.parquet", 1): 4}


@pytest.mark.parametrize(("out", "parts", "end"), [*((*asked, "killed") for asked in MOVES), ("folder/", 2, "stopped")])
def test_a_run_that_ends_between_two_moves_goes_on(
    out: str, parts: int, end: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the last part's state, of the rejected rows, of the parts and the whole into their place."""
    lines = [LINE, "atlantis,,,,,,"] * 6
    monkeypatch.setattr("policyeval.batch.run.ROWS_OF_TEXT", -(-len(lines) // parts))
    (tmp_path / "in.csv").write_text("\n".join([HEADER, *lines]), encoding="utf-8")
    (tmp_path / "once").mkdir()
    once = ended("in.csv", f"once/{out}", status=1).stdout
    move, moves, last = os.replace, 0, 0

    def moved(source: str, place: str) -> None:
        nonlocal moves
        move(source, place)
        moves += 1
        if moves == last:
            raise KeyboardInterrupt

    monkeypatch.setattr("os.replace", moved)
    if end == "killed":  # then nothing is cleared away
        monkeypatch.setattr("policyeval.batch.run._clear", lambda *_: None)
    for last in range(parts, MOVES[out, parts] + 1):
        moves = 0
        ended("in.csv", out, status=130)
        moves = last  # none is the last from here on
        if last == MOVES[out, parts]:  # what is left to do is said, and done for this table alone
            assert Path(out).exists()
            assert "B206" in said("in.csv", out, status=2)
            assert "B208" in said("in.csv", out, "--resume", "--set", "level=none", status=2)
        assert ended("in.csv", out, "--resume", status=1).stdout == once.replace("once/", "")
        for each in (p for p in Path("once").rglob("*") if p.is_file()):
            assert each.relative_to("once").read_bytes() == each.read_bytes()
        assert {p.name for p in tmp_path.iterdir()} == {"in.csv", "once", *(p.name for p in Path("once").iterdir())}
        shutil.rmtree(out) if Path(out).is_dir() else Path(out).unlink()
    moves = last
    ended("in.csv", out, status=1)
    assert moves - last == MOVES[out, parts]


@posix
@pytest.mark.parametrize("room", [20_000, 400_000])
def test_a_full_disk(room: int) -> None:
    """Wherever the room ends: in a part, in the plain file, or in the whole."""
    table(5_000)
    run = child("in.csv", "out.csv", room=room, stdout=PIPE, stderr=PIPE)
    _, told = run.communicate(timeout=120)
    assert run.returncode == 2, told
    assert b"B210" in told, told
    assert b"Traceback" not in told
    assert not Path("out.csv").exists()
    resumed = ["--resume"] if Path("out.csv.parts").exists() else []
    assert child("in.csv", "out.csv", *resumed, stdout=DEVNULL, stderr=DEVNULL).wait(timeout=120) == 1
    assert child("in.csv", "once.csv", stdout=DEVNULL, stderr=DEVNULL).wait(timeout=120) == 1
    assert Path("out.csv").read_bytes() == Path("once.csv").read_bytes()
