"""`policyeval sql`, as a person and as a script meet it."""

from __future__ import annotations

import pytest
from test_cli import _steady, run  # noqa: F401  # the fixture sets language, width and cache

DAY = "--as-of 2023-06-30"
PAGES = {
    "duckdb": f"sql {DAY} --packs qidong-2023 --dialect duckdb",
    "spark": f"sql {DAY} --packs lianyungang-2021 --dialect spark --table finance.platforms --view finance.support",
    "postgres": f"sql {DAY} --packs lianyungang-2021 --dialect postgres --reading cap_scope=each",
    "duckdb_zh": f"sql {DAY} --with ganyu-draft --dialect duckdb --lang zh",
    "spark_zh": f"sql {DAY} --packs qidong-2023 --dialect spark --lang zh",
    "postgres_zh": f"sql {DAY} --packs qidong-2023 --dialect postgres --view 支持 --lang zh",
    "help": "sql --help",
    "help_zh": "--lang zh sql --help",
}
ERRORS = {
    "no_dialect": f"sql {DAY}",
    "unknown_dialect": f"sql {DAY} --dialect duck",
    "not_a_table": f"sql {DAY} --dialect duckdb --table 'a b'",
    "not_a_view": f"sql {DAY} --dialect postgres --view 'v; DROP TABLE t' --lang zh",
    "nothing_in_force": "sql --as-of 1999-12-31 --dialect duckdb",
    "nothing_in_force_zh": "sql --as-of 1999-12-31 --dialect duckdb --lang zh",
}


@pytest.mark.parametrize("name", PAGES)
def test_page(name: str, snapshot: object) -> None:
    result = run(PAGES[name])
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == snapshot


@pytest.mark.parametrize("name", ERRORS)
def test_error(name: str, snapshot: object) -> None:
    result = run(ERRORS[name])
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == snapshot


def test_packs_that_were_named_and_do_not_apply_are_told() -> None:
    result = run(f"sql {DAY} --packs lianyungang-2021,ganyu-draft --dialect duckdb")
    assert result.exit_code == 0
    assert "`ganyu-draft` is a draft and was not applied" in result.stderr
    assert "ganyu-draft" not in result.stdout
