"""Gains from trade as the instruments of telling know them."""

from __future__ import annotations

from cge.runfile.in_words import reference
from cge.tell.question import Question, Results

AUTARKY = "What would every country lose without trade? Its real income is compared with autarky; no policy of the run file plays a part."


def asks(text: str) -> list[str]:
    """Of autarky, from where a run file measures; its shocks are left out."""
    return [AUTARKY, *reference(text)]


def limits(results: Results) -> list[str]:
    """What autarky leaves out."""
    return ["Autarky has no transfers: a country that gives them wins back what it gives, so its gains can be negative."]


GAINS = Question("gains", files=("gains.csv",), sometimes=("bands.csv",), leads="gains_from_trade_pct", asks=asks, limits=limits)
