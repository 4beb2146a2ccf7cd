"""Where a table of answers goes: a file, a folder of Parquet files, a table of a DuckDB database.

In: the name as a user types it, and the finished parts. Out: the table in its place, whole or not at all, with what it
was worked out from beside it or in it. Promises: nothing that is there is touched unless the user says so; the rows
stand in the order in which they came.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress

import duckdb

from policyeval.batch.postgres import comment_of, into_postgres, is_postgres, shown
from policyeval.batch.table import Engine, literal, quoted, told
from policyeval.problems import Problem, Refusal
from policyeval.record import Record, replace

XLSX_ROWS = 1_048_575  # of a sheet, below its header
WHOLE = "whole"  # in the folder of parts: where those of a folder come together
_MARK = b"\xef\xbb\xbf"

Finish = Callable[["Finished"], None]
There = Callable[[Engine], str | None]  # None where nothing is; of a table its comment


class Finished(Record):
    """Parts in their order, and what the whole was worked out from. `keep` is told what is moved into the result's
    place, just before, so that a run that ends there can be gone on with; a table says `same`, what the run was asked,
    in its comment, for the same reason."""

    engine: Engine
    parts: tuple[str, ...]
    about: dict[str, str]
    columns: tuple[str, ...]
    marked: bool
    same: str
    keep: Callable[[str], None]

    @property
    def comment(self) -> str:
        return json.dumps({**self.about, "policyeval.run": self.same}, ensure_ascii=False)


class Target(Record):
    """A place for a table. `folder`: where parts are kept until all are there; `form`: how the engine writes a part;
    `after`: what is left to do when the table is in its place."""

    name: str
    folder: str
    suffix: str
    form: str
    finish: Finish
    there: There
    most: int | None = None  # rows
    rejects: str = ""
    after: Callable[[dict[str, str]], None] = lambda _: None


def target(name: str) -> Target:
    """The place that a name means. Raises Refusal B204 where it means none."""
    path, sign, table = name.partition("#")
    lower = path.lower()
    if is_postgres(name):
        return _target(shown(name), table, ".parquet", _PARQUET, lambda f: _sent(f, name), lambda _: comment_of(name))
    if sign:
        if not lower.endswith((".duckdb", ".db")):
            raise Refusal(Problem("B204", {"name": name}))
        return _target(
            name, path, ".parquet", _PARQUET, lambda f: _into_database(f, path, table), lambda e: _said(e, path, table)
        )
    if name.endswith(("/", os.sep)):
        whole = name.rstrip("/" + os.sep)
        return _target(name, whole, ".parquet", _PARQUET, lambda f: _folder(f, whole), lambda _: _on_disk(whole))
    suffix = next((suffix for suffix in _FORMS if lower.endswith(suffix)), None)
    if suffix is None:
        raise Refusal(Problem("B204", {"name": name}))
    part, form, finish, most = _FORMS[suffix]
    found = _target(name, path, part, form, lambda f: finish(f, path), lambda _: _on_disk(path))
    found = replace(found, most=most)
    return found if form == _PARQUET else replace(found, after=lambda about: _beside(about, path))


def _target(name: str, path: str, suffix: str, form: str, finish: Finish, there: There) -> Target:
    home = os.path.dirname(path)
    if home and not os.path.isdir(home):
        raise Refusal(Problem("B205", {"path": home}))
    return Target(name, f"{path}.parts", suffix, form, finish, there, rejects=f"{path}.rejects")


def copied(form: str, query: str, path: str, about: dict[str, str], first: bool) -> str:
    """The statement that writes a part."""
    options = form.replace("{header}", "true" if first else "false")
    if "parquet" in form:
        pairs = ", ".join(f"{literal(key)}: {literal(value)}" for key, value in about.items())
        options += f", KV_METADATA {{{pairs}}}"
    return f"COPY ({query}) TO {literal(path)} ({options})"


def found_part(folder: str, part: str) -> str | None:
    """Where a part stands, if it does: in the folder of parts, or where those of a folder come together."""
    places = (os.path.join(folder, part), os.path.join(folder, WHOLE, part))
    return next((path for path in places if os.path.exists(path)), None)


# Files -----------------------------------------------------------------------


def _on_disk(path: str) -> str | None:
    return "" if os.path.lexists(path) else None


def _move(finished: Finished, whole: str, path: str) -> None:
    finished.keep(whole)
    os.replace(whole, path)


def _joined(finished: Finished, path: str) -> None:
    """Texts are put one after the other."""
    whole = finished.parts[0]
    if len(finished.parts) > 1 or finished.marked:
        whole = f"{whole}.whole"
        with open(whole, "wb") as joined:
            joined.write(_MARK if finished.marked else b"")
            for part in finished.parts:
                with open(part, "rb") as file:
                    shutil.copyfileobj(file, joined, 2**22)
    _move(finished, whole, path)


def _beside(about: dict[str, str], path: str) -> None:
    with open(f"{path}.meta.json", "w", encoding="utf-8") as file:
        json.dump(about, file, ensure_ascii=False, indent=2)
        file.write("\n")


def _unmarked(finished: Finished, path: str) -> None:
    _joined(replace(finished, marked=False), path)


def _one_parquet(finished: Finished, path: str) -> None:
    whole = finished.parts[0]
    if len(finished.parts) > 1:
        whole = f"{whole}.whole"
        finished.engine.execute("SET threads = 1")  # several would hold rows back until their turn, ever more of them
        finished.engine.execute(
            copied(_PARQUET, f"SELECT * FROM {_all(finished.parts)}", whole, finished.about, first=True)
        )
    _move(finished, whole, path)


def _folder(finished: Finished, path: str) -> None:
    whole = os.path.join(f"{path}.parts", WHOLE)
    os.makedirs(whole, exist_ok=True)  # an earlier run may have come as far
    for part in finished.parts:
        if os.path.dirname(part) != whole:
            os.replace(part, os.path.join(whole, os.path.basename(part)))
    finished.keep(whole)
    if os.path.isdir(path):
        shutil.rmtree(path)
    os.replace(whole, path)


def _workbook(finished: Finished, path: str) -> None:
    try:
        import openpyxl  # noqa: PLC0415  # an extra, and slow to import
    except ImportError:
        raise Refusal(Problem("Q218", {"path": path})) from None
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("policyeval")
    sheet.append(list(finished.columns))
    finished.engine.execute(f"SELECT * FROM {_all(finished.parts)}")
    while rows := finished.engine.fetchmany(10_000):
        for row in rows:
            sheet.append([_safe(value) for value in row])
    about = book.create_sheet("about")
    for pair in finished.about.items():
        about.append(pair)
    whole = f"{finished.parts[0]}.xlsx"
    book.save(whole)
    _move(finished, whole, path)


def _safe(value: object) -> object:
    """A text that a spreadsheet would take for a formula stays a text."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@") else value


