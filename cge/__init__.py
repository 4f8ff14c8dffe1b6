"""Trade counterfactuals in many countries and sectors: Armington, Eaton–Kortum, Krugman and Melitz in one system of equations.

A name is imported when somebody asks for it, so that `import cge` and `cge --help` are immediate. Names and their modules stand in `__init__.pyi`.
"""

from __future__ import annotations

import ast
import sys
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

_STUB = ast.parse(Path(__file__).with_suffix(".pyi").read_text(encoding="utf-8"))
_HOMES = {alias.name: str(node.module) for node in _STUB.body if isinstance(node, ast.ImportFrom) for alias in node.names}
"""The module of every public name."""

__all__ = sorted(_HOMES)

_ALSO = {"cge.plot": "cge.tell.plot", "cge.nlp": "cge.solve.nlp"}
"""Public modules under a shorter name, loaded when somebody asks for them."""


class _Also(MetaPathFinder, Loader):
    """Finds a module under its shorter name; it is the same module."""

    def find_spec(self, name: str, path: object = None, target: ModuleType | None = None) -> ModuleSpec | None:
        return ModuleSpec(name, self) if name in _ALSO else None

    def exec_module(self, module: ModuleType) -> None:
        sys.modules[module.__name__] = import_module(_ALSO[module.__name__])


sys.meta_path.insert(0, _Also())


def __getattr__(name: str) -> Any:
    """A public name from its module; and modules of the package (`cge.firms`, `cge.plot`) without an import of their own."""
    if name in _HOMES:
        found = getattr(import_module(_HOMES[name]), name)
    else:
        try:
            found = import_module(f"{__name__}.{name}")
        except ModuleNotFoundError as error:
            if error.name != f"{__name__}.{name}":
                raise
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
