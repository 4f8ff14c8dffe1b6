"""Everything that is wrong with a run file, whichever command answers it, before anything is solved."""

from __future__ import annotations

from cge.errors import InputError, RunFileError
from cge.questions.solve import verify
from cge.questions.table import QUESTIONS
from cge.runfile.case import Case
from cge.runfile.reading import caught


def check(case: Case) -> None:
    """Raise what a solve would raise before its first step, and every fault of the tables that belong to one question alone.

    Raises:
        RunFileError: all faults, one sentence each. SolveError: the data are no equilibrium.
    """
    found = [fault for question in QUESTIONS for fault in question.faults(case)]
    made = caught(lambda: verify(case))
    faults = [*(made.faults if isinstance(made, InputError) else ()), *found]
    if faults:
        raise RunFileError(dict.fromkeys(faults))
