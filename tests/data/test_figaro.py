"""FIGARO: matrices and flat files of every edition, by industry and by product."""

import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from layouts import FIGARO_COUNTRIES, FIGARO_USES, Published, economy, figaro_flat, figaro_frame, published
from test_sources import faults

import cge
from cge.data.economy import Economy
from cge.data.sources import account, import_economy

WORLD = economy(5, 3)
CODES = ["A01", "A02", "B"]


def table(uses: tuple[str, ...] = FIGARO_USES) -> Published:
    return replace(published(WORLD, uses, CODES), countries=FIGARO_COUNTRIES)


def figaro(
    folder: Path,
    flat: bool = False,
    products: bool = False,
    change: Callable[[pd.DataFrame], pd.DataFrame] | None = None,
    edition: str = "_25ed",
) -> Path:
    frame = figaro_frame(table(), products)
    frame = change(frame) if change else frame
    path = folder / f"{'flatfile' if flat else 'matrix'}_eu-ic-io_{'prod-by-prod' if products else 'ind-by-ind'}{edition}_2023.csv"
    if flat:
        figaro_flat(frame).to_csv(path, index=False)
    else:
        frame.to_csv(path)
    return path


def same(found: Economy) -> None:
    assert found.countries == FIGARO_COUNTRIES
    for name in ("flow", "intermediate", "value_added"):
        np.testing.assert_allclose(found.data[name].values, WORLD.data[name].values, rtol=1e-9)


@pytest.mark.parametrize("edition", ["_24ed", "_25ed", "_26ed", ""])
@pytest.mark.parametrize("products", [False, True])
@pytest.mark.parametrize("flat", [False, True])
def test_there_and_back(flat: bool, products: bool, edition: str, tmp_path: Path) -> None:
    found = import_economy("figaro", figaro(tmp_path, flat, products, edition=edition), strict=True)
    same(found)
    assert found.sectors == [f"CPA_{code}" if products else code for code in CODES]
    kind = "product by product" if products else "industry by industry"
    words = f", edition 20{edition[1:3]}" if edition else ""
    assert found.data.attrs["title"] == f"FIGARO{words}, 2023 ({kind})"
    assert (found.data.attrs["unit"], found.data.attrs["year"]) == ("million EUR", 2023)


def test_a_flat_file_in_its_archive_and_with_semicolons(tmp_path: Path) -> None:
    path = figaro(tmp_path, flat=True)
    with zipfile.ZipFile(path.with_suffix(".zip"), "w") as archive:
        archive.write(path, path.name)
    found = import_economy("figaro", path.with_suffix(".zip"))
    same(found)
    assert found.data.attrs["edition"] == 2025
    pd.read_csv(path).to_csv(path, sep=";", decimal=",", index=False)
    same(import_economy("figaro", path))


@pytest.mark.parametrize("flat", [False, True])
def test_what_rounding_made_negative_is_moved_to_inventories(flat: bool, tmp_path: Path) -> None:
    def with_cell(value: float, use: str) -> Callable[[pd.DataFrame], pd.DataFrame]:
        return lambda f: f.mask((f.index == "GR_B")[:, None] & (f.columns == f"GR_{use}"), value)

    entries = {entry.name: entry for entry in account(import_economy("figaro", figaro(tmp_path, flat, change=with_cell(-0.001, "P3_S13"))))}
    assert (entries["rounded_below_zero"].cells, round(entries["rounded_below_zero"].money, 6)) == (1, 0.001)
    assert "moved to P5M" in entries["rounded_below_zero"].sentence
    capital = account(import_economy("figaro", figaro(tmp_path, flat, change=with_cell(-0.001, "P51G"))))  # may be negative, and stays
    assert "rounded_below_zero" not in {entry.name for entry in capital}
    big = figaro(tmp_path, flat, change=with_cell(-0.01, "P3_S13"))
    assert "row GR B, column GR P3_S13: -0.01 is negative" in faults("figaro", big)


def test_the_union_trades_as_its_members_do(tmp_path: Path) -> None:
    found = import_economy("figaro", figaro(tmp_path))
    assert float(found.data["flow"].sel(exporter="AT", importer="GR", sector="B")) > 0
    (tmp_path / "union.csv").write_text("dim,from,to\ncountry,AT,EU\ncountry,GR,EU\n")
    merged = cge.aggregate(found, tmp_path / "union.csv")
    assert merged.countries == ["EU", "US", "CN", "FIGW1"]
    assert float(merged.data["flow"].sum()) == pytest.approx(float(found.data["flow"].sum()))


