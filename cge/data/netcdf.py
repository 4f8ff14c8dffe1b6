"""NetCDF read whole: a file is opened once, for its arrays and its checksum alike."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import xarray as xr

from cge.data.csv import Read
from cge.errors import DataError


def read_netcdf(path: Path, read: Read = Path.read_bytes) -> xr.Dataset:
    """Every variable of a netCDF file, in memory; `read` says how its bytes are come by.

    Raises:
        DataError: it cannot be read, or is not netCDF.
    """
    from netCDF4 import Dataset

    try:
        store: Any = xr.backends.NetCDF4DataStore
        with xr.open_dataset(store(Dataset(path.name, mode="r", memory=read(path))), engine="store") as dataset:
            return dataset.load()
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read as netCDF ({error}).") from error
