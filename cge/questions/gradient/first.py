"""What a reader of derivatives sees first: the tariff that would add most to a country's real income, and what costs it most."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cge.runfile.in_words import listed
from cge.tell.answer import Answer, Tile, Told, signed
from cge.tell.deed import rate_tables
from cge.tell.digits import sized


def opening(told: Told) -> Answer:
    """The answer of an output folder of derivatives, for who acts where that was asked for, else for the first that was."""
    countries = list(told.tables["totals"]["country"])
    who = next((name for name in told.summary["acting"]["names"] if name in countries), countries[0])
    table = told.tables["levers"]
    found: dict[str, Mapping[str, Any]] = {row["lever"]: row for row in table[table["country"] == who].to_dict("records")}
    parts = [*_own(told, found), *_abroad(told, found), *_cost(told, found)]
    some = listed(parts) if parts else "no tariff and no trade cost matters to first order"
    rates = rate_tables(told, told.summary)
    return Answer(
        who, f"At this solution, {told.name(who)} {some}." if parts else f"At this solution {some}.", _tiles(told, who, found), rates
    )


def _own(told: Told, found: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """What a tariff of its own does."""
    if (up := found.get("raise")) is not None:
        return [f"would gain most from a higher tariff of its own on {_goods(told, up)} ({_size(up)} of real income for one point more)"]
    if (down := found.get("cut")) is not None:
        return [
            f"would gain from no higher tariff of its own, and most from a lower one on {_goods(told, down)} "
            f"({_size(down)} of real income for one point less)"
        ]
    return []


def _abroad(told: Told, found: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Which tariff of others costs it most."""
    one = found.get("abroad")
    if one is None:
        return []
    return [
        f"would lose most by a higher tariff of {told.name(one['importer'])} on its {told.sector(one['sector'])} ({_size(one)} for one point)"
    ]


def _cost(told: Told, found: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Which trade cost matters most."""
    one = found.get("cost")
    return [] if one is None else [f"would gain {_size(one)} if it cost one percent less to bring {_route(told, one)}"]


def _goods(told: Told, row: Mapping[str, Any]) -> str:
    return f"{told.sector(row['sector'])} from {told.name(row['exporter'])}"


def _route(told: Told, row: Mapping[str, Any]) -> str:
    return f"{_goods(told, row)} to {told.name(row['importer'])}"


def _size(row: Mapping[str, Any]) -> str:
    return f"{sized(abs(row['value']))} %"


def _tiles(told: Told, who: str, found: Mapping[str, Mapping[str, Any]]) -> tuple[Tile, ...]:
    """Four derivatives of who acts."""
    whole = float(told.tables["totals"].set_index("country")["own_tariffs"][who])
    up, abroad, cost = (found.get(name) for name in ("raise", "abroad", "cost"))
    return (
        Tile("Best tariff of its own", *_tile(up, 1, "for one point more on " + _goods(told, up) if up else "no tariff of its own adds")),
        Tile("All its own tariffs", signed(whole), "of real income for one point more on everything"),
        Tile(
            "Dearest tariff abroad",
            *_tile(
                abroad, 1, f"for one point more in {told.name(abroad['importer'])} on {told.sector(abroad['sector'])}" if abroad else "none"
            ),
        ),
        Tile("Dearest trade cost", *_tile(cost, -1, f"for one percent less on {_route(told, cost)}" if cost else "none")),
    )


def _tile(row: Mapping[str, Any] | None, sign: int, note: str) -> tuple[str, str]:
    """A derivative and what it is of."""
    return ("–" if row is None else signed(sign * row["value"]), note)
