"""Published numbers: Caliendo and Parro (2015), NAFTA and world tariffs 1993–2005, from their data in the economy format.

`references_open.csv` holds the article's printed values and, for all 31 countries, five decimals computed by an independent solver. The
tables compare
to 0.001 percentage points of the computed values and to the printed digit. The authors' base is not an equilibrium (185 cells of
negative final demand), so the treatment is named: negative_final_demand = "zero".
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import cge
from cge.channels import bilateral_terms
from cge.solution import Solution
from cge.system import labelled
from cge.welfare import welfare_table

SHARED = Path(__file__).resolve().parents[2] / "shared"
pytestmark = pytest.mark.skipif(not (SHARED / "references").is_dir(), reason="needs the reference tables beside the checkout (../shared)")

NAFTA = ["Canada", "Mexico", "USA"]
SCENARIOS = ("nafta", "world", "world without nafta", "nafta given world", "nafta with deficits")
COMPUTED = {
    "nafta": "as Tables 2 and A3",
    "world": "as Table 7",
    "world without nafta": "second leg of Table 9",
    "nafta with deficits": "as Table A4",
}
STATISTICS = ("welfare_linear_pct", "terms_of_trade_pct", "volume_of_trade_pct", "real_factor_income_pct", "real_income_pct")


@pytest.fixture(scope="module")
def references() -> pd.DataFrame:
    return pd.read_csv(SHARED / "references" / "references_open.csv")


@pytest.fixture(scope="module")
def benchmark() -> cge.Benchmark:
    economy = cge.open_economy(SHARED / "data" / "cp2015_economy.nc")
    return cge.calibrate(economy, negative_final_demand="zero")


@pytest.fixture(scope="module")
def exponents() -> cge.Exponents:
    table = pd.read_csv(SHARED / "data" / "cp2015_elasticities.csv")
    return cge.eaton_kortum(dict(zip(table["sector"], table["trade"], strict=True)))


@pytest.fixture(scope="module")
def solutions(benchmark: cge.Benchmark, exponents: cge.Exponents) -> dict[str, Solution]:
    with xr.open_dataset(SHARED / "data" / "cp2015_tariff2005.nc") as dataset:
        later = dataset["tariff"].load()
    inside = later.exporter.isin(NAFTA) & later.importer.isin(NAFTA)
    early = benchmark.data["tariff"]
    shocks = {
        "nafta": cge.change(benchmark, tariff=xr.where(inside, later, early), transfers="zero"),
        "world": cge.change(benchmark, tariff=later, transfers="zero"),
        "world without nafta": cge.change(benchmark, tariff=xr.where(inside, early, later), transfers="zero"),
        "nafta with deficits": cge.change(benchmark, tariff=xr.where(inside, later, early), transfers="fixed"),
    }
    shocks["nafta given world"] = replace(shocks["world"], baseline=shocks["world without nafta"])
    return {name: cge.solve_hat(benchmark, exponents, shock) for name, shock in shocks.items()}


def published(references: pd.DataFrame, table: str, statistic: str) -> pd.Series:
    rows = references[(references["table"] == table) & (references["statistic"] == statistic)]
    assert len(rows), f"no reference for {table}, {statistic}"
    return rows.set_index("unit")["value"]


def computed(solution: Solution, statistic: str) -> pd.Series:
    return welfare_table(solution).set_index("country")[statistic]


@pytest.mark.parametrize("scenario", list(COMPUTED))
@pytest.mark.parametrize("statistic", STATISTICS)
def test_every_country_agrees_with_the_computed_values(references, solutions, scenario, statistic):
    want = published(references, COMPUTED[scenario], statistic)
    got = computed(solutions[scenario], statistic)[want.index]
    assert np.abs(got - want).max() < 1e-3
    assert len(want) == 31


@pytest.mark.parametrize("statistic", ["real_factor_income_pct", "real_income_pct"])
def test_a_baseline_gives_the_ratio_of_two_scenarios(references, solutions, statistic):
    want = published(references, "as Table 9", statistic)
    got = computed(solutions["nafta given world"], statistic)[want.index]
    assert np.abs(got - want).max() < 1e-3


@pytest.mark.parametrize("statistic", ["welfare_linear_pct", "terms_of_trade_pct", "volume_of_trade_pct"])
def test_linear_terms_of_nafta_given_world_are_a_difference(references, solutions, statistic):
    want = published(references, "as Table 9", statistic)
    got = (computed(solutions["world"], statistic) - computed(solutions["world without nafta"], statistic))[want.index]
    assert np.abs(got - want).max() < 1e-3


@pytest.mark.parametrize(
    ("table", "scenario"), [("Table 2", "nafta"), ("Table A3", "nafta"), ("Table 7", "world"), ("Table A4", "nafta with deficits")]
)
def test_printed_tables_are_met_to_the_digit(references, solutions, validate, table, scenario):
    rows = references[(references["table"] == table) & (references["status"] == "printed, reproduced")]
    got = welfare_table(solutions[scenario]).set_index("country")
    published = {(row.unit, row.statistic): row.value for row in rows.itertuples()}
    found = {cell: got.loc[cell] for cell in published}
    validate("Caliendo and Parro (2015)", f"{table}: {scenario}", published, found, 0.005 + 1e-4)


def test_import_growth_of_table_5(references, solutions):
    want = published(references, "as Table 5", "imports_pct")
    solution = solutions["nafta"]
    old, new = (e.flow.sum(axis=0) for e in (solution.reference, solution.counterfactual))
    labels = solution.benchmark.countries
    for pair, value in want.items():
        importer, exporter = str(pair).removeprefix("imports of ").split(" from ")
        i, n = labels.index(exporter), labels.index(importer)
        assert 100 * (new[i, n] / old[i, n] - 1) == pytest.approx(value, abs=1e-3)


@pytest.mark.parametrize("term", ["terms_of_trade", "volume_of_trade"])
def test_terms_by_partner_of_table_3(references, solutions, term):
    solution = solutions["nafta"]
    terms, volume = bilateral_terms(solution)
    money = {"terms_of_trade": terms, "volume_of_trade": volume}[term]
    by_partner = (
        labelled(solution.benchmark, money, "sector", "exporter", "importer").sum("sector").rename(exporter="partner", importer="country")
    )
    income = solution.reference.values.income
    partner = by_partner.partner.isin(NAFTA)
    for group, mask in (("nafta", partner), ("row", ~partner)):
        want = published(references, "as Table 3", f"{term}_{group}_pct")
        got = 100 * by_partner.where(mask, 0.0).sum("partner") / income
        assert np.abs(got.sel(country=list(want.index)).values - want.values).max() < 1e-3


def test_linear_and_exact_changes_differ_wildly_for_mexico(solutions):
    table = welfare_table(solutions["nafta"]).set_index("country").loc["Mexico"]
    assert table["welfare_linear_pct"] == pytest.approx(1.31, abs=0.005)
    assert table["real_income_pct"] == pytest.approx(0.007, abs=0.0005)


def test_the_raw_base_is_refused_unless_its_treatment_is_named():
    economy = cge.open_economy(SHARED / "data" / "cp2015_economy.nc")
    with pytest.raises(cge.DataError, match="negative in 185 of 1240 cells"):
        cge.calibrate(economy)


REPLICATIONS = Path(__file__).resolve().parents[1] / "runs" / "replications"


@pytest.mark.parametrize("statistic", STATISTICS)
def test_the_committed_run_file_is_nafta(references, statistic):
    """runs/replications/nafta.toml: the elasticities of the authors' programs come with the package, the tables do not."""
    table = welfare_table(cge.run(REPLICATIONS / "nafta.toml")).set_index("country")[statistic]
    rows = references[references["table"] == COMPUTED["nafta"]]
    wanted = rows[rows["statistic"] == statistic].set_index("unit")["value"]
    assert len(wanted) == 31
    assert float((table[wanted.index] - wanted).abs().max()) < 1e-3


def test_the_committed_run_file_of_a_tariff_of_40_percent():
    """Costinot and Rodríguez-Clare (2014) on WIOD 2008: a large country's tariff raises its own real income and lowers the world's."""
    solution = cge.run(REPLICATIONS / "us-tariff-40.toml")
    assert solution.residual <= 1e-10
    assert (solution.data.sizes["country"], solution.data.sizes["sector"]) == (34, 31)
    table = welfare_table(solution).set_index("country")["equivalent_variation"]
    assert table["USA"] > 0 > table.sum()
