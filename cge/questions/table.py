"""The questions: one row each. A new one is a folder, a row here and a command.

A record is loaded when somebody asks for it: the page of one question need not load what answers the others.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from cge.tell.question import Question

ROWS = {
    "policy.csv": ("cge.questions.policy.page", "POLICY"),
    "welfare.csv": ("cge.questions.run.page", "RUN"),
    "gains.csv": ("cge.questions.gains.page", "GAINS"),
    "comparison.csv": ("cge.questions.compare.page", "COMPARISON"),
    "sweep.zarr": ("cge.questions.sweep.page", "SWEEP"),
    "gradient.csv": ("cge.questions.gradient.page", "GRADIENT"),
}
"""Module and name of each record, by the first file of its folder, which no question after it has: one whose folder holds another's stands before."""

QUESTIONS: tuple[Question, ...]
"""All of them."""


def __getattr__(name: str) -> Any:
    """`QUESTIONS`, loaded."""
    if name == "QUESTIONS":
        return tuple(map(_record, ROWS))
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def asked_in(folder: Path) -> tuple[Question, ...]:
    """The question that an output folder answers, or all of them where it holds the first file of none."""
    return tuple(map(_record, [name for name in ROWS if (folder / name).exists()][:1] or ROWS))


def _record(first: str) -> Question:
    module, name = ROWS[first]
    found: Question = getattr(import_module(module), name)
    return found
