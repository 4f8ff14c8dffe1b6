"""Columns of the outputs as a reader meets them: a heading, a unit, and numbers with sensible decimals."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Literal, NamedTuple

Unit = Literal["%", "log points × 100", "money", "rate", ""]


class Heading(NamedTuple):
    """A column in words.

    Attributes:
        word: short, for the head of a column; unit: `rate` is a share that is shown in percent, empty a plain number.
    """

    word: str
    unit: Unit


HEADINGS = {
    "real_income_pct": Heading("Real income", "%"),
    "gains_from_trade_pct": Heading("Gains from trade", "%"),
    "income_pct": Heading("Income", "%"),
    "consumer_price_pct": Heading("Consumer prices", "%"),
    "real_factor_income_pct": Heading("Real factor income", "%"),
    "real_gdp_pct": Heading("Real GDP", "%"),
    "equivalent_variation": Heading("Equivalent variation", "money"),
    "income_over_cost_log": Heading("Income over cost", "log points × 100"),
    "own_share_log": Heading("Own share", "log points × 100"),
    "entry_log": Heading("Entry", "log points × 100"),
    "market_log": Heading("Market size and selection", "log points × 100"),
    "technology_log": Heading("Technology", "log points × 100"),
    "terms_of_trade_pct": Heading("Terms of trade", "%"),
    "volume_of_trade_pct": Heading("Volume of trade", "%"),
    "direct_pct": Heading("Direct effect", "%"),
    "welfare_linear_pct": Heading("Linear welfare", "%"),
    "exports_pct": Heading("Exports", "%"),
    "imports_pct": Heading("Imports", "%"),
    "tariff_revenue": Heading("Tariff revenue", "money"),
    "tariff_revenue_change": Heading("Change of tariff revenue", "money"),
    "average_tariff": Heading("Average tariff before", "rate"),
    "average_tariff_new": Heading("Average tariff after", "rate"),
    "transfer": Heading("Transfer", "money"),
    "transfer_change": Heading("Change of transfer", "money"),
    "radius": Heading("Radius", ""),
    "price_pct": Heading("Price", "%"),
    "real_price_pct": Heading("Real price", "%"),
    "cost_log": Heading("Cost", "log points × 100"),
    "variety_log": Heading("Variety", "log points × 100"),
    "productivity_log": Heading("Productivity", "log points × 100"),
    "relative_price_pct": Heading("Relative price", "%"),
    "sales": Heading("Sales", "money"),
    "sales_pct": Heading("Sales", "%"),
    "entry_pct": Heading("Entry", "%"),
    "input_cost_pct": Heading("Cost of inputs", "%"),
    "employment_pct": Heading("Employment", "%"),
    "cutoff_pct": Heading("Productivity cutoff", "%"),
    "firms_pct": Heading("Firms", "%"),
    "average_productivity_pct": Heading("Average productivity", "%"),
}
"""Columns of welfare.csv, gains.csv, factors.csv and sectors.csv."""


def heading(column: str) -> Heading:
    """The heading of a column; for what is not in the table (`extra_over_krugman_pct`) its own words."""
    if column in HEADINGS:
        return HEADINGS[column]
    stem, percent = column.removesuffix("_pct"), column.endswith("_pct")
    words = stem.replace("_", " ")
    return Heading(words[:1].upper() + words[1:], "%" if percent else "")


SHOWN = 3
"""Significant digits that the typical number of a column shows."""


def decimals(values: Iterable[float], least: int = 0, most: int = 6) -> int:
    """Decimals for a column: so many that its median (of absolute values that are not zero) shows three digits."""
    known = sorted(abs(value) for value in values if math.isfinite(value) and value != 0)
    if not known:
        return least
    middle = known[len(known) // 2]
    return max(least, min(most, SHOWN - 1 - math.floor(math.log10(middle))))


def in_unit(value: float, unit: Unit) -> float:
    """A number as it is shown: rates in percent."""
    return 100 * value if unit == "rate" else value


def shown_unit(unit: Unit, money: str) -> str:
    """A unit as it is shown: that of the economy for money, percent for rates."""
    return {"money": money, "rate": "%"}.get(unit, unit)
