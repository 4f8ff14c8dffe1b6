"""Satellite accounts in words and in a terminal: what falls at home and what rises abroad."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from rich.console import Console

from cge.results.columns import percent
from cge.runfile.in_words import listed
from cge.tell.answer import Told
from cge.tell.digits import sized
from cge.tell.terminal import add, plain_table, say, show_table, signed

HEADS = ("", "producers\nat home", "change\n%", "buyers\nat home", "change\n%", "producers\nabroad", "change\n%", "leakage\n%")


def at_home(home: Sequence[str], told: Told) -> str:
    """Those who act, in words."""
    names = [told.name(label) for label in home]
    return "the world" if len(home) == len(told.tables["welfare"]) else listed(names) if names else ""


def leak(one: Mapping[str, Any], home: Sequence[str], told: Told) -> str:
    """What becomes of an account in a sentence.

    Args:
        one: an entry of `accounts` under `satellites` in summary.json; home: those who act.
    """
    who = at_home(home, told)
    if not who or len(home) == len(told.tables["welfare"]):
        return f"Producers of the world: {moved(one['world'] - one['world_benchmark'])}."
    leakage = "" if one["leakage_pct"] is None else f"; leakage {sized(one['leakage_pct'], minus='−')} %"
    return f"Producers of {who}: {moved(one['at_home'])}; abroad: {moved(one['abroad'])}{leakage}."


def moved(value: float) -> str:
    """A change in the unit of the account."""
    return sized(value, 3, plus=True, minus="−")


def show_satellites(out: Console, said: Mapping[str, Any], tables: Mapping[str, pd.DataFrame], told: Told) -> None:
    """A row for each account: producers and final buyers of those who act, producers abroad, leakage; nothing without accounts."""
    if "satellites" not in tables:
        return
    home, table, every = list(said["satellites"]["home"]), plain_table(HEADS, 1), tables["satellites"].groupby("name", sort=False)
    for one in said["satellites"]["accounts"]:
        rows = every.get_group(one["name"])
        inside = rows["country"].isin(home)
        parts = (("producer", inside), ("buyer", inside), ("producer", ~inside))
        pairs = [(rows.loc[some, f"{side}_benchmark"].sum(), rows.loc[some, side].sum()) for side, some in parts]
        numbers = [
            text for before, after in pairs for text in (sized(before, 4), signed(float(percent(np.asarray(before), np.asarray(after)))))
        ]
        add(table, [one["name"], *numbers, "–" if one["leakage_pct"] is None else sized(one["leakage_pct"])])
    show_table(out, f"Satellite accounts (home: {at_home(home, told) or 'nobody'})", table)
    say(out, "Leakage: the change of producers abroad over the fall of those at home. Every country is in satellites.csv.")
