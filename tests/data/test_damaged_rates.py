"""Damaged files of tariffs are refused with file, place and cure on one screen, or read as the whole file is; never silently as something else."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import xarray as xr
from damaged_rates import DAMAGES, Damaged, damaged
from tariff_layouts import CONCORDANCE, DUTIES, SCHEDULE
from test_tariff_rows import WORLD

from cge.data.tariffs.file import read_rates
from cge.data.tariffs.products import read_products
from cge.data.tariffs.table import Rates
from cge.errors import DataError

FILES = list(damaged())
COUNTED = ("nan", "blank_duty")
"""A row without a rate is counted and named; its trade then has none."""
SCREEN = 24 * 120


def read(folder: Path, layout: str, content: bytes) -> Rates:
    (folder / "c.csv").write_text(CONCORDANCE + ("01,farm\n02,farm\n87,cars\n" if layout == "macmap_aggregated" else ""), encoding="utf-8")
    (folder / "t.csv").write_bytes(content)
    unit = "percent" if layout == "teti" else None
    return read_rates(folder / "t.csv", WORLD, read_products(folder / "c.csv"), unit=unit, layout=DUTIES[layout][0])  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, xr.DataArray]:
    """Rates of the files as they were."""
    folder = tmp_path_factory.mktemp("whole")
    return {layout: read(folder, layout, write(SCHEDULE).encode()).values for layout, (_, write) in DUTIES.items()}


def test_there_are_many() -> None:
    assert len(FILES) >= 150
    assert set(Counter(one.kind for one in FILES)) == set(DAMAGES)


@pytest.mark.parametrize("one", FILES, ids=lambda one: one.name)
def test_a_damaged_file_is_refused_or_read_right(one: Damaged, whole: dict[str, xr.DataArray], tmp_path: Path) -> None:
    rates, fault = read_or_fault(tmp_path, one)
    if rates is None:
        assert not one.harmless, fault
        assert "t.csv" in fault
        assert len(fault) < SCREEN
        assert fault.rstrip().endswith((".", "?")), fault
    elif one.kind in COUNTED:
        assert "1 rows have no ad valorem rate (specific duties without an equivalent), left out: importers" in " ".join(rates.account)
    else:
        xr.testing.assert_allclose(rates.values, whole[one.layout], rtol=1e-12)


def read_or_fault(folder: Path, one: Damaged) -> tuple[Rates | None, str]:
    try:
        return read(folder, one.layout, one.content), ""
    except DataError as error:
        return None, str(error)
