"""What is done in a counterfactual, and by whom, in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cge.runfile.in_words import capital, listed
from cge.tell.answer import Told
from cge.tell.rates import Names, RateTable, part_in_words, rate_in_words, rate_table

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

Done = Mapping[str, Any]
"""`acting` and `rates` of summary.json: who acts, and the rates that were imposed."""


def alone(done: Done) -> bool:
    """Whether one country or group acts, or several that do the same."""
    return len(done["acting"]["names"]) < 2 and done["acting"]["alike"]


def deed(told: Told, done: Done, at_rates: bool = True, who: str = "") -> str:
    """Who does what, and what changes beside it, so that nobody is credited with the effects of that.

    Args:
        at_rates: with the rates; who: in words, where nobody acts alone and each does in turn.
    """
    also = [CHANGED[kind] for kind in done["acting"]["also"]]
    return f"{_deed(told, done, at_rates, who)}{f', while {listed(also)} change as well' if also else ''}"


def _deed(told: Told, done: Done, at_rates: bool, turn: str) -> str:
    acting = done["acting"]
    kind, names = acting["kind"], acting["names"]
    if not kind:
        return "Nothing changes"
    first, *more = [told.name(name) for name in names]
    if kind != "tariff" and not acting["alike"]:
        return f"{capital(CHANGED[kind])} of {listed([first, *more])} change in unlike directions"
    who = turn or capital(first) + (f" ({listed(more)} too)" if more and acting["alike"] else "")
    if kind != "tariff":
        return f"{who} {DEEDS[kind][0 if acting['rises'] else 1]}"
    unlike = f"; {listed(more)} {'moves its' if len(more) == 1 else 'move their'} own" if more and not acting["alike"] else ""
    return f"{who} {_tariffs(told, done['rates'][0], at_rates)}{unlike}"


def _tariffs(told: Told, rates: Mapping[str, Any], at_rates: bool) -> str:
    """What happens to tariffs."""
    before, after = rates["mean"]
    verb = "raises" if after > before else "lowers" if after < before else "moves"
    what = _listed(rates["sectors"], told.sectors, told.summary["sectors"], "all sectors", "sectors")
    whom = _listed(rates["partners"], told.countries, rates["others"], "every partner", "partners")
    by = f" from {rate_in_words(before)} to {rate_in_words(after)} on average" if at_rates else ""
    return f"{verb} tariffs on {what} from {whom}{by}"


def _listed(parts: list[dict[str, Any]], names: Names, all_of_them: int, every: str, several: str) -> str:
    """What a table of rates is of, in words: `all_of_them` are every one, a single part has a name, else they are counted."""
    count = sum(len(part["labels"]) for part in parts)
    if count == all_of_them and not (len(parts) == 1 and parts[0]["name"] not in ("", "*")):
        return every
    return part_in_words(parts[0], names, every) if len(parts) == 1 else f"{count} {several}"


def rate_tables(told: Told, done: Done) -> tuple[RateTable, ...]:
    """The rates that were imposed."""
    return tuple(rate_table(told.name(one["importer"]), one, told.countries, told.sectors) for one in done["rates"])
