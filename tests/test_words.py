"""The words of the command line: none is there twice, since the later one would win in silence."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import policyeval.cli
import pytest

HOME = Path(policyeval.cli.__file__).parent


def keys_of(path: Path) -> list[str]:
    """All keys of the tables of words in a module, as they are written."""
    tables = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Dict)]
    return [k.value for table in tables for k in table.keys if isinstance(k, ast.Constant) and isinstance(k.value, str)]


def test_no_word_is_there_twice() -> None:
    modules = sorted(HOME.glob("words*.py"))
    assert len(modules) > 1
    found = Counter(key for path in modules for key in keys_of(path))
    assert [key for key, times in found.items() if times > 1] == []


@pytest.mark.parametrize("text", ['A = {"a": 1, "a": 2}', 'A = {"a": 1}\nB = {"a": 2, **A}'])
def test_one_that_is_there_twice_is_found(text: str, tmp_path: Path) -> None:
    path = tmp_path / "words.py"
    path.write_text(text, encoding="utf-8")
    assert keys_of(path) == ["a", "a"]
