"""The keys at the top of a run file."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from cge.model.benchmark import NegativeFinalDemand
from cge.model.transfers import TRANSFER_RULES, Transfers
from cge.model.variants import VARIANTS, Model
from cge.runfile.keys.kinds import Moves, Number, Tables
from cge.runfile.keys.table import Keys
from cge.solve.asked import Unstable


class RunFile(Keys):
    """The keys at the top of a run file, defaults included; the tables are read on their own."""

    title: str = Field(
        title="What is asked, in outputs", min_length=1, description='Give the question in a few words: title = "US universal tariff".'
    )
    economy: str | dict[str, Any] | None = Field(
        None, title="World table: flows, tariffs, inputs, value added", description='Give a bundled name or a file: economy = "icio2022".'
    )
    technology: str | None = Field(
        None,
        title="A world written by hand, whose benchmark is solved first",
        min_length=1,
        description="Give a file of primitives, in place of economy.",
    )
    factor_shares: str | None = Field(
        None, title="Splits value added into factors", min_length=1, description="Give a csv file country,sector,factor,share."
    )
    satellite: str | None = Field(
        None,
        title="Jobs, tonnes of CO2, energy: amounts by country and sector, of which satellites.csv has producers and final buyers",
        min_length=1,
        description="Give a csv file country,sector,name,amount,moves_with, the last one of output and employment.",
    )
    mobility: Moves = Field(
        None,
        title="Elasticity with which workers move between sectors, above 1; without it, and at inf, a factor is one pool",
        description='Give a number above 1, inf, or a table {group = number}; a factor names all of its groups, "*" the rest.',
    )
    group_shares: str | None = Field(
        None,
        title="Groups of workers: the part of each in what a sector pays to its factor; without it a factor is one group in each country",
        min_length=1,
        description="Give a csv file country,factor,group,sector,share.",
    )
    inequality_aversion: Number = Field(
        1.0,
        title="Aversion to inequality between groups of workers, for weighted_real_income_pct",
        ge=0,
        description="Give a number from 0 (none).",
    )
    model: Model = Field(title="Which row of exponents", description=f"Give one of {', '.join(VARIANTS)}.")
    transfers: Transfers = Field(
        next(iter(TRANSFER_RULES)), title="What becomes of trade deficits", description=f"Give one of {', '.join(TRANSFER_RULES)}."
    )
    intermediates: bool = Field(True, title="Whether the input-output links of the economy are kept", description="Give true or false.")
    method: Literal["hat", "levels"] = Field("hat", title="In changes, or in levels too", description="Give one of hat, levels.")
    tolerance: Number = Field(
        1e-10,
        title="Residual up to which a solution counts as verified",
        gt=0,
        lt=1,
        description="Give the largest relative residual, a number above 0 and below 1.",
    )
    negative_final_demand: NegativeFinalDemand = Field(
        "refuse", title="What becomes of final demand below zero", description="Give one of refuse, zero."
    )
    unstable: Unstable = Field(
        "refuse", title="What is done where free entry with inputs is unstable", description="Give one of refuse, follow."
    )
    subsidies: bool = Field(False, title="Whether tariffs and export taxes may be below zero, above −1", description="Give true or false.")
    scale: Number | None = Field(
        None, title="Exponent on entry, in place of the model's", ge=0, le=1, description="Give a number from 0 to 1."
    )
    baseline: str | None = Field(
        None,
        title="What is solved first; changes are measured from it, and its policies end",
        min_length=1,
        description="Give another run file.",
    )
    on_top_of: str | None = Field(
        None,
        title="As baseline, but its policies stay in force: the tables of this file act on their result",
        min_length=1,
        description="Give another run file.",
    )
    flows: Literal["csv", "netcdf", "none"] = Field("csv", title="Form of the largest output", description="Give one of csv, netcdf, none.")
    firms: bool = Field(False, title="Melitz: whether firms.csv is written", description="Give true or false.")
    groups: dict[str, Any] = Field(
        {},
        title="Names for several countries or sectors",
        description='Write a table [groups]: EU = ["DEU", "FRA"], a list of labels, patterns and groups, or EU27 = "EU27", a bundled one.',
    )
    elasticities: dict[str, Any] = Field(
        title="How trade responds",
        description="Write a table [elasticities] with trade = a number, a table by sector, or set = a named set.",
    )
    tariff: Tables = Field(title="New tariff rates")
    export_tax: Tables = Field(title="New rates of export taxes")
    iceberg: Tables = Field(title="Change in variable trade costs")
    fixed_cost: Tables = Field(title="Change in fixed costs of serving a market")
    productivity: Tables = Field(title="Change in productivity")
    endowment: Tables = Field(title="Change in endowments")
    sweep: dict[str, Any] = Field({}, title="Many scenarios of this file", description="Give it as a table [sweep].")
    policy: dict[str, Any] = Field({}, title="Rates that somebody chooses", description="Give it as a table [policy].")
    compare: Tables = Field(title="Who answers in a comparison, in place of the default members")
    scenario: Tables = Field(title="Further questions of this file, side by side in a comparison")
