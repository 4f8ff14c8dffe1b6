"""Which row of a table of tariffs speaks: the nearer one, for each pair and product, before products are averaged."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import cge
from cge.data.choices import Average
from cge.data.economy import Economy, make_economy
from cge.data.tariffs.table import tariff_rates
from cge.errors import DataError


def world(countries: str = "USA DEU FRA CAN", sectors: str = "cars farm") -> Economy:
    labels = {"exporter": countries.split(), "importer": countries.split(), "sector": sectors.split()}
    size = tuple(len(each) for each in labels.values())
    flow = np.random.default_rng(1).uniform(1, 2, size) + 100 * np.eye(size[0])[:, :, None]
    return make_economy(xr.Dataset({"flow": (("exporter", "importer", "sector"), flow)}, labels))


WORLD = world()
UNIONS = ["country,WLD,USA", "country,WLD,DEU", "country,WLD,FRA", "country,WLD,CAN", "country,EUN,DEU", "country,EUN,FRA"]


def concordance(*rows: str) -> pd.DataFrame:
    """Rows `dim,from,to[,weight]`."""
    cells = [[*row.split(","), "1"][:4] for row in rows]
    return pd.DataFrame(cells, columns=["dim", "from", "to", "weight"]).astype({"weight": float})


def rates(rows: str, *products: str, average: Average = "simple", **options: object) -> xr.DataArray:
    """Rates of a table written as `importer exporter sector tariff` with blanks, rows between semicolons."""
    return found(rows, *products, average=average, **options).values


def found(
    rows: str, *products: str, columns: str = "importer exporter sector tariff weight", **options: object
) -> cge.data.tariffs.table.Rates:
    cells = [row.split() for row in rows.split(";")]
    table = pd.DataFrame(cells, columns=columns.split()[: len(cells[0])])
    return tariff_rates(WORLD, table, concordance(*products) if products else None, **options)  # type: ignore[arg-type]


def fault(rows: str, *products: str, **options: object) -> str:
    with pytest.raises(DataError) as caught:
        found(rows, *products, **options)
    (said,) = caught.value.faults
    return said


def at(array: xr.DataArray, importer: str, exporter: str, sector: str = "cars") -> float:
    return float(array.sel(importer=importer, exporter=exporter, sector=sector))


# --- who is nearer -------------------------------------------------------------------------------------------------------------------


def test_a_preference_goes_before_the_rate_for_everybody() -> None:
    array = rates("USA WLD cars 0.1;USA DEU cars 0", *UNIONS)
    assert at(array, "USA", "DEU") == 0
    assert at(array, "USA", "FRA") == at(array, "USA", "CAN") == 0.1
    assert np.isnan(at(array, "USA", "DEU", "farm"))


def test_the_order_of_rows_plays_no_part() -> None:
    rows = ["USA * * 0.3", "USA * cars 0.2", "USA EUN cars 0.15", "USA DEU * 0.1", "EUN USA cars 0.05", "FRA USA cars 0.04", "* * farm 0.5"]
    first = rates(";".join(rows), *UNIONS)
    for turned in itertools.islice(itertools.permutations(rows), 0, 5040, 500):
        xr.testing.assert_identical(rates(";".join(turned), *UNIONS), first)
    assert at(first, "USA", "DEU") == 0.1  # the exporter is settled before the sector
    assert at(first, "USA", "FRA") == 0.15
    assert at(first, "USA", "CAN") == 0.2
    assert at(first, "USA", "CAN", "farm") == 0.3
    assert at(first, "DEU", "USA") == 0.05
    assert at(first, "FRA", "USA") == 0.04  # its own row before that of its union
    assert at(first, "CAN", "USA", "farm") == 0.5


def test_a_union_has_no_tariffs_inside() -> None:
    array = rates("EUN WLD cars 0.1", *UNIONS)
    assert at(array, "DEU", "FRA") == at(array, "FRA", "DEU") == 0
    assert at(array, "DEU", "USA") == at(array, "FRA", "CAN") == 0.1
    assert np.isnan(at(array, "USA", "DEU"))
    assert np.isnan(at(array, "DEU", "FRA", "farm"))  # the union says nothing of farm


@pytest.mark.parametrize(("row", "wanted"), [("DEU FRA cars 0.02", 0.02), ("EUN EUN cars 0.03", 0.03), ("EUN FRA cars 0.04", 0.04)])
def test_a_row_may_say_otherwise_inside_a_union(row: str, wanted: float) -> None:
    array = rates(f"EUN WLD cars 0.1;{row}", *UNIONS)
    assert at(array, "DEU", "FRA") == wanted
    assert at(array, "DEU", "USA") == 0.1


@pytest.mark.parametrize("row", ["DEU WLD cars 0.02", "* * cars 0.02", "* EUN cars 0.02"])
def test_rows_that_reach_beyond_a_union_do_not(row: str) -> None:
    assert at(rates(f"EUN WLD cars 0.1;{row}", *UNIONS), "DEU", "FRA") == 0


def test_free_trade_areas_are_free() -> None:
    """Rates for most favoured nations and rows of zero between members, as in NAFTA, whichever is written by product."""
    mfn = "USA * cars 0.025;USA * farm 0.1;CAN * cars 0.06;CAN * farm 0.2"
    for members in ("USA CAN * 0;CAN USA * 0", "USA CAN cars 0;USA CAN farm 0;CAN USA * 0"):
        array = rates(f"{mfn};{members}")
        assert at(array, "USA", "CAN") == at(array, "CAN", "USA") == at(array, "CAN", "USA", "farm") == 0
        assert at(array, "CAN", "DEU", "farm") == 0.2


def test_rows_equally_near_are_named_both() -> None:
    said = fault("USA DEU cars 0.1;USA FRA cars 0.2;USA DEU cars 0")
    assert said.startswith("tariffs: rows 2 and 4 are equally near for importer=USA exporter=DEU sector=cars (0.1 and 0)")
    groups = {"country": {"North": ["CAN", "DEU"], "Old": ["DEU", "FRA"], "All": ["DEU", "FRA", "CAN"]}, "sector": {}}
    said = fault("USA North cars 0.1;USA Old cars 0.2;USA CAN cars 0.3", groups=groups)
    assert (
        "rows 2 and 3 are equally near for importer=USA exporter=DEU sector=cars (0.1 and 0.2)" in said
    )  # neither group lies inside the other
    array = rates("USA All cars 0.1;USA Old cars 0.2", groups=groups)
    assert [at(array, "USA", each) for each in ("DEU", "FRA", "CAN")] == [0.2, 0.2, 0.1]  # the inner group is nearer


def test_a_nearer_row_settles_groups_that_cross() -> None:
    """The row that the message asks for; but not one that is nearer than the last of them alone."""
    groups = {
        "country": {"North": ["CAN", "DEU"], "Old": ["DEU", "FRA"], "Three": ["DEU", "FRA", "CAN"], "Pair": ["USA", "DEU"]},
        "sector": {},
    }
    array = rates("USA North cars 0.1;USA Old cars 0.2;USA DEU cars 0.3", groups=groups)
    assert [at(array, "USA", each) for each in ("CAN", "DEU", "FRA")] == [0.1, 0.3, 0.2]
    said = fault("CAN Pair cars 0.1;CAN Three cars 0.2;CAN Old cars 0.3", groups=groups)  # Old lies inside Three, and crosses Pair
    assert "rows 2 and 4 are equally near for importer=CAN exporter=DEU sector=cars (0.1 and 0.3)" in said


def test_the_pair_is_settled_before_the_importer_and_the_product() -> None:
    array = rates("FRA * cars 0.04;EUN USA * 0", *UNIONS)
    assert at(array, "FRA", "USA") == 0  # a preference of the union goes before the own rate for everybody
    assert at(array, "FRA", "CAN") == 0.04


# --- products ------------------------------------------------------------------------------------------------------------------------

HS = ("sector,010121,farm", "sector,010129,farm", "sector,020110,farm,2", "sector,870321,cars")


def test_a_product_goes_before_its_chapter_before_products_are_averaged() -> None:
    for chapter in ("01", "0101", "01*"):
        array = rates(f"USA DEU {chapter} 0.1;USA DEU 010129 0;USA DEU 020110 0.3", *HS)
        assert at(array, "USA", "DEU", "farm") == pytest.approx((0.1 + 0 + 2 * 0.3) / 4)
    array = rates("USA DEU farm 0.2;USA DEU 010121 0.6;USA DEU * 0.9", *HS)
    assert at(array, "USA", "DEU", "farm") == pytest.approx((0.6 + 3 * 0.2) / 4)  # the row of a sector is one of all its products
    assert at(array, "USA", "DEU", "cars") == 0.9


def test_a_preference_for_a_chapter_goes_before_rates_of_products() -> None:
    array = rates("USA * 010121 0.1;USA * 010129 0.2;USA CAN 01 0", *HS)
    assert at(array, "USA", "CAN", "farm") == 0
    assert at(array, "USA", "DEU", "farm") == pytest.approx(0.15)


def test_the_weight_of_a_row_is_shared_by_what_it_names() -> None:
    array = rates("USA DEU 01 0.1 30;USA DEU 010129 0.4 5", *HS, average="weighted")
    assert at(array, "USA", "DEU", "farm") == pytest.approx((15 * 0.1 + 5 * 0.4) / 20)


def test_countries_that_are_one_in_the_economy() -> None:
    """A row for everybody speaks for those of the merged countries that have no row of their own."""
    merged = ("country,ALB,CAN", "country,DZA,CAN")
    array = rates("USA ALB cars 0.1;USA DZA cars 0.3", *merged)
    assert at(array, "USA", "CAN") == pytest.approx(0.2)
    assert at(rates("USA ALB cars 0.1;USA * cars 0.3", *merged), "USA", "CAN") == pytest.approx(0.2)
    assert at(rates("USA ALB cars 0.1;USA CAN cars 0.5", *merged), "USA", "CAN") == pytest.approx(0.3)


# --- columns and groups --------------------------------------------------------------------------------------------------------------


def test_a_missing_column_is_all_of_it() -> None:
    array = found("USA 0.1;DEU 0.2", columns="importer tariff").values
    assert at(array, "USA", "CAN") == at(array, "USA", "FRA", "farm") == 0.1
    assert at(array, "DEU", "FRA") == 0.2
    assert np.isnan(at(array, "FRA", "USA"))
    assert np.isnan(array.sel(importer="USA", exporter="USA")).all()


def test_groups_of_the_package_are_named_in_the_account() -> None:
    of = found("EU27 * cars 0.1;USA OECD cars 0.2")
    assert at(of.values, "DEU", "FRA") == 0
    assert at(of.values, "FRA", "CAN") == 0.1
    assert at(of.values, "USA", "CAN") == 0.2
    assert "Importers that are groups of the package: EU27 (2)." in of.account


def test_the_account_says_how_many_cells_each_generality_filled() -> None:
    of = found("EUN WLD cars 0.1;FRA USA cars 0.04;USA * * 0.2;USA DEU cars 0", *UNIONS)
    assert of.account[0] == "tariffs: 4 rates gave 12 cells (simple means)."
    assert of.account[1] == (
        "Pairs and products, by what the nearest row names: one exporter, one importer, one sector: 2; a group of exporters, a group of "
        "importers, one sector: 3; all exporters, one importer, all sectors: 5; none inside EUN: 2."
    )
    assert len(found("USA DEU cars 0.1").account) == 1


def test_a_rate_inside_a_country_is_a_fault_and_one_inside_a_union_is_not() -> None:
    assert "row 2: USA has a tariff of 0.1 on its own goods" in fault("USA USA cars 0.1;USA DEU cars 0.1")
    assert at(rates("EUN EUN cars 0.1", *UNIONS), "DEU", "FRA") == 0.1


def test_an_empty_label_is_not_everybody() -> None:
    table = pd.DataFrame([["USA", "", "cars", 0.1], ["USA", "DEU", "cars", 0.1]], columns=["importer", "exporter", "sector", "tariff"])
    with pytest.raises(DataError, match=r"row 2: exporter is empty; \* stands for all of them \(1 such row\)"):
        tariff_rates(WORLD, table)


def test_random_tables_against_a_search_cell_by_cell() -> None:
    """Every cell of every table is what comparing all rows that name it one by one gives."""
    random = np.random.default_rng(5)
    sets = {
        "country": {**{c: {c} for c in WORLD.countries}, "EUN": {"DEU", "FRA"}, "Bloc": {"DEU", "FRA", "CAN"}, "*": set(WORLD.countries)},
        "sector": {**{s: {s} for s in WORLD.sectors}, "*": set(WORLD.sectors)},
    }
    groups = {"country": {name: sorted(sets["country"][name]) for name in ("EUN", "Bloc")}, "sector": {}}
    for _ in range(40):
        rows = {(random.choice(names), random.choice(names), random.choice(goods)): float(random.integers(1, 90)) / 100 for _ in range(8)
                for names, goods in [(list(sets["country"]), list(sets["sector"]))]}  # fmt: skip
        rows = {key: value for key, value in rows.items() if not (key[0] == key[1] and key[0] in WORLD.countries)}
        table = pd.DataFrame([[*key, value] for key, value in rows.items()], columns=["importer", "exporter", "sector", "tariff"])
        array = tariff_rates(WORLD, table, groups=groups).values
        for n, i, s in itertools.product(WORLD.countries, WORLD.countries, WORLD.sectors):
            value = array.sel(importer=n, exporter=i, sector=s).item()
            assert value == pytest.approx(by_search(rows, sets, n, i, s), nan_ok=True), (n, i, s, rows)


def by_search(rows: dict[tuple[str, str, str], float], sets: dict[str, dict[str, set[str]]], n: str, i: str, s: str) -> float:
    """The rate of the nearest row that names a cell; groups here lie inside one another, so their size ranks them."""
    country = sets["country"]

    def rank(name: str) -> tuple[bool, int]:
        return name == "*", 0 if name in WORLD.countries or name in WORLD.sectors else len(sets.get("country", {}).get(name, ()))

    near: list[tuple[object, float]] = []
    for (importer, exporter, sector), value in rows.items():
        if n == i or n not in country[importer] or i not in country[exporter] or s not in sets["sector"][sector]:
            continue
        inside = importer in ("EUN", "Bloc") and i in country[importer] and not country[exporter] <= country[importer]
        who = importer if inside else exporter
        near.append(((rank(who), rank(importer), sector == "*", inside), 0.0 if inside else value))
    return min(near)[1] if near else float("nan")
