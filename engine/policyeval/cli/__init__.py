"""The door for a person at a terminal: a file a command, and what they print with. No answers are worked out here."""

import gc
from importlib import import_module
from sys import modules
from types import ModuleType
from typing import Any

_SELDOM = 100_000  # new objects before garbage is looked for; Python's own measure is 700

# A run makes many objects that live as long as it does, the first of them while its modules are imported. Looking for
# garbage among them would take a tenth of a short run, so it is seldom done.
gc.set_threshold(_SELDOM)


class _Later(ModuleType):
    """A module that is loaded when something of it is asked for."""

    def __getattr__(self, name: str) -> Any:
        if modules.get(self.__name__) is self:
            del modules[self.__name__]
        return getattr(import_module(self.__name__), name)


# click imports it, which takes a twentieth of a short run, and asks nothing of it but for help
modules.setdefault("inspect", _Later("inspect"))
