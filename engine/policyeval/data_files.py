"""Where the files that are not code stand.

In: a folder of the repository (`grammar`, `policies`) and a name in it. Out: its path, or what stands there, in a
source checkout or inside an installed wheel alike.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_PACKAGE = os.path.dirname(os.path.realpath(__file__))
_WHEEL = os.path.join(_PACKAGE, "_data")
_ROOT = _WHEEL if os.path.isdir(_WHEEL) else os.path.dirname(os.path.dirname(_PACKAGE))


def data_folder(folder: str) -> str:
    """The path of `folder`."""
    return os.path.join(_ROOT, folder)


def data_file(folder: str, name: str = "") -> Path:
    """The path of `name` in `folder`; of the folder itself where no name is given."""
    from pathlib import Path  # noqa: PLC0415  # a start needs none

    return Path(_ROOT, folder, name)


def data_bytes(folder: str, name: str) -> bytes:
    """What stands in `name` in `folder`."""
    with open(os.path.join(_ROOT, folder, name), "rb") as file:
        return file.read()
