"""Tables through pymrio, from memory and from a saved folder."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from layouts import economy, published

from cge.data.sources import account, import_economy
from cge.errors import DataError

pymrio = pytest.importorskip("pymrio", reason="needs the extra: pip install 'cge[mrio]'")

WORLD = economy(3, 2)
USES = ("Final consumption expenditure by households", "Gross fixed capital formation", "Changes in inventories")


def system(change: Callable[[pd.DataFrame, pd.DataFrame], Any] | None = None, output: bool = True) -> Any:
    table = published(WORLD, USES)
    rows = pd.MultiIndex.from_tuples(table.rows, names=["region", "sector"])
    n = len(rows)
    z = pd.DataFrame(table.matrix[:, :n], rows, rows)
    y = pd.DataFrame(table.matrix[:, n:-1], rows, pd.MultiIndex.from_tuples(table.columns[n:], names=["region", "category"]))
    if change:
        z, y = change(z, y)
    x = pd.DataFrame(table.output.ravel(), rows, ["indout"]) if output else None
    unit = pd.DataFrame("M.EUR", z.index, ["unit"])
    return pymrio.IOSystem(Z=z, Y=y, x=x, unit=unit, name="toy", description="a table of 2020")


def same(found: Any) -> None:
    assert found.countries == WORLD.countries
    assert found.sectors == WORLD.sectors
    for name in ("flow", "intermediate", "value_added"):
        np.testing.assert_allclose(found.data[name], WORLD.data[name], rtol=1e-9)


def test_from_memory() -> None:
    found = import_economy("mrio", system())
    same(found)
    assert account(found) == []
    assert found.data.attrs["unit"] == "M.EUR"
    assert found.data.attrs["year"] == 2020
    same(import_economy("mrio", system(output=False)))


def test_from_a_folder(tmp_path: Path) -> None:
    system().save_all(tmp_path / "toy_2020")
    same(import_economy("mrio", tmp_path / "toy_2020"))
    with pytest.raises(DataError, match="not of 2019"):
        import_economy("mrio", tmp_path / "toy_2020", year=2019)


def test_the_order_of_rows_of_final_uses_is_free() -> None:
    same(import_economy("mrio", system(lambda z, y: (z, y.iloc[::-1]))))


def test_pymrios_own_test_system() -> None:
    found = import_economy("mrio", pymrio.load_test(), inventories="zero")
    assert len(found.countries) == 6
    assert len(found.sectors) == 8
    assert {entry.name for entry in account(found)} >= {"inventories zero"} or account(found) == []


def balanced(z: pd.DataFrame, y: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A further region with the one sector TOTAL, as Eora26 has it: buys 2 of each good and sells 1 to each producer."""
    row = ("RST", "TOTAL")
    z = z.copy()
    z[row] = 2.0
    y = y.copy()
    for use in USES:
        y["RST", use] = 0.0
    z.loc[row, :] = 1.0
    y.loc[row, :] = 0.0
    z.loc[row, row] = 0.0
    return z, y


def test_a_region_that_only_balances_is_left_out() -> None:
    found = import_economy("mrio", system(balanced, output=False))
    same(found)
    entries = account(found)
    assert [entry.name for entry in entries] == ["rest_of_world", "rest_of_world"]
    assert [(entry.cells, entry.money) for entry in entries] == [(6, 6.0), (6, 12.0)]


FAULTS: dict[str, tuple[Callable[[pd.DataFrame, pd.DataFrame], Any], str]] = {
    "text": (lambda z, y: (z.astype(object).mask(np.arange(z.size).reshape(z.shape) == 1, "x"), y), "row AUS s1, column AUS s2 holds 'x'"),
    "empty": (lambda z, y: (z, y.mask(np.arange(y.size).reshape(y.shape) == 0)), f"row AUS s1, column AUS {USES[0]} is empty"),
    "missing row": (lambda z, y: (z.iloc[1:], y.iloc[1:]), "no row AUS s1"),
    "missing country": (lambda z, y: (z, y.drop(columns="MEX", level=0)), "MEX"),
    "negative input": (lambda z, y: (z.mask(np.arange(z.size).reshape(z.shape) == 1, -1.0), y), "row AUS s1, column AUS s2: -1"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_faults(name: str) -> None:
    change, words = FAULTS[name]
    with pytest.raises(DataError) as error:
        import_economy("mrio", system(change))
    assert words in str(error.value)


def test_a_folder_that_is_not_pymrios(tmp_path: Path) -> None:
    (tmp_path / "IOT.txt").write_text("not parsed")
    with pytest.raises(DataError, match="save_all"):
        import_economy("mrio", tmp_path)
