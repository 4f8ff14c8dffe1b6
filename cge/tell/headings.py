"""Columns of the outputs as a reader meets them: a heading, a unit, and numbers with sensible decimals."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, NamedTuple

from cge.results.columns import Column
from cge.results.sectors import FIRMS, WORKERS
from cge.results.sectors import TABLE as SECTORS
from cge.results.welfare import EVERY, OF_GROUPS


class Heading(NamedTuple):
    """A column in words.

    Attributes:
        word: short, for the head of a column; unit: `rate` is a share that is shown in percent, empty a plain number.
        change: whether percent are those of a change.
    """

    word: str
    unit: str
    change: bool = True


DIFFERENCE = "_difference"
"""End of the name of a column that holds how far another is from that of a second answer."""


def _of(columns: Iterable[Column[Any]]) -> dict[str, Heading]:
    return {column.name: Heading(column.word, column.unit) for column in columns}


HEADINGS = {
    **_of(SECTORS),
    **_of(FIRMS),
    **_of(WORKERS),
    **_of((*EVERY, *OF_GROUPS)),
    "gains_from_trade_pct": Heading("Gains from trade", "%", change=False),
    "radius": Heading("Radius", ""),
    "employed_benchmark": Heading("Income before", "money"),
    "income_benchmark": Heading("Benchmark income", "money"),
    "price_pct": Heading("Price", "%"),
    "real_price_pct": Heading("Real price", "%"),
    "cost_log": Heading("Cost", "log points × 100"),
    "variety_log": Heading("Variety", "log points × 100"),
    "productivity_log": Heading("Productivity", "log points × 100"),
    "relative_price_pct": Heading("Relative price", "%"),
}
"""Columns of welfare.csv, gains.csv, factors.csv, sectors.csv and partners.csv."""


def heading(column: str) -> Heading:
    """The heading of a column; for what is not in the table (`extra_over_krugman_pct`) its own words, and for a difference those of what differs."""
    if column in HEADINGS:
        return HEADINGS[column]
    if column.endswith(DIFFERENCE):
        word, unit, _ = heading(column.removesuffix(DIFFERENCE))
        return Heading(f"{word}, difference", {"%": "percentage points"}.get(unit, unit), change=False)
    stem, percent = column.removesuffix("_pct"), column.endswith("_pct")
    words = stem.replace("_", " ")
    return Heading(words[:1].upper() + words[1:], "%" if percent else "")


def attributes(column: str, money: object) -> dict[str, str]:
    """A column as attributes of a variable of a file, `long_name` and `units`; `money` is the unit of money."""
    word, unit, _ = heading(column)
    units = {"money": str(money)}.get(unit, unit)
    return {"long_name": word, **({"units": units} if units else {})}


BRIEF = {column.name: column.brief or column.word.lower() for column in (*EVERY, *OF_GROUPS)}
"""Columns of welfare.csv where there is little room, in small letters."""


def stacked(column: str) -> str:
    """A brief word over two lines, for a column that is no wider than its numbers."""
    first, _, rest = BRIEF[column].partition(" ")
    return f"{first}\n{rest}" if rest else f"\n{first}"


SHOWN = 3
"""Significant digits that the typical number of a column shows."""


def decimals(values: Iterable[float], least: int = 0, most: int = 6) -> int:
    """Decimals for a column: so many that its median (of absolute values that are not zero) shows three digits."""
    known = sorted(abs(value) for value in values if math.isfinite(value) and value != 0)
    if not known:
        return least
    middle = known[len(known) // 2]
    return max(least, min(most, SHOWN - 1 - math.floor(math.log10(middle))))


def in_unit(value: float, unit: str) -> float:
    """A number as it is shown: rates in percent."""
    return 100 * value if unit == "rate" else value


def shown_unit(unit: str, money: str) -> str:
    """A unit as it is shown: that of the economy for money, percent for rates."""
    return {"money": money, "rate": "%"}.get(unit, unit)


def titled(heading: Heading, money: str) -> str:
    """A column with its unit, as a title: Real income, change in %."""
    unit = "change in %" if heading.unit == "%" and heading.change else shown_unit(heading.unit, money)
    return f"{heading.word}, {unit}" if unit else heading.word
