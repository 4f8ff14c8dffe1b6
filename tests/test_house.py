"""The floor plan: who may import whom. Read from the source, so that an import inside a function counts as one."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
from places import TOP

from cge.questions.table import QUESTIONS

CGE = TOP / "cge"
FLOORS = (
    ("errors", "names"),
    ("data",),
    ("model",),
    ("solve",),
    ("results", "runfile"),
    ("firms",),
    ("tell",),
    ("questions",),
    ("explorer",),
    ("cli",),
)
"""Wings from the ground up; one imports from those below it, never from its neighbour."""

ALONE = {"cge.solve.nlp": ("cge.errors", "cge.solve.nlp")}
"""Packages that know nothing of the rest but these."""

BY_NAME = {"cge.solve.solution": "cge.questions.told", "cge.tell.reference": "cge.cli"}
"""What is known from below by its name alone: so that a record can be asked for what only those above it can make of it, and a page of the
reference lists all commands."""

FACES = ("cge", "cge.__main__")
"""What only hands names on."""


def module(path: Path) -> str:
    parts = path.relative_to(TOP).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module(path): path for path in sorted(CGE.rglob("*.py"))}


def imports(name: str) -> Iterator[str]:
    """Modules of the package that a module imports, wherever in its text."""
    for node in ast.walk(ast.parse(MODULES[name].read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "cge":
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (found if found in MODULES else node.module for found in inner)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] == "cge")


ARROWS = {name: sorted(set(imports(name)) - {name}) for name in MODULES}


def floor(name: str) -> int:
    return next(k for k, wings in enumerate(FLOORS) if name.split(".")[1] in wings)


def test_few_things_stand_at_the_top() -> None:
    packages = {path.parent.name for path in CGE.glob("*/__init__.py")}
    assert packages <= {wing for wings in FLOORS[1:] for wing in wings}
    assert {path.stem for path in CGE.glob("*.py")} == {"__init__", "__main__", "errors", "names"}


def test_the_plan_names_every_room() -> None:
    """Modules that stand in a wing, and its folders; those of `firms` are families of models, described in their own pages."""
    plan = (TOP / "CONTRIBUTING.md").read_text(encoding="utf-8").split("```")[1]
    rooms = {name.split(".")[2] for name in MODULES if name.count(".") >= 2 and not name.startswith("cge.firms.")}
    assert rooms - set(re.findall(r"\w+", plan)) == set()


def test_every_import_goes_down() -> None:
    up = [
        f"{name} -> {other}"
        for name, others in ARROWS.items()
        if name not in FACES
        for other in others
        if other not in FACES and name.split(".")[1] != other.split(".")[1] and floor(other) >= floor(name)
    ]
    assert up == []


@pytest.mark.parametrize("name", ALONE)
def test_what_stands_alone(name: str) -> None:
    inside = [module for module in MODULES if module == name or module.startswith(f"{name}.")]
    assert {other for module in inside for other in ARROWS[module] if not other.startswith(ALONE[name])} == set()


def test_only_these_are_known_by_name() -> None:
    """A module named in a text, whole, is one that is loaded when it is asked for."""
    named = {
        (name, node.value)
        for name in MODULES
        if name not in FACES
        for node in ast.walk(ast.parse(MODULES[name].read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and node.value in MODULES and node.value != "cge"
    }
    assert {(name, other) for name, other in named if name.split(".")[1] != str(other).split(".")[1]} == set(BY_NAME.items())


def test_no_circle_between_modules() -> None:
    ordered({name: others for name, others in ARROWS.items() if name not in FACES})


@pytest.mark.parametrize("wing", [name for name in MODULES if name.count(".") == 1 and (CGE / name.split(".")[1]).is_dir()])
def test_no_circle_between_the_folders_of_a_wing(wing: str) -> None:
    """A folder counts as one, its face included; so does a module that stands beside it."""

    def room(name: str) -> str:
        return ".".join(name.split(".")[:3])

    rooms: dict[str, set[str]] = {}
    for name, others in ARROWS.items():
        if name.startswith(f"{wing}."):
            rooms.setdefault(room(name), set()).update(room(o) for o in others if o.startswith(f"{wing}.") and room(o) != room(name))
    ordered(rooms)


def test_a_question_takes_answers_from_others_and_never_their_screens() -> None:
    taken = [
        f"{name} -> {other}"
        for name, others in ARROWS.items()
        if name.count(".") == 3 and name.startswith("cge.questions.")
        for other in others
        if other.count(".") == 3 and other.startswith("cge.questions.") and other.rsplit(".", 1)[0] != name.rsplit(".", 1)[0]
    ]
    assert [arrow for arrow in taken if arrow.endswith((".screen", ".page"))] == []


def test_what_tells_names_no_question() -> None:
    """A page, a figure, a table for a paper know a question by its record alone."""
    words = {word for question in QUESTIONS for word in (question.name, question.word)}
    named = re.compile(rf"""["'](?:{"|".join(words)})["']""")
    texts = [path for path in (CGE / "tell").rglob("*") if path.suffix in (".py", ".js", ".html")]
    assert [path.name for path in texts if named.search(path.read_text(encoding="utf-8"))] == []


def ordered(graph: dict[str, list[str]] | dict[str, set[str]]) -> None:
    """Fails where there is a circle, and says which."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"circle: {' -> '.join(reversed(error.args[1]))}")


ARRAYS = ("Array", "ndarray", "Values", "Objects")
"""What an annotation of an array has in it."""


def public_functions(node: ast.Module | ast.ClassDef, owner: str = "") -> Iterator[tuple[ast.FunctionDef, str]]:
    """Public functions and methods with the docstring of their class."""
    for child in node.body:
        if isinstance(child, ast.ClassDef):
            yield from public_functions(child, ast.get_docstring(child) or "")
        elif isinstance(child, ast.FunctionDef) and not child.name.startswith("_"):
            yield child, owner


@pytest.mark.parametrize("name", MODULES)
def test_public_functions_on_arrays_say_their_dims(name: str) -> None:
    """In brackets, in their own docstring or in that of their class."""
    silent = []
    for function, owner in public_functions(ast.parse(MODULES[name].read_text(encoding="utf-8"))):
        arguments = [argument.annotation for argument in (*function.args.args, *function.args.kwonlyargs)]
        annotations = " ".join(ast.unparse(annotation) for annotation in (*arguments, function.returns) if annotation)
        if any(word in annotations for word in ARRAYS) and "[" not in (ast.get_docstring(function) or "") + owner:
            silent.append(function.name)
    assert silent == []
