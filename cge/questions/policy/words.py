"""What a reader must know of an answer, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from cge.data.text import counted
from cge.questions.policy.asked import TRANSFERS, Asked
from cge.runfile.in_words import listed
from cge.solve.policy.answer import Answer
from cge.tell.digits import sized

POINTS = 10.0
"""Percentage points of a rate that a derivative is for."""

LOSS = 1e-8
"""Part of real income below which nobody counts as losing."""

MOST_NAMED = 5
"""Names that a sentence has."""


def losers(answer: Answer) -> list[str]:
    """Players of an agreement who lose against the fallback."""
    lose = answer.real < answer.without - LOSS
    return [player.name for player, worse in zip(answer.points.game.players, lose, strict=True) if worse]


def sentence(answer: Answer) -> str:
    """The certificate in one sentence."""
    c = answer.certificate
    begun = f"{counted(c.starts, 'start')}, {counted(len(c.optima), 'optimum', 'different optima')}"
    moved = f"10 points more or less of a rate move what is wanted by {POINTS * c.derivative:.0e} percentage points at first order"
    gained = (
        f"the best deviation of any that were tried gains {100 * c.largest:.1e} percentage points"
        if c.largest > 0
        else ("no deviation that was tried gains anything")
    )
    levels = f"IPOPT in levels finds the same rates to {answer.levels_vs_hat:.0e}; " if answer.levels_vs_hat is not None else ""
    return f"Certificate: {moved}; {begun}; {gained}; {levels}solved cold from the data to a residual of {answer.solution.residual:.0e}."


def messages(asked: Asked, answer: Answer) -> list[str]:
    """What is not unique, not exact, at a bound, or meant otherwise than a reader may think."""
    return [*_deviating(answer), *_optima(answer), *_prohibitive(answer), *_losing(answer), *_meaning(asked, answer)]


def _deviating(answer: Answer) -> Iterator[str]:
    c = answer.certificate
    if answer.smooth and len(answer.points.game.objectives) > 1 and c.largest > 0:
        yield (
            f"No equilibrium in rates was found where nobody gains by deviating; the one below is within {100 * c.largest:.1g} percentage points "
            "(an epsilon-equilibrium: payoffs have kinks where industries leave, and a best answer can jump)."
        )


def _optima(answer: Answer) -> Iterator[str]:
    c, sectors = answer.certificate, answer.solution.benchmark.sectors
    if len(c.optima) < 2:
        return
    best, after = (sized(100 * np.expm1(value), 5, minus="−") for value in c.optima[:2])
    named = [sectors[place] for place in c.differ]
    more = f" and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
    yield (
        f"{len(c.optima)} different optima: the best gives {best} %, the next {after} %; they differ in {listed(named[:MOST_NAMED])}{more}."
        if len(answer.points.game.objectives) == 1
        else f"{len(c.optima)} different equilibria in rates were found, with a mean real income of the players of {best} % and {after} %; "
        f"they differ in {listed(named[:MOST_NAMED])}{more}. The one below was reached from rates of one over the trade elasticity."
    )


def _prohibitive(answer: Answer) -> Iterator[str]:
    game, at = answer.points.game, tuple(answer.points.game.cells)
    high = float((answer.rates >= game.upper).mean())
    if high <= 0.5:
        return
    before, after = (found.flow[at].sum() for found in (answer.solution.reference, answer.solution.counterfactual))
    fall = sized(100 * (1 - after / before)) if before > 0 else "0"
    yield f"{high:.0%} of the rates are at their upper bound; the trade that bears them fell by {fall} %."


def _losing(answer: Answer) -> Iterator[str]:
    if answer.weights is not None and (names := losers(answer)):
        yield f"Against the fallback {listed(names[:MOST_NAMED])} {'loses' if len(names) == 1 else 'lose'}: who is weighed by income may be outvoted."


def _meaning(asked: Asked, answer: Answer) -> Iterator[str]:
    if answer.tied:
        yield (
            "With one factor, no inputs and no free entry the best rates differ by partner and not by sector; "
            f"{counted(len(answer.rates), 'rate')} were looked for."
        )
    if answer.points.game.neutral.any():
        yield (
            "A common factor on all 1 + tariff and 1/(1 + export tax) of a country changes nothing (Lerner's symmetry): of rates that are as good as "
            "each other those are shown whose lowest export tax is at its lower bound."
        )
    if asked.assumed:
        yield f"Transfers are {TRANSFERS} in questions of rates unless the run file says otherwise: a war would reprice those that are fixed."
    elif asked.case.transfers == "fixed":
        yield "Transfers are fixed in the numeraire, and a war reprices them: part of what players gain or lose is that."
