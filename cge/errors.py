"""What can go wrong, each with a sentence a user can act on, and the outcome of a solve as a value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import PurePath


class InputError(Exception):
    """Faults of what the user supplied, all of them at once.

    Args:
        faults: one sentence for each fault: what is wrong, where (label, row, key) and what to do.
    """

    def __init__(self, faults: Iterable[str] | str) -> None:
        self.faults: tuple[str, ...] = (faults,) if isinstance(faults, str) else tuple(faults)
        super().__init__("\n".join(self.faults))


class DataError(InputError):
    """An economy, elasticity or shock that does not pass its checks."""


class RunFileError(InputError):
    """A run file that cannot be understood."""


@dataclass(frozen=True)
class Outcome:
    """How a solve ended.

    Attributes:
        name: `solved`, or the kind of failure: `not_an_equilibrium`, `unstable`, `no_equilibrium`, `fold`,
            `not_converged`.
        sentence: what happened, where, and what to try.
    """

    name: str
    sentence: str

    @property
    def solved(self) -> bool:
        """Whether every equation was verified."""
        return self.name == "solved"


class SolveError(Exception):
    """No verified solution.

    Args:
        outcome: what happened, in words.
        diagnosis: figures for `diagnosis.json`: worst market, residuals, how far the shock could be followed.
    """

    def __init__(self, outcome: Outcome, diagnosis: dict[str, object] | None = None) -> None:
        super().__init__(outcome, diagnosis)  # what it is made of, from which a copy and another process make it anew
        self.outcome = outcome
        self.diagnosis = diagnosis or {}

    def __str__(self) -> str:
        return self.outcome.sentence


def unlike(name: str, value: object, kind: type, cure: str) -> list[str]:
    """A sentence where an argument is no `kind`; none where it is one.

    Args:
        cure: what makes one.
    """
    return [] if isinstance(value, kind) else [f"{name}: must be of type {kind.__name__}, and is {type(value).__name__}; {cure}."]


def nearest(word: str, known: Iterable[str]) -> str:
    """The hint ` Did you mean …?` that names the known word nearest to `word`, or the known words where they are few, or nothing.

    The ending of a file's name that others share (`.toml`) makes none of them nearer.
    """
    known = [str(k) for k in known]
    stem, ending = _parts(str(word).lower())
    stems: dict[str, str] = {}
    for one in known:
        part, its_ending = _parts(one.lower())
        stems.setdefault(part if its_ending == ending else one.lower(), one)
    close = get_close_matches(stem, list(stems), n=1, cutoff=NEAR)
    if close:
        return f" Did you mean {stems[close[0]]}?"
    return f" Known: {', '.join(known)}." if 0 < len(known) <= 12 else ""


NEAR = 0.6
"""Part of two words that must be the same, in the measure of difflib, for one to be taken for the other."""


def _parts(name: str) -> tuple[str, str]:
    """A name before and behind the last dot; the latter empty where there is none or the name begins with it."""
    path = PurePath(name)
    return path.stem, path.suffix
