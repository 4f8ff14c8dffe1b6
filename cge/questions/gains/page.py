"""Gains from trade as the instruments of telling know them."""

from __future__ import annotations

from cge.questions.gains.first import opening
from cge.runfile.in_words import reference
from cge.tell.answer import Answer
from cge.tell.question import SOLVED, Question, Results

AUTARKY = "What would every country lose without trade? Its real income is compared with autarky; no policy of the run file plays a part."


def asks(text: str) -> list[str]:
    """Of autarky, from where a run file measures; its shocks are left out."""
    return [AUTARKY, *reference(text)]


def first(results: Results) -> Answer:
    """What a reader sees first."""
    return opening(results.told)


def limits(results: Results) -> list[str]:
    """What autarky leaves out."""
    return ["Autarky has no transfers: a country that gives them wins back what it gives, so its gains can be negative."]


GAINS = Question(
    "gains",
    files=("gains.csv",),
    sometimes=("bands.csv",),
    leads="gains_from_trade_pct",
    says=(*SOLVED, "average"),
    answer=first,
    asks=asks,
    limits=limits,
)
