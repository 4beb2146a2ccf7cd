"""Queries that earlier runs have kept: made once, the same answers, and nothing but terms."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from platform_tables import platforms, table
from policyeval import store
from policyeval.batch.answers import Answers
from policyeval.batch.terms import harmless
from policyeval.impact.tally import Tally

TERMS = yaml.safe_load((Path(__file__).parent / "cases" / "batch" / "terms.yaml").read_text(encoding="utf-8"))
DRAFT = ("--with", "ganyu-draft", "--as-of", "2023-06-30")
LOADED = """
import sys
from policyeval.cli.main import cli
try:
    cli(sys.argv[1:])
finally:
    print("sqlglot" in sys.modules, file=sys.stderr)
"""


@pytest.mark.parametrize("term", TERMS["harmless"])
def test_a_term_is_harmless(term: str) -> None:
    assert harmless(["1", term])


@pytest.mark.parametrize("term", TERMS["refused"].values(), ids=TERMS["refused"])
def test_what_does_more_is_refused(term: str) -> None:
    assert not harmless(["1", term])


def ask(*words: object) -> tuple[str, bool]:
    """What is said, in a process of its own, and whether it loads what writes SQL."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *map(str, words)], capture_output=True, text=True, check=True, encoding="utf-8"
    )
    return done.stdout, done.stderr.strip().endswith("True")


@pytest.mark.usefixtures("emptied")
def test_a_second_run_makes_no_query(tmp_path: Path) -> None:
    source, out = table(platforms(40, 1, 0.1), tmp_path / "in.csv"), tmp_path / "out.csv"
    first = ask("impact", source, *DRAFT, "--by", "location", "--format", "json")
    again = ask("impact", source, *DRAFT, "--by", "location", "--format", "json")
    assert (first[1], again) == (True, (first[0], False))
    assert not ask("impact", source, *DRAFT, "--by", "level", "--no-readings", "--top", "0", "--lang", "zh")[1]
    _, made = ask("batch", source, out, *DRAFT)
    answers = out.read_bytes()
    _, remade = ask("batch", source, out, *DRAFT, "--overwrite")
    assert (made, remade, out.read_bytes()) == (True, False, answers)


def test_other_rows_and_other_rules_have_another_query(emptied: Path, tmp_path: Path) -> None:
    """Ganyu's own rows, all places, rows that leave facts open, another reading: each as if there had been no other."""
    rows = platforms(60, 2, 0.0)
    ganyu = table([row for row in rows if row["location"] == "ganyu"], tmp_path / "ganyu.csv")
    everywhere = table(rows, tmp_path / "everywhere.csv")
    unsure = table(platforms(60, 2, 0.2), tmp_path / "unsure.csv")
    asked = [[ganyu], [everywhere], [unsure], [everywhere, "--reading", "ganyu-draft/no_duplication=city_alone"]]
    lines = [("impact", *words, *DRAFT, "--no-readings", "--format", "json") for words in asked]
    alone = []
    for line in lines:
        alone.append(ask(*line)[0])
        for file in emptied.iterdir():
            file.unlink()
    assert [ask(*line)[0] for line in (*lines, *lines)] == [*alone, *alone]


@pytest.mark.parametrize("what", ["batch", "impact"])
def test_a_query_that_does_more_is_made_anew(what: str, emptied: Path, tmp_path: Path) -> None:
    """Whoever can write into the cache folder cannot write anywhere else by it."""
    source, out, planted = table(platforms(40, 1, 0.0), tmp_path / "in.csv"), tmp_path / "out.csv", tmp_path / "planted"
    words: tuple[object, ...] = ("batch", source, out, *DRAFT, "--overwrite")
    if what == "impact":
        words = ("impact", source, *DRAFT, "--no-readings", "--format", "json")
    first, _ = ask(*words)
    kind = Answers if what == "batch" else Tally
    found = {file: value for file in emptied.iterdir() if (value := store.read(file.stem, kind)) is not None}
    assert len(found) == 1
    (file,) = found
    _, line = file.read_bytes().split(b"\n", 1)
    evil = f"(WITH x AS (COPY (SELECT 1) TO '{planted}') SELECT 1 FROM x) + "
    body = line.replace(b'"CASE ', json.dumps(evil)[:-1].encode() + b"CASE ")
    assert body != line
    key = file.stem
    file.write_bytes(store._head(key, body) + body)
    assert store.read(key, kind) is not None
    again, made = ask(*words)
    assert (again, made) == (first, True)
    assert not planted.exists()
    assert store.read(key, kind) == found[file]  # and put right
