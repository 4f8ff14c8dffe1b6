"""The keys of what is asked beside the file's own question: draws of a sweep, rates that somebody chooses."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from cge.runfile.keys.kinds import Bound, BySector, Country, Entries, Number, Sector
from cge.runfile.keys.table import Keys
from cge.solve.policy.instruments import INSTRUMENTS


class DrawKeys(Keys):
    """[sweep.draws]: draws of trade elasticities from their standard errors."""

    n: int = Field(title="How many", ge=1, description="Give the number of draws, as 1000.")
    seed: int = Field(
        0, title="Start of the random numbers", ge=0, description="Give a whole number, which makes the draws the same every time."
    )
    correlation: Number = Field(
        0.0, title="Of the draws of two sectors", ge=0, lt=1, description="Give the correlation across sectors, from 0 to below 1."
    )
    sampling: Literal["quasi", "random"] = Field("quasi", title="How points are chosen", description="Give one of quasi, random.")
    standard_error: BySector = Field(None, title="Of the trade elasticities, in place of the published ones")


class PolicyKeys(Keys):
    """[policy]: rates that somebody chooses, for `cge policy`."""

    question: Literal["best", "war", "retaliate", "agree", "revenue"] = Field(
        title="What is asked: the best rates of one, a war, the answer to the shock of the file, an agreement, the rates that raise most revenue",
        description="Give one of best, war, retaliate, agree, revenue.",
    )
    player: str | None = Field(
        None,
        title="Who chooses (best, revenue); a group plays as one, with one outer rate, and keeps its rates inside",
        min_length=1,
        description="Give a country or a group.",
    )
    players: Entries = Field(
        None,
        title="Who choose (war, retaliate, agree)",
        description='Give a list of countries and groups; "*" is every country that it does not name.',
    )
    rates: Literal["free", "sector", "partner", "uniform"] = Field(
        "sector", title="By what the rates of a player differ", description="Give one of free, sector, partner, uniform."
    )
    sectors: Sector = Field("*", title="Whose rates may move; the others stay as the file has them")
    partners: Country = Field("*", title="On whose goods tariffs are laid, on whose purchases export taxes")
    instrument: Literal[tuple(INSTRUMENTS)] = Field(  # type: ignore[valid-type]
        next(iter(INSTRUMENTS)),
        title="What is laid on flows: on what a player buys, on what it sells, or on both",
        description=f"Give one of {', '.join(INSTRUMENTS)}.",
    )
    lower: Bound = Field(0.0, title="Lowest rate")
    upper: Bound = Field(10.0, title="Highest rate")
    weights: str = Field(
        "incomes",
        title="Whose real income an agreement looks to (agree); political weights of industries (best, war, retaliate)",
        min_length=1,
        description="agree: give incomes, bargain, equal_gains or a csv country,weight; else a csv country,sector,weight.",
    )
    fallback: Literal["war", "benchmark"] = Field(
        "war", title="What players have without an agreement (agree)", description="Give one of war, benchmark."
    )
    starts: int | None = Field(
        None,
        title="From how many rates searches begin: two by default, eight (and no fewer) above a scale of 0.9",
        ge=1,
        description="Give a whole number from 1.",
    )
