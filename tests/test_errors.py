"""Errors and outcomes as values: what another process or a cluster sends of them is what arrives."""

from __future__ import annotations

import copy
import pickle

import pytest

from cge.errors import DataError, InputError, Outcome, RunFileError, SolveError

FOLD = Outcome("fold", "No equilibrium beyond 40 % of the shock.")


@pytest.mark.parametrize("kind", [InputError, DataError, RunFileError])
@pytest.mark.parametrize("faults", ["one: is wrong.", ["one: is wrong.", "two: are wrong,\nboth."]])
def test_faults_arrive_as_they_were(kind: type[InputError], faults: str | list[str]) -> None:
    sent = kind(faults)
    sent.add_note("where it was")
    for error in (pickle.loads(pickle.dumps(sent)), copy.copy(sent)):
        assert type(error) is kind
        assert error.faults == sent.faults
        assert str(error) == str(sent)
        assert error.__notes__ == ["where it was"]


@pytest.mark.parametrize("diagnosis", [None, {"market": "goods of Home", "reached": 0.4}])
def test_a_failed_solve_arrives_as_it_was(diagnosis: dict[str, object] | None) -> None:
    sent = SolveError(FOLD, diagnosis)
    sent.add_note("where it was")
    for error in (pickle.loads(pickle.dumps(sent)), copy.copy(sent)):
        assert type(error) is SolveError
        assert error.outcome == FOLD
        assert error.diagnosis == (diagnosis or {})
        assert str(error) == FOLD.sentence
        assert error.__notes__ == ["where it was"]
    assert pickle.loads(pickle.dumps(FOLD)) == FOLD
