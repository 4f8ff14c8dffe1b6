"""Tables of full size in the published layouts: what comes out, how long it takes and how much memory."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow
import pytest
import xarray as xr
from layouts import ICIO_USES, WIOD2013_USES, Published, icio_frame, published, wiod_cells, write_xlsx
from places import SHARED, TOP
from pyarrow.csv import write_csv

import cge
from cge.data.economy import Economy, make_economy

RAW = SHARED / "data" / "wiod2013_2011.nc"

MEASURED = """
import json, resource, sys
from cge.cli import app
status = app(sys.argv[1:], standalone_mode=False)
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"seconds": used.ru_utime + used.ru_stime, "gigabytes": used.ru_maxrss / 1024**2}), file=sys.stderr)
sys.exit(status)
"""
"""An import in a process of its own. Seconds are of the processor: what else runs on the machine must not decide a test."""


def measured(*arguments: object) -> dict[str, float]:
    done = subprocess.run([sys.executable, "-c", MEASURED, *map(str, arguments)], capture_output=True, text=True, cwd=TOP)
    assert done.returncode == 0, done.stderr
    found: dict[str, float] = json.loads(done.stderr.splitlines()[-1])
    return found


def equal(one: Path, other: Economy, relative: float) -> None:
    found = cge.open_economy(one)
    for name in ("flow", "intermediate", "value_added"):
        largest = float(np.abs(other.data[name]).max())
        np.testing.assert_allclose(found.data[name].values, other.data[name].values, rtol=relative, atol=relative * largest)


@pytest.mark.slow
@pytest.mark.skipif(not RAW.is_file(), reason="needs the raw table of WIOD 2013 in ../shared/data")
def test_wiod2013_as_published_equals_netcdf(tmp_path: Path) -> None:
    raw = xr.load_dataset(RAW)
    labels = [[str(label) for label in raw[dim].values] for dim in ("origin", "sector")]
    table = Published(*labels, WIOD2013_USES, *(raw[name].values.astype(float) for name in ("Z", "F", "output")))
    path = write_xlsx(tmp_path / "wiot11_row_sep12.xlsx", wiod_cells(table, 2011, 2013))
    used = measured("import", "wiod2013", path, tmp_path / "e.nc", "--inventories", "zero")
    equal(tmp_path / "e.nc", cge.import_economy("wiod2013", RAW, inventories="zero"), 1e-12)
    assert used["seconds"] < 20
    assert used["gigabytes"] < 1.5


def without_tariffs() -> Economy:
    """The embedded economy, 80 × 50, with its tariffs as part of the price."""
    data = cge.open_economy(TOP / "data" / "icio2022.nc").data
    flow = (data["flow"] * (1 + data["tariff"])).rename("flow")
    return make_economy(xr.Dataset({"flow": flow, "intermediate": data["intermediate"]}))


@pytest.mark.slow
def test_icio_of_80_by_50(tmp_path: Path) -> None:
    world = without_tariffs()
    frame = icio_frame(published(world, ICIO_USES), 2025).reset_index()
    write_csv(pyarrow.Table.from_pandas(frame, preserve_index=False), tmp_path / "2022_SML.csv")  # pandas takes minutes
    used = measured("import", "icio", tmp_path / "2022_SML.csv", tmp_path / "e.nc")
    equal(tmp_path / "e.nc", world, 1e-9)
    assert used["seconds"] < 30
