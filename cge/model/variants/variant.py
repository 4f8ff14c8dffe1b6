"""What a variant of the model is, beside its exponents."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass

from cge.model.entrants import NOBODY, Entrants
from cge.model.exponents import Exponents
from cge.model.parameters import Parameters


def _nothing(given: Container[str], scale: float | None) -> Iterable[str]:
    return ()


def _at_one(given: Parameters, names: Container[str], scale: float | None) -> Iterable[str]:
    return ()


@dataclass(frozen=True)
class Variant:
    """A model that a run file can name.

    Attributes:
        name: as in run files; words: for readers.
        uses: structural parameters that count; idle_at_scale: those of them that do not where the run file gives `scale`.
        make: exponents from the parameters of a run file and its `scale` (None: the variant's own).
        lacks: sentences on what the names of the parameters of a run file leave open, beside `trade`.
        together: sentences on values that do not fit one another, each of which a sector can have, as far as they are known (as
            `cge.model.variants.faults`).
        trade_is_sigma: trade = σ − 1, so that one of the two is enough; `trade` counts more, since the file's `sigma` may be meant for others.
        entrants: who stands behind entry; scales: whether production has a scale, so that industries may empty.
        fewer: variants with fewer margins (no entry, no selection), the one with most last: a comparison measures this one against them.
        compared: whether it takes part in a comparison that names no members; so do those with no margins only as the run file's own model.
        invited: structural parameters that bring it into such a comparison where the run file gives one of them.
        at_same_sigma: whether it takes part once more with the same σ as the others.
    """

    name: str
    words: str
    uses: tuple[str, ...]
    make: Callable[[Parameters, float | None], Exponents]
    lacks: Callable[[Container[str], float | None], Iterable[str]] = _nothing
    together: Callable[[Parameters, Container[str], float | None], Iterable[str]] = _at_one
    trade_is_sigma: bool = False
    idle_at_scale: tuple[str, ...] = ()
    entrants: Entrants = NOBODY
    scales: bool = False
    fewer: tuple[str, ...] = ()
    compared: bool = False
    invited: tuple[str, ...] = ()
    at_same_sigma: bool = False

    def unused(self, given: Iterable[str], scale: float | None = None) -> list[str]:
        """Those of the `given` names of parameters that play no role."""
        names = list(given)
        idle = set(names) - set(self.uses)
        if self.trade_is_sigma and "trade" in names:
            idle.add("sigma")
        if scale is not None:
            idle.update(self.idle_at_scale)
        return [name for name in names if name in idle]
