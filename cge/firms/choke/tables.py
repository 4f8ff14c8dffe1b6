"""A world of demands with a choke price as tables: sectors in countries, and single firms."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cge.errors import DataError, nearest
from cge.firms.choke.economy import ChokeEconomy
from cge.firms.choke.equilibrium import ChokeEquilibrium
from cge.model.demand import pass_through, price


def choke_table(economy: ChokeEconomy, found: ChokeEquilibrium) -> pd.DataFrame:
    """One row for each `sector` and `country`: `choke_price`, `spending` and its `spending_share`, `sellers` and `entrants` (masses), `own_share` (of
    home firms in spending), `utility` (U_s per head), `aggregate_markup` (sales net of tariff over variable cost in this market) and `entry_gap`.
    """
    sector, country = (place.ravel() for place in np.indices(found.spending.shape))
    values = {
        "choke_price": found.choke_price,
        "spending": found.spending,
        "spending_share": found.spending / found.income,
        "sellers": found.sellers,
        "entrants": found.entrants,
        "own_share": np.diagonal(found.trade_share, axis1=1, axis2=2),
        "utility": found.utility,
        "aggregate_markup": found.aggregate_markup,
        "entry_gap": found.entry_gap,
    }
    labels = {"sector": np.array(economy.sectors)[sector], "country": np.array(economy.names)[country]}
    return pd.DataFrame(labels | {name: value.ravel() for name, value in values.items()})


def choke_firm(economy: ChokeEconomy, found: ChokeEquilibrium, cost: float, origin: str, sector: str | None = None) -> pd.DataFrame:
    """What one firm does in every market.

    Args:
        cost: c > 0, labour per unit; origin: name of its country; sector: its name, which may be left out where there is one.

    Returns:
        One row for each `market` (index): `sells`, `price` (what consumers pay), `markup` (price over delivered cost, tariff apart),
        `pass_through` (d ln p/d ln c at a given choke price), `sales` (net of tariff) and `profit`. NaN or zero where it does not sell.

    Raises:
        DataError: a cost that is not positive, a country or sector that is not there.
    """
    sector = economy.sectors[0] if sector is None and len(economy.sectors) == 1 else sector
    faults = [] if cost > 0 and np.isfinite(cost) else [f"cost = {cost:g}, but it must be positive and finite."]
    if origin not in economy.names:
        faults.append(f"origin: no country {origin}.{nearest(origin, economy.names)}")
    if sector not in economy.sectors:
        faults.append(f"sector: no sector {sector}.{nearest(str(sector), economy.sectors)}")
    if faults:
        raise DataError(faults)
    s, i = economy.sectors.index(str(sector)), economy.names.index(origin)
    kind, z = economy.demand[s], cost / found.highest_cost[s, :, i]
    sells = z <= 1
    x = price(kind, np.minimum(z, 1.0))
    worth = found.choke_price[s] * found.quantity[s] * kind.quantity(x) / economy.after_tariff[s, :, i]
    rows = {
        "sells": sells,
        "price": np.where(sells, x * found.choke_price[s], np.nan),
        "markup": np.where(sells, x / z, np.nan),
        "pass_through": np.where(sells, pass_through(kind, x), np.nan),
        "sales": np.where(sells, x * worth, 0.0),
        "profit": np.where(sells, (x - z) * worth, 0.0),
    }
    return pd.DataFrame(rows, index=pd.Index(economy.names, name="market"))
