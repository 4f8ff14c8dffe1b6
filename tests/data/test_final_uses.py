"""Final uses by the names of every publisher: which of them are inventories, and what else may be negative."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from layouts import ICIO_USES, economy, icio_frame, published

from cge.data.sources import Table, account, import_economy, to_economy
from cge.data.sources.final_uses import CODES, kind, of_kind
from cge.errors import DataError

WORLD = economy(5, 3)

INVENTORIES = (
    "inventories", "Inventories", "Changes in inventories", "Changes in inventories P.52", "Changes in inventories and valuables",
    "Inventory_adjustment", "Change_in_stocks", "INVNT", "invnt", "INV", "INVEN", "c42", "C42", "P52", "P.52", "P5M",
)  # fmt: skip
OTHERS = {
    "Gross fixed capital formation P.51": "fixed_capital", "c41": "fixed_capital", "P51G": "fixed_capital", "P.51g": "fixed_capital",
    "P53": "valuables", "Acquisitions less disposals of valuables P.53": "valuables", "DPABR": "abroad", "DISC": "discrepancy",
    "P3_S14": "households", "livestock": None, "final": None, "investment": None,
}  # fmt: skip


def test_inventories_of_every_publisher() -> None:
    assert of_kind(INVENTORIES, "inventories") == INVENTORIES


@pytest.mark.parametrize("name", OTHERS)
def test_other_uses(name: str) -> None:
    assert kind(name) == OTHERS[name]


def test_every_publisher_says_households_government_capital_and_inventories() -> None:
    for codes in CODES.values():
        assert {"households", "government", "fixed_capital", "inventories"} <= set(codes.values())


def run_down(tmp_path: Path, use: str) -> Path:
    """A tidy table in which A has used up 2 of its stock."""
    path = tmp_path / "flows.csv"
    path.write_text(f"exporter,importer,sector,use,value\nA,A,g,final,10\nA,A,g,{use},-2\nA,B,g,final,1\nB,B,g,final,5\nB,A,g,final,1\n")
    return path


@pytest.mark.parametrize("use", INVENTORIES)
def test_a_tidy_table_may_use_any_of_the_names(use: str, tmp_path: Path) -> None:
    (entry,) = account(import_economy("tidy", run_down(tmp_path, use), inventories="spread"))
    assert (entry.name, entry.money) == ("inventories spread", 2.0)


def test_a_negative_use_without_a_known_name_is_told_the_names(tmp_path: Path) -> None:
    with pytest.raises(DataError) as error:
        import_economy("tidy", run_down(tmp_path, "variation"), inventories="spread")
    first, last = error.value.faults[0], error.value.faults[-1]
    assert "--inventories spread: the table has no column" in str(error.value) or "column A variation: -2" in first
    for word in ("c42", "INVNT", "INVEN", "P52", "P5M", "variation is none"):
        assert word in last


def test_no_column_of_inventories_names_what_is_one(tmp_path: Path) -> None:
    z, f = np.zeros((1, 1, 1, 1)), np.ones((1, 1, 1, 1))
    with pytest.raises(DataError, match="INVNT, INV, P52, P5M"):
        to_economy(Table(["A"], ["g"], ["C"], z, f), "spread")


def test_icio_of_2016_has_uses_before_countries(tmp_path: Path) -> None:
    frame = icio_frame(published(WORLD, ICIO_USES, ["A01", "A02", "B"]), 2021, False)
    uses = {f"{c}_{u}": f"{'INV' if u == 'INVNT' else u}_{c}" for c in WORLD.countries for u in ICIO_USES}
    frame = frame.rename(columns=uses).assign(DISC=0.0)
    frame.iloc[0, frame.columns.get_loc("INV_AUS")] -= 5.0
    frame.iloc[0, frame.columns.get_loc("DISC")] += 5.0
    frame.to_csv(tmp_path / "ICIO2016_2011.csv")
    found = import_economy("icio", tmp_path / "ICIO2016_2011.csv")
    assert {entry.name: entry.money for entry in account(found)}["rest_of_world"] == 5.0
    assert "AUS" in found.countries


def test_a_use_that_may_be_negative_is_so_in_every_table(tmp_path: Path) -> None:
    rows = [("A", "A", "g", "final", 10), ("A", "A", "g", "P51G", -2), ("B", "B", "g", "final", 5), ("A", "B", "g", "final", 1)]
    rows.append(("B", "A", "g", "final", 1))
    pd.DataFrame(rows, columns=["exporter", "importer", "sector", "use", "value"]).to_csv(tmp_path / "t.csv", index=False)
    assert float(import_economy("tidy", tmp_path / "t.csv").data["flow"].sel(exporter="A", importer="A").item()) == 8.0
