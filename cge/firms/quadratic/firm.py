"""Single firms under quadratic demand: prices, mark-ups and products by market (chapter, section 8)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cge.errors import DataError, nearest
from cge.firms.quadratic.economy import QuadraticEconomy
from cge.firms.quadratic.equilibrium import QuadraticEquilibrium


def quadratic_firm(economy: QuadraticEconomy, found: QuadraticEquilibrium, cost: float, origin: str) -> pd.DataFrame:
    """What one firm does in every market: p = (c_D + s + a c)/2, mark-up (d − a c)/(2T), sales L(d² − (a c)²)/(4γT), profit L(d − a c)²/(4γT).

    Args:
        cost: c > 0 of its core product, labour per unit.
        origin: name of its country.

    Returns:
        One row for each `market` (index): `sells`, `products` (number), then of the core product `price` (what consumers pay), `markup` (producer's
        price less delivered cost), `relative_markup` (over delivered cost), and of all products `output` (units), `revenue` and `profit` (net of
        tariff, before the entry cost), `core_share` (in sales), `core_to_second` (sales of the core over those of the next product) and
        `output_per_worker` (units that arrive, per worker in production). NaN where there is nothing.

    Raises:
        DataError: a cost that is not positive, or a country that is not there.
    """
    faults = [] if cost > 0 and np.isfinite(cost) else [f"cost = {cost:g}, but it must be positive and finite."]
    if origin not in economy.names:
        faults.append(f"origin: no country {origin}.{nearest(origin, economy.names)}")
    if faults:
        raise DataError(faults)
    i = economy.names.index(origin)
    full = (economy.after_tariff * economy.iceberg)[:, i] * found.wage[i]
    specific, after, room = economy.specific_tariff[:, i], economy.after_tariff[:, i], found.selling.room[:, i]
    costs = cost * _ladder(economy, i, cost, float(found.selling.cutoff[:, i].max()))
    with np.errstate(invalid="ignore"):
        below = np.where(np.isfinite(full)[:, None], np.maximum(room[:, None] - full[:, None] * costs, 0.0), 0.0)  # [market, product]
    scale = economy.labour[:, None] / (4 * economy.gamma * after[:, None])
    sales = scale * below * (2 * room[:, None] - below)
    output, workers = scale * 2 * after[:, None] * below, (economy.iceberg[:, i] * 2 * scale.T * after).T
    sells = below[:, 0] > 0
    workers = np.where(below > 0, np.where(np.isfinite(workers), workers, 0.0) * below * costs, 0.0).sum(axis=1)
    mark_up, delivered = below[:, 0] / (2 * after), np.where(sells, full * cost / after, np.nan)
    second = sales[:, 1] if sales.shape[1] > 1 else np.zeros(len(sales))
    made, earned = output.sum(axis=1), sales.sum(axis=1)
    rows = {
        "sells": sells,
        "products": (below > 0).sum(axis=1),
        "price": np.where(sells, room + specific - below[:, 0] / 2, np.nan),
        "markup": np.where(sells, mark_up, np.nan),
        "relative_markup": 1 + mark_up / delivered,
        "output": made,
        "revenue": earned,
        "profit": (scale * below**2).sum(axis=1),
        "core_share": sales[:, 0] / np.where(sells, earned, np.nan),
        "core_to_second": sales[:, 0] / np.where(second > 0, second, np.nan),
        "output_per_worker": made / np.where(sells, workers, np.nan),
    }
    return pd.DataFrame(rows, index=pd.Index(economy.names, name="market"))


def _ladder(economy: QuadraticEconomy, i: int, cost: float, highest: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """ω^−m for every product that some market buys, the core at least [product]."""
    if economy.ladder is None or cost > highest:
        return np.ones(1)
    omega = float(economy.ladder[i])
    return omega ** -np.arange(1 + np.floor(np.log(highest / cost) / -np.log(omega)))
