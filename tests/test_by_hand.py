"""What `bench/` holds the engine against is right: `bench/held.py` on a small share of what it compares, and a planted
fault."""

from pathlib import Path

import pytest


@pytest.fixture
def held(monkeypatch):
    monkeypatch.syspath_prepend(Path(__file__).resolve().parents[1])
    from bench import held

    return held


@pytest.fixture
def table(held, tmp_path):
    """Platforms with a tenth of all cells missing, and the batch by hand."""
    platforms, out = tmp_path / "platforms.parquet", tmp_path / "out.parquet"
    held.generate(platforms, 2_000, 0.1)
    held.by_hand.batch(platforms, out)
    return platforms, out


def test_tables_by_hand_agree_with_the_evaluator(held, table):
    assert held.disagreements(*table) == []


def test_a_rule_written_wrongly_is_seen(held, table, monkeypatch):
    wrong = held.by_hand.BATCH.replace("(base + 2) // 4", "base // 4")
    monkeypatch.setattr(held.by_hand, "BATCH", wrong)
    held.by_hand.batch(*table)
    assert held.disagreements(*table)
