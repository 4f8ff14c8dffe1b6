"""What an economy file holds and where it is from: sizes, edition, year and unit, world totals, what was done to the table behind it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from cge.data.economy import Economy
from cge.data.sources import told
from cge.data.sources.figures import as_published, of_economy
from cge.data.sources.table import account
from cge.data.text import counted

ABOUT = ("title", "source", "licence", "edition", "year", "unit", "inventories", "merged", "aggregation", "tariffs", "rounding")
"""Attributes of an economy file that say what it is and what was done to it."""


def described(economy: Economy) -> tuple[dict[str, Any], list[str]]:
    """Facts of an economy in plain Python types, and the same in sentences."""
    about = {key: _plain(economy.data.attrs[key]) for key in ABOUT if str(economy.data.attrs.get(key, "")) != ""}
    sizes = {"countries": len(economy.countries), "sectors": len(economy.sectors), "factors": economy.factors}
    now, published = of_economy(economy), as_published(economy)
    facts = {"economy": economy.origin, **about, **sizes, "linked": economy.linked, "world": asdict(now)}
    facts |= {"treatments": [vars(entry) for entry in account(economy)], "published": asdict(published) if published else None}
    return facts, list(_sentences(economy, about, now.sentence(str(about.get("unit", "units of money")))))


def _sentences(economy: Economy, about: dict[str, Any], world: str) -> list[str]:
    factors = f"{counted(len(economy.factors), 'factor')} ({', '.join(economy.factors)})"
    size = f"{counted(len(economy.countries), 'country', 'countries')}, {counted(len(economy.sectors), 'sector')}, {factors}"
    dated = "; ".join(f"{key} {about.get(key, 'not said')}" for key in ("edition", "year", "unit"))
    links = "With input-output links" if economy.linked else "Without input-output links"
    tariffs = "with tariffs" if np.any(economy.data["tariff"].values) else "without tariffs"
    from_where = [f"{key.capitalize()}: {about[key]}" for key in ("source", "licence", "aggregation", "rounding") if key in about]
    attached = [f"Tariffs: {line}" for line in str(about.get("tariffs", "")).splitlines()]
    head = f"{about.get('title', economy.origin)}: {size}; {dated}."
    return [head, f"{links}, {tariffs}. {world}", *from_where, *told(economy), *attached]


def _plain(value: Any) -> Any:
    """A number of numpy as one of Python."""
    return value.item() if isinstance(value, np.generic) else value
