"""What holds for every test."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from policyeval import prove

gc.set_threshold(100_000, 50, 50)  # packs and trees live as long as a process; to go through them often takes long

pytest_plugins = ["engines"] if os.name == "posix" else []

# A busy machine is no fault. The limit of a proof stands here, before any module takes it as the default of its own.
prove.SECONDS = 120.0
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(scope="session", autouse=True)
def _surroundings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A page is as wide as where nobody says how wide; pytest says so to the processes that share the tests. The cache
    is none that a person uses."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("COLUMNS", raising=False)
        patch.setenv("POLICYEVAL_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))
        yield


@pytest.fixture
def emptied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of this test's own, for one that changes the engine while it runs, or looks into the folder."""
    folder = tmp_path / "a cache"
    monkeypatch.setenv("POLICYEVAL_CACHE", str(folder))
    return folder
