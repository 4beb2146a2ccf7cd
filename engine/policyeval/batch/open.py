"""The table that a name means, whatever it is kept in.

In: a name as a user types it. Out: a Table. Promise: what a file is is told by its first bytes, not by its name.
"""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import suppress

from policyeval.batch.postgres import is_postgres, postgres_table
from policyeval.batch.spool import csv_table, json_table, xlsx_table
from policyeval.batch.table import Engine, Table, database, parquet
from policyeval.files import why_not
from policyeval.problems import Problem, Refusal

_JSON = (".json", ".jsonl", ".ndjson")
_ZIP = b"PK\x03\x04"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"


def open_table(name: str, engine: Engine, folder: str) -> Table:
    """`folder` takes what has to be put down on the way. Raises Refusal."""
    if is_postgres(name):
        return postgres_table(engine, name, folder)
    path, sign, table = name.partition("#")
    if sign and not os.path.exists(name):
        return _one_of(engine, path, table, folder)
    if os.path.isdir(name) or (any(c in name for c in "*?[") and not os.path.exists(name)):
        return parquet(engine, name)
    path = _standard_input(folder) if name == "-" else name
    shown = "<stdin>" if name == "-" else name
    try:
        with open(path, "rb") as file:
            first = file.read(4096)
    except FileNotFoundError:
        raise Refusal(Problem("F101", {"path": shown})) from None
    except (OSError, ValueError) as error:
        raise Refusal(Problem("F103", {"path": shown, "reason": why_not(error)})) from None
    if first[:4] == b"PAR1" or name.lower().endswith(".parquet"):
        return parquet(engine, path)
    if first[8:12] == b"DUCK":
        raise Refusal(Problem("B116", {"path": shown}))
    if first[:4] == _ZIP:
        return xlsx_table(shown, path, folder)
    if first[:4] == _OLD_EXCEL:
        reason = {"en": "an old .xls workbook, or one with a password", "zh": "是旧的.xls工作簿，或者有密码"}
        raise Refusal(Problem("Q201", {"path": shown, "reason": reason}))
    begin = _begin(first)
    if begin == "[" and name.lower().endswith(_JSON):
        raise Refusal(Problem("B119", {"path": shown}))
    if begin == "{" or name.lower().endswith(_JSON):
        return json_table(shown, path, folder)
    return csv_table(shown, path, folder)


def _one_of(engine: Engine, path: str, table: str, folder: str) -> Table:
    """A sheet of a workbook, or a table of a database."""
    first = b""
    with suppress(OSError, ValueError), open(path, "rb") as file:
        first = file.read(12)
    if first[:4] == _ZIP:
        return xlsx_table(path, path, folder, table)
    if first and first[8:] != b"DUCK":
        reason = {"en": "it is no DuckDB database, so it has no tables", "zh": "不是DuckDB数据库，没有表可指明"}
        raise Refusal(Problem("B110", {"path": path, "reason": reason}))
    return database(engine, path, table, folder)


def _begin(first: bytes) -> str:
    """The first character that is no blank and no mark."""
    encoding = "utf-16" if first[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    return first[:-1].decode(encoding, "ignore").lstrip()[:1]


def _standard_input(folder: str) -> str:
    path = os.path.join(folder, "standard-input")
    with open(path, "wb") as file:
        shutil.copyfileobj(sys.stdin.buffer, file)
    return path
