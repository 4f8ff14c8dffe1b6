"""What a reader of a run sees first: who acts, what it costs, who pays, what the world loses."""

from __future__ import annotations

from collections.abc import Mapping

from cge.results.welfare import CONSTANT
from cge.runfile.in_words import listed
from cge.tell.answer import DUTIES, WORLD, Answer, Tile, Told, money, signed
from cge.tell.deed import alone, deed, rate_tables
from cge.tell.digits import NOTHING, money_in_words, sized
from cge.tell.rates import rate_in_words


def opening(told: Told) -> Answer:
    """The answer of an output folder of a counterfactual."""
    names = told.summary["acting"]["names"]
    who = names[0] if names else WORLD
    row, world = told.row(who), told.row(WORLD)
    one = "it" if alone(told.summary) else told.name(who)
    parts = [f"{one} {_gain(row, told.unit)}", *_treasury(row, told.unit), _pay(told, who, row)]
    if who != WORLD:
        parts.append(f"the world {_gain(world, told.unit)}")
    return Answer(who, f"{deed(told, told.summary)}: {listed(parts)}.", _tiles(told, who, row, world), rate_tables(told, told.summary))


# --- the sentence --------------------------------------------------------------------------------------------------------------------


def _gain(row: Mapping[str, float], unit: str) -> str:
    """What somebody gains or loses: loses 0.026 % of real income (49 billion USD a year)."""
    pct, amount = row["real_income_pct"], row["equivalent_variation"]
    if abs(pct) < NOTHING:
        return "keeps its real income"
    moved = f"{sized(abs(pct))} % of real income ({money_in_words(amount, unit)} a year)"
    return f"loses {moved}" if pct < 0 else f"gains {moved}"


def _treasury(row: Mapping[str, float], unit: str) -> list[str]:
    """What the treasury takes, where there are tariffs or export taxes before or after."""
    change = _duties(row, "_change")
    if not _duties(row) and not change:
        return []
    return [f"its treasury takes {money_in_words(change, unit)} {'less' if change < 0 else 'more'} in duties"]


def _duties(row: Mapping[str, float], change: str = "") -> float:
    """Revenue of tariffs, and of export taxes where there are any; or its `_change`."""
    return sum(row.get(f"{name}{change}", 0.0) for name in DUTIES)


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


def _beside(row: Mapping[str, float], unit: str) -> list[str]:
    """What stands beside real income: money, and where mark-ups vary what it would be if they did not."""
    constant = [f"{signed(row[CONSTANT])} at constant mark-ups"] if CONSTANT in row else []
    return [f"{money(row['equivalent_variation'], unit)} a year", *constant]


# --- tiles ---------------------------------------------------------------------------------------------------------------------------


def _tiles(told: Told, who: str, row: Mapping[str, float], world: Mapping[str, float]) -> tuple[Tile, ...]:
    """Four numbers of who acts."""
    (first, paid), *others = pays_of(told, who, row).items()
    rest = ", ".join(f"{name} {signed(pct)}" for name, pct in others)
    duty = f"average tariff {rate_in_words(row['average_tariff'])} → {rate_in_words(row['average_tariff_new'])}"
    return (
        Tile(f"Real income, {told.name(who)}", signed(row["real_income_pct"]), "; ".join(_beside(row, told.unit))),
        Tile("Duties to the treasury", money(_duties(row, "_change"), told.unit), duty),
        Tile(f"Real pay, {first}", signed(paid), rest or "over consumer prices"),
        Tile("Real income, world", signed(world["real_income_pct"]), "; ".join(_beside(world, told.unit))),
    )
