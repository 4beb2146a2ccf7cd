"""A declarative rules engine for government support policies: what a platform gets, from whom, by which clause.

    import policyeval
    answer = policyeval.evaluate({"location": "ganyu", "level": "national", "upstream_funding": "1200万元"})

`load`, `evaluate` and `compare` are the interface; `Refusal` is what they raise.
"""

from __future__ import annotations

from importlib import import_module
from sys import modules
from types import ModuleType
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["Answer", "Comparison", "Library", "Refusal", "__version__", "compare", "evaluate", "load"]

if TYPE_CHECKING:
    from policyeval.answer import Answer
    from policyeval.api import compare, evaluate, load
    from policyeval.compare import Comparison
    from policyeval.library import Library
    from policyeval.problems import Refusal

_HOMES = {
    "Answer": "answer",
    "Comparison": "compare",
    "Library": "library",
    "Refusal": "problems",
    "compare": "api",
    "evaluate": "api",
    "load": "api",
}


class _Package(ModuleType):
    """The package, whose functions are not hidden by the modules of the same names."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in _HOMES or not isinstance(value, ModuleType):
            super().__setattr__(name, value)


def __getattr__(name: str) -> Any:
    """The interface, imported when it is first asked for: the command line asks for less."""
    if name not in _HOMES:
        raise AttributeError(f"module 'policyeval' has no attribute {name!r}")
    return getattr(import_module(f"policyeval.{_HOMES[name]}"), name)


modules[__name__].__class__ = _Package
