"""What holds for every test."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

gc.set_threshold(100_000, 50, 50)  # packs and trees live as long as a process; to go through them often takes long

pytest_plugins = ["engines"] if os.name == "posix" else []

settings.register_profile("untimed", deadline=None)  # a busy machine is no fault
settings.load_profile("untimed")


@pytest.fixture(scope="session", autouse=True)
def _no_width() -> Iterator[None]:
    """A page is as wide as where nobody says how wide; pytest says so to the processes that share the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("COLUMNS", raising=False)
        yield
