"""The stored parse tables: those of the grammar, or not used."""

from __future__ import annotations

from pathlib import Path

import pytest
from policyeval import tables
from policyeval.data_files import data_file
from policyeval.parse import STARTS, _Builder

TEXTS = {
    "amount": "upstream_funding matched 1:0.5:0.5 by city, host capped at 1000万元",
    "condition": "非 级别 为 国家级 且 （上级扶持经费 不低于 10万元 或 考核 未知）",
    "statement": "take higher of a, b/c.city when x is y",
    "claim": "a never above 10%  of x",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "expression.lark").write_bytes(data_file("grammar", "expression.lark").read_bytes())
    monkeypatch.setattr(tables, "data_file", lambda _, name: tmp_path / name)
    monkeypatch.setattr(tables, "data_bytes", lambda _, name: (tmp_path / name).read_bytes())
    return tmp_path


def _read(text: str, start: str) -> object:
    return tables.parser("expression", STARTS, _Builder()).parse(text, start=start)


def test_they_are_those_of_the_grammar() -> None:
    assert tables.current("expression", STARTS), "run `make tables`"


@pytest.mark.parametrize("start", STARTS)
def test_with_and_without_them_the_same_is_read(start: str, folder: Path) -> None:
    text = TEXTS[start].replace("（", "(").replace("）", ")")
    plain = _outcome(text, start)
    tables.write("expression", STARTS)
    assert tables.current("expression", STARTS)
    assert _outcome(text, start) == plain


def _outcome(text: str, start: str) -> str:
    """What is read, or at which token reading stops."""
    try:
        return repr(_read(text, start))
    except Exception as error:  # noqa: BLE001  # Lark's own, whatever it is
        return repr(error)


def test_those_of_another_grammar_or_cut_short_are_not_used(folder: Path) -> None:
    tables.write("expression", STARTS)
    stored = folder / "expression.tables.json"
    whole = stored.read_bytes()
    stored.write_bytes(whole[: len(whole) // 2])
    assert not tables.current("expression", STARTS)
    stored.write_bytes(whole)
    with (folder / "expression.lark").open("a") as grammar:
        grammar.write("\n// one more line\n")
    assert not tables.current("expression", STARTS)
    assert _read("a + b", "amount")
