"""What may stand in a run file: the keys of every table, their types, defaults and what to give."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, PlainValidator, create_model

from cge.data.choices import Inventories, Source, Subsidies, Unit
from cge.model.benchmark import NegativeFinalDemand
from cge.model.exponents import Named, PerSector
from cge.model.parameters import PARAMETERS
from cge.model.transfers import TRANSFER_RULES, Transfers
from cge.model.variants import VARIANTS, Model
from cge.model.workers import Mobility
from cge.solve.counterfactual import Unstable
from cge.solve.policy.instruments import INSTRUMENTS


def as_toml(value: object) -> str:
    """A value as in the run file, cut where it is long."""
    text = str(value).lower() if isinstance(value, bool) else f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) < 80 else f"{text[:76]} ..."


class Keys(BaseModel):
    """A table of the run file. Unknown keys are faults, and so are values of another type (`"yes"` for true, text for a number).

    The title of a field says what it decides, for the reference; the description what may stand there: messages end in it.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)


def _entries(value: Any) -> str | list[str]:
    """A label, group or pattern, or a list of them."""
    entries = [value] if isinstance(value, str) else value
    if not isinstance(entries, list) or not entries or not all(isinstance(entry, str) and entry for entry in entries):
        raise ValueError
    return value  # type: ignore[no-any-return]


def _positive(value: Any) -> float:
    """A number above zero, or inf."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise ValueError
    return float(value)


def _factor(value: Any) -> float:
    """A finite number above zero."""
    if _positive(value) == np.inf:
        raise ValueError
    return float(value)


def _by_sector(value: Any) -> PerSector:
    """A finite number, or a table {sector = number}."""
    table = value if isinstance(value, dict) else {"": value}
    if not table:
        raise ValueError("the table is empty")
    for sector, number in table.items():
        if isinstance(number, bool) or not isinstance(number, int | float) or not np.isfinite(number):
            raise ValueError(f"{as_toml(number)}{f' at sector={sector}' if sector else ''} is not a number")
    return {sector: float(number) for sector, number in value.items()} if isinstance(value, dict) else float(value)


def _named_by_sector(value: Any) -> Named:
    """A name, or a table {sector = name}."""
    names = value.values() if isinstance(value, dict) else [value]
    if not names or not all(isinstance(name, str) and name for name in names):
        raise ValueError
    return value  # type: ignore[no-any-return]


def _mobility(value: Any) -> Mobility:
    """A number, inf, or a table of these by group or factor."""
    table = value if isinstance(value, dict) else {"": value}
    if not table:
        raise ValueError("the table is empty")
    for label, number in table.items():
        if isinstance(number, bool) or not isinstance(number, int | float) or np.isnan(number):
            raise ValueError(f"{as_toml(number)}{f' at {label}' if label else ''} is not a number or inf")
    return {label: float(number) for label, number in value.items()} if isinstance(value, dict) else float(value)


Number = Annotated[float, Field(allow_inf_nan=False)]
Factor = Annotated[float, PlainValidator(_factor), Field(description="Give a positive number that multiplies the benchmark, as 0.9.")]
Country = Annotated[Any, PlainValidator(_entries), Field(description='Give a country, group, pattern or a list of these; "*" is all.')]
Sector = Annotated[Any, PlainValidator(_entries), Field(description='Give a sector, group, pattern or a list of these; "*" is all.')]
BySector = Annotated[
    PerSector | None,
    PlainValidator(_by_sector),
    Field(None, description='Give a number or a table {sector = number}; "*" names the rest.'),
]
NamedBySector = Annotated[
    Named | None,
    PlainValidator(_named_by_sector),
    Field(None, description='Give a name or a table {sector = name}; "*" names the rest.'),
]


def _bound(value: Any) -> float | str:
    """A rate above −1, or the name of a file."""
    if isinstance(value, str) and value:
        return value
    if isinstance(value, bool) or not isinstance(value, int | float) or not -1 < value < np.inf:
        raise ValueError
    return float(value)


Bound = Annotated[
    Any,
    PlainValidator(_bound),
    Field(description="Give a rate above -1, or a csv player,partner,sector,lower,upper (any labels, * names all)."),
]
Tables = Annotated[
    list[dict[str, Any]], Field(default_factory=list, description="Give it as tables in double brackets, any number of them.")
]


class Pairs(Keys):
    """Which flows an entry changes."""

    importer: Country
    exporter: Country
    sector: Sector


PARTIAL: bool = Field(
    False, title="Whether the file lists only what changes: selected cells without a row stay", description="Give true or false."
)
FACTORS: str | None = Field(
    None,
    title="A file of factors, by exporter, importer and sector; a label column that it lacks is all of its labels",
    description="Give a csv file exporter,importer,sector,times.",
)


class Tariff(Pairs):
    """[[tariff]]: new rates; exactly one of `set`, `add`, `times`, `file`.

    Tables act in the order in which they are written, each on the result of those before it: those of `on_top_of`, of the file, of the scenario
    that another stands on, and then its own. At a rate of 2 %, `add = 0.10` and then `times = 0.5` make 6 %; `times = 0.5` and then
    `add = 0.10` make 11 %; `set = 0.25` last makes 25 % whatever came before.

    A `file` may lack label columns and then speaks for all labels of them; `*` names the rest, and the nearer row wins. Rates by partner:

        exporter,tariff
        CHN,0.60
        *,0.10

    are 60 % on China's goods and 10 % on those of all others; rates by sector are `sector,tariff`, and both together `exporter,sector,tariff`. Every
    cell that the table selects needs a rate.
    """

    set: Number | None = Field(None, description="Give the new rate, as 0.25.")
    add: Number | None = Field(None, description="Give what is added to the rate, as 0.1.")
    times: Number | None = Field(None, description="Give the factor on the rate, as 0.5.")
    file: str | None = Field(
        None, description="Give a file of rates: netCDF with the variable tariff, or csv exporter,importer,sector,tariff."
    )
    unit: Unit | None = Field(
        None,
        title="What the numbers are, where they are not rates or look as if they were not",
        description="Give one of rate (0.25), percent (25), power (1.25).",
    )
    partial: bool = PARTIAL


class ExportTax(Pairs):
    """[[export_tax]]: new rates of taxes that the exporter's treasury lays on what its producers get; exactly one of `set`, `add`, `times`, `file`.

    Buyers pay the producer's price times (1 + export tax) times (1 + tariff). Tables act in the order in which they are written, as those of
    [[tariff]].
    """

    set: Number | None = Field(None, description="Give the new rate, as 0.25.")
    add: Number | None = Field(None, description="Give what is added to the rate, as 0.1.")
    times: Number | None = Field(None, description="Give the factor on the rate, as 0.5.")
    file: str | None = Field(
        None,
        title="A file of rates, by exporter, importer and sector; a label column that it lacks is all of its labels",
        description="Give a csv file exporter,importer,sector,export_tax.",
    )
    unit: Unit | None = Field(
        None,
        title="What the numbers are, where they are not rates or look as if they were not",
        description="Give one of rate (0.25), percent (25), power (1.25).",
    )
    partial: bool = PARTIAL


ACTIONS = ("set", "add", "times", "file")
"""What an entry of [[tariff]] or [[export_tax]] does to a rate: one of these keys."""

BILATERAL_ACTIONS = {"tariff": ACTIONS, "export_tax": ACTIONS, "iceberg": ("times", "file"), "fixed_cost": ("times", "file")}
"""What an entry of each bilateral table does: one of these keys."""


class Iceberg(Pairs):
    """[[iceberg]]: factor on the variable trade cost; inf closes a pair. Exactly one of `times`, `file`."""

    times: Annotated[float | None, PlainValidator(_positive)] = Field(
        None, description="Give a positive factor on the benchmark cost; inf closes the pair."
    )
    file: str | None = FACTORS
    partial: bool = PARTIAL
    effect: Literal["log"] | None = Field(
        None,
        title="What the column effect of the file holds: log, the change in ln trade at given prices and incomes; iceberg = exp(−effect/trade)",
        description='Give "log", beside a file with a column effect in place of times.',
    )


class FixedCost(Pairs):
    """[[fixed_cost]]: factor on the fixed cost of serving a market. Exactly one of `times`, `file`."""

    times: Annotated[float | None, PlainValidator(_factor)] = Field(
        None, description="Give a positive number that multiplies the benchmark, as 0.9."
    )
    file: str | None = FACTORS
    partial: bool = PARTIAL


class Productivity(Keys):
    """[[productivity]]: factor on the productivity of a country's sector."""

    country: Country
    sector: Sector
    times: Factor


