"""Everything that is wrong with a run file, whichever command answers it, before anything is solved."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from cge.errors import InputError, RunFileError
from cge.questions.solve import verify
from cge.questions.table import QUESTIONS
from cge.runfile.case import Case
from cge.runfile.reading import caught


def check(case: Case, scenarios: Iterable[Case] = ()) -> None:
    """Raise what a solve would raise before its first step, and every fault of the tables that belong to one question alone.

    Args:
        scenarios: of the run file, which are solved in its place.

    Raises:
        RunFileError: all faults, one sentence each. SolveError: the data are no equilibrium.
    """
    faults = [fault for question in QUESTIONS for fault in question.faults(case)]
    for one in reversed([case, *scenarios]):
        made = caught(partial(verify, one))
        if isinstance(made, InputError):
            faults = [*(f"scenario {one.named}: {fault}" if one.named else fault for fault in made.faults), *faults]
    if faults:
        raise RunFileError(dict.fromkeys(faults))