def test_cells_without_a_line_are_zero_and_counted(tmp_path: Path) -> None:
    path = figaro(tmp_path, flat=True)
    lines = pd.read_csv(path)
    gone = lines["icioiRow"].eq("AT_A01") & lines["icioiCol"].eq("US_B")
    lines.assign(obsValue=lines["obsValue"].where(~gone, 0.0))[~gone].to_csv(path, index=False)
    entry = account(import_economy("figaro", path))[0]
    assert (entry.name, entry.cells) == ("absent_flows", 1)
    assert "row AT_A01, column US_B" in entry.sentence


FAULTS: dict[str, tuple[Callable[[pd.DataFrame], pd.DataFrame], str]] = {
    "text": (lambda f: f.astype(object).mask(np.arange(f.size).reshape(f.shape) == 1, "n.a."), "row AT_A01, column AT_A02 holds 'n.a.'"),
    "empty": (lambda f: f.mask(np.arange(f.size).reshape(f.shape) == 1), "row AT_A01, column AT_A02 is empty"),
    "infinite": (lambda f: f.mask(np.arange(f.size).reshape(f.shape) == 1, np.inf), "holds 'inf'"),
    "missing row": (lambda f: f.drop(index="GR_A02"), "no row GR A02"),
    "missing country": (lambda f: f[[c for c in f if not c.startswith("GR_")]], "GR"),
    "missing use": (lambda f: f.drop(columns="GR_P51G"), "no column GR P51G"),
    "no inputs below": (lambda f: f[~f.index.str.startswith("W2_")], "no row of primary inputs"),
    "repeated row": (lambda f: pd.concat([f.iloc[[0]], f]), "AT_A01"),
    "value added gone": (lambda f: f.drop(index="W2_D1"), "rounding of cost"),
    "odd label": (lambda f: f.rename(index={"AT_A01": "Austria"}), "'Austria'"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_faults_of_a_matrix(name: str, tmp_path: Path) -> None:
    change, words = FAULTS[name]
    assert words in faults("figaro", figaro(tmp_path, change=change))


LINES: dict[str, tuple[Callable[[pd.DataFrame], pd.DataFrame], str]] = {
    "text": (
        lambda f: f.assign(obsValue=["n.a." if k == 1 else value for k, value in enumerate(f["obsValue"])]),
        "row AT_A01, column AT_A02 holds 'n.a.'",
    ),
    "empty": (lambda f: f.assign(obsValue=f["obsValue"].where(f.index != 1)), "row AT_A01, column AT_A02 is empty"),
    "repeated line": (lambda f: pd.concat([f, f.iloc[[0]]]), "row AT_A01, column AT_A01 stands more than once"),
    "missing row": (lambda f: f[f["icioiRow"] != "GR_A02"], "no row GR A02"),
    "missing country": (lambda f: f[~f["icioiRow"].str.startswith("GR_")], "country GR has columns but no row"),
    "cut off": (lambda f: f.iloc[: len(f) // 2], "the file is cut off"),
    "missing column": (lambda f: f.drop(columns="icioiCol"), "not one column each of"),
}


@pytest.mark.parametrize("name", LINES)
def test_faults_of_a_flat_file(name: str, tmp_path: Path) -> None:
    change, words = LINES[name]
    path = figaro(tmp_path, flat=True)
    lines = pd.read_csv(path)
    change(lines).to_csv(path, index=False)
    assert words in faults("figaro", path)


def test_supply_and_use_tables_are_told(tmp_path: Path) -> None:
    path = figaro(tmp_path, flat=True)
    other = tmp_path / "flatfile_eu-ic-supply_25ed_2023.csv"
    pd.read_csv(path).rename(columns={"icioiRow": "icsupRow"}).to_csv(other, index=False)
    assert "is a supply table of FIGARO" in faults("figaro", other)
    (tmp_path / "x.csv").write_text("a,b\n1,2\n")
    assert "is no FIGARO table" in faults("figaro", tmp_path / "x.csv")
