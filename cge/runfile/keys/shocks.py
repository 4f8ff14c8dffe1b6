"""The tables of a shock: what may stand in each, and what an entry does."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from cge.data.choices import Unit
from cge.runfile.keys.kinds import Country, Entries, Factor, Finite, Number, Positive, Sector
from cge.runfile.keys.table import Keys


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

    times: Positive = Field(None, description="Give a positive factor on the benchmark cost; inf closes the pair.")
    file: str | None = FACTORS
    partial: bool = PARTIAL
    effect: Literal["log"] | None = Field(
        None,
        title="What the column effect of the file holds: log, the change in ln trade at given prices and incomes; iceberg = exp(−effect/trade)",
        description='Give "log", beside a file with a column effect in place of times.',
    )


class FixedCost(Pairs):
    """[[fixed_cost]]: factor on the fixed cost of serving a market. Exactly one of `times`, `file`."""

    times: Finite = Field(None, description="Give a positive number that multiplies the benchmark, as 0.9.")
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
    factor: Entries = Field(description='Give a factor of production, a pattern or a list of these; "*" is all.')
    times: Factor


SHOCK_TABLES: dict[str, type[Keys]] = {
    "tariff": Tariff, "export_tax": ExportTax, "iceberg": Iceberg, "fixed_cost": FixedCost, "productivity": Productivity, "endowment": Endowment,
}  # fmt: skip
"""Tables of a shock; names as those of `Shock`."""
