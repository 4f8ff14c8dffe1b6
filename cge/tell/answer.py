"""The answer in plain words, for whoever reads one sentence: who acts, what it costs, who pays, what the world loses; and the rates behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import pandas as pd

from cge.data.geography import name_of
from cge.runfile.in_words import capital, listed
from cge.tell.digits import NOTHING, money_in_words, sized
from cge.tell.rates import Names, RateTable, called, part_in_words, rate_in_words, rate_table

WORLD = "World"


class Tile(NamedTuple):
    """A number of the first screen: what, how much, and what goes with it."""

    word: str
    value: str
    note: str


class Answer(NamedTuple):
    """What a reader sees first.

    Attributes:
        who: label of the country or group that acts, `World` where nobody does alone; sentence, tiles: of it; rates: where tariffs moved.
    """

    who: str
    sentence: str
    tiles: tuple[Tile, ...]
    rates: tuple[RateTable, ...]


class Told(NamedTuple):
    """What an answer is made from: summary.json, the tables of the folder, the unit of money, and countries and sectors in words."""

    summary: Mapping[str, Any]
    tables: Mapping[str, pd.DataFrame]
    unit: str
    countries: Names
    sectors: Names

    def name(self, label: str) -> str:
        """A country or group in words."""
        return "the world" if label == WORLD else called(self.countries.get(label) or name_of(label))

    def labelled(self, label: str) -> str:
        """A country with its code and its name; a group by its name."""
        word = self.countries.get(label) or name_of(label)
        return label if word == label else f"{label} {word}"

    def row(self, label: str) -> dict[str, float]:
        """The numbers of a country or group."""
        both = pd.concat([self.tables["groups"], self.tables["welfare"]])  # World and groups first: no country bears their name
        return dict(both[both["country"] == label].iloc[0])


def answer(told: Told) -> Answer:
    """The answer of an output folder of a counterfactual."""
    acting = told.summary["acting"]
    who = acting["names"][0] if acting["names"] else WORLD
    row, world = told.row(who), told.row(WORLD)
    alone = len(acting["names"]) < 2 and acting["alike"]
    parts = [f"{'it' if alone else told.name(who)} {_gain(row, told.unit)}", *_treasury(row, told.unit), _pay(told, who, row)]
    if who != WORLD:
        parts.append(f"the world {_gain(world, told.unit)}")
    rates = [rate_table(told.name(one["importer"]), one, told.countries, told.sectors) for one in told.summary["rates"]]
    return Answer(who, f"{_deed(told)}{_also(told)}: {listed(parts)}.", _tiles(told, who, row, world), tuple(rates))


# --- the sentence --------------------------------------------------------------------------------------------------------------------

DEEDS = {
    "export_tax": ("taxes exports more", "taxes exports less"),
    "iceberg": ("trades at higher costs", "trades at lower costs"),
    "fixed_cost": ("pays more to reach its markets", "pays less to reach its markets"),
    "productivity": ("becomes more productive", "becomes less productive"),
    "endowment": ("has more to produce with", "has less to produce with"),
}
"""What happens to who acts, by the table of the shock: where it rises, where it falls."""


CHANGED = {
    "tariff": "tariffs",
    "export_tax": "export taxes",
    "iceberg": "trade costs",
    "fixed_cost": "fixed costs of selling",
    "productivity": "productivities",
    "endowment": "endowments",
}
"""What a shock table changes."""


def _also(told: Told) -> str:
    """What changes beside the deed, so that nobody is credited with the effects of it."""
    also = [CHANGED[kind] for kind in told.summary["acting"]["also"]]
    return f", while {listed(also)} change as well" if also else ""


def _deed(told: Told) -> str:
    """Who does what."""
    acting = told.summary["acting"]
    kind, names = acting["kind"], acting["names"]
    if not kind:
        return "Nothing changes"
    first, *more = [told.name(name) for name in names]
    if kind != "tariff" and not acting["alike"]:
        return f"{capital(CHANGED[kind])} of {listed([first, *more])} change in unlike directions"
    who = capital(first) + (f" ({listed(more)} too)" if more and acting["alike"] else "")
    if kind != "tariff":
        return f"{who} {DEEDS[kind][0 if acting['rises'] else 1]}"
    rates = told.summary["rates"][0]
    before, after = rates["mean"]
    verb = "raises" if after > before else "lowers" if after < before else "moves"
    unlike = f"; {listed(more)} {'moves its' if len(more) == 1 else 'move their'} own" if more and not acting["alike"] else ""
    what = _listed(rates["sectors"], told.sectors, told.summary["sectors"], "all sectors", "sectors")
    whom = _listed(rates["partners"], told.countries, rates["others"], "every partner", "partners")
    return f"{who} {verb} tariffs on {what} from {whom} from {rate_in_words(before)} to {rate_in_words(after)} on average{unlike}"


def _listed(parts: list[dict[str, Any]], names: Names, all_of_them: int, every: str, several: str) -> str:
    """What a table of rates is of, in words: `all_of_them` are every one, a single part has a name, else they are counted."""
    count = sum(len(part["labels"]) for part in parts)
    if count == all_of_them and not (len(parts) == 1 and parts[0]["name"] not in ("", "*")):
        return every
    return part_in_words(parts[0], names, every) if len(parts) == 1 else f"{count} {several}"


def _gain(row: Mapping[str, float], unit: str) -> str:
    """What somebody gains or loses: loses 0.026 % of real income (49 billion USD a year)."""
    pct, money = row["real_income_pct"], row["equivalent_variation"]
    if abs(pct) < NOTHING:
        return "keeps its real income"
    moved = f"{sized(abs(pct))} % of real income ({money_in_words(money, unit)} a year)"
    return f"loses {moved}" if pct < 0 else f"gains {moved}"


def _treasury(row: Mapping[str, float], unit: str) -> list[str]:
    """What the treasury takes, where there are tariffs or export taxes before or after."""
    change = _duties(row, "_change")
    if not _duties(row) and not change:
        return []
    return [f"its treasury takes {money_in_words(change, unit)} {'less' if change < 0 else 'more'} in duties"]


def _duties(row: Mapping[str, float], change: str = "") -> float:
    """Revenue of tariffs, and of export taxes where there are any; or its `_change`."""
    return row[f"tariff_revenue{change}"] + row.get(f"export_tax_revenue{change}", 0.0)


def _pay(told: Told, who: str, row: Mapping[str, float]) -> str:
    """What factors are paid in real terms."""
    (first, pct), *others = pays_of(told, who, row).items()
    paid = [
        f"its {first} {'are' if first == ALL_FACTORS else 'is'} paid {_moved(pct)} in real terms",
        *(f"its {name} {_moved(p)}" for name, p in others),
    ]
    return ", ".join(paid)


ALL_FACTORS = "factors"
"""What the factors of a group are called together."""


def pays_of(told: Told, who: str, row: Mapping[str, float]) -> dict[str, float]:
    """Changes of real pay in percent by factor; of all factors together for a group."""
    factors = told.tables["factors"]
    own = factors[factors["country"] == who]
    return dict(zip(own["factor"], own["real_price_pct"], strict=True)) or {ALL_FACTORS: row["real_factor_income_pct"]}


def _moved(pct: float) -> str:
    """A change in words."""
    return f"{sized(abs(pct))} % {'less' if pct < 0 else 'more'}" if abs(pct) > NOTHING else "as before"


# --- what it cannot tell -------------------------------------------------------------------------------------------------------------


def limits_in_brief(summary: Mapping[str, Any]) -> tuple[str, str]:
    """What the numbers cannot tell, in two lines."""
    links = "Every buyer of a country takes the same mix of origins, and final demand is what the table leaves when inputs are taken out"
    without = "Producers buy no inputs, so that all of sales counts as income and money is larger than value added"
    fixed_deficits = "; trade deficits stay in money" if summary["transfers"] == "fixed" else ""
    return (
        "This is the long run, when everybody has adjusted: it says nothing of the way there, of unemployment or of investment.",
        f"{links if summary['intermediates'] else without}{fixed_deficits}.",
    )


# --- tiles ---------------------------------------------------------------------------------------------------------------------------


def _tiles(told: Told, who: str, row: Mapping[str, float], world: Mapping[str, float]) -> tuple[Tile, ...]:
    """Four numbers of who acts."""
    (first, paid), *others = pays_of(told, who, row).items()
    rest = ", ".join(f"{name} {sized(pct, plus=True, minus='−')} %" for name, pct in others)
    duty = f"average tariff {rate_in_words(row['average_tariff'])} → {rate_in_words(row['average_tariff_new'])}"
    return (
        Tile(
            f"Real income, {told.name(who)}",
            f"{sized(row['real_income_pct'], plus=True, minus='−')} %",
            f"{_money(row['equivalent_variation'], told.unit)} a year",
        ),
        Tile("Duties to the treasury", _money(_duties(row, "_change"), told.unit), duty),
        Tile(f"Real pay, {first}", f"{sized(paid, plus=True, minus='−')} %", rest or "over consumer prices"),
        Tile(
            "Real income, world",
            f"{sized(world['real_income_pct'], plus=True, minus='−')} %",
            f"{_money(world['equivalent_variation'], told.unit)} a year",
        ),
    )


def _money(value: float, unit: str) -> str:
    sign = "" if not value else "−" if value < 0 else "+"
    return f"{sign}{money_in_words(value, unit)}"
