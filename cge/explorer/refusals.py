"""Why there is no answer, in the words of the solver or of the run file, and what can be done at one press."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cge.data.files.formats import plain
from cge.errors import InputError, SolveError
from cge.explorer.question import Invalid
from cge.explorer.run_file import located
from cge.model.transfers import TRANSFER_RULES
from cge.runfile.case import Case

NO_PLACES: Mapping[str, list[str]] = {}
"""Places of entries where a run file has none."""


def invalid(error: InputError, places: Mapping[str, list[str]] = NO_PLACES) -> dict[str, Any]:
    """Faults of a run file, each at the measure that it came from (`RunFile.places`)."""
    return Invalid(located(error.faults, places)).told


def refused(error: SolveError, case: Case | None = None) -> dict[str, Any]:
    """That there is no verified solution, with ways out of the question of a case."""
    out = [] if case is None else [{"word": word, "question": patch} for word, patch in ways_out(error, case)]
    return {
        "outcome": "refused",
        "name": error.outcome.name,
        "sentence": error.outcome.sentence,
        "diagnosis": plain(error.diagnosis),
        "ways_out": out,
    }


def ways_out(error: SolveError, case: Case) -> Iterator[tuple[str, dict[str, Any]]]:
    """What the sentence of a refusal proposes, as changes of the question."""
    make = WAYS.get(error.outcome.name)
    if make is not None:
        yield from make(error, case)


def _stable(error: SolveError, case: Case) -> Iterator[tuple[str, dict[str, Any]]]:
    """Without inputs, or at a scale below the critical one where that does not move with it."""
    if case.linked:
        yield "Leave the inputs out", {"intermediates": False}
    critical = error.diagnosis.get("critical_scale")
    if isinstance(critical, float) and not case.exponents.entrants.differ:
        scale = float(f"{0.9 * critical:.2g}")
        yield f"Lower the scale to {scale:g}", {"scale": scale}


def _affordable(error: SolveError, case: Case) -> Iterator[tuple[str, dict[str, Any]]]:
    """Another rule for transfers."""
    for rule in TRANSFER_RULES.values():
        if rule.name in EASIER and rule.name != case.transfers:
            yield EASIER[rule.name], {"transfers": rule.name}


EASIER = {"zero": "Remove trade deficits first", "own_share": "Let trade deficits move with income"}
"""Rules for transfers under which a country owes less as it earns less."""

WAYS = {"unstable": _stable, "no_equilibrium": _affordable}
"""What can be done about an outcome."""
