"""An output folder filled by an answer, or holding the diagnosis alone."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from cge.data.files.folder import replacing
from cge.data.files.formats import write_json
from cge.errors import InputError, Outcome, SolveError
from cge.runfile.case import Case
from cge.tell.provenance import origin

Result = TypeVar("Result")


def produce(case: Case, folder: Path, work: Callable[[Path], Result]) -> Result:
    """Let `work` fill a new folder and put it in the place of `folder`.

    Where `work` finds no solution (or fails by an error of this package) the new folder holds `diagnosis.json` alone, and the error is raised
    again; bad input, a full disk and an interruption leave everything as it was.
    """
    with replacing(folder) as fresh:
        try:
            return work(fresh)
        except (InputError, OSError):
            raise
        except Exception as error:
            failure = error
            for path in fresh.iterdir():
                path.unlink()
            write_json(diagnosis(error, case), fresh / "diagnosis.json")
    raise failure


def diagnosis(error: Exception, case: Case) -> dict[str, object]:
    """The keys of diagnosis.json."""
    if isinstance(error, SolveError):
        outcome, figures = error.outcome, error.diagnosis
    else:
        outcome = Outcome("internal_error", f"An error of cge itself, not of your input: {type(error).__name__}: {error}")
        figures = {"traceback": traceback.format_exception(error)}
    return {"outcome": outcome.name, "sentence": outcome.sentence, **origin(case), "diagnosis": figures}
