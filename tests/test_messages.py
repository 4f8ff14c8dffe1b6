"""What messages and pages name exists: a reader who types it finds it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from places import TOP

MODULES = sorted((TOP / "cge").rglob("*.py"))
PAGES = sorted([*TOP.glob("*.md"), *(TOP / "docs").rglob("*.md"), *(TOP / "calibration").glob("*.md"), *(TOP / "data").glob("*.md")])

FILES = ("toml", "nc", "csv", "py")
"""Endings of files, which a name that ends so is."""

NAME = re.compile(r"(?<![\w/.-])cge(?:\.[A-Za-z_]\w*)+")
IMPORT = re.compile(r"from (cge[\w.]*) import ([\w, ]+)")


def texts(path: Path) -> Iterator[str]:
    """The words of a page, or the strings and docstrings of a module."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        yield text
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def named(path: Path) -> set[str]:
    """Dotted names of this package that a file mentions."""
    found = set()
    for text in texts(path):
        found |= {name for name in NAME.findall(text) if name.rsplit(".", 1)[1] not in FILES}
        found |= {f"{module}.{name.strip()}" for module, names in IMPORT.findall(text) for name in names.split(",")}
    return found


def resolve(name: str) -> Any:
    """What a dotted name stands for: the longest part that can be imported, and attributes of it; `AttributeError` where there is none."""
    parts = name.split(".")
    module, depth = import_module(parts[0]), 1
    while depth < len(parts) and hasattr(module, "__path__") and find_spec(".".join(parts[: depth + 1])) is not None:
        depth += 1
        module = import_module(".".join(parts[:depth]))
    found: Any = module
    for part in parts[depth:]:
        found = found.__dataclass_fields__[part] if part in getattr(found, "__dataclass_fields__", {}) else getattr(found, part)
    return found


def exists(name: str) -> bool:
    try:
        resolve(name)
    except AttributeError:
        return False
    return True


def test_names_are_told_from_what_is_none() -> None:
    assert exists("cge.melitz")
    assert exists("cge.data.aggregate.averaged")
    assert exists("cge.runfile.case.Case.start")
    assert not exists("cge.aggregate.averaged")  # the function stands where the module stood
    assert not exists("cge.nothing")
    assert not exists("cge.data.nothing")


@pytest.mark.parametrize("path", [*MODULES, *PAGES], ids=lambda path: path.relative_to(TOP).as_posix())
def test_every_name_exists(path: Path) -> None:
    assert [name for name in sorted(named(path)) if not exists(name)] == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(TOP).as_posix())
def test_everything_that_a_module_offers_is_there(path: Path) -> None:
    """`from … import *` takes every name of `__all__`."""
    parts = path.relative_to(TOP).with_suffix("").parts
    if parts[-1] == "__main__":
        return
    module = import_module(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    assert [name for name in getattr(module, "__all__", ()) if not hasattr(module, name)] == []
