"""Build, check and write an economy file: the small common part of the scripts in this folder."""

import hashlib
import os
from pathlib import Path

import numpy as np
import xarray as xr

DIMS = {
    "flow": ("exporter", "importer", "sector"),
    "tariff": ("exporter", "importer", "sector"),
    "intermediate": ("country", "input", "sector"),
    "value_added": ("country", "sector", "factor"),
}
TOLERANCE = 1e-9  # largest relative gap that an identity may show


def economy(values: dict[str, np.ndarray], countries: list[str], sectors: list[str], factors: list[str], attrs: dict) -> xr.Dataset:
    """Label arrays as an economy.

    values: variable name (a key of DIMS) -> array with those dims, money in attrs["unit"] (tariff: rate).
    countries label exporter, importer and country; sectors label sector and input; factors label factor.
    """
    labels = dict.fromkeys(("exporter", "importer", "country"), countries)
    labels |= dict.fromkeys(("sector", "input"), sectors) | {"factor": factors}
    variables = {name: (DIMS[name], np.asarray(array, dtype=float)) for name, array in values.items()}
    return xr.Dataset(variables, coords={dim: (dim, np.array(names, dtype=str)) for dim, names in labels.items()}, attrs=attrs)


def accounts(data: xr.Dataset) -> xr.Dataset:
    """The accounts that an economy implies, in its unit of money.

    sales, cost, spending, final_demand [country, sector]; factor_income, tariff_revenue, income, transfer [country].
    """

    def own(array: xr.DataArray, dim: str) -> xr.DataArray:
        return array.rename({dim: "country"}).transpose("country", ...)

    revenue = data["flow"] * data["tariff"] if "tariff" in data else xr.zeros_like(data["flow"])
    inputs, payments = data["intermediate"], data["value_added"]
    spending = own((data["flow"] + revenue).sum("exporter"), "importer")
    final_demand = spending - inputs.sum("sector").rename(input="sector")
    factor_income, tariff_revenue = payments.sum(["sector", "factor"]), own(revenue.sum(["exporter", "sector"]), "importer")
    return xr.Dataset(
        {
            "sales": own(data["flow"].sum("importer"), "exporter"),
            "cost": inputs.sum("input") + payments.sum("factor"),
            "spending": spending,
            "final_demand": final_demand,
            "factor_income": factor_income,
            "tariff_revenue": tariff_revenue,
            "income": final_demand.sum("sector"),
            "transfer": final_demand.sum("sector") - factor_income - tariff_revenue,
        }
    )


def check(data: xr.Dataset) -> None:
    """Raise ValueError with every fault: missing or negative values, sales other than cost, negative final demand, transfers."""
    books = accounts(data)
    gap = float((abs(books["sales"] - books["cost"]) / xr.where(books["sales"] > 0, books["sales"], 1.0)).max())
    faults = [f"{name}: missing or infinite value" for name in data.data_vars if not np.isfinite(data[name]).all()]
    faults += [f"{name}: negative value {float(data[name].min())}" for name in data.data_vars if (data[name] < 0).any()]
    if not gap <= TOLERANCE:
        faults.append(f"sales differ from inputs plus factor payments by {gap:.1e}, relative")
    if (books["final_demand"] < 0).any():
        faults.append(f"final demand: negative value {float(books['final_demand'].min())}")
    if not abs(books["transfer"].sum()) <= TOLERANCE * books["factor_income"].sum():
        faults.append(f"transfers sum to {float(books['transfer'].sum())}")
    if faults:
        raise ValueError("; ".join(faults))


def write(data: xr.Dataset, path: Path) -> None:
    """Check an economy, then write it as netCDF4 (float64, zlib with shuffle) under a temporary name and rename it to path."""
    check(data)
    temporary = path.with_name(path.name + ".part")
    packing = {"zlib": True, "complevel": 9, "shuffle": True, "dtype": "float64", "_FillValue": None}
    data.to_netcdf(temporary, engine="netcdf4", format="NETCDF4", encoding=dict.fromkeys(data.data_vars, packing))
    os.replace(temporary, path)


def sha256(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
