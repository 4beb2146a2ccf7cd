"""The schemas that editors read: every key is explained, with an example that fits."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

FILES = sorted((Path(__file__).resolve().parents[1] / "grammar").glob("*.schema.json"))


def keys(schema: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every key that a schema names, wherever it stands."""
    if isinstance(schema, dict):
        for name, inner in schema.get("properties", {}).items() if isinstance(schema.get("properties"), dict) else ():
            yield f"{path}/{name}", inner
        for word, inner in schema.items():
            if word not in ("examples", "enum", "default", "const"):
                yield from keys(inner, f"{path}/{word}")
    elif isinstance(schema, list):
        for inner in schema:
            yield from keys(inner, path)


def loaded(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


KEYS = [(file.name, path, key) for file in FILES for path, key in keys(loaded(file))]


def test_there_are_schemas_and_keys() -> None:
    assert len(FILES) >= 3
    assert len(KEYS) > 60


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_draft_2020_12(file: Path) -> None:
    schema = loaded(file)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize(("file", "path", "key"), KEYS, ids=[f"{file}{path}" for file, path, _ in KEYS])
def test_every_key_is_explained_with_an_example(file: str, path: str, key: dict[str, Any]) -> None:
    description = key.get("description", "")
    assert description[:1].isupper()
    assert len(description) > 5
    assert key.get("examples")


@pytest.mark.parametrize(("file", "path", "key"), KEYS, ids=[f"{file}{path}" for file, path, _ in KEYS])
def test_examples_of_texts_fit(file: str, path: str, key: dict[str, Any]) -> None:
    root = loaded(next(f for f in FILES if f.name == file))
    validator = Draft202012Validator({**key, "$defs": root.get("$defs", {})})
    for example in key["examples"]:
        if not isinstance(example, dict | list):  # longer ones may leave out what does not matter
            assert list(validator.iter_errors(example)) == []