class Endowment(Keys):
    """[[endowment]]: factor on a country's endowment of a factor of production."""

    country: Country
    factor: Annotated[Any, PlainValidator(_entries)] = Field(
        description='Give a factor of production, a pattern or a list of these; "*" is all.'
    )
    times: Factor


SHOCK_TABLES: dict[str, type[Keys]] = {
    "tariff": Tariff, "export_tax": ExportTax, "iceberg": Iceberg, "fixed_cost": FixedCost, "productivity": Productivity, "endowment": Endowment,
}  # fmt: skip
"""Tables of a shock; names as those of `Shock`."""


class SetKeys(Keys):
    """[elasticities]."""

    set: str | None = Field(
        None,
        title="Published elasticities, or a file of your own",
        description="Give the name of a set (cge show elasticities), or a csv file sector,trade,standard_error.",
    )


if TYPE_CHECKING:
    ElasticityKeys = SetKeys
else:  # one key for every structural parameter
    _parameters = {
        name: (NamedBySector if parameter.names else BySector, Field(None, title=parameter.title)) for name, parameter in PARAMETERS.items()
    }
    ElasticityKeys = create_model("ElasticityKeys", __base__=SetKeys, __doc__=SetKeys.__doc__, **_parameters)


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
    players: Annotated[Any, PlainValidator(_entries)] = Field(
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


class EconomyKeys(Keys):
    """economy = {…}: a published table and how to import it, as on the line of `cge import`."""

    source: Source = Field(title="Who publishes the table", description=f"Give one of {', '.join(get_args(Source))}.")
    path: str = Field(title="Where it lies", min_length=1, description="Give the published file.")
    year: int | None = Field(None, title="Year of the table", description="Give the year of the table.")
    inventories: Inventories = Field(
        "refuse", title="Rule for negative changes in inventories", description=f"Give one of {', '.join(get_args(Inventories))}."
    )
    subsidies: Subsidies = Field(
        "refuse", title="Rule for tariffs below zero, subsidies to imports", description=f"Give one of {', '.join(get_args(Subsidies))}."
    )
    strict: bool = Field(False, title="Whether a table that needs any treatment is refused", description="Give true or false.")


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
    mobility: Annotated[Mobility | None, PlainValidator(_mobility)] = Field(
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
