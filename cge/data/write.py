"""An economy as a file."""

from __future__ import annotations

from pathlib import Path

import xarray as xr

from cge.data.economy import Economy
from cge.data.files.formats import write_netcdf
from cge.data.files.single import replacing_file
from cge.data.variables import DIMS


def write_economy(economy: Economy, path: Path) -> None:
    """Write an economy file (netCDF); tariffs that are zero throughout are left out, which means the same.

    Raises:
        InputError: the path does not end in .nc or cannot be written.
    """
    data = economy.data[[name for name in DIMS if name in economy.data]]
    if not data["tariff"].values.any():
        data = data.drop_vars("tariff")
    with replacing_file(path, ".nc") as fresh:
        write_netcdf(xr.DataTree(data), fresh)
