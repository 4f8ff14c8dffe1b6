"""The raw table of the 2013 release of the World Input-Output Database as netCDF."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import xarray as xr

from cge.data.sources.files import agreed_year
from cge.data.sources.matrix import assemble
from cge.data.sources.table import Table
from cge.data.sources.wiod_release import WIOD2013
from cge.errors import DataError


def read_netcdf(path: Path, year: int | None) -> Table:
    """Variables `Z` [origin, sector, destination, use_sector], `F` [origin, sector, destination, fd_category], `output` [origin, sector]."""
    try:
        with xr.open_dataset(path, engine="netcdf4") as opened:
            data = opened.load()
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read as netCDF ({error}).") from error
    dims = {
        "Z": ("origin", "sector", "destination", "use_sector"),
        "F": ("origin", "sector", "destination", "fd_category"),
        "output": ("origin", "sector"),
    }
    faults = [f"no variable `{v}` [{', '.join(d)}]" for v, d in dims.items() if v not in data or set(data[v].dims) != set(d)]
    faults += [f"{dim} has no labels" for dim in dict.fromkeys(sum(dims.values(), ())) if dim in data.dims and dim not in data.coords]
    if faults:
        raise DataError(f"{path}: {fault}; see the raw tables of WIOD 2013 in netCDF." for fault in faults)
    labels = {dim: [str(v) for v in data[dim].values] for dim in dict.fromkeys(sum(dims.values(), ()))}
    rows = [(c, s) for c in labels["origin"] for s in labels["sector"]]
    uses = [*labels["use_sector"], *labels["fd_category"]]
    columns = [(c, u) for c in labels["destination"] for u in uses]
    parts = [data[v].transpose(*dims[v]).values.astype(np.float64) for v in ("Z", "F")]
    values = np.concatenate(parts, axis=3).reshape(len(rows), len(columns))
    output = data["output"].transpose("origin", "sector").values.astype(np.float64).reshape(len(rows))
    bad = [(i, j) for i, j in np.argwhere(~np.isfinite(np.column_stack([values, output])))]
    if bad:
        named = [*columns, ("total", "output")]
        raise DataError(f"{path}: row {' '.join(rows[i])}, column {' '.join(named[j])} is not a finite number." for i, j in bad[:20])
    names = {str(c): data[c].astype(str).values.tolist() for c in data.coords if c not in data.dims and data[c].dims == ("sector",)}
    about: dict[str, object] = {key: str(data.attrs.get(key, "")) for key in ("source", "licence", "unit")}
    dated = agreed_year(path, year, int(data.attrs["year"]) if "year" in data.attrs else None)
    about |= {"title": f"{WIOD2013.title}, {dated}", "year": dated}
    return assemble(
        values, rows, columns, str(path), WIOD2013.uses, {}, output, names=names, attrs=about
    )  # fmt: skip
