"""Where the files that are not code stand.

In: a folder of the repository (`grammar`, `policies`) and a name in it. Out: its path, in a source checkout or inside
an installed wheel alike.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_WHEEL = _PACKAGE / "_data"
_ROOT = _WHEEL if _WHEEL.is_dir() else _PACKAGE.parents[1]


def data_file(folder: str, name: str = "") -> Path:
    """The path of `name` in `folder`; of the folder itself where no name is given."""
    return _ROOT / folder / name