def _all(parts: Sequence[str]) -> str:
    return f"read_parquet([{', '.join(map(literal, parts))}])"


# Tables ----------------------------------------------------------------------


def _into_database(finished: Finished, path: str, table: str) -> None:
    """All in one transaction: the table is there whole, or as it was."""
    engine = finished.engine
    engine.execute("DETACH DATABASE IF EXISTS given")  # the table may be of the same database, which opens once
    _attach(engine, path)
    try:
        engine.execute("BEGIN")
        engine.execute(f"CREATE OR REPLACE TABLE taken.{quoted(table)} AS SELECT * FROM {_all(finished.parts)}")
        engine.execute(f"COMMENT ON TABLE taken.{quoted(table)} IS {literal(finished.comment)}")
        engine.execute("COMMIT")
    finally:
        with suppress(duckdb.Error):
            engine.execute("ROLLBACK")
        engine.execute("DETACH taken")


def _sent(finished: Finished, name: str) -> None:
    folder = os.path.dirname(finished.parts[0])
    into_postgres(finished.engine, f"SELECT * FROM {_all(finished.parts)}", finished.comment, name, folder)


def _attach(engine: Engine, path: str) -> None:
    try:
        engine.execute(f"ATTACH {literal(path)} AS taken")
    except duckdb.Error as error:
        raise Refusal(Problem("B210", {"path": path, "reason": told(error)})) from None


def _said(engine: Engine, path: str, table: str) -> str | None:
    """The comment of a table that is there."""
    if not os.path.exists(path):
        return None
    _attach(engine, path)
    try:
        asked = "SELECT coalesce(comment, '') FROM duckdb_tables() WHERE database_name = 'taken' AND table_name = ?"
        found = engine.execute(asked, [table]).fetchone()
        return str(found[0]) if found else None
    finally:
        engine.execute("DETACH taken")


# amounts are no words of a dictionary: to look for one would take a third of the time
_PARQUET = "FORMAT parquet, DICTIONARY_SIZE_LIMIT 1000"
_JSON = (".jsonl", "FORMAT json", _unmarked, None)
_FORMS: dict[str, tuple[str, str, Callable[[Finished, str], None], int | None]] = {
    ".parquet": (".parquet", _PARQUET, _one_parquet, None),
    ".csv": (".csv", "FORMAT csv, HEADER {header}", _joined, None),
    ".tsv": (".tsv", "FORMAT csv, HEADER {header}, DELIMITER '\t'", _joined, None),
    ".jsonl": _JSON,
    ".ndjson": _JSON,
    ".xlsx": (".parquet", _PARQUET, _workbook, XLSX_ROWS),
}
