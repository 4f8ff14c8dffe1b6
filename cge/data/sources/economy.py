"""The one way from a published table to an economy: treatments in their order, proportionality, checks."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import xarray as xr

from cge.data.arrays import Array
from cge.data.choices import Inventories, Subsidies
from cge.data.economy import Economy, make_economy
from cge.data.sources import figures
from cge.data.sources.inventories import Step, treat_inventories
from cge.data.sources.subsidies import treat_subsidies
from cge.data.sources.table import Table, Treatment, as_attribute
from cge.data.sources.treatments import (
    factor_shares,
    note_factors,
    note_zeros,
    refuse_negative_cells,
    refuse_no_home_sales,
    treat_reexports,
    treat_rest_of_world,
    treat_rounding,
    treat_value_added,
)
from cge.data.variables import DIMS
from cge.errors import DataError

Treat = Callable[[Table], Step]


def to_economy(
    table: Table, inventories: Inventories = "refuse", strict: bool = False, origin: str = "economy", subsidies: Subsidies = "refuse"
) -> Economy:
    """An economy from a published table: flow = sales to producers and final users together; who supplies a good is forgotten user by user.

    Value added is sales minus purchases, so it contains product taxes and transport margins where the table shows them apart; it is one factor
    `labour`, or divided among factors as the source's payments to them are.

    Args:
        inventories: rule for changes in inventories, see `treat_inventories`. strict: refuse a table that needs any treatment.
        subsidies: rule for tariffs below zero, see `treat_subsidies`.

    Raises:
        DataError: negative cells outside inventories; a defect that is refused; with `strict` every treatment; faults of the economy.
    """
    try:
        treated, intermediate, treatments = _treated(table, inventories, subsidies)
        if strict and treatments:
            raise DataError(f"--strict: {entry}" for entry in treatments)
    except DataError as error:
        raise DataError(f"{origin}: {fault}" for fault in error.faults) from error
    about = {"merged": " ".join(table.notes), "published": figures.as_attribute(figures.of_table(table))}
    return make_economy(_dataset(treated, intermediate, treatments, inventories).assign_attrs(about), origin)


def _treated(table: Table, inventories: Inventories, subsidies: Subsidies) -> tuple[Table, Array, list[Treatment]]:
    """The table after all treatments, purchases [country, input, sector], and the account."""
    refuse_negative_cells(table)
    treatments = list(table.account)
    inventories_of: Treat = partial(treat_inventories, rule=inventories)
    subsidies_of: Treat = partial(treat_subsidies, rule=subsidies)
    for treat in (treat_rest_of_world, treat_reexports, treat_rounding, inventories_of, subsidies_of):
        table, entries = treat(table)
        treatments += entries
    refuse_no_home_sales(table)
    treatments += note_zeros(table)
    intermediate, entries = treat_value_added(table, _purchases(table))
    return table, intermediate, [*treatments, *entries, *note_factors(table, table.sales - intermediate.sum(1))]


def _purchases(table: Table) -> Array:
    """Purchases of producers, tariff included [country, input, sector]."""
    if table.tariff is None:
        return np.asarray(table.intermediate.sum(0).transpose(1, 0, 2))
    return np.asarray(np.einsum("isnu,ins->nsu", table.intermediate, 1 + table.tariff, optimize=True))


def _dataset(table: Table, intermediate: Array, treatments: list[Treatment], inventories: Inventories) -> xr.Dataset:
    """Variables of the economy file with labels and attributes; value added is what sales leave."""
    labels = {"exporter": table.countries, "importer": table.countries, "country": table.countries}
    labels |= {"sector": table.sectors, "input": table.sectors, "factor": list(table.factors) or ["labour"]}
    value_added = table.sales - intermediate.sum(1)
    # what is left of sales that purchases use up is zero to the last digit
    value_added = np.where(np.abs(value_added) <= 1e-12 * table.sales, 0.0, value_added)
    arrays = {
        "flow": table.flow.transpose(0, 2, 1),
        "intermediate": intermediate,
        "value_added": value_added[:, :, None] * factor_shares(table),
    }
    if table.tariff is not None:
        arrays["tariff"] = table.tariff
    about = {**table.attrs, "inventories": inventories, "treatments": as_attribute(treatments)}
    data = xr.Dataset({name: (DIMS[name], array) for name, array in arrays.items()}, labels, about)
    return data.assign_coords({name: ("sector", words) for name, words in table.names.items()})
