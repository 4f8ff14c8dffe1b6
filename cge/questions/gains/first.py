"""What a reader of gains from trade sees first: what trade is worth, to whom most and least, and to all on average."""

from __future__ import annotations

import pandas as pd

from cge.data.text import counted
from cge.tell.answer import MINUS, WORLD, Answer, Tile, Told
from cge.tell.digits import sized

LEADS = "gains_from_trade_pct"


def opening(told: Told) -> Answer:
    """The answer of an output folder of gains from trade."""
    table = told.tables["gains"].set_index("country")[LEADS].dropna().sort_values(kind="stable")
    without = len(told.tables["gains"]) - len(table)
    none = f"for {counted(without, 'country', 'countries')} there is no number: without trade they could not do what they do now"
    if table.empty:
        return Answer(WORLD, f"What is trade worth? {none[0].upper()}{none[1:]}.", ())
    low, middle, high = (str(table.index[place]) for place in (0, len(table) // 2, -1))
    mean = told.summary["average"][LEADS]
    worth = f"between {_of(table, low)} ({told.name(low)}) and {_of(table, high)} ({told.name(high)})" if low != high else _of(table, low)
    sentence = (
        f"Trade is worth {worth} of real income to {counted(len(table), 'country', 'countries')}: without it they would lose that much, "
        f"{_percent(mean)} on average, weighted by income, and {_of(table, middle)} in the median country ({told.name(middle)})"
    )
    tiles = (
        Tile("Average, weighted by income", _percent(mean), f"of {counted(len(table), 'country', 'countries')} with a number"),
        _tile(told, table, "Median", middle),
        _tile(told, table, "Largest", high),
        _tile(told, table, "Smallest", low),
    )
    return Answer(WORLD, f"{sentence}{f'; {none}' if without else ''}.", tiles)


def _percent(value: float) -> str:
    return f"{sized(value, minus=MINUS)} %"


def _of(table: pd.Series[float], country: str) -> str:
    return _percent(float(table[country]))


def _tile(told: Told, table: pd.Series[float], word: str, country: str) -> Tile:
    """One country, with its band over draws where there is one."""
    bands = told.tables.get("bands")
    note = "of real income"
    if bands is not None:
        low, high = (float(bands.set_index("country")[name][country]) for name in ("p05", "p95"))
        note = f"{_percent(low)} to {_percent(high)} in nine of ten draws" if pd.notna(low) else "no number under some draw"
    return Tile(f"{word}: {told.name(country)}", _of(table, country), note)
